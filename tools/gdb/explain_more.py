# SPDX-License-Identifier: MIT
"""explain_more.py - what is said of an address to who asks by hand

The lines of modules/explain/, in its order: region, area, slot, image, object,
frame (explain_frame.py), entries. Each generator is one of its files.
"""

import gdb

import kernel
import lookup
import machine
from explain_frame import INDENT, NR_CACHES, frame_lines, kmap_local_depth
from kernel import MAX_ORDER, PAGE_SIZE, constant_of, plural, variable

RAM_BLOCK_PAGES = (1 << 20) // PAGE_SIZE - 1
PTE_USER, PTE_PWT, PTE_PCD = 1 << 2, 1 << 3, 1 << 4
PTE_ACCESSED, PTE_DIRTY, PTE_GLOBAL = 1 << 5, 1 << 6, 1 << 8
PTE_PAT, PTE_PAT_LARGE = 1 << 7, 1 << 12


def region_line(spot):
    layout = spot.layout
    ends = [(PAGE_SIZE, "page 0, never mapped"),
            (kernel.PAGE_OFFSET, "user space"),
            (layout.high_memory, "direct map"),
            (layout.vmalloc_start, "hole, never mapped"),
            (kernel.VMALLOC_END, "vmalloc window"),
            (kernel.SHADOW_START, "hole"),
            (kernel.SHADOW_END, "KASAN's shadow"),
            (kernel.PKMAP_BASE, "hole"),
            (kernel.PKMAP_END, "kmap slots"),
            (kernel.FIXADDR_START, "hole"),
            (kernel.FIXADDR_END, "fixed slots"),
            (1 << 32, "hole")]
    start = 0
    for end, what in ends:
        if spot.address < end:
            break
        start = end
    size = (end - start) >> 10
    amount = f"{size} KiB" if size < 1024 else f"{(size + 512) >> 10} MiB"
    return f"  region  [{start:08x}, {end:08x})  {amount}  {what}"


# --- area.c -----------------------------------------------------------------

def kind_line(area):
    if area.flags & kernel.VM_IOREMAP:
        return ("  kind    ioremap: a device's, from physical "
                f"{area.phys:09x} on")
    if area.flags & kernel.VM_ALLOC:
        return "  kind    vmalloc: the frames are the area's own"
    if area.flags & kernel.VM_MAP:
        return "  kind    vmap: frames of somebody else"
    return "  kind    reserved: who asked for it maps something, or nothing"


def block_line(address):
    """Of a block of vm_map_ram, if it is one."""
    blocks = variable("blocks", "mm/vm_map_ram.c")
    block = blocks[(address >> 20) % (blocks.type.range()[1] + 1)]
    page = (address - int(block["start"])) // PAGE_SIZE if block else -1
    if not 0 <= page < RAM_BLOCK_PAGES:
        return
    first = page
    while first > 0 and not block["count"][first]:
        first -= 1
    count = int(block["count"][first])
    if first + count > page:
        what = (f"of {count} from "
                f"{int(block['start']) + first * PAGE_SIZE:08x} on")
    else:
        what = ("unmapped, and not flushed yet" if page < int(block["next"])
                else "not used yet")
    yield (f"  block   page {page} of {RAM_BLOCK_PAGES} that vm_map_ram cuts "
           f"mappings from: {what}")


def slack_lines(area, address):
    """With guard=right most of it lies before the first byte."""
    end = area.first + area.requested
    where, byte, size = "behind", address - end, area.guard - end
    if address < area.first:
        where, byte, size = ("before", address - area.start,
                             area.first - area.start)
    elif address < end:
        return
    yield (f"  slack   byte {byte} of {size} {where} what was asked for; "
           "vfree looks at it")


def inside_lines(spot):
    area = spot.below
    offset, end = spot.address - area.start, area.mapped
    yield (f"  page    {offset // PAGE_SIZE} of {end // PAGE_SIZE}, byte "
           f"{offset % PAGE_SIZE} of it; the guard begins {end - offset} "
           f"byte{plural(end - offset)} further on")
    yield kind_line(area)
    if area.flags & kernel.VM_ALLOC:
        yield from slack_lines(area, spot.address)
    yield from block_line(spot.address)


def area_lines(spot):
    before = spot.before
    if spot.relation in ("inside", "busy"):
        yield from inside_lines(spot)
    elif spot.relation == "freed":
        pages = before.mapped // PAGE_SIZE
        if int(variable("memory_aids")["quarantine"]):
            yield "  waits   before anybody gets it again: mm/quarantine.c"
        elif before.kind == "kept":
            yield (f"  kept    for the next one of {pages} page"
                   f"{plural(pages)}: mm/area_stock.c")
        else:
            yield ("  waits   for one flush with many others: "
                   "mm/vmap_lazy.c")
    elif (spot.relation != "guard" and spot.region == "WINDOW"
          and spot.damaged is None):
        start = before.start + before.size if before \
            else spot.layout.vmalloc_start
        end = spot.after.start if spot.after else kernel.VMALLOC_END
        if spot.address < start:
            yield f"  guard   of the freed area {before.first:08x}"
        else:
            yield (f"  hole    [{start:08x}, {end:08x})  "
                   f"{(end - start) // 1024} KiB that nobody has")


# --- slot.c -----------------------------------------------------------------

def kmap_line(address):
    slots = variable("kmaps")["slot"]
    number = (address - kernel.PKMAP_BASE) // PAGE_SIZE + 1
    count = int(slots[number]["count"])
    frame = kernel.frame_of(slots[number]["page"])
    if count <= 0:
        what = "cleared, its flush is under way" if count else "free"
    elif frame is None:
        what = f"damaged: it has no frame, but {count - 1} users"
    elif count == 1:
        what = f"frame {frame:x}, which nobody uses any more"
    else:
        what = f"frame {frame:x}, for {count - 1} user{plural(count - 1)}"
    return f"  slot    {number} of {slots.type.range()[1]}: {what}"


SLOTS = {"FIX_KMAP_FULL": "behind kmap_local's last",
         "FIX_KMAP_EMPTY": "before kmap_local's first",
         "FIX_RAMCHECK": "a page that ramcheck tries",
         "FIX_TEST": "for the self-tests"}


def fixed_line(address):
    slot = (kernel.FIXADDR_END - 1 - address) // PAGE_SIZE
    first, last = constant_of("FIX_KMAP_FIRST"), constant_of("FIX_KMAP_LAST")
    if first <= slot <= last:
        place = last - slot
        state = "in use" if place < kmap_local_depth() else "free"
        return (f"  slot    {slot}: kmap_local, place {place + 1} of "
                f"{last - first + 1}: {state}")
    names = {constant_of(name): what for name, what in SLOTS.items()}
    return (f"  slot    {slot}: "
            + names.get(slot, "there is none of this number"))


def slot_lines(spot):
    address = spot.address
    if spot.region == "NULL":
        yield (f"  slot    none: perhaps the member at offset {address} of a "
               "struct at NULL")
    elif spot.region == "PKMAP":
        yield kmap_line(address)
    elif spot.region == "FIXMAP":
        yield fixed_line(address)
    elif spot.region == "SHADOW":
        of = kernel.PAGE_OFFSET + (address - kernel.SHADOW_START) * 8
        yield f"  shadow  of the 8 bytes from {of:08x} on"


# --- image.c ----------------------------------------------------------------

def image_lines(spot):
    address = spot.address
    if spot.region not in ("DIRECT", "STACK_GUARD"):
        return
    name = kernel.symbol_in_table(address)
    if name:
        yield f"  symbol  {name}"
    for what in ("boot", "double_fault"):
        stack = variable(f"{what}_stack")
        top = int(stack.address) + stack.type.sizeof
        size = stack["bytes"].type.sizeof
        if top - size <= address < top:
            yield (f"  stack   the {what.replace('_', '-')} stack: "
                   f"{top - address} byte{plural(top - address)} below its "
                   f"top, of {size}")
    yield from table_line(address)
    array, length = kernel.mem_map()
    size = array.type.target().sizeof
    offset = address - int(array)
    if 0 <= offset < length * size:
        yield (f"  record  the struct page of frame {offset // size:x}: byte "
               f"{offset % size} of {size}")


def table_line(address):
    tables = variable("kernel_tables")
    page = address & ~(PAGE_SIZE - 1)
    for i in range(tables.type.range()[1] + 1):
        if int(tables[i]) == page:
            start = kernel.PAGE_OFFSET + (i << machine.LARGE_SHIFT)
            entry = start + address % PAGE_SIZE // 8 * PAGE_SIZE
            yield (f"  table   of the pages [{start:08x}, "
                   f"{start + (1 << machine.LARGE_SHIFT):08x}): the entry of "
                   f"{entry:08x}")
            return


# --- object.c ---------------------------------------------------------------

class Object:
    """The place in a slab that holds an address."""

    def __init__(self, cache, slab, first_frame, address):
        self.cache, self.slab = cache, slab
        self.start = kernel.PAGE_OFFSET + first_frame * PAGE_SIZE
        self.stride, self.size = int(cache["stride"]), int(cache["size"])
        self.nr = int(cache["nr_objects"])
        place, self.offset = divmod(address - self.start, self.stride)
        self.index = place - kernel.KASAN

    def at(self, index):
        return self.start + (index + kernel.KASAN) * self.stride

    def _link(self, index):
        """(next, key) of a free object's link, and what the key must be."""
        where = self.at(index) + int(self.cache["link_offset"])
        link = kernel.words_at(where, 2)
        return link[0], link[1], where ^ 0x5ab0f4ee

    def _is_in_chain(self):
        left, i = self.nr - int(self.slab["nr_used"]), \
            int(self.slab["first_free"])
        while left > 0 and i < self.nr:
            if i == self.index:
                return True
            following, _, key = self._link(i)
            i = (following ^ key) & 0xFFFF
            left -= 1
        return False

    @property
    def state(self):
        magazine, address = self.cache["magazine"], self.at(self.index)
        if address in (int(magazine["objects"][i])
                       for i in range(int(magazine["nr"]))):
            return "free, in the magazine"
        if kernel.KASAN and kernel.shadow_of(address) == 0xFB:
            return "freed, in quarantine"
        if self._is_in_chain():
            return "free"
        _, key, expected = self._link(self.index)
        return ("freed, but its slab's chain does not lead to it"
                if key == expected else "in use")


def find_object(address):
    """An Object; None where there is no slab, False where it is damaged."""
    array, length = kernel.mem_map()
    frame = (address - kernel.PAGE_OFFSET) // PAGE_SIZE
    if not (address < kernel.layout().high_memory and frame < length):
        return None
    page = array[frame]
    order = int(page["order"])
    if (kernel.constant_name("page_state", page["state"]) != "SLAB"
            or order > MAX_ORDER or int(page["cache"]) >= NR_CACHES):
        return None
    first = frame & ~((1 << order) - 1)
    slab = array[first]
    if any(slab[field] != page[field]
           for field in ("state", "order", "cache")):
        return None
    cache = variable("slab_caches")[page["cache"]]
    try:
        sound = cache and kernel.cache_is_sound(cache.dereference(), slab,
                                                order)
    except gdb.MemoryError:
        sound = False
    return sound and Object(cache.dereference(), slab, first, address)


def object_lines(spot):
    if spot.region != "DIRECT":
        return
    found = find_object(spot.address)
    if found is None:
        return
    if not found:
        yield "  object  none: the records of its slab or cache are damaged"
        return
    if not 0 <= found.index < found.nr:
        yield "  object  none: what the objects leave over in a slab"
        return
    name = lookup.name_at(int(found.cache["name"]))
    yield (f"  object  {found.index} of {found.nr} in a slab of cache {name}: "
           f"{found.state}")
    if found.offset < found.size:
        yield (f"{INDENT}byte {found.offset} of its {found.size}, which begin "
               f"at {found.at(found.index):08x}")
    else:
        yield (f"{INDENT}{found.offset - found.size + 1} past the end of its "
               f"{found.size} bytes, in what keeps it apart")
    before = found.stride - found.size + found.offset
    behind = found.stride - found.offset
    if found.index > 0:
        yield (f"{INDENT}object {found.index - 1} ended {before} "
               f"byte{plural(before)} before")
    if found.index + 1 < found.nr:
        yield (f"{INDENT}object {found.index + 1} begins {behind} "
               f"byte{plural(behind)} further on")


# --- entries.c --------------------------------------------------------------

def cache_kind(entry):
    if entry & PTE_PCD:
        return ("uncached" if entry & PTE_PWT
                else "uncached unless an MTRR combines")
    if not entry & PTE_PWT:
        return "write-back"
    return ("write-combining" if variable("cpu_features")["pat"]
            else "write-through")


def inner_words(name, entry, followed):
    words = ("present, " + ("table at" if followed else "but a bit is "
                            "reserved, or no table can be at")
             + f" {entry & machine.PHYS_MASK:09x}")
    if name == "PMD":
        words += (": " + ("writable" if entry & machine.WRITE else "read-only")
                  + ", user" * bool(entry & PTE_USER)
                  + ", accessed" * bool(entry & PTE_ACCESSED)
                  + ", no execute" * bool(entry & machine.NX))
    return words


def leaf_lines(begin, entry, large, mapped):
    size = 1 << (machine.LARGE_SHIFT if large else machine.PAGE_SHIFT)
    pat = PTE_PAT_LARGE if large else PTE_PAT
    begin += "present, " + "but a bit is reserved: no " * (not mapped)
    yield (f"{begin}{'2 MiB' if large else '4 KiB'} page at "
           f"{entry & machine.PHYS_MASK & ~(size - 1):09x}")
    yield INDENT + ", ".join([
        "writable" if entry & machine.WRITE else "read-only",
        "user" if entry & PTE_USER else "kernel only",
        "no execute" if entry & machine.NX else "executable",
        cache_kind(entry) + ", PAT" * bool(entry & pat)])
    yield (INDENT + ("accessed" if entry & PTE_ACCESSED else "not accessed")
           + (", dirty" if entry & PTE_DIRTY else ", clean")
           + ", global: a new CR3 does not flush it"
           * bool(entry & PTE_GLOBAL))


def entry_lines(spot):
    walk = lookup.walk(spot.address)
    for name, index, entry in walk.entries:
        begin = f"  {name:4} {index:3} {entry:016x}  "
        if not entry & machine.PRESENT:
            yield begin + ("not present: the rest means nothing" if entry
                           else "not present")
        elif name == "PTE" or (name == "PMD" and walk.large):
            yield from leaf_lines(begin, entry, walk.large, walk.mapped)
        else:
            followed = name != walk.entries[-1][0]
            yield begin + inner_words(name, entry, followed)


def lines(spot):
    """All of it, as far as boot has made what is asked for."""
    for one in (area_lines, slot_lines, image_lines, object_lines,
                frame_lines, entry_lines):
        try:
            yield from one(spot)
        except kernel.NotYet:
            pass
