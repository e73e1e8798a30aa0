# SPDX-License-Identifier: MIT
"""test_liars.py - loaders that say what is not true

Stops a machine at its first instruction, writes another memory map than
QEMU's into the multiboot information, and goes on. Whatever the map says, the
kernel boots on what is left or says why not; it never resets and never panics
for a lie.
"""

import re
import struct

import pytest

import lacuna

EBX = 3                             # gdb's number of the register
MMAP_LENGTH, MMAP_ADDR = 44, 48     # fields of the information
MAP_AT = 0x20000                    # nothing of QEMU's lies here
CHUNK = 512                         # bytes in one packet to the stub
MIB = 1 << 20
RAM, RESERVED = 1, 2
LOW = (0, 0x9FC00, RAM)


def entry(start, size, kind):
    return struct.pack("<IQQI", 20, start, size % (1 << 64), kind)


@pytest.fixture
def boot_with(live):
    """Boot 256 MiB with the given ranges as the memory map."""
    def boot(*ranges, length=None, append="exit"):
        machine = live(mem="256M", append=append, extra=["-S"])
        machine.stub.run_to(start_address())
        info = machine.stub.read_register(EBX)
        text = b"".join(entry(*r) for r in ranges)
        for at in range(0, len(text), CHUNK):
            machine.stub.write_memory(MAP_AT + at, text[at:at + CHUNK])
        machine.stub.write_memory(info + MMAP_LENGTH, struct.pack(
            "<II", len(text) if length is None else length, MAP_AT))
        machine.stub.leave()
        return machine.wait()
    return boot


def start_address():
    """The entry point, from the ELF header."""
    with open(lacuna.kernel(), "rb") as file:
        return int.from_bytes(file.read(28)[24:], "little")


def present_mib(run):
    """RAM in use, from the zones' lines: span start, end, present, ..."""
    rows = re.findall(r"^ +(?:DMA|NORMAL|HIGHMEM) +\w+ +\w+ +(\d+)", run.log,
                      re.MULTILINE)
    return sum(int(pages) for pages in rows) / 256


def test_ram_that_is_none_is_dropped(boot_with):
    run = boot_with(LOW, (MIB, 799 * MIB, RAM))
    assert run.status == lacuna.PASS
    assert "is no RAM, whatever the loader says" in run.log
    assert 200 < present_mib(run) < 272


def test_a_hole_that_wraps_is_a_hole(boot_with):
    run = boot_with(LOW, (MIB, 254 * MIB, RAM), (128 * MIB, -64 * MIB, RESERVED))
    assert run.status == lacuna.PASS
    assert present_mib(run) == pytest.approx(128, abs=1)


def test_the_129th_range_is_heard_if_it_is_a_hole(boot_with):
    holes = [(0xF0000000 + 8192 * n, 4096, RESERVED) for n in range(126)]
    run = boot_with((MIB, 254 * MIB, RAM), LOW, *holes,
                    (128 * MIB, 64 * MIB, RESERVED))
    assert run.status == lacuna.PASS
    assert present_mib(run) == pytest.approx(128, abs=1)


def test_a_length_that_is_a_lie_reserves_nothing(boot_with):
    run = boot_with(LOW, (MIB, 254 * MIB, RAM), (0, 0, RAM), length=0x7FFFFFFF)
    assert run.status == lacuna.PASS
    assert present_mib(run) == pytest.approx(255, abs=2)


def test_an_empty_map_is_refused_in_words(boot_with):
    run = boot_with((0, 0, RAM))
    assert run.status in (lacuna.PASS, lacuna.FAIL)
    assert "usable RAM" in run.log or present_mib(run) > 200


def test_the_self_tests_pass_on_a_map_of_crumbs(boot_with):
    crumbs = [((64 + 2 * n) * MIB, MIB + 0x800, RAM) for n in range(60)]
    run = boot_with(LOW, (MIB, 40 * MIB, RAM), *crumbs,
                    append="test=buddy.*,zone.*,memblock.*,vmalloc.* exit")
    assert run.status == lacuna.PASS
