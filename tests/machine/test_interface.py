# SPDX-License-Identifier: MIT
"""test_interface.py - what the kernel promises to those who start it

Exit statuses, options, messages to somebody whose machine cannot run it, and
machines with a part missing. These are the interfaces that stay stable.
"""

import re

import pytest

import lacuna

from gdbstub import EAX

ICOUNT = ["-icount", "shift=0,sleep=off"]
BOOT_INSTRUCTIONS = re.compile(r"^bench: boot\.instructions (\d+) (\S+)$",
                               re.MULTILINE)
# zone, first and end frame in hexadecimal, then pages: present, managed, ...
ZONE = re.compile(r"^ *(DMA|NORMAL|HIGHMEM) +[0-9a-f]+ +[0-9a-f]+ +(\d+) ",
                  re.MULTILINE)
MANAGED = re.compile(r"^ *(?:DMA|NORMAL|HIGHMEM) +\w+ +\w+ +\d+ +(\d+) ",
                     re.MULTILINE)
WINDOW = re.compile(r" (\d+) MiB +vmalloc window")


def zones(log):
    """MiB of RAM per zone, as the boot log says."""
    return {name: int(pages) / 256 for name, pages in ZONE.findall(log)}


# --- exit statuses -----------------------------------------------------------

@pytest.mark.quick
@pytest.mark.parametrize("append, status", [
    ("test=list.* exit", lacuna.PASS),
    ("test=nosuch exit", lacuna.FAIL),
    ("test=list.*,nosuch exit", lacuna.PASS),       # the union counts
    ("exit", lacuna.PASS),                          # nothing was asked for
    ("bench=nosuch exit", lacuna.FAIL),
])
def test_the_exit_status(boot, append, status):
    assert boot(mem="64M", append=append).status == status


@pytest.mark.quick
def test_two_globs_run_their_union_once(boot):
    run = boot(mem="64M", append="test=list.*,glob.*,list.* exit")
    assert run.problems() == []
    assert sorted(run.report.suites) == ["glob", "list"]


def test_without_the_exit_device_it_powers_off(boot):
    run = boot(mem="64M", append="test=list.* exit", exit_device=False)
    assert run.status == 0 and not run.timed_out
    assert run.report.problems() == []


def test_without_exit_it_stays(boot):
    run = boot(mem="64M", append="test=list.*", timeout=4)
    assert run.timed_out
    assert run.report.problems() == []


# --- options -----------------------------------------------------------------

@pytest.mark.quick
@pytest.mark.parametrize("word", [
    "colour=blue", "tset=list", "mem=12Q", "mem=", "seed=many", "loglevel=99",
    "vmap=nosuch", "exit=1", "seed=4294967296"])
def test_a_bad_option_is_reported_and_ignored(boot, word):
    run = boot(mem="64M", append=f"{word} test=list.* exit")
    assert f"'{word}'" in run.line_with("cmdline: ")
    assert run.status == lacuna.PASS


@pytest.mark.quick
def test_good_options_are_not_reported(boot):
    run = boot(mem="64M", append="mem=32M seed=3 loglevel=7 vmap=list exit")
    assert "cmdline" not in run.log
    assert "seed=3" in run.log


@pytest.mark.quick
def test_mem_cuts_the_ram(boot):
    found = zones(boot(mem="64M", append="mem=32M exit").log)
    assert sum(found.values()) == pytest.approx(32, abs=1)


@pytest.mark.quick
def test_highmem_sets_its_size(boot):
    whole = zones(boot(mem="2G", append="exit").log)
    none = zones(boot(mem="2G", append="highmem=0 exit").log)
    some = zones(boot(mem="2G", append="highmem=256M exit").log)
    assert whole["HIGHMEM"] == pytest.approx(1152, abs=2)
    assert none.get("HIGHMEM", 0) == 0
    assert some["HIGHMEM"] == pytest.approx(256, abs=1)
    assert none["NORMAL"] == some["NORMAL"] == whole["NORMAL"]


@pytest.mark.quick
def test_vmalloc_moves_the_window(boot):
    small, large = (boot(mem="2G", append=f"{option} exit").log
                    for option in ("", "vmalloc=512M"))
    window = [int(WINDOW.search(log)[1]) for log in (small, large)]
    assert 100 <= window[0] <= 128
    assert window[1] == pytest.approx(window[0] + 384, abs=9)
    assert zones(small)["NORMAL"] - zones(large)["NORMAL"] == pytest.approx(
        384, abs=2)


# --- boot --------------------------------------------------------------------

@pytest.mark.quick
def test_boot_takes_the_same_few_instructions_each_time(boot, detail):
    runs = [boot(mem="1G", append="exit", extra=ICOUNT) for _ in range(2)]
    counts = [BOOT_INSTRUCTIONS.search(run.log).groups() for run in runs]
    detail(f"{counts[0][0]} {counts[0][1]}")
    assert counts[0] == counts[1]
    assert int(counts[0][0]) <= 25_000_000


@pytest.mark.quick
def test_too_little_memory_is_said(boot):
    run = boot(mem="4M", append="exit", timeout=20)
    assert run.status == lacuna.FAIL
    line = run.line_with("needs")
    assert "MiB" in line and "RAM" in line
    assert "ignored" not in run.log


@pytest.mark.quick
def test_a_limit_that_leaves_too_little_is_ignored(boot):
    run = boot(mem="64M", append="mem=4M exit")
    assert "mem=" in run.line_with("too little")
    assert run.status == lacuna.PASS
    assert sum(zones(run.log).values()) == pytest.approx(64, abs=1)


@pytest.mark.quick
def test_a_wrong_loader_is_refused(live):
    machine = live(mem="64M", append="exit", extra=["-S"])
    machine.stub.run_to(0x100000 + entry_offset())
    machine.stub.write_register(EAX, 0x36d76280)    # nearly Multiboot 2
    machine.stub.leave()
    run = machine.wait()
    assert run.status == lacuna.FAIL
    assert len(run.lines) == 1
    assert "36D76280" in run.lines[0] and "Multiboot" in run.lines[0]


def entry_offset():
    """How far the entry point lies behind 1 MiB; from the ELF header."""
    with open(lacuna.kernel(), "rb") as file:
        header = file.read(28)
    return int.from_bytes(header[24:28], "little") - 0x100000


def test_without_a_serial_port_the_screen_tells(live):
    machine = live(mem="64M", append="exit", serial="none", exit_device=False)
    machine.wait_for_power_off()
    assert any("Lacuna" in line or "vmalloc" in line
               for line in machine.screen())


def test_32_address_bits_leave_memory_above_4_gib_alone(boot):
    run = boot(mem="5G", cpu="qemu32", append="exit")
    assert sum(zones(run.log).values()) == pytest.approx(3072, abs=2)


# --- modules -----------------------------------------------------------------

@pytest.fixture
def modules(tmp_path):
    """Three files for -initrd; the second has words behind its name."""
    sizes = {"one.ko": 5000, "two.ko": 70000, "three": 1}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"\xa5" * size)
    return f"{tmp_path}/one.ko,{tmp_path}/two.ko x=1 y=2,{tmp_path}/three"


def managed_pages(log):
    return sum(int(pages) for pages in MANAGED.findall(log))


@pytest.mark.quick
def test_modules_are_listed_and_their_frames_kept(boot, talk, modules):
    without = boot(mem="64M", append="exit")
    terminal = talk(lacuna.machine(mem="64M", append="monitor exit",
                                   modules=modules))
    log = terminal.wait_for_prompt()
    assert managed_pages(without.log) - managed_pages(log) == 2 + 18 + 1
    reserved = re.findall(r"^ +\[.* +\d+ KiB +module\b", terminal.ask("layout"),
                          re.MULTILINE)
    assert len(reserved) == 3


def test_the_self_tests_pass_with_modules(boot, modules, detail):
    run = boot(mem="64M", append="test=* exit", modules=modules)
    detail(run.report.summary())
    assert run.problems() == []
