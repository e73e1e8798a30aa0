# SPDX-License-Identifier: MIT
"""emulators.py - machines that are not QEMU with -kernel

Problem     Each emulator is started in its own way, shows its serial port in
            its own way, and hardly says with its exit status how it went.
Idea        bochs() and v86() start one and return a lacuna.Run, as
            lacuna.boot() does for QEMU. Its status is None where the emulator
            has none of its own but the kernel has switched the machine off.
            image() makes what a machine with firmware starts from. Each is held
            against its twin, a machine of the same kind in QEMU, started with
            -kernel.
Failure     What is not installed is a failure in CI. Elsewhere the test is
            skipped, and says what to install.
Bochs       draws its screen on a terminal of its own, and stops when nobody
            reads that. While the CPU halts with interrupts off it hears only
            SIGKILL. Its clock is the number of instructions, at IPS a second:
            with more, the kernel waits longer for each byte it sends.
v86         runs in node; tests/v86/run.mjs says how. npm fetches it, once for
            a build folder, as tests/v86/package-lock.json says.
Read first  image, bochs, v86
"""

import dataclasses
import fcntl
import functools
import os
import re
import shutil
import subprocess
import threading
import tty

import pytest

import iso
import lacuna
from conftest import Booted

ALL = "test=* exit"

IPS = 20_000_000
TERMINAL = re.compile(rb'Bochs connected to screen "([^"]+)"')
SWITCHED_OFF = b"shutdown requested"
HOST_MEMORY = 2048                  # MiB, the most that Bochs takes
BOCHSRC = """\
display_library: term
cpu: model=core2_penryn_t9600, ips={ips}, reset_on_triple_fault=0
memory: guest={mib}, host={host}
romimage: file=$BXSHARE/BIOS-bochs-latest
vgaromimage: file=$BXSHARE/VGABIOS-lgpl-latest
vga: extension=none, update_freq=1
ata0-master: type=cdrom, path={folder}/{disc}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={folder}/com1
clock: sync=none, time0=local
log: {folder}/bochs.log
"""

V86 = lacuna.ROOT / "tests/v86"
V86_FILES = ["package.json", "package-lock.json", ".npmrc"]


def unavailable(reason):
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def demand(command, packages):
    """A command or a file that Debian has in packages."""
    if not shutil.which(command) and not os.path.exists(command):
        unavailable(f"{command} not found: apt-get install {packages}")


def image(path, **options):
    """The kernel with GRUB, as tools/iso.py makes it."""
    try:
        iso.build(lacuna.kernel(), path, **options)
    except iso.MissingTool as error:
        unavailable(str(error))
    return path


# --- how it went ------------------------------------------------------------

def names(cases):
    return [case.full_name for case in cases]


def without(everything, prefixes):
    return [name for name in everything if not name.startswith(tuple(prefixes))]


@functools.lru_cache(None)
def twin(mem, cpu):
    run = lacuna.boot(120, mem=mem, cpu=cpu, append=ALL)
    return Booted(**dataclasses.asdict(run))


def judge(run, machines, mem, cpu="max", left_out=(), skipped=()):
    """Demand that a Run went as its twin, and return it with its report.

    left_out and skipped: beginnings of the names of cases that were not run,
    and of those that were skipped beside those that the twin has skipped.
    """
    run, other = Booted(**dataclasses.asdict(run)), twin(mem, cpu)
    machines.append(run.why)
    problems = run.problems() + [f"its twin: {one}" for one in other.problems()]
    assert not problems, "\n".join(problems)
    cases = without(names(other.report.cases), left_out)
    only_one = set(names(run.report.cases)) ^ set(cases)
    assert not only_one, f"reported by one of the twins: {sorted(only_one)}"
    expected = set(without(names(other.report.skipped), left_out))
    expected |= set(cases) - set(without(cases, skipped))
    only_one = set(names(run.report.skipped)) ^ expected
    assert not only_one, f"skipped by one of the twins: {sorted(only_one)}"
    return run


# --- Bochs ------------------------------------------------------------------

class Bochs(lacuna.Process):
    def terminate(self):
        self._process.kill()


def read_all(path):
    """Until whoever writes there is gone."""
    terminal = os.open(path, os.O_RDONLY | os.O_NOCTTY)
    try:
        tty.setraw(terminal)
        while os.read(terminal, 4096):
            pass
    except OSError:
        pass                        # gone
    finally:
        os.close(terminal)


def bochs(disc, mib, timeout):
    """Boot a CD. What Bochs itself says is in the Run's errors."""
    demand("bochs", "bochs bochs-term bochsbios vgabios")
    folder = disc.parent
    serial, bochsrc = folder / "com1", folder / "bochsrc"
    serial.unlink(missing_ok=True)
    bochsrc.write_text(
        BOCHSRC.format(ips=IPS, mib=mib, host=min(mib, HOST_MEMORY),
                       disc=disc.name, folder=folder), encoding="utf-8")
    (folder / "go").write_text("c\n", encoding="ascii")
    argv = ["env", "TERM=xterm", "bochs", "-q", "-f", bochsrc,
            "-rc", folder / "go"]
    reader, said = None, b""
    with Bochs(argv, timeout, stderr=subprocess.STDOUT) as process:
        for chunk in process.chunks():
            said += chunk
            found = TERMINAL.search(said)
            if found and not reader:
                reader = threading.Thread(target=read_all, args=[found[1]])
                reader.start()
    if reader:
        reader.join()
    log = serial.read_bytes() if serial.exists() else b""
    return lacuna.Run(process.argv,
                      None if SWITCHED_OFF in said else process.status,
                      log.decode("ascii", "replace").replace("\r\n", "\n"),
                      said.decode("ascii", "replace"), process.seconds,
                      process.timed_out)


# --- v86 --------------------------------------------------------------------

def is_current(folder):
    """Is the v86 that package-lock.json names installed there?"""
    try:
        return (folder / "installed").read_bytes() == \
            (V86 / "package-lock.json").read_bytes()
    except FileNotFoundError:
        return False


def install_v86():
    """The folder of v86, installed into the build folder if need be."""
    folder = lacuna.build_dir() / "v86"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current(folder):
            for name in V86_FILES:
                shutil.copyfile(V86 / name, folder / name)
            npm = lacuna.run(["npm", "ci", "--ignore-scripts", "--no-audit",
                              "--no-fund"], 120, cwd=folder)
            if npm.status:
                unavailable(f"npm cannot install v86:\n{npm.why()}")
            shutil.copyfile(V86 / "package-lock.json", folder / "installed")
    return folder / "node_modules"


def v86(mib, append, timeout):
    """Boot the kernel's ELF file."""
    demand("node", "nodejs")
    demand("npm", "npm")
    return lacuna.run(["node", V86 / "run.mjs", install_v86(), lacuna.kernel(),
                       mib, timeout, append], timeout + 20)
