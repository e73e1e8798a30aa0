# SPDX-License-Identifier: MIT
"""shrink.py - QEMU's core of a machine, made small and readable everywhere

Problem     QEMU writes all of RAM, gigabytes of zeros, and chooses an ELF file
            of 64 bits for an i386, which only a GDB made for x86 reads.
Idea        Copy it into one of 32 bits, in one pass: the program headers, the
            notes, and of the memory what some virtual address reaches. Zeros
            are not written; they become holes of the file.
Picture     QEMU's   head | DMA, NORMAL | HIGHMEM, free | two frames of it |
                          |             |               |/                /
            ours     head | DMA, NORMAL | two frames of HIGHMEM |
Invariants  S1  Each byte that a PT_LOAD of QEMU's names has the same virtual
                address in ours, and the same physical one unless that has
                more than 32 bits: then it is NOWHERE.
            S2  What follows the head lies in ours in the order of QEMU's file.
Cost        The time to read what QEMU writes: a second or two for a GiB.
Read first  shrink
See         tools/gdb/elfcore.py, which reads both
"""

import bisect
import dataclasses
import sys

import lacuna

sys.path.append(str(lacuna.ROOT / "tools/gdb"))

import elfcore                          # noqa: E402 - it needs the path

PAGE_SIZE = 1 << 12
ADDRESSES = 1 << 32                     # how many there are in our file
CHUNK = 1 << 16
ZEROS = bytes(CHUNK)

FORM = elfcore.FORMS[elfcore.CLASS_32]
IDENT = b"\x7fELF\x01\x01\x01" + bytes(9)


class Ram:
    """The ranges of RAM, which QEMU writes one behind the other.

    They are the segments of a core without virtual addresses.
    """

    def __init__(self, blocks):
        self._blocks = blocks

    def _position(self, physical):
        for block in self._blocks:
            if block.physical <= physical < block.physical + block.size:
                return block.offset + physical - block.physical
        raise elfcore.BadCore(f"no RAM at {physical:09x}")

    def pieces(self, segment):
        """Where the bytes of a segment lie, range by range."""
        end = segment.physical + segment.in_memory
        for block in self._blocks:
            first = max(segment.physical, block.physical)
            last = min(end, block.physical + block.size)
            if first < last:
                yield elfcore.Segment(
                    self._position(first), segment.virtual + first
                    - segment.physical, first, last - first)

    def complete(self, segments):
        """All the segments, also what lies in them behind a hole of RAM."""
        known = next((one for one in segments if one.size), None)
        if not known:
            raise elfcore.BadCore("nothing in it has an address")
        shift = known.offset - self._position(known.physical)
        return [dataclasses.replace(piece, offset=piece.offset + shift)
                for segment in segments for piece in self.pieces(segment)]


def merge(ranges):
    """The union of [start, end) ranges, in order."""
    merged = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    return merged


class Places:
    """Where parts of QEMU's file come to lie in ours: one behind the other."""

    def __init__(self, ranges, begin):
        self._starts = [start for start, _ in ranges]
        self._places = []
        self.begin = self.end = begin
        for start, end in ranges:
            self._places.append(self.end)
            self.end += end - start

    def place(self, offset):
        at = bisect.bisect_right(self._starts, offset) - 1
        return self._places[at] + offset - self._starts[at]


def program(kind, **fields):
    """A program header."""
    fields["kind"] = kind
    return FORM.program.pack(*(fields.get(name, 0) for name in FORM.fields))


def load(segment, place):
    fits = segment.physical < elfcore.NOWHERE
    return program(elfcore.PT_LOAD, offset=place, virtual=segment.virtual,
                   physical=segment.physical if fits else elfcore.NOWHERE,
                   size=segment.size, in_memory=segment.size)


def make_head(segments, notes, ranges):
    """(our head, the length of the whole file)"""
    number = len(segments) + 1
    many = number >= elfcore.PN_XNUM
    first = FORM.header.size + many * FORM.section.size
    notes_at = first + number * FORM.program.size
    places = Places(ranges,
                    elfcore.round_up(notes_at + len(notes), PAGE_SIZE))
    head = FORM.header.pack(
        IDENT, elfcore.ET_CORE, elfcore.EM_386, 1, 0, first,
        many * FORM.header.size, 0, FORM.header.size, FORM.program.size,
        min(number, elfcore.PN_XNUM), FORM.section.size, int(many), 0)
    if many:
        head += FORM.section.pack(0, 0, 0, 0, 0, 0, 0, number, 0, 0)
    head += program(elfcore.PT_NOTE, offset=notes_at, size=len(notes))
    head += b"".join(load(segment, places.place(segment.offset))
                     for segment in segments)
    return (head + notes).ljust(places.begin, b"\0"), places.end


def chunks(prefix, stream):
    """All of a stream whose beginning was read already."""
    yield prefix
    while True:
        chunk = stream.read(CHUNK)
        if not chunk:
            return
        yield chunk


def cut(parts, ranges):
    """What lies in the ranges, piece by piece. The stream is read to its end,
    or QEMU could not write the rest."""
    waiting = iter([*ranges, (float("inf"), 0)])
    start, end = next(waiting)
    offset = 0
    for part in parts:
        while start < offset + len(part):
            yield part[max(start - offset, 0):end - offset]
            if end > offset + len(part):
                break
            start, end = next(waiting)
        offset += len(part)
    if offset < end:
        raise elfcore.BadCore(f"it ends after {offset} bytes")


def ram(stream):
    """The ranges of RAM, from the beginning of a core without paging."""
    return Ram(elfcore.Head(stream).segments)


def shrink(stream, file, blocks):
    """Read QEMU's core, write ours; blocks is of the same machine."""
    head = elfcore.Head(stream)
    segments = [segment for segment in blocks.complete(head.segments)
                if segment.virtual < ADDRESSES]
    ranges = merge((segment.offset, segment.end) for segment in segments)
    ours, length = make_head(segments, head.notes, ranges)
    file.write(ours)
    for piece in cut(chunks(head.prefix.data, stream), ranges):
        if piece == ZEROS[:len(piece)]:
            file.seek(len(piece), 1)
        else:
            file.write(piece)
    file.truncate(length)
