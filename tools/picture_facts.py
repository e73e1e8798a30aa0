# SPDX-License-Identifier: MIT
"""picture_facts.py - what `map` and its relatives printed, as facts

Problem     The picture of a machine can be asked of a core, by GDB, or be found
            in the log of a session at the prompt. Two ways to read would see
            two machines.
Idea        GDB and the monitor print the same lines (tests/machine/test_gdb.py
            demands it), so there is one reader, and what a log does not have is
            left out. Of each answer the last complete one counts.
Invariants  PF1 A zone's rows follow each other without a gap; the window has as
                many cells as its pages need.
Failure     Damaged says which line does not fit, or what is missing.
Read first  read
See         modules/monitor/map*.c, tools/picture.py
"""

import dataclasses
import re

PAGE, KIB = 4096, 4             # bytes, and KiB, of a page
TOP = 1 << 32
CELLS = 64                      # of a row
UPPER_CELL, LOWER_CELL = 16 << 20, 2 << 20      # of the address map

# No number of theirs is longer than a machine can make it.
ROW = re.compile(r" +([0-9a-f]{1,8}) \|(.*)\|$")
ZONE = re.compile(r"(\w+): (.* free, largest block \d+ KiB); a cell is "
                  r"(\d{1,9}) KiB$")
WINDOW = re.compile(r"window: pages (\d{1,7}), guards (\d{1,7}), kept "
                    r"(\d{1,7}), free (\d{1,7}); a cell is (\d{1,9}) KiB$")
VMLIST = re.compile(r"  start +guard +asked +pages +kind +caller$")
AREA = re.compile(r"  ([0-9a-f]{8})  ([0-9a-f]{8}) +(\d{1,10}) +(\d{1,7})  "
                  r"(\S+) +(.+)$")
RANGE = re.compile(r"  \[([0-9a-f]{8}), ([0-9a-f]{8})\) +\d+ .iB  (.+)$")
ENTRY = re.compile(r"  (PDPT|PMD|PTE) +(\d{1,3})  ([0-9a-f]{16})")
WALK_END = re.compile(r"  ([0-9a-f]{8}) (-> physical .*|is not mapped)$")
REGIONS = {"D": "direct map", "W": "vmalloc window", "S": "KASAN's shadow",
           "K": "kmap slots", "F": "fixed slots", ".": "hole"}


class Damaged(Exception):
    """Why there is no picture."""


@dataclasses.dataclass
class Grid:
    """Rows of cells that stand for so many things each."""
    step: int
    first: int = -1
    letters: str = ""

    def takes(self, label, letters):
        """Add a row; False when it is not the next one (PF1)."""
        if not self.letters:
            self.first = label
        fits = label == self.first + len(self.letters) * self.step
        self.letters += letters
        return fits


@dataclasses.dataclass
class Zone:
    name: str
    words: str                  # what stands behind the name
    grid: Grid                  # of frames


@dataclasses.dataclass
class Area:
    start: int
    guard: int
    asked: int
    pages: int
    kind: str
    caller: str

    @property
    def live(self):
        return self.kind not in ("kept", "busy")

    @property
    def mapped(self):
        """Pages between its start and its guard."""
        return (self.guard - self.start) // PAGE


@dataclasses.dataclass
class Walk:
    """The answer to `pt ADDR`."""
    address: int
    entries: list               # (level, index, entry)
    end: str


@dataclasses.dataclass
class Facts:
    regions: list               # (start, end, name)
    zones: list
    window: Grid                # of addresses
    counts: dict                # of its pages: pages, guards, kept, free
    areas: list
    walks: dict                 # by address

    @property
    def window_end(self):
        return self.window.first + sum(self.counts.values()) * PAGE

    @property
    def guard_pages(self):
        """Behind each area: with guard=both it is two. `vmlist` says where a
        guard begins, `map` how many pages are in use in all. Where they are of
        different moments it is not known, and one is drawn."""
        used = sum(self.counts.values()) - self.counts["free"]
        each, rest = divmod(used - sum(area.mapped for area in self.areas),
                            len(self.areas) or 1)
        return each if each in (1, 2) and not rest else 1


def plain(text):
    """The lines, without the comment signs of a run with self-tests, nor what
    a terminal is told by `map live`."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text.replace("\r", ""))
    return [re.sub(r"^# ", "", line).rstrip() for line in text.split("\n")]


def last_block(lines, first, last):
    """[(number, line)] of the last run of lines that begins and ends so."""
    end = next((i for i in range(len(lines) - 1, -1, -1)
                if lines[i].startswith(last)), -1)
    begin = next((i for i in range(end, -1, -1)
                  if lines[i].startswith(first)), -1)
    return [] if begin < 0 else list(enumerate(lines[begin:end + 1],
                                               begin + 1))


# --- map ----------------------------------------------------------------------

def runs_of(start, cell, letters):
    """(start, end, name) of each run of equal letters."""
    for run in re.finditer(r"(.)\1*", letters):
        yield (start + run.start() * cell, start + run.end() * cell,
               REGIONS.get(run[1], "unknown"))


def regions_of(rows):
    """The last 128 MiB are known better: from the lower of the two rows."""
    border = TOP - CELLS * LOWER_CELL
    upper = [(start, min(end, border), name) for start, end, name
             in runs_of(TOP - CELLS * UPPER_CELL, UPPER_CELL, rows[0])
             if start < border]
    lower = list(runs_of(border, LOWER_CELL, rows[1]))
    if upper[-1][2] == lower[0][2]:
        lower[0] = (upper.pop()[0], *lower[0][1:])
    return upper + lower


def take_map(lines):
    """(the rows of regions, zones, the window's grid and counts)"""
    rows, zones, window, counts = [], [], None, {}
    for number, line in last_block(lines, "addresses: ", "  . free  a areas"):
        zone, sums, row = ZONE.match(line), WINDOW.match(line), ROW.match(line)
        if zone:
            zones.append(Zone(zone[1], zone[2], Grid(int(zone[3]) // KIB)))
        elif sums:
            window = Grid(int(sums[5]) * 1024)
            counts = dict(zip(("pages", "guards", "kept", "free"),
                              map(int, sums.groups()[:4])))
        elif row and not zones:
            rows.append(row[2])
        elif row:
            grid = window or zones[-1].grid
            if grid.step == 0:
                raise Damaged(f"line {number} is of cells of no size")
            if not grid.takes(int(row[1], 16), row[2]):
                raise Damaged(f"line {number} is not the next row of its map")
    if not rows:
        raise Damaged("there is no answer to `map` in it")
    if [len(row) for row in rows] != [CELLS] * 2 or not window or any(
            not grid.letters
            for grid in (window, *(zone.grid for zone in zones))) or \
            len(window.letters) != -(-sum(counts.values()) * PAGE //
                                     window.step):
        raise Damaged("the last `map` in it is not whole")
    return rows, zones, window, counts


# --- the others ---------------------------------------------------------------

def take_regions(lines):
    """The bounds to the byte, where `layout` was asked too."""
    for _, line in last_block(lines, "map: kernel addresses",
                              "  page tables of kernel"):
        found = RANGE.match(line)
        if found:
            yield int(found[1], 16), int(found[2], 16), found[3]


def take_areas(lines):
    begin = max((i for i, line in enumerate(lines)
                 if VMLIST.match(line)), default=-1)
    if begin < 0:
        raise Damaged("there is no answer to `vmlist` in it")
    for line in lines[begin + 1:]:
        found = AREA.match(line)
        if not found:
            return
        start, guard = (int(one, 16) for one in found.groups()[:2])
        if not start < guard:
            raise Damaged(f"area {start:08x} ends before it begins")
        yield Area(start, guard, int(found[3]), int(found[4]), found[5],
                   found[6])


def take_walks(lines):
    """{address: Walk}, the last one asked for last."""
    found, entries = {}, []
    for line in lines:
        entry, end = ENTRY.match(line), WALK_END.match(line)
        if entry:
            if entry[1] == "PDPT":
                entries = []
            entries.append((entry[1], int(entry[2]), int(entry[3], 16)))
        elif end and entries:
            address = int(end[1], 16)
            found.pop(address, None)
            found[address] = Walk(address, entries, end[2])
            entries = []
    return found


def read(text):
    lines = plain(text)
    rows, zones, window, counts = take_map(lines)
    regions = list(take_regions(lines)) or regions_of(rows)
    return Facts(regions, zones, window, counts, list(take_areas(lines)),
                 take_walks(lines))
