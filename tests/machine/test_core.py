# SPDX-License-Identifier: MIT
"""test_core.py - a core answers as the machine did

At several moments of one boot GDB asks the machine, a core is taken, and then
GDB asks the core the same: the answers must be the same, line by line. What
they should be, test_gdb.py knows.
"""

import pathlib
import platform
import re
import tempfile

import pytest

import lacuna
from gdbsession import TIMEOUT, batch, elf      # noqa: F401

pytestmark = pytest.mark.xdist_group("gdb")

# A small machine whose HIGHMEM has addresses of more than 32 bits; in the end
# its stack overflows.
MACHINE = {"mem": "192M",
           "extra": ["-machine", "max-ram-below-4g=128M"],
           "append": "demo exit test=double_fault.report_says_stack_and_where"}
# For each moment the way there from the one before.
MOMENTS = {
    "_start": ["tbreak *_start", "continue"],
    "paging_on": ["tbreak *paging_on", "continue"],
    "mm_init is done": ["tbreak irq_init", "continue"],
    "the guard was hit": ["tbreak oops", "continue"],
    "an interrupt": ["tbreak *(trap_stubs + 32 * 16)", "continue", "stepi 5"],
    "a double fault": ["tbreak oops if f->vector == 8", "continue"],
}
# Cores as QEMU writes them when asked by hand.
RAW_MOMENT = "the guard was hit"
RAW = {"raw": "-p ", "physical": ""}

REGISTERS = "eax ecx edx ebx esp ebp esi edi eip cs ss ds es fs gs"
QUESTIONS = [f"lacuna {command}" for command in (
    "zones", "buddy", "slabs", "vmlist", "layout", "map", "map f8801000",
    "map $pc", "pt c0100000", "pt $pc",
    "pt f8800000", "pt f8803000", "pt 0", "page kmain", "page 100",
    "page f8800000", "page 10026f", "explain f8801234", "explain f8803000",
    "explain $cr2", "explain boot_stack", "explain 0", "symbols kmain",
    "symbols $pc", "symbols 106000", "callers", "kmap", "log", "peek vmalloc",
    "peek f8800ff0 32")]
QUESTIONS += ["backtrace", f"info registers {REGISTERS}", "output/x $eflags",
              *(f"output/x (unsigned)$cr{n}" for n in (0, 2, 3, 4))]

# What is read at addresses that paging gives; and where the demonstration has
# an area, the pattern behind its 10000 bytes.
PAGED = ["output zones", "output layout", "x/8xw $esp", "output vmlist"]
WITH_AREA = ["x/4xw 0xf8800000 + 10000"]


def questions(moment):
    paged = moment not in ("_start", "paging_on")
    return (QUESTIONS + PAGED * paged
            + WITH_AREA * (moment == "the guard was hit"))


class Told:
    """What a machine answered at each moment, and its cores."""

    def __init__(self, elf, folder):
        self.said = {}
        self._elf, self._folder = elf, folder
        stub, control = folder / "gdb", folder / "qmp"
        extra = ["-S", "-gdb", f"unix:{stub},server=on,wait=off",
                 "-qmp", f"unix:{control},server=on,wait=off"]
        argv = lacuna.machine(elf, serial="null", **{
            **MACHINE, "extra": MACHINE["extra"] + extra})
        takes = {moment: [
            f"shell {lacuna.python()} tests/gdb/take_core.py {control} "
            f"{self.path(moment)}"] for moment in MOMENTS}
        takes[RAW_MOMENT] += [f"monitor dump-guest-memory {option}"
                              f"{self.path(kind)}"
                              for kind, option in RAW.items()]
        commands = {moment: [*way, *questions(moment), *takes[moment]]
                    for moment, way in MOMENTS.items()}
        with lacuna.Process(argv, TIMEOUT):
            answers = batch(elf, f"target remote {stub}",
                            sum(commands.values(), []))
        for moment, way in MOMENTS.items():
            mine = [answers.pop(0) for _ in commands[moment]]
            end = len(mine) - len(takes[moment])
            assert not any(mine[end:]), mine[end:]
            self.said[moment] = dict(zip(questions(moment),
                                         mine[len(way):end]))

    def path(self, name):
        return self._folder / name.replace(" ", "-")

    def ask_core(self, name, commands):
        return batch(self._elf, f"core-file {self.path(name)}", commands)

    def compare(self, moment, core):
        alive = self.said[moment]
        for question, says in zip(alive, self.ask_core(core, alive)):
            assert says == alive[question], question


@pytest.fixture(scope="module")
def told(elf):
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        yield Told(elf, pathlib.Path(folder))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_core_answers_as_the_machine_did(told, moment):
    told.compare(moment, moment)


def test_far_frames_are_in_the_core(told):
    """Their physical addresses do not fit into the file; it has the bytes."""
    said = told.said["the guard was hit"]
    assert re.search("-> physical 1[0-9a-f]{8}:", said["lacuna pt f8800000"])
    pattern = re.findall("0x([0-9a-f]{8})", said[WITH_AREA[0]])[-4:]
    assert len(pattern) == 4 and "00000000" not in pattern


def test_the_tour_does_not_begin_in_a_core(told):
    (answer,) = told.ask_core("_start", ["lacuna tour"])
    assert "a core is a machine that stands still" in answer


# What each core's backtrace goes through, after the interrupted function.
STACKS = {
    "the guard was hit": ["oops", "demo_overrun", "demo_run"],
    "an interrupt": ["<signal handler called>"],
    "a double fault": ["double_fault_main", "<signal handler called>",
                       "use_stack", "overflow_stack"],
}


@pytest.mark.parametrize("moment", STACKS)
def test_the_stack_of_a_core_is_whole(told, moment):
    """That it is the machine's is shown above."""
    frames = re.sub(r"\n +", " ", told.said[moment]["backtrace"]).splitlines()
    lines = iter(frames)
    for name in [*STACKS[moment], "kmain", "boot_high", "high_start"]:
        assert any(name in line for line in lines), (name, frames)
    assert "high_start" in frames[-1]


@pytest.mark.skipif(platform.machine() not in ("x86_64", "i686"),
                    reason="the registers in QEMU's own file, of 64 bits, are "
                    "read by a GDB for x86 only")
def test_a_core_of_qemus_own_answers_too(told):
    told.compare(RAW_MOMENT, "raw")


def test_a_core_without_virtual_addresses_is_recognised(told):
    (answer,) = told.ask_core("physical", ["lacuna pt c0100000"])
    assert "dump-guest-memory was called without paging" in answer
