# SPDX-License-Identifier: MIT
"""test_shrink.py - tools/shrink.py on cores that are made here, as QEMU does it
"""

import io
import struct

import pytest

import shrink
from shrink import elfcore

PAGE = 4096
FORM = elfcore.FORMS[elfcore.CLASS_64]


def program(kind, **fields):
    fields["kind"] = kind
    return FORM.program.pack(*(fields.get(name, 0) for name in FORM.fields))


def qemu_core(mappings, nr_frames, first_frame=0):
    """As QEMU would write it: its nth frame is filled with the byte n.

    mappings: (virtual page, n) pairs.
    """
    cpu = bytes(elfcore.QEMU_CR) + struct.pack("<5Q", *range(5)) + bytes(8)
    notes = elfcore.NOTE.pack(5, len(cpu), 0) + b"QEMU\0\0\0\0" + cpu
    number = len(mappings) + 1
    many = number >= elfcore.PN_XNUM
    first = FORM.header.size + FORM.section.size
    notes_at = first + number * FORM.program.size
    begin = notes_at + len(notes)
    ident = b"\x7fELF" + bytes([elfcore.CLASS_64]) + bytes(11)
    return b"".join([
        FORM.header.pack(ident, elfcore.ET_CORE, elfcore.EM_386, 1, 0, first,
                         FORM.header.size, 0, 0, FORM.program.size,
                         elfcore.PN_XNUM if many else number, 0, 1, 0),
        FORM.section.pack(0, 0, 0, 0, 0, 0, 0, number, 0, 0),
        program(elfcore.PT_NOTE, offset=notes_at, size=len(notes)),
        *(program(elfcore.PT_LOAD, offset=begin + frame * PAGE,
                  virtual=page * PAGE, size=PAGE, in_memory=PAGE,
                  physical=(first_frame + frame) * PAGE)
          for page, frame in mappings),
        notes, *(bytes([frame % 256]) * PAGE for frame in range(nr_frames))])


def shrunk(data, ram, path):
    with path.open("wb") as file:
        shrink.shrink(io.BytesIO(data), file, shrink.Ram(ram))
    return elfcore.Core(path)


def content(path, segment):
    with path.open("rb") as file:
        file.seek(segment.offset)
        return file.read(segment.size)


def one_range(nr_frames, first_frame=0):
    return [elfcore.Segment(PAGE, 0, first_frame * PAGE, nr_frames * PAGE)]


def test_only_what_is_mapped_is_kept(tmp_path):
    path = tmp_path / "core"
    mappings = [(0xC0000, 7), (0xC0001, 3), (0xF8800, 7), (0xF8900, 256)]
    small = shrunk(qemu_core(mappings, 500), one_range(500), path)
    assert small.control_registers == [(0, 1, 2, 3, 4)]
    assert [(one.virtual // PAGE, one.physical // PAGE)
            for one in small.segments] == mappings
    for one, (_, frame) in zip(small.segments, mappings):
        assert content(path, one) == bytes([frame % 256]) * PAGE
    assert path.stat().st_size <= 4 * PAGE      # the head and three frames
    assert small.read_physical(3 * PAGE + 8, 8) == bytes([3]) * 8
    assert small.read_physical(4 * PAGE, 8) == b""


def test_an_address_of_more_than_32_bits_is_nowhere(tmp_path):
    path = tmp_path / "core"
    far = 1 << 20                               # the frame at 4 GiB
    small = shrunk(qemu_core([(0xC0000, 7), (0xF8800, 3)], 9, far - 7),
                   one_range(9, far - 7), path)
    low, high = elfcore.Head(path.open("rb")).segments
    assert (low.physical, high.physical) == (
        elfcore.NOWHERE, (far - 4) * PAGE)
    assert content(path, low) == bytes([7]) * PAGE
    assert small.read_physical(0, 1) == b""
    assert small.read_physical(elfcore.NOWHERE, 1) == b""


def test_a_core_may_have_more_ranges_than_the_header_can_count(tmp_path):
    path = tmp_path / "core"
    mappings = [(0x80000 + 2 * i, 1 + i % 5) for i in range(70000)]
    small = shrunk(qemu_core(mappings, 9), one_range(9), path)
    assert len(small.segments) == 70000
    assert content(path, small.segments[-1]) == bytes([5]) * PAGE


def test_what_lies_behind_a_hole_of_ram_is_found_again(tmp_path):
    """QEMU's segment ends where the first range of RAM ends."""
    data = bytearray(qemu_core([(0xC0000, 0)], 8))
    at = FORM.header.size + FORM.section.size + FORM.program.size
    data[at:at + FORM.program.size] = program(
        elfcore.PT_LOAD, offset=elfcore.Head(io.BytesIO(data)).segments[0]
        .offset, virtual=0xC0000000, size=2 * PAGE, in_memory=16 * PAGE)
    ram = [elfcore.Segment(100, 0, 0, 2 * PAGE),
           elfcore.Segment(100 + 2 * PAGE, 0, 5 * PAGE, 6 * PAGE)]
    path = tmp_path / "core"
    small = shrunk(data, ram, path)
    assert [(one.virtual // PAGE, one.size // PAGE)
            for one in small.segments] == [(0xC0000, 2), (0xC0005, 6)]
    assert content(path, small.segments[1])[::PAGE] == bytes(range(2, 8))


def test_damaged_notes_are_refused(tmp_path):
    data = bytearray(qemu_core([(0xC0000, 7)], 9))
    at = data.index(b"QEMU")
    struct.pack_into("<I", data, at - 8, 8)     # the length of its content
    with pytest.raises(elfcore.BadCore, match="damaged"):
        shrunk(data, one_range(9), tmp_path / "core")


def test_a_core_that_ends_early_is_refused(tmp_path):
    data = qemu_core([(0xC0000, 7), (0xC0001, 3)], 9)
    end = len(data) - PAGE                      # the last frame is not mapped
    for size in [0, 10, 63, 200, len(data) // 2, end - 1]:
        with pytest.raises(elfcore.BadCore, match="it ends after"):
            shrunk(data[:size], one_range(9), tmp_path / "core")
    shrunk(data[:end], one_range(9), tmp_path / "core")
