# SPDX-License-Identifier: MIT
"""test_gdb.py - GDB on this kernel: the commands, and the session

All of it on the debug build, and through tools/gdb.py, as `make gdb` starts it.
The commands are compared with what the kernel says of itself: with its monitor,
and with its report of a bad access.
"""

import pathlib
import re
import signal
import tempfile
import time

import pexpect
import pytest

import lacuna
import vocabulary
from gdbsession import (TIMEOUT, Console, ask, batch, elf, fake,  # noqa: F401
                        is_alive, leave_gdb, noted_qemu, run_session, serial,
                        terminal, tool)

pytestmark = pytest.mark.xdist_group("gdb")

MOMENTS = {
    "_start": [],
    "mm_init is done": ["tbreak irq_init", "continue"],
    "the guard was hit": ["tbreak oops", "continue"],
}
NOT_YET = "not initialised yet: that happens in "

# For each command what it says at each of the three moments.
ANSWERS = {
    "zones": [NOT_YET + "zone_init", "HIGHMEM +38000", "HIGHMEM +38000"],
    "buddy": [NOT_YET + "zone_init", "NORMAL +\\d", "HIGHMEM +\\d"],
    "slabs": [NOT_YET + "slab_init", "vmap_area +0 ", "vmap_area +2 "],
    "vmlist": [NOT_YET + "vmalloc_init", "caller$",
               "f8800000  f8803000 +10000 +3  vmalloc +demo_buffer"],
    "layout": [NOT_YET + "memblock_init", "f8800000, ff9fe000\\) +114 MiB",
               "areas: 2\nRAM"],
    "map": [NOT_YET + "memblock_init", "window: pages 0, guards 0, kept 0",
            "window: pages 4, guards 2, kept "],
    "map f8803000": [NOT_YET + "memblock_init", "f8803000: a cell is a page",
                     "f8800000 \\|AAA#B#\\.*,*\\.*\\|\n +\\^\n"],
    "map nosuch": ["No symbol \"nosuch\""] * 3,
    "pt c0100000": ["paging is off", "-> physical 000100000: read, write",
                    "-> physical 000100000: read, write"],
    "pt f8803000": ["paging is off", "PMD +452 +0+  not present",
                    "PTE +3 +0+  not present\n +f8803000 is not mapped"],
    "page kmain": [NOT_YET + "page_init", *["reserved, zone DMA"] * 2],
    "page f8800000": [NOT_YET + "page_init", "f8800000 is not mapped",
                      "used, zone HIGHMEM, .*order 0, references: 1"],
    "page 3ffff": [NOT_YET + "page_init", "no struct page; the last is 3ffdf",
                   "no struct page"],
    "explain f8803000": [NOT_YET + "memblock_init.*\n.*paging is off",
                         "in the vmalloc window, with no area",
                         "past the end of vmalloc area f8800000"],
    "explain f8801234": [NOT_YET, "with no area",
                         "inside vmalloc area f8800000\n.*\n.* byte 4660 of "
                         "it"],
    "explain f8803fff": [NOT_YET, "with no area",
                         "before the start of vmalloc area f8804000\n(.*\n)+"
                         ".* 1 byte before the start of area f8804000"],
    "explain f8900000": [NOT_YET, "with no area",
                         "far past the end of vmalloc area f8804000"],
    "explain f8000000": [NOT_YET, "hole behind the direct map, 1 past its end",
                         "hole behind the direct map, 1 past its end"],
    "explain boot_stack": [NOT_YET, "the guard below the boot stack\n",
                           "the guard below the boot stack\n"],
    "explain 0": [NOT_YET, "page 0: a NULL pointer", "page 0: a NULL pointer"],
    "kmap": [NOT_YET + "page_init", *["512 slots: 0 in use"] * 2],
    "log": [NOT_YET + "kmain", *["^[^>].*\\n(.+\\n)+.+$"] * 2],
    "log 1": [NOT_YET + "kmain", "^.+$", "^\\[3\\] p.12288. = "],
    "log x": ["'x' is no number from 0 to 500"] * 3,
    "log 010": [NOT_YET + "kmain", "loaded by qemu",
                "^(.+\\n){9}.+$"],
    "log 0x1F5": ["is no number from 0 to 500"] * 3,
    "peek vmalloc 20": ["paging is off",
                        *["  c[0-9a-f]{7}  55 89 e5 "] * 2],
    "peek f8800ff8 16": ["paging is off", "f8800ff8 is not mapped",
                         "^  f8800ff8  (([0-9a-f]{2} ){8} ){2}"],
    "peek vmalloc y": ["'y' is no number from 1 to 4096"] * 3,
    "peek vmalloc 0": ["'0' is no number from 1 to 4096"] * 3,
    "peek vmalloc -1": ["'-1' is no number from 1 to 4096"] * 3,
    "peek vmalloc 5K": ["'5K' is no number from 1 to 4096"] * 3,
    "peek kernel_start 1K": ["paging is off", *["^(.+\\n){63}.+$"] * 2],
    "pt 1c0100000": ["'1c0100000' has more than 32 bits"] * 3,
    "pt 0x100000100": ["'0x100000100' has more than 32 bits"] * 3,
    "explain 1ULL<<32": ["'1ULL<<32' has more than 32 bits"] * 3,
    "peek": ["usage: lacuna peek ADDR"] * 3,
    "symbols kmain": ["kmain\\+0x0  kernel/main.c:\\d+"] * 3,
    "symbols $pc": ["_start\\+0x0  boot/start.S", "irq_init", "oops"],
    "symbols 106000": ["physical 00106000 is linked at c0106000"] * 3,
    "nosuch": ["'nosuch' is no command of lacuna"] * 3,
    "pt": ["usage: lacuna pt ADDR"] * 3,
    "pt nosuch": ["No symbol \"nosuch\""] * 3,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_command_answers(elf, moment):
    number = list(MOMENTS).index(moment)
    way = MOMENTS[moment]
    answers = ask(elf, [*way, *(f"lacuna {one}" for one in ANSWERS)], MEM="1G")
    for command, answer in zip(ANSWERS, answers[len(way):]):
        expected = ANSWERS[command][number]
        assert re.search(expected, answer), f"{command}: {answer}"


def test_every_command_has_help(elf):
    (listing,) = ask(elf, ["help lacuna"])
    names = re.findall(r"^lacuna (\w+) -- ", listing, re.MULTILINE)
    assert set(names) == {"zones", "buddy", "slabs", "vmlist", "callers",
                          "layout", "map", "pt", "page", "explain", "symbols",
                          "tour", "kmap", "log", "peek", "owners"}
    for name, text in zip(names, ask(elf, [f"help lacuna {name}"
                                           for name in names])):
        assert len(text) > 20, name


SAME = ["zones", "buddy", "slabs", "vmlist", "callers", "layout",
        "map", "map f8801000", "map f8840000 123", "map c0106000",
        "map 38000 40", "map 200 400", "map 37b80 200", "map 7ffff",
        "map 7fffff", "map f8000000", "map fff00000",
        "pt c0106000", "pt 1000",
        "pt f8800000", "pt c1000000", "page 106", "page 1000", "page 38000",
        "page c0106000", "page 7fffff", "explain f8800000", "explain c0106000",
        "explain 10", "explain f8000010", "explain fff00000",
        "explain ffa00000", "explain 1000", "explain c0200000",
        "explain c1000000", "explain f8804010", "explain ffffe000",
        "pt vmalloc+0x10",
        "page vmalloc", "explain vmalloc+0x10", "kmap", "peek c0106000 100",
        "peek f8800000 0x20", "owners", "peek vmalloc",
        "log 30"]                       # the last: what is typed is logged
# Where areas begin, how large they are, and what is left of one that was freed.
OPTIONS = ["", "guard=right vmap_purge=lazy", "guard=both quarantine=64"]


def take_some(console, record):
    """A frame with two addresses, one of a slab, in which the record lies, one
    of an area; an area in use and a freed one: questions about them."""
    def answer(command, pattern):
        return re.search(pattern, "\n".join(console.answer(command)))

    # Of the frames of a block in HIGHMEM one gets an address.
    frame = answer("alloc 2", "frames? ([0-9a-f]+)")[1]
    for _ in range(2):
        answer(f"kmap {frame}", frame)
    of_area = int(answer("pt f8800000", "physical ([0-9a-f]+)")[1], 16) >> 12
    freed, used = (int(answer(f"vmalloc {size}", "f8[0-9a-f]{6}")[0], 16)
                   for size in (10000, 5001))
    console.answer(f"vfree {freed:x}")
    return [f"map {frame}", f"map {of_area:x}", f"page {record:x}",
            f"explain {record:x}", f"page {of_area:x}",
            *(f"explain {at:x}" for at in (
                freed, freed + 10008, freed - 1, freed & ~0xFFF, used,
                used - 1, used & ~0xFFF, used + 5000, used + 5001,
                used + 5008, (used + 5008 | 0xFFF) + 1,
                (used + 5008 | 0xFFF) + 0x1234))]


@pytest.mark.parametrize("options", OPTIONS)
def test_the_monitor_and_gdb_say_the_same(elf, options):
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        port = pathlib.Path(folder) / "serial"
        stub = pathlib.Path(folder) / "gdb"
        argv = lacuna.machine(
            elf, append=f"demo monitor page_owner {options}",
            serial=f"unix:{port},server=on,wait=on",
            extra=["-gdb", f"unix:{stub},server=on,wait=off"])
        with lacuna.Process(argv, TIMEOUT):
            console = Console(port)
            console.answer()
            (record, _) = batch(elf, f"target remote {stub}", [
                "output (unsigned)vmlist.vm.next", "detach"])
            same = [*take_some(console, int(record)), *SAME]
            said = [console.answer(command) for command in same]
            answers = batch(elf, f"target remote {stub}",
                            [f"lacuna {command}" for command in same])
    for command, kernel, answer in zip(same, said, answers):
        lines = [line.rstrip() for line in answer.splitlines()]
        assert lines == kernel, command
    text = "\n".join(line for lines in said for line in lines)
    for words in EXPECTED[options]:
        assert re.search(words, text), words


EXPECTED = {
    OPTIONS[0]: ["kept    for the next one of", ", cache ", "taken by",
                 r"slack   byte 0 of \d+ behind", "2 users"],
    OPTIONS[1]: ["waits   for one flush", r"slack   byte \d+ of 3184 before",
                 "slack   byte 0 of 7 behind", r"\| ,,, page 0"],
    OPTIONS[2]: ["waits   before anybody", "freed   by"]}


def test_each_command_of_both_is_compared():
    both = {*vocabulary.of_the_tree().monitor} & vocabulary.of_the_tree().lacuna
    assert both == {command.split()[0] for command in SAME}


def test_explain_repeats_the_kernels_report(elf):
    """The guard hit: all lines of kernel/oops.c about it, and more."""
    *_, answer = ask(elf, ["tbreak oops", "continue", "tbreak recovery_jump",
                           "continue", "lacuna explain $cr2"], MEM="1G")
    report = [line.rstrip() for line in serial(elf).splitlines()]
    begin = next(i for i, line in enumerate(report)
                 if line.startswith("  where   byte 12288 of it"))
    end = next(i for i, line in enumerate(report)
               if i > begin and line.startswith("  read "))
    assert end - begin > 6
    said = iter(answer.splitlines())
    for line in report[begin:end + 1]:
        assert line in said, line


# --- the session ------------------------------------------------------------

def test_qemu_ends_with_gdb(elf, noted_qemu):
    qemu, note = noted_qemu
    run = run_session(elf, "quit\n", QEMU=qemu, MEM="64M")
    assert run.status == 0 and "_start () at boot/start.S" in run.log
    assert not is_alive(int(note.read_text()))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_qemu_ends_when_the_session_is_killed(elf, noted_qemu, number):
    qemu, note = noted_qemu
    with terminal(tool("gdb", elf), QEMU=qemu) as reader:
        reader.expect_exact("(gdb) ")
        pid = int(note.read_text())
        assert is_alive(pid)
        reader.kill(number)
        reader.expect(pexpect.EOF)
        reader.wait()
        wait_until(lambda: not is_alive(pid))


def wait_until(it_is_so):
    patience = time.monotonic() + TIMEOUT
    while not it_is_so():
        assert time.monotonic() < patience
        time.sleep(0.05)


def test_ctrl_c_interrupts_the_kernel_only(elf, noted_qemu):
    qemu, note = noted_qemu
    with terminal(tool("gdb", elf), QEMU=qemu, MEM="64M") as reader:
        reader.expect_exact("(gdb) ")
        reader.sendline("continue")
        reader.expect_exact("Continuing.")
        wait_until(lambda: "Nothing more to do" in serial(elf))
        reader.sendintr()
        reader.expect("received signal SIGINT|SIGTRAMP|Thread 1")
        reader.expect_exact("(gdb) ")
        assert is_alive(int(note.read_text()))
        reader.sendline("backtrace -frame-info short-location")
        reader.expect(r"kmain \(.*high_start \(")
        leave_gdb(reader)


def test_what_is_missing_is_named(elf, tmp_path):
    run = run_session(elf, "", GDB="no-such-gdb")
    assert run.status == 1
    assert "sudo apt-get install gdb" in run.log
    run = run_session(elf, "", QEMU=fake(tmp_path, "qemu",
                                         "echo cannot >&2; exit 1"))
    assert run.status == 1
    assert "QEMU did not start: cannot" in run.log
