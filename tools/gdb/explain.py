# SPDX-License-Identifier: MIT
"""explain.py - what lies at an address, in the words of kernel/explain.c

The same answers, read from outside: also for a kernel that hangs, and before
it can print. What the kernel's report leaves out is explain_more.py's.
tests/machine/test_explain.py compares the two line by line.
"""

import contextlib

import explain_more
import kernel
import lookup
from kernel import plural

CELLS, CELLS_BEFORE, CELL_WIDTH = 5, 3, 14


class Spot:
    """Where an address lies, and the areas on either side of it.

    below and above are in use; before and after may be kept ones too."""

    def __init__(self, address):
        self.address = address
        self.layout = kernel.layout()
        self.below = self.above = self.before = self.after = None
        self.damaged = None     # the list is, behind this address
        self.region = self._find_region()
        self.relation = ""
        if self.region == "WINDOW" or (self.region == "HOLE" and
                                       address < kernel.SHADOW_START):
            self._find_neighbours()
            self.relation = self._find_relation()

    def _find_region(self):
        address = self.address
        if address < kernel.PAGE_SIZE:
            return "NULL"
        if address < kernel.PAGE_OFFSET:
            return "USER"
        if kernel.stack_guard(address):
            return "STACK_GUARD"
        if address < self.layout.high_memory:
            return "DIRECT"
        if self.layout.vmalloc_start <= address < kernel.VMALLOC_END:
            return "WINDOW"
        if kernel.SHADOW_START <= address < kernel.SHADOW_END:
            return "SHADOW"
        if kernel.PKMAP_BASE <= address < kernel.PKMAP_END:
            return "PKMAP"
        if kernel.FIXADDR_START <= address < kernel.FIXADDR_END:
            return "FIXMAP"
        return "HOLE"

    def _find_neighbours(self):
        """No further than to the area above, as lookup_areas."""
        areas = lookup.SoundAreas()
        with contextlib.suppress(kernel.NotYet):
            for area in areas:
                if self._note(area):
                    break
        self.damaged = areas.damaged

    def _note(self, area):
        """Is it the one above?"""
        behind, kept = area.start > self.address, area.kind == "kept"
        if not behind:
            self.before = area
            self.below = self.below if kept else area
        else:
            self.after = self.after or area
            self.above = None if kept else area
        return behind and not kept

    def _find_relation(self):
        address, before = self.address, self.before
        if self.below and address < self.below.guard:
            if self.below.live or self.below.kind == "ram":
                return "inside"
            return "freed" if lookup.is_unflushed(self.below) else "busy"
        if self.below and address < self.below.start + self.below.size:
            return "guard"
        if before and before.kind == "kept" and address < before.guard:
            return "freed"
        return "gap" if self.below or self.above else ""


IMAGE = [("text_start", "text_end", "the kernel's text (read, execute)"),
         ("rodata_start", "rodata_end", "the kernel's constants (read only)"),
         ("data_start", "kernel_end", "the kernel's data (read, write)")]


def region_text(spot, field):
    """What kernel/explain.c has in its table of regions."""
    return kernel.indexed_by("region", "regions", spot.region, field)


def nearer_above(spot):
    """An underrun of the area above, not an overrun of the one below?"""
    if not spot.below or not spot.above:
        return False
    past = spot.address - spot.below.guard + 1
    return spot.above.first - spot.address < past


def image_part(address):
    for start, end, what in IMAGE:
        if kernel.address_of(start) <= address < kernel.address_of(end):
            return what
    return ""


def window_place(spot):
    below, above = spot.below, spot.above
    if spot.relation == "freed":
        return f"in the freed vmalloc area {spot.before.first:08x}"
    if spot.relation in ("inside", "busy"):
        return (f"inside vmalloc area {below.first:08x}"
                + ", which is busy" * (spot.relation == "busy"))
    if spot.relation == "guard" and nearer_above(spot):
        return f"before the start of vmalloc area {above.first:08x}"
    if spot.relation == "guard":
        return f"past the end of vmalloc area {below.first:08x}"
    if below and above:
        return (f"between vmalloc areas {below.first:08x} and "
                f"{above.first:08x}")
    if below:
        return f"far past the end of vmalloc area {below.first:08x}"
    return f"before the start of vmalloc area {above.first:08x}"


def is_sealed(address):
    """Read-only since boot? (mm/kspace.c, kspace_seal)"""
    return (kernel.address_of("ro_after_init_start") <= address
            < kernel.address_of("ro_after_init_end"))


def place(spot):
    """One phrase."""
    address, layout = spot.address, spot.layout
    if is_sealed(address):
        return f"in {kernel.symbol_at(address)}, read-only since boot"
    if spot.region == "WINDOW" and spot.relation:
        return window_place(spot)
    if layout.high_memory <= address < layout.vmalloc_start:
        return ("in the hole behind the direct map, "
                f"{address - layout.high_memory + 1} past its end")
    if spot.region == "STACK_GUARD":
        return f"the guard below the {kernel.stack_guard(address)}"
    part = image_part(address) if spot.region == "DIRECT" else ""
    return "in " + (part or region_text(spot, "name"))


# --- the lines --------------------------------------------------------------

def owner_line(area):
    return (f"  owner   {kernel.caller_at(area.caller)} asked for "
            f"{area.requested} bytes; {area.nr_pages} frame"
            f"{plural(area.nr_pages)}")


def past_end_lines(spot):
    area = spot.below
    offset = spot.address - area.first
    asked, mapped = offset - area.requested + 1, offset - area.given + 1
    yield (f"  where   byte {offset} of it: {asked} byte{plural(asked)} past "
           f"the end as asked for ({area.requested}),")
    yield (f"          {mapped} past the end as mapped ({area.given})"
           + ": this is the guard page" * (spot.relation == "guard"))
    yield owner_line(area)


def before_start_line(spot):
    distance = spot.above.first - spot.address
    label = "and  " if spot.below or spot.relation == "freed" else "where"
    return (f"  {label}   {distance} byte{plural(distance)} before the start "
            f"of area {spot.above.first:08x}")


def saved_lines(spot):
    if spot.above:
        area = spot.above
        distance = area.first - spot.address
        yield (f"  saved   {area.first:08x}, area of "
               f"{kernel.caller_at(area.caller)}, begins {distance} byte"
               f"{plural(distance)} further on")
    else:
        yield "  saved   nothing lies behind it"


def inside_lines(spot):
    area = spot.below
    how = ("mapped" if area.flags & (kernel.VM_ALLOC | kernel.VM_MAP)
           else "reserved without a mapping,")
    yield (f"  where   byte {spot.address - area.first} of it: asked for "
           f"{area.requested}, {how} {area.given}")
    yield owner_line(area)
    if spot.relation == "busy":
        yield "  busy    it is being made or removed"


def freed_lines(spot):
    area = spot.before
    yield (f"  where   byte {spot.address - area.first} of it: it had "
           f"{area.requested}, and nothing is mapped there now")
    yield f"  owner   {kernel.caller_at(area.caller)} had asked for it"
    if area.freed_by:
        yield f"  freed   by {kernel.caller_at(area.freed_by)}"
    if spot.below and spot.below.start != area.start:
        yield (f"  and     {spot.address - spot.below.guard + 1} past the "
               f"end of area {spot.below.first:08x} as mapped")
    if spot.above:
        yield before_start_line(spot)


def window_lines(spot):
    if spot.relation == "freed":
        yield from freed_lines(spot)
        return
    if spot.relation in ("inside", "busy"):
        yield from inside_lines(spot)
        return
    if spot.below:
        yield from past_end_lines(spot)
    if spot.above and (spot.relation == "gap" or nearer_above(spot)):
        yield before_start_line(spot)
        yield owner_line(spot.above)
    elif spot.relation == "guard":
        yield from saved_lines(spot)


def tables_line(address):
    walk = lookup.walk(address)
    words = []
    for name, index, entry in walk.entries:
        last = name == walk.entries[-1][0]
        if not last:
            words.append(f"{name} {index} present")
        elif walk.large:
            words.append(f"{name} {index} = {entry:x}, a 2 MiB page")
        else:
            words.append(f"{name} {index} = {entry:x}")
    end = "damaged" if walk.damaged else "not present"
    if walk.mapped:
        end = walk.permissions + ", user" * walk.user
    return f"  why     {', '.join(words)}: {end}"


# --- the picture ------------------------------------------------------------

def describe_page(address, own):
    """own is the area that the picture is about, if any."""
    spot = Spot(address)
    if spot.relation == "inside" and own and spot.below.start != own.start:
        return "neighbour"
    if spot.relation in ("inside", "busy"):
        area = spot.below
        index = (address - area.start) // kernel.PAGE_SIZE
        if index == 0 and area.first > address:     # guard=right
            return ",,, page 0"
        last = index == area.mapped // kernel.PAGE_SIZE - 1
        return f"page {index}" + " ,,," * (
            last and area.first + area.requested < area.guard)
    if spot.relation == "freed":
        return "freed"
    if spot.relation == "guard" or spot.region == "STACK_GUARD":
        return "GUARD"
    walk = lookup.walk(address)
    if not walk.mapped:
        return "nothing"
    if walk.writable:
        return "R W"
    return "R X" if walk.executable else "R"


def picture_lines(spot):
    address = spot.address
    hit = address // kernel.PAGE_SIZE
    first = max(hit - CELLS_BEFORE, 0)
    pages = [page * kernel.PAGE_SIZE
             for page in range(first, min(first + CELLS, 1 << 20))]
    within = address % kernel.PAGE_SIZE * CELL_WIDTH // kernel.PAGE_SIZE
    yield "   " + "      ".join(f"{page:08x}" for page in pages)
    cells = [describe_page(page, spot.below) for page in pages]
    yield "   " + "".join("| " + cell.ljust(CELL_WIDTH - 2)
                          for cell in cells).rstrip()
    yield "   " + " " * ((hit - first) * CELL_WIDTH + within) + "X here"


def lines(address):
    """All there is to say."""
    spot = Spot(address)
    yield f"  {address:08x}: {place(spot)}"
    yield explain_more.region_line(spot)
    if spot.relation:
        yield from window_lines(spot)
    if spot.damaged:
        yield ("  broken  the list of areas is damaged behind "
               f"{spot.damaged:08x}")
    yield tables_line(address)
    yield from explain_more.lines(spot)
    yield from picture_lines(spot)
    yield f"  read    {region_text(spot, 'reading')}"
