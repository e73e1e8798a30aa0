# SPDX-License-Identifier: MIT
"""test_gdb_tour.py - `lacuna tour` stops where it should and shows what it says
"""

import re
import sys

import pytest

import lacuna
from gdbsession import (ask, elf, leave_gdb, serial, terminal,  # noqa: F401
                        tool)

sys.path.append(str(lacuna.ROOT / "tools/gdb"))

from stations import STATIONS           # noqa: E402 - it needs the path

pytestmark = pytest.mark.xdist_group("gdb")

COLUMNS = 80

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
    "vmalloc_init": ["kmalloc-64 0 0 64 64", "vmlist: not initialised yet: "
                     "that happens in vmalloc_init"],
    "vmalloc": ["= 10000", "asked pages kind caller\\s*$"],
    "vmem_find": ["= 0x4000", "= 0x\\w+00000", "= 0xff9fe000", "= \\d{8,}"],
    "alloc_pages_bulk_array": ["10000 0 busy demo_buffer\\+0x",
                     "inside vmalloc area", "not present"],
    "map_pages": ["frame \\w+ at physical \\w+: used, zone {zone}, .*"
                  "order 0, references: 1",
                  "is not mapped"],
    "vmap_publish": ["-> physical \\w+: read, write, 4 KiB page",
                   "PTE 3 0+ not present\n.*is not mapped",
                   "10000 3 busy demo_buffer\\+0x"],
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
                      shown["vmap_publish"])
    assert (first[1], first[2]) == (printed[0][0].lower(), frames[0])


def test_the_tour_can_be_left_and_resumed(elf):
    """At a terminal: return goes on, Ctrl-C or q leaves, and it comes back."""
    with terminal(tool("gdb", elf), MEM="64M") as reader:
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
