# SPDX-License-Identifier: MIT
"""lookup.py - what may be read, and the areas of a list that may be damaged

Idea        What mm/lookup.c does for the kernel's own reports, so that GDB says
            the same of a kernel that is broken: each step is looked at before
            it is taken.
Read first  can_follow, then SoundAreas
See         mm/lookup.c, tests/machine/test_gdb_broken.py
"""

import functools

import gdb

import kernel
import machine
from kernel import PAGE_OFFSET, PAGE_SIZE, VMALLOC_END, variable

# Bits for which the CPU refuses an entry (mm/lookup.c).
REFUSED = 0x7FF << 52
REFUSED_OF = {"PDPT": 1 << 63 | 0x1C6, "large": 0x1FE000}
NAME_MAX = 20                   # at most so much of a name is shown
UNFLUSHED_MAX = (32 << 20) // PAGE_SIZE     # areas on the chain


def is_ram(pfn):
    array, length = variable("mem_map"), int(variable("mem_map_end"))
    return (pfn < length and int(array[pfn]["state"])
            != kernel.constant_of("PAGE_ABSENT"))


def can_follow(name, entry):
    """Would the CPU follow the entry, and can its table be there? That it is
    present, and which level it is of, is known."""
    large = name == "PMD" and entry & machine.LARGE
    refused = REFUSED | REFUSED_OF.get("large" if large else name, 0)
    if not variable("cpu_features")["nx"]:
        refused |= machine.NX
    if entry & refused or name == "PTE" or large:
        return not entry & refused
    physical = entry & machine.PHYS_MASK
    end = max(int(variable("layout")["lowmem_end"]),
              kernel.address_of("kernel_end") - PAGE_OFFSET)
    return (physical < end and not kernel.stack_guard(PAGE_OFFSET + physical)
            and (not variable("mem_map_end")
                 or is_ram(physical >> machine.PAGE_SHIFT)))


def walk(address):
    """As pgtable_lookup: tables are read only where they can be."""
    return machine.walk(address, can_follow)


@functools.lru_cache(maxsize=4096)
def _page_is_readable(page):
    found = walk(page)
    return (page >= PAGE_OFFSET and found.mapped and not found.user
            and is_ram(found.physical >> machine.PAGE_SHIFT))


def look_again():
    """The machine may have run since."""
    _page_is_readable.cache_clear()


def is_readable(address, size):
    """As lookup_readable says."""
    first = address & ~(PAGE_SIZE - 1)
    return address + size <= 1 << 32 and all(
        _page_is_readable(page)
        for page in range(first, address + size, PAGE_SIZE))


def name_at(address):
    """A text that may be anywhere."""
    text = ""
    while len(text) < NAME_MAX and is_readable(address + len(text), 1):
        (byte,) = bytes(gdb.selected_inferior().read_memory(
            address + len(text), 1))
        if not byte:
            break
        text += chr(byte)
    return text


def cache_name(page):
    """Of the cache of a frame of a slab, or "broken"."""
    array, number = variable("slab_caches"), int(page["cache"])
    cache = array[number] if number <= array.type.range()[1] else 0
    if not is_readable(int(cache), array.type.target().target().sizeof):
        return "broken"
    return name_at(int(cache["name"]))


# --- areas ------------------------------------------------------------------

def is_sound(area):
    """Can an area lie there? As lookup_is_area."""
    return ((area.start | area.size) % PAGE_SIZE == 0
            and kernel.layout().vmalloc_start <= area.start < VMALLOC_END
            and int(variable("vm_guard_size")) < area.size
            <= VMALLOC_END - area.start)


def _sound_area(record):
    """What a pointer to a record says, if it can be one; else None."""
    size = record.type.target().sizeof
    if int(record) % 4 or not is_readable(int(record), size):
        return None
    area = kernel.area_at(record)
    return area if is_sound(area) else None


class SoundAreas:
    """The areas by address, as lookup_next finds them, one when it is asked
    for. Where the list is damaged those follow that the table knows, and
    damaged is the address of the last one before."""

    def __init__(self):
        self.damaged = None

    def __iter__(self):
        kernel.require("vmlist", "vmalloc_init",
                       lambda: variable("area_cache") != 0)
        kind = gdb.lookup_type("struct vmap_area").pointer()
        start = last = end = kernel.layout().vmalloc_start
        record = variable("vmlist").address
        while True:
            record = record["vm"]["next"].cast(kind)
            if not record:
                return
            area = _sound_area(record)
            if not area or area.start < end:
                break
            yield area
            start, last, end = area.start, area.first, area.start + area.size
        self.damaged = max(last, kernel.layout().vmalloc_start)
        for area in _areas_of_table(start):
            if area.start > start or start == end:
                yield area


def _areas_of_table(start):
    """Those live ones that the table knows from there on, without the list."""
    tables = variable("vmap_tables")
    entries = PAGE_SIZE // 4
    first = (start - PAGE_OFFSET) // (2 * PAGE_SIZE)
    for i in range(first // entries, tables.type.range()[1] + 1):
        if not is_readable(int(tables[i]), PAGE_SIZE):
            continue
        for j, pointer in enumerate(kernel.words_at(int(tables[i]), entries)):
            area = i * entries + j >= first and pointer and _sound_area(
                tables[i][j])
            if area and area.live:
                yield area


def is_unflushed(area):
    """Was it freed, and waits for a flush? As vmap_lazy_has."""
    record = variable("unflushed", "mm/vmap_lazy.c")
    for _ in range(UNFLUSHED_MAX + 1):
        found = _sound_area(record)
        if not found:
            return False
        if found.start == area.start:
            return True
        record = record["chain"]
    return False
