# SPDX-License-Identifier: MIT
"""test_gdb.py - GDB on this kernel: the tour, the commands, the backtraces

All of it on the debug build, and through tools/gdb.py, as `make gdb` starts it.
The commands are compared with what the kernel says of itself: with its monitor,
and with its report of a bad access.
"""

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pexpect
import pytest

import lacuna

sys.path.append(str(lacuna.ROOT / "tools/gdb"))

from stations import STATIONS           # noqa: E402 - it needs the path

MARK = "@@@"
COLUMNS = 80
TIMEOUT = 150                       # seconds for one session

# What no answer may contain, whatever was asked.
ACCIDENT = re.compile(r"Traceback|Python Exception|Error while executing|"
                      r"corrupt stack|Cannot access memory", re.IGNORECASE)


@pytest.fixture(scope="module")
def elf():
    """The debug build: made here when it is not up to date."""
    folder = lacuna.build_dir() / "debug"
    made = lacuna.run(["make", "-j2", "DEBUG=1", f"O={lacuna.shown(folder)}"],
                      300, cwd=lacuna.ROOT,
                      env=lacuna.clean_environment("O", "DEBUG"))
    assert made.status == 0, made.why()
    return folder / "lacuna.elf"


def session_arguments(elf):
    return [lacuna.python(), str(lacuna.ROOT / "tools/gdb.py"), str(elf)]


def session_environment(**environment):
    return {**lacuna.clean_environment(), **environment}


def run_session(elf, text, **environment):
    """`make gdb` with text as its standard input."""
    with tempfile.TemporaryFile("w+") as commands:
        commands.write(text)
        commands.seek(0)
        return lacuna.run(session_arguments(elf), TIMEOUT, stdin=commands,
                          stderr=subprocess.STDOUT,
                          env=session_environment(**environment))


def ask(elf, commands, **environment):
    """The answer to each of the commands, in one session."""
    text = f"echo \\n{MARK}\\n\n".join(f"{one}\n" for one in ["", *commands])
    run = run_session(elf, text + f"echo \\n{MARK}\\n\n", **environment)
    assert run.status == 0, run.why()
    found = ACCIDENT.search(run.log)
    assert not found, f"{found[0]!r} in\n{run.log}"
    log = run.log.replace("(gdb) ", "")
    answers = [answer.strip("\n") for answer in log.split(f"{MARK}\n")]
    assert len(answers) == len(commands) + 2, run.why()
    return answers[1:-1]


def serial(elf):
    """What the kernel printed in the last session."""
    log = elf.with_name("serial.log").read_text(encoding="ascii")
    return log.replace("\r\n", "\n")


# --- the tour ---------------------------------------------------------------

# What each station must show. Spaces stand for any blanks.
FACTS = {
    "_start": ["paging is off: ([0-9a-f]{8}) is physical 0\\1",
               "_start\\+0x0", "eax 0x2badb002"],
    "early_idt_ready": ["low_trap_stubs\\+0x0", "esp 0x10"],
    "low_main": ["zones: not initialised yet: that happens in zone_init",
                 "paging is off"],
    "paging_on": ["PDPT 0 .*\n.*PMD 0 .*\n.* 001(\\w{5}) -> physical 0001\\1: "
                  "read, write, execute, 2 MiB page",
                  "PDPT 3 .*\n.*PMD 0 .*\n.* c01(\\w{5}) -> physical 0001\\1: "
                  "read, write, execute, 2 MiB page"],
    "high_start": ["c01\\w{5}: high_start\\+0x0 boot/start.S:\\d+",
                   "c0(\\w{6}) -> physical 000\\1: .*, 2 MiB page"],
    "kmain": ["00000000 is not mapped",
              "map: not initialised yet: that happens in memblock_init"],
    "kspace_init": ["c0000000, \\w{8}\\) \\d+ MiB direct map",
                    "vmalloc window", "KiB kernel image",
                    "zones: not initialised yet"],
    "fixmap_init": ["-> physical \\w+: read, execute, 4 KiB page",
                    "-> physical \\w+: read, 4 KiB page",
                    "-> physical \\w+: read, write, 4 KiB page",
                    "in the vmalloc window, with no area"],
    "zone_init": ["frame 1\\w\\w at physical 0001\\w{5}: reserved, zone DMA",
                  "buddy: not initialised yet: that happens in zone_init"],
    "slab_init": ["DMA 0 1000", "NORMAL 1000", "HIGHMEM",
                  "order 0 1 2 3 4 5 6 7 8 9 10"],
    "vmalloc_init": ["kmalloc-64 64 64", "vmlist: not initialised yet: "
                     "that happens in vmalloc_init"],
    "vmalloc": ["= 10000", "asked pages kind caller\\s*$"],
    "find_hole": ["= 0x4000", "= 0x\\w+00000", "= 0xff9fe000"],
    "alloc_frames": ["10000 0 vmalloc demo_buffer\\+0x",
                     "inside vmalloc area", "not present"],
    "map_pages": ["frame \\w+ at physical \\w+: used, zone {zone}, .*"
                  "order 0, references: 1",
                  "is not mapped"],
    "vm_area_publish": ["-> physical \\w+: read, write, 4 KiB page",
                   "PTE 3 0+ not present\n.*is not mapped",
                   "10000 3 vmalloc demo_buffer\\+0x"],
    "demo_overrun": ["= 12288", "10000 3 vmalloc demo_buffer",
                     "4096 1 vmalloc demo_neighbour",
                     "this is the guard page"],
    "oops": ["= 14", "past the end of vmalloc area",
             "1 past the end as mapped", "PTE 3 = 0: not present",
             "GUARD \\| neighbour", "#\\d+ .*demo_overrun",
             "#\\d+ .*high_start \\(\\)\n"],
}


def sections(log):
    """The text of each station, by its number."""
    parts = re.split(r"^--- (\d+) of (\d+): ", log, flags=re.MULTILINE)
    assert {int(total) for total in parts[2::3]} == {len(STATIONS)}, log
    assert [int(n) for n in parts[1::3]] == list(range(1, len(STATIONS) + 1))
    return parts[3::3]


def leave_gdb(reader):
    """Quit, and everything has ended well."""
    reader.sendline("quit")
    reader.expect(pexpect.EOF)
    reader.wait()
    assert reader.exitstatus == 0


def test_every_station_has_facts_to_check():
    assert list(FACTS) == [station.at for station in STATIONS]


@pytest.mark.parametrize("mem, zone", [("1G", "HIGHMEM"), ("64M", "NORMAL")])
def test_the_tour_stops_at_every_station(elf, mem, zone, detail):
    (log,) = ask(elf, ["lacuna tour"], MEM=mem)
    shown = dict(zip(FACTS, sections(log)))
    for at, facts in FACTS.items():
        for fact in facts:
            pattern = fact.replace(" ", r"\s+").replace("{zone}", zone)
            assert re.search(pattern, shown[at]), f"{at}: {fact}\n{shown[at]}"
    assert "The end of the tour" in shown["oops"]
    wide = [line for line in log.splitlines() if len(line) > COLUMNS
            and not line.startswith("  frame ")]    # as wide as the monitor's
    assert not wide, wide
    detail(f"{len(STATIONS)} stations")

    # The kernel's own words about the same pages.
    printed = re.findall(r"^ +(\w{8})  page \d -> frame 0*(\w+)",
                         serial(elf), re.MULTILINE)
    frames = re.findall(r"frame (\w+) at", shown["map_pages"])
    assert [frame.lower() for _, frame in printed] == frames
    first = re.search(r"(\w{8}) -> physical 0*(\w+)000:",
                      shown["vm_area_publish"])
    assert (first[1], first[2]) == (printed[0][0].lower(), frames[0])


def test_the_tour_can_be_left_and_resumed(elf):
    """At a terminal: return goes on, Ctrl-C or q leaves, and it comes back."""
    arguments = session_arguments(elf)
    reader = pexpect.spawn(arguments[0], arguments[1:], timeout=TIMEOUT,
                           cwd=str(lacuna.ROOT), encoding="ascii",
                           env=session_environment(MEM="64M", TERM="dumb"))
    try:
        reader.expect_exact("(gdb) ")
        reader.sendline("lacuna tour")
        for number in (1, 2, 3):
            reader.expect(f"--- {number} of ")
            reader.expect_exact("q leaves the tour: ")
            if number < 3:
                reader.sendline("")
        reader.sendintr()
        reader.expect_exact("(gdb) ")
        reader.sendline("lacuna pt $pc")
        reader.expect_exact("paging is off")
        reader.sendline("lacuna tour")
        reader.expect("--- 4 of .*paging is on")
        reader.expect_exact("q leaves the tour: ")
        reader.sendline("q")
        reader.expect_exact("(gdb) ")
        leave_gdb(reader)
    finally:
        reader.close(force=True)


def test_a_tour_in_the_wrong_place_says_so(elf):
    answers = ask(elf, ["tbreak kmain", "continue", "lacuna tour",
                        "lacuna zones"], MEM="64M")
    assert "the tour begins at the first instruction" in answers[2]
    assert "zone_init" in answers[3]


def test_a_tour_that_is_interrupted_says_where(elf):
    _, first, second = ask(elf, ["break memblock_init", "lacuna tour",
                                 "lacuna tour"], MEM="64M", APPEND="exit")
    assert re.search("on its way to kspace_init, but the machine stopped at "
                     r"memblock_init\+", first)
    assert "on its way to vmalloc, but the machine has ended" in second


# --- the commands -----------------------------------------------------------

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
    "slabs": [NOT_YET + "slab_init", "vmap_area +\\d+ +\\d+ +0 ",
              "vmap_area +\\d+ +\\d+ +2 "],
    "vmlist": [NOT_YET + "vmalloc_init", "caller$",
               "f8800000  f8803000 +10000 +3  vmalloc +demo_buffer"],
    "map": [NOT_YET + "memblock_init", "f8800000, ff9fe000\\) +114 MiB",
            "areas: 2\nRAM"],
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
                         "inside vmalloc area f8800000\n.* byte 4660 of it"],
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
    assert set(names) == {"zones", "buddy", "slabs", "vmlist", "map", "pt",
                          "page", "explain", "symbols", "tour"}
    for name, text in zip(names, ask(elf, [f"help lacuna {name}"
                                           for name in names])):
        assert len(text) > 20, name


class Console:
    """The kernel's monitor, over a serial port that is a socket."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(TIMEOUT)
        patience = time.monotonic() + 10
        while not path.exists() and time.monotonic() < patience:
            time.sleep(0.02)
        self._socket.connect(str(path))

    def answer(self, command=""):
        """Type a command; its answer, up to the next prompt."""
        if command:
            self._socket.sendall(command.encode() + b"\r")
        text = b""
        while not text.endswith(b"lacuna> "):
            text += self._socket.recv(1 << 12)
        lines = text.decode("ascii").replace("\r\n", "\n").split("\n")
        return [line.rstrip() for line in lines[1:-1]]


SAME = ["zones", "buddy", "slabs", "vmlist", "map", "pt c0106000", "pt 1000",
        "pt f8800000", "pt c1000000", "page 106", "page 1000", "page 38000",
        "page c0106000", "page 7fffff", "explain f8800000", "explain c0106000",
        "explain 10", "explain f8000010", "explain fff00000",
        "explain ffa00000", "explain 1000"]


def test_the_monitor_and_gdb_say_the_same(elf):
    with tempfile.TemporaryDirectory(prefix="lacuna") as folder:
        port = pathlib.Path(folder) / "serial"
        stub = pathlib.Path(folder) / "gdb"
        argv = lacuna.machine(
            elf, append="demo monitor",
            serial=f"unix:{port},server=on,wait=on",
            extra=["-gdb", f"unix:{stub},server=on,wait=off"])
        with lacuna.Process(argv, TIMEOUT):
            console = Console(port)
            console.answer()
            said = [console.answer(command) for command in SAME]
            commands = [["-ex", f"lacuna {command}", "-ex", f"echo {MARK}\\n"]
                        for command in SAME]
            run = lacuna.run(
                ["gdb", "-nx", "-batch", "-x", "tools/gdb/lacuna.gdb",
                 "-ex", f"target remote {stub}", "-ex", f"echo {MARK}\\n",
                 *sum(commands, []), str(elf)], TIMEOUT, cwd=lacuna.ROOT)
    answers = run.log.split(f"{MARK}\n")[1:-1]
    assert len(answers) == len(SAME), run.why()
    for command, kernel, answer in zip(SAME, said, answers):
        assert answer.splitlines() == kernel, command


def test_explain_repeats_the_kernels_report(elf):
    """The guard hit: line by line what kernel/oops.c printed about it."""
    *_, answer = ask(elf, ["tbreak oops", "continue", "tbreak recovery_jump",
                           "continue", "lacuna explain $cr2"], MEM="1G")
    lines = answer.splitlines()[1:]
    report = [line.rstrip() for line in serial(elf).splitlines()]
    assert len(lines) > 6
    begin = report.index(lines[0])
    assert report[begin:begin + len(lines)] == lines


# --- the stack from any point -----------------------------------------------

FRAMES = re.compile(r"^frames: (\S+)\+(0x\w+) (\S+) \| (.+) \| (.+)$",
                    re.MULTILINE)
ALL_OF_BOOT = ["kmain", "boot_high", "high_start"]


def stacks(answers):
    """(symbol, place, [names, innermost first]) for each line of frames.

    Every walk must end at the outermost frame, and know its source.
    """
    found = FRAMES.findall("\n".join(answers))
    assert found, answers
    for symbol, _, place, names, end in found:
        assert end == "outermost", f"{symbol} {place}: {names}: {end}"
        assert "?" not in place and "?" not in names, (symbol, place, names)
        assert not place.endswith(":0"), (symbol, place)
    return [(symbol, place, names.split(" < "))
            for symbol, _, place, names, _ in found]


def frames(elf, *commands, **environment):
    answers = ask(elf, ["source tests/gdb/frames.py", *commands],
                  **{"MEM": "64M", **environment})
    assert answers.count("") < len(answers)
    for command, answer in zip(commands, answers[1:]):
        goal = command.split()[2:] if command.startswith("walk") else []
        assert not goal or f"walk: reached {goal[0]}" in answer, answer
    return stacks(answers)


STOPS = {
    "_start": ["_start"],
    "early_idt_ready": ["_start"],
    "low_main": ["low_main", "_start"],
    "paging_on": ["_start"],
    "high_start": ["high_start"],
    "kmain": ALL_OF_BOOT,
    "zone_init": ["zone_init", "mm_init", *ALL_OF_BOOT],
    "buddy_alloc": ["buddy_alloc", "alloc_from", "alloc_for", "alloc_pages"],
}


def test_the_stack_is_whole_at_each_stage_of_boot(elf):
    commands = ["frames"]
    for label in list(STOPS)[1:]:
        commands += [f"tbreak *{label}", "continue", "frames"]
    seen = frames(elf, *commands)
    assert len(seen) == len(STOPS)
    for (label, names), (_, _, found) in zip(STOPS.items(), seen):
        assert found[:len(names)] == names, label
        assert found[-1] in ("_start", "high_start"), label


def test_stepping_from_the_first_instruction(elf):
    """Up to the handlers, and then over the switch to paging."""
    seen = frames(elf, "walk 30 low_trap_init", "tbreak *low_main",
                  "continue", "finish", "walk 30 boot_high")
    symbols = list(dict.fromkeys(symbol for symbol, _, _ in seen))
    assert symbols == ["_start", "low_trap_init", "high_start", "boot_high"]
    assert all(place.startswith(("boot/start.S:", "boot/low_trap.c:",
                                 "boot/high.c:")) for _, place, _ in seen)
    assert seen[-1][2] == ["boot_high", "high_start"]


def test_the_stack_in_an_exception_before_the_kernel(elf):
    ud2 = "set {short}$pc = 0x0b0f"
    seen = frames(elf, "tbreak *low_main", "continue", ud2,
                  "tbreak *(low_trap_stubs + 6 * 16)", "continue", "frames",
                  "walk 20 low_trap")
    for _, _, names in seen:
        assert names[-3:] == ["low_trap_stubs", "low_main", "_start"]
    assert seen[-1][2][0] == "low_trap"


@pytest.mark.parametrize("vector, symbol", [(32, "alloc_from"),
                                            (14, "demo_overrun")])
def test_the_stack_at_every_instruction_of_a_trap(elf, vector, symbol):
    """entry.S on the way in, for an interrupt and for a page fault."""
    ready = {32: ["tbreak demo_run", "continue"], 14: []}[vector]
    seen = frames(elf, *ready, f"tbreak *(trap_stubs + {vector} * 16)",
                  "continue", "frames", "walk 40 trap_dispatch", "frames")
    assert len(seen) > 15
    inside = [names for _, _, names in seen[:-2]]
    for names in inside:
        assert names[-3:] == ALL_OF_BOOT
        assert names[0].startswith("trap_") and names[1:] == inside[0][1:]
    assert seen[-1][2][0] == "trap_dispatch"
    assert seen[-1][2][2:] == inside[0][1:]
    if vector == 14:
        assert inside[0][1] == symbol


def test_the_stack_on_the_way_back_from_an_interrupt(elf):
    seen = frames(elf, "tbreak demo_run", "continue",
                  "tbreak *(trap_stubs + 32 * 16)", "continue",
                  "tbreak trap_dispatch", "continue", "finish",
                  "frames", "walk 8")
    *inside, after = [names for _, _, names in seen]
    for names in inside:
        assert names[0] == "trap_common" and names[1:] == after
    assert after[-3:] == ALL_OF_BOOT


def test_the_stack_in_a_recovery_point(elf):
    seen = frames(elf, "tbreak *recovery_set", "continue", "frames",
                  "walk 20 recovery_link", "tbreak *recovery_jump",
                  "continue", "frames", "walk 13")
    names = [names for _, _, names in seen]
    jump = names.index(["recovery_jump"])
    assert jump > 5
    for stack in names[:jump]:
        assert "recovery_set" in stack[:2] and stack[-3:] == ALL_OF_BOOT
    assert names[jump:-1] == [["recovery_jump"]] * (len(names) - 1 - jump)
    assert names[-1][-3:] == ALL_OF_BOOT and "demo_run" in names[-1]


def test_the_stack_in_the_double_fault_task(elf):
    """It begins with nobody as its caller, and ends the same way."""
    seen = frames(elf, "tbreak *double_fault_entry", "continue", "frames",
                  "walk 10 double_fault_main", "tbreak oops", "continue",
                  "frames", "tbreak *double_fault_leave", "continue",
                  "frames", "walk 5",
                  APPEND="test=double_fault.* exit")
    names = [names for _, _, names in seen]
    assert all(stack[-1] == "double_fault_entry" for stack in names[:-6])
    assert names[-7][:2] == ["oops", "trap_exception"]
    assert names[-1] == ["recovery_jump"]


# --- the session ------------------------------------------------------------

def fake(folder, name, body):
    """A command of that name that does something else."""
    path = pathlib.Path(folder) / name
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
    path.chmod(0o755)
    return str(path)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def noted_qemu(tmp_path):
    """A QEMU that writes down its process number; and where."""
    note = tmp_path / "pid"
    return fake(tmp_path, "qemu", f'echo $$ >{note}\n'
                f'exec {lacuna.qemu()[0]} "$@"'), note


def test_qemu_ends_with_gdb(elf, noted_qemu):
    qemu, note = noted_qemu
    run = run_session(elf, "quit\n", QEMU=qemu, MEM="64M")
    assert run.status == 0 and "_start () at boot/start.S" in run.log
    assert not is_alive(int(note.read_text()))


def test_qemu_ends_when_the_session_is_killed(elf, noted_qemu):
    qemu, note = noted_qemu
    arguments = session_arguments(elf)
    reader = pexpect.spawn(arguments[0], arguments[1:], timeout=TIMEOUT,
                           encoding="ascii", cwd=str(lacuna.ROOT),
                           env=session_environment(QEMU=qemu, TERM="dumb"))
    try:
        reader.expect_exact("(gdb) ")
        pid = int(note.read_text())
        assert is_alive(pid)
        reader.kill(signal.SIGTERM)
        reader.expect(pexpect.EOF)
        reader.wait()
        assert not is_alive(pid)
    finally:
        reader.close(force=True)


def test_ctrl_c_interrupts_the_kernel_only(elf, noted_qemu):
    qemu, note = noted_qemu
    arguments = session_arguments(elf)
    reader = pexpect.spawn(
        arguments[0], arguments[1:], timeout=TIMEOUT, encoding="ascii",
        cwd=str(lacuna.ROOT),
        env=session_environment(QEMU=qemu, TERM="dumb", MEM="64M"))
    try:
        reader.expect_exact("(gdb) ")
        reader.sendline("continue")
        reader.expect_exact("Continuing.")
        time.sleep(2)                   # it prints, then halts for ever
        reader.sendintr()
        reader.expect("received signal SIGINT|SIGTRAMP|Thread 1")
        reader.expect_exact("(gdb) ")
        assert is_alive(int(note.read_text()))
        reader.sendline("backtrace -frame-info short-location")
        reader.expect(r"kmain \(.*high_start \(")
        leave_gdb(reader)
    finally:
        reader.close(force=True)


def test_what_is_missing_is_named(elf, tmp_path):
    run = run_session(elf, "", GDB="no-such-gdb")
    assert run.status == 1
    assert "sudo apt-get install gdb" in run.log
    run = run_session(elf, "", QEMU=fake(tmp_path, "qemu",
                                         "echo cannot >&2; exit 1"))
    assert run.status == 1
    assert "QEMU did not start: cannot" in run.log
