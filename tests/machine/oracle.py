# SPDX-License-Identifier: MIT
"""oracle.py - what a description gives, for a reader who trusts nobody

Problem     Whether the kernel took a frame that nobody gave can only be said
            by somebody who has read the same bytes without it.
Idea        Read the description as the two specifications say, as far as
            boot/*.c promises to look (their P2, the constants below). All bytes
            called RAM, less all that any entry takes away, are given; a frame
            is, if all of it is. Where readers may differ there are two answers:
            what is given at most, and what is sure. Of that some is not there.
Picture     |== RAM ==|== RAM ==|            two entries meet inside a frame:
            |  frame  |  frame  |  frame  |  it is given, but not for sure
Invariants  O1  there is a part of sure, and sure a part of given.
Read first  Oracle
See         tests/machine/test_hostile.py
"""

import struct

from crafted import (
    CMDLINE, CMDLINE_TAG, END_TAG, FLAGS, HAS_CMDLINE, HAS_MEM, HAS_MMAP,
    HAS_MODULES, INFO_SIZE, KERNEL, LOW_END, MAGIC, MEM_LOWER, MEM_UPPER, MIB,
    MMAP_ADDR, MMAP_LENGTH, MMAP_TAG, MODULES_ADDR, MODULES_COUNT, MODULE_TAG,
    PAGE, RAM, REAL, SIZES_TAG, WORLD, up)

# How far the kernel looks.
MAX_ENTRIES, MAX_ENTRY_SIZE, MIN_ENTRY_SIZE = 4096, 256, 24
MAX_TAGS, MAX_TAG_LIST = 1024, MIB
MAX_RANGES, MAX_MODULES, MAX_TEXT = 128, 16, 1022
LOWER_MOST = 636                        # KiB: above it the BIOS keeps data
INFINITY = 1 << 64


# --- lists of [start, end), sorted and disjoint -------------------------------

def union(ranges):
    result = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        elif start < end:
            result.append((start, end))
    return result


def subtract(ranges, holes):
    result = []
    for start, end in ranges:
        for hole, hole_end in holes:
            if hole_end <= start or hole >= end:
                continue
            if hole > start:
                result.append((start, hole))
            start = hole_end
        if start < end:
            result.append((start, end))
    return result


def whole_pages(ranges):
    """The pages that lie in one of the ranges."""
    return union((up(start), end // PAGE * PAGE) for start, end in ranges)


def touched_pages(ranges):
    return union((start // PAGE * PAGE, up(end)) for start, end in ranges)


def size_of(ranges):
    return sum(end - start for start, end in ranges)


def overlap(ranges, start, end):
    return any(a < end and b > start for a, b in ranges)


def contain(ranges, start, end):
    return any(a <= start and end <= b for a, b in ranges)


# --- reading ------------------------------------------------------------------

class Oracle:
    """What machine's description means to a CPU of so many address bits."""

    def __init__(self, machine, address_bits):
        self._machine = machine
        self.entries = []               # (start, size, type)
        self.modules = []               # (start, end)
        self.cmdline = b""
        self.seen = []                  # (start, end) that was looked at
        if machine.eax == MAGIC[1]:
            self._read1(machine.ebx)
        elif machine.eax == MAGIC[2]:
            self._read2(machine.ebx)
        self._decide(1 << address_bits)

    def _u32(self, at):
        data = self._machine.read(at, 4)
        return struct.unpack("<I", data)[0] if data else 0

    def _text(self, at, most):
        most = min(most, MAX_TEXT, max(0, WORLD - at))
        return (self._machine.read(at, most) or b"").split(b"\0")[0]

    def _add_sizes(self, lower, upper):
        """They only count where there is no map."""
        if not self._said():
            self.entries.append((0, min(lower, LOWER_MOST) * 1024, RAM))
            self.entries.append((MIB, upper * 1024, RAM))

    def _read1(self, info):
        if not self._machine.read(info, INFO_SIZE):
            return
        self.seen.append((info, info + INFO_SIZE))
        flags = self._u32(info + FLAGS)
        if flags & HAS_CMDLINE and self._u32(info + CMDLINE):
            self.cmdline = self._text(self._u32(info + CMDLINE), MAX_TEXT)
        if flags & HAS_MMAP:
            at = self._u32(info + MMAP_ADDR)
            self._read_map1(at, at + self._u32(info + MMAP_LENGTH))
        if flags & HAS_MEM:
            self._add_sizes(self._u32(info + MEM_LOWER),
                            self._u32(info + MEM_UPPER))
        if flags & HAS_MODULES:
            at = self._u32(info + MODULES_ADDR)
            count = min(self._u32(info + MODULES_COUNT), 2 * MAX_MODULES)
            for entry in range(at, at + 16 * count, 16):
                self._add_module(entry)

    def _read_map1(self, at, end):
        for _ in range(MAX_ENTRIES):
            data = self._machine.read(at, 24) if at + 24 <= end else None
            if not data:
                return
            size, *entry = struct.unpack("<IQQI", data)
            self.entries.append(tuple(entry))
            self.seen.append((at, at + 24))
            if not MIN_ENTRY_SIZE - 4 <= size <= MAX_ENTRY_SIZE:
                return
            at += 4 + size

    def _add_module(self, at):
        data = self._machine.read(at, 8)
        if data:
            start, end = struct.unpack("<II", data)
            self.seen.append((at, at + 8))
            if start < end and len(self.modules) < MAX_MODULES:
                self.modules.append((start, end))

    def _read2(self, info):
        head = self._machine.read(info, 8)
        if not head:
            return
        end = info + min(self._u32(info), MAX_TAG_LIST)
        at, sizes = info + 8, None
        for _ in range(MAX_TAGS):
            head = self._machine.read(at, 8) if at + 8 <= end else None
            kind, size = struct.unpack("<II", head or bytes(8))
            if size < 8 or at + size > end or kind == END_TAG:
                break
            self._read_tag(kind, at + 8, at + size)
            if kind == SIZES_TAG and size >= 16:
                sizes = self._u32(at + 8), self._u32(at + 12)
            at = (at + size + 7) // 8 * 8
        self.seen.append((info, min(at, end)))
        if sizes:
            self._add_sizes(*sizes)

    def _read_tag(self, kind, at, end):
        if kind == CMDLINE_TAG:
            self.cmdline = self._text(at, end - at)
        elif kind == MODULE_TAG and at + 8 <= end:
            self._add_module(at)
        elif kind == MMAP_TAG and at + 8 <= end:
            step = self._u32(at)
            if MIN_ENTRY_SIZE <= step <= MAX_ENTRY_SIZE:
                for entry in range(at + 8, end - 23, step)[:MAX_ENTRIES]:
                    data = self._machine.read(entry, 20) or bytes(20)
                    self.entries.append(struct.unpack("<QQI", data))

    # --- what it comes to -----------------------------------------------------

    def _said(self):
        """RAM that wraps is a lie; what is unusable and wraps has no end."""
        return [(start, min(start + size, INFINITY), kind)
                for start, size, kind in self.entries
                if size and (kind != RAM or start + size < INFINITY)]

    def _decide(self, limit):
        said = self._said()
        ram = [(min(start, limit), min(end, limit))
               for start, end, kind in said if kind == RAM]
        holes = union((start, end) for start, end, kind in said if kind != RAM)
        self.given = whole_pages(subtract(union(ram), holes))
        # A hole behind the last that fits may cut more than it covers.
        late = [(start, end) for start, end, kind in said[MAX_RANGES:]
                if kind != RAM]
        early = [(start, min(end, limit))
                 for start, end, kind in said[:MAX_RANGES]
                 if kind == RAM and start < limit
                 and not overlap(late, start, end)]
        self.sure = subtract(whole_pages(early), touched_pages(holes))
        self.there = subtract(self.sure, [(LOW_END, KERNEL), (REAL, INFINITY)])

    @property
    def runs_tests(self):
        return b"test=" in self.cmdline and b"exit" in self.cmdline

    @property
    def enough(self):
        """Is there surely room for a kernel in one piece?"""
        free = subtract(self.there, union(self.modules))
        return any(end - start >= 8 * MIB for start, end in free)

    def not_given(self, image_end):
        """Where the kernel has no business."""
        world = [(0, LOW_END), (image_end, WORLD)]
        return subtract(touched_pages(world), self.given)

    def to_keep(self, modules):
        """The frames of what the loader left, and of these modules of it."""
        frames = touched_pages(self.seen + modules)
        return subtract(frames, [(LOW_END, KERNEL), (WORLD, INFINITY)])
