# SPDX-License-Identifier: MIT
"""explain_frame.py - the frame behind an address: whose it is, where it shows

The lines of modules/explain/frame.c.
"""

import kernel
import lookup
import machine
import owners
from kernel import MAX_ORDER, PAGE_SIZE, constant_of, plural, variable

AREAS_SHOWN = 4                 # of one frame, at most
NR_CACHES = 255                 # in page->cache: kmalloc's whole pages
INDENT = " " * 10


def kmap_local_depth():
    cpu = variable("cpu0")
    last = constant_of("FIX_KMAP_LAST")
    return (int(cpu["kmap_next"]) - entry_of_slot(last)) // 8


def entry_of_slot(slot):
    """The address of its page-table entry."""
    top = (kernel.FIXADDR_END - kernel.FIXADDR_START) // PAGE_SIZE - 1
    return int(variable("fixmap_table").address) + 8 * (top - slot)


def address_of_slot(slot):
    return kernel.FIXADDR_END - (slot + 1) * PAGE_SIZE


def tail_lines(array, pfn):
    first = kernel.head_of(pfn)
    if first is None:
        yield (f"{INDENT}of a block without a head: it is being cut, or "
               "damaged")
        return
    head = array[first]
    state = kernel.constant_name("page_state", head["state"])
    yield (f"{INDENT}number {pfn - first} in a {state.lower()} block of order "
           f"{int(head['order'])}, which begins at frame {first:x}")
    if int(head["cache"]) == NR_CACHES:
        yield f"{INDENT}of kmalloc, which takes whole pages for much"


def state_lines(array, pfn, state):
    page = array[pfn]
    order = int(page["order"])
    if state == "TAIL":
        yield from tail_lines(array, pfn)
    elif state == "FREE":
        yield f"{INDENT}a block of order {order}"
    elif state == "USED":
        yield (f"{INDENT}a block of order {order}, references: "
               f"{int(page['count'])}"
               + ", kmalloc's" * (int(page["cache"]) == NR_CACHES))
    elif state == "RESERVED":
        for start, end, owner in kernel.memblock_ranges("reserved"):
            if start <= pfn * PAGE_SIZE < end:
                yield f"{INDENT}at boot, for: {owner[:40]}"
    elif state == "STOCK":
        stocks = variable("page_stocks")
        zone = int(page["zone"]) % (stocks.type.range()[1] + 1)
        yield (f"{INDENT}one of {int(stocks[zone]['nr'])} that this CPU has "
               "at hand")
    elif state == "SLAB":
        yield (f"{INDENT}of a slab of order {order}, its number "
               f"{pfn % (1 << order % (MAX_ORDER + 1))}")


def mapping_lines(pfn):
    slots = variable("kmaps")["slot"]
    for number in range(1, slots.type.range()[1] + 1):
        users = int(slots[number]["count"]) - 1
        if users >= 0 and kernel.frame_of(slots[number]["page"]) == pfn:
            where = kernel.PKMAP_BASE + (number - 1) * PAGE_SIZE
            yield (f"{INDENT}mapped by kmap at {where:08x}, for {users} "
                   f"user{plural(users)}")
    last = constant_of("FIX_KMAP_LAST")
    depth = min(kmap_local_depth(), last - constant_of("FIX_KMAP_FIRST") + 1)
    for place in range(depth):
        low, high = kernel.words_at(entry_of_slot(last - place), 2)
        if ((high << 32 | low) & machine.PHYS_MASK) >> 12 == pfn:
            yield (f"{INDENT}mapped by kmap_local at "
                   f"{address_of_slot(last - place):08x}, depth {place + 1} "
                   f"of {depth}")


def area_of_frame_lines(array, pfn, own):
    """The areas that have it in their lists, but the one told of already."""
    wanted, shown = int(array[pfn].address), 0
    for area in lookup.SoundAreas():
        number = min(area.nr_pages, area.size // PAGE_SIZE)
        if (area.kind == "kept" or own and area.start == own.start
                or area.pages % 4 or not number
                or not lookup.is_readable(area.pages, 4 * number)):
            continue
        pages = kernel.words_at(area.pages, number)
        if wanted not in pages:
            continue
        kind = "vmalloc" if area.flags & kernel.VM_ALLOC else "vmap"
        yield (f"{INDENT}page {pages.index(wanted)} of {kind} area "
               f"{area.first:08x}, which {kernel.caller_at(area.caller)} asked "
               "for")
        shown += 1
        if shown == AREAS_SHOWN:
            return


def frame_lines(spot):
    walk = lookup.walk(spot.address)
    if not walk.mapped:
        return
    array, length = kernel.mem_map()
    pfn = walk.physical // PAGE_SIZE
    begin = f"  frame   {pfn:x} at physical {walk.physical:09x}"
    if pfn >= length:
        yield f"{begin}: no RAM, it has no struct page"
        return
    zone = kernel.constant_name("zone_id", array[pfn]["zone"])
    state = kernel.constant_name("page_state", array[pfn]["state"])
    yield f"{begin}, zone {zone}: {state.lower()}"
    yield from state_lines(array, pfn, state)
    yield from mapping_lines(pfn)
    yield from area_of_frame_lines(array, pfn, spot.below)
    yield from owners.of_frame(pfn, INDENT)
