# SPDX-License-Identifier: MIT
"""counted.py - machines that run a kernel built with COVERAGE=1

Idea        Each reaches what others cannot: that is why there are several. The
            last boots on boot information that claims RAM where there is none,
            made and loaded as the tests of hostile loaders do.
Failure     A machine that does not end is a problem like a test that fails.
See         tools/coverage.py, tools/gcda.py, tests/machine/crafted.py
"""

import concurrent.futures
import os
import pathlib
import random
import socket
import sys
import tempfile
import threading

import elf
import gcda
import ktap
import lacuna
import qmp

sys.path.append(str(lacuna.ROOT / "tests" / "machine"))
import crafted                          # noqa: E402 - found there

TIME_LIMIT = 240                        # seconds for one machine

# HIGHMEM; shortage; neither NX nor global pages, and borders moved by options;
# options that cannot be obeyed; more RAM than wanted, and than mem_map holds; each
# frame watched.
MACHINES = [
    {"mem": "2G", "append": "test=*"},
    {"mem": "64M", "append": "test=*"},
    {"mem": "1G", "cpu": "qemu32,-pge",
     "append": "test=* mem=900M highmem=64M vmalloc=256M"},
    {"mem": "64M", "cpu": "pentium3",
     "append": "test=memblock.* mem=1M highmem=80M vmalloc=1M"},
    {"mem": "3584M", "append": "test=memblock.* highmem=64M"},
    {"mem": "7G", "append": "test=memblock.* vmalloc=960M page_owner"},
    {"mem": "48M", "append": "test=page_*,owners.* page_owner page_poison"},
]


def lied_to(image, folder):
    """A machine of 64 MiB, told of 800, of a GiB elsewhere, and of a hole
    where the kernel lies."""
    hole = crafted.MIB * 5 // 4
    description = crafted.Description()
    description.ranges = [(0, 0x9FC00, crafted.RAM),
                          (crafted.MIB, hole - crafted.MIB, crafted.RAM),
                          (hole + crafted.PAGE, 799 * crafted.MIB, crafted.RAM),
                          (crafted.GIB, crafted.GIB, crafted.RAM)]
    description.cmdline = b"test=memblock.* exit"
    machine = crafted.Machine(image.read_bytes())
    description.write(random.Random(0), machine)
    ram = folder / "ram"
    with ram.open("wb") as file:
        file.truncate(crafted.REAL)
    machine.save(ram)
    return {"elf": image.with_name("tests") / "loader" / "loader.elf",
            "mem": "64M", "extra": crafted.memory_file(ram)}


class Runner:
    """All machines of one kernel; counters has what they counted."""

    def __init__(self, elf_file):
        self.elf_file = elf_file
        self.image = elf.Image(elf_file)
        self.counters = gcda.Counters()
        self._adding = threading.Lock()

    def run(self, number, told):
        """Boot one, wait for its end, take its counts; returns problems."""
        log = self.elf_file.with_name(f"machine{number}.ktap")
        with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
            folder = pathlib.Path(folder)
            if told is None:
                told = lied_to(self.elf_file, folder)
            else:
                told = {"elf": self.elf_file, **told,
                        "append": f"{told['append']} seed=1 exit"}
            name = f"{told['mem']} {told.get('append', 'lied to')}"
            try:
                self._boot(folder, log, **told)
            except (ConnectionError, socket.timeout) as error:
                return [f"{name}: it did not end: {error}"]
        report = ktap.read(log.read_text("ascii", "replace"))
        print(f"ran    {name}: {report.summary()}", flush=True)
        return [f"{name}: {problem}" for problem in report.problems()]

    def _boot(self, folder, log, extra=(), **told):
        argv = lacuna.machine(
            **told, exit_device=False,  # it would end QEMU as well
            serial=f"file:{log}", extra=[
                *extra, "-no-shutdown", "-qmp",
                f"unix:{folder}/qmp,server=on,wait=off"])
        with lacuna.Process(argv, TIME_LIMIT) as process:
            monitor = qmp.connect(folder / "qmp", process.running, TIME_LIMIT)
            monitor.patience(TIME_LIMIT)
            monitor.wait_for("SHUTDOWN")
            with self._adding:
                gcda.take(self.counters, monitor, self.image, folder / "data")

    def run_all(self):
        """As many at a time as there are cores; leaves the .gcda files."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(self.run, range(len(MACHINES) + 1),
                                  [*MACHINES, None]))
        self.counters.write()
        return [problem for problems in found for problem in problems]
