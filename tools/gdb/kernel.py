# SPDX-License-Identifier: MIT
"""kernel.py - the kernel's structures, as GDB finds them in memory

Problem     The commands want zones, pages and areas; GDB has names and types.
            And early in boot a structure exists, but nobody has filled it in.
Idea        One function for each structure. It raises NotYet, with the name of
            the function that makes it, until the kernel's own data say that
            this function has run. Nothing is called in the kernel: a machine
            that is looked at does not change.
See         include/mm/, <x86/layout.h> for the constants
"""

import bisect
import dataclasses
import re

import gdb

import machine

PAGE_SIZE = 1 << machine.PAGE_SHIFT
PAGE_OFFSET = 0xC0000000
PKMAP_BASE, PKMAP_END = 0xFFA00000, 0xFFC00000
FIXADDR_START, FIXADDR_END = 0xFFE00000, 0xFFFFF000
# A KASAN=1 build has its shadow below the kmap slots; else the range is empty.
KASAN = bool(gdb.lookup_static_symbols("image_shadow"))
SHADOW_START, SHADOW_END = ((0xF0000000, 0xF8000000) if KASAN
                            else (PKMAP_BASE, PKMAP_BASE))
VMALLOC_END = SHADOW_START - 2 * PAGE_SIZE
VM_IOREMAP, VM_ALLOC, VM_MAP, VM_VPAGES = 0x01, 0x02, 0x04, 0x10
VM_KEPT = 0x80
VM_BLOCK = 0x100

LIST_LIMIT = 1 << 20            # a list that is longer leads in circles


class NotYet(Exception):
    """Something that boot has not made yet."""

    def __init__(self, what, function):
        super().__init__(f"{what}: not initialised yet: "
                         f"that happens in {function}")


def variable(name, file=""):
    """A variable of the kernel; file tells static ones of one name apart."""
    symbol = gdb.lookup_global_symbol(name)
    found = [symbol] if symbol else gdb.lookup_static_symbols(name)
    if len(found) > 1:
        found = [one for one in found if one.symtab.filename.endswith(file)]
    if len(found) != 1:
        raise gdb.GdbError(f"{len(found)} variables of the kernel are called "
                           f"{name}: is this the ELF file that runs?")
    return found[0].value()


def address_of(name):
    """The address of a symbol, one of linker.ld or of assembly too."""
    return int(gdb.parse_and_eval(f"(unsigned long)&'{name}'"))


def address_or_number(text):
    """As the monitor reads it: hexadecimal; anything else is for GDB."""
    if re.fullmatch("(0[xX])?[0-9a-fA-F]+", text):
        value = int(text, 16)
    else:
        value = gdb.parse_and_eval(text)
        if value.type.strip_typedefs().code in (gdb.TYPE_CODE_FUNC,
                                                gdb.TYPE_CODE_ARRAY,
                                                gdb.TYPE_CODE_STRUCT):
            value = value.address
        value = int(value)
    if not -1 << 31 <= value < 1 << 32:
        raise gdb.GdbError(f"'{text}' has more than 32 bits")
    return value & 0xFFFFFFFF


UNITS = {"": 0, "k": 10, "m": 20, "g": 30}


def number(text):
    """One that is no address, as the monitor reads it: decimal, 0x, or with K,
    M or G; -1 if it is none, or has more than 32 bits."""
    match = re.fullmatch("(0x)?(?(1)[0-9a-f]+|[0-9]+)([kmg]?)", text.lower())
    if not match:
        return -1
    unit = match[2]
    value = int(text[:len(text) - len(unit)],
                16 if match[1] else 10) << UNITS[unit]
    return value if value < 1 << 32 else -1


def require(what, function, is_made):
    """is_made looks at memory that is there only once paging is on."""
    machine.require_machine()
    if not machine.paging_is_on() or not is_made():
        raise NotYet(what, function)


def symbol_at(address):
    """name+0xoffset, as the kernel's %pS prints it."""
    # "demo_run + 80 in section .text"
    words = gdb.execute(f"info symbol {address:#x}", to_string=True).split()
    if "section" not in words:
        return f"{address:08x}"
    offset = int(words[2]) if words[1] == "+" else 0
    return f"{words[0]}+{offset:#x}"


def caller_at(address):
    """The same for a return address, as %pB: the call stands before it."""
    name, _, offset = symbol_at(address - 1).partition("+")
    return f"{name}+{int(offset, 16) + 1:#x}" if offset else f"{address:08x}"


def line_at(address):
    """file:line, or nothing."""
    place = gdb.find_pc_line(address)
    return f"{place.symtab.filename}:{place.line}" if place.symtab else ""


def constant_of(name):
    """The value of a constant of an enum."""
    return int(gdb.parse_and_eval(name))


def words_at(address, number):
    """Words of 32 bits in memory."""
    data = bytes(gdb.selected_inferior().read_memory(address, 4 * number))
    return [int.from_bytes(data[i:i + 4], "little")
            for i in range(0, len(data), 4)]


def symbol_in_table(address):
    """What the kernel's own table of names says, of functions and variables:
    name+0xoffset, or nothing."""
    functions, everything = (words_at(address_of(name), 1)[0] for name in
                             ("symbol_count", "symbol_count_all"))
    addresses = words_at(address_of("symbol_addresses"), everything)
    low, high = 0, functions
    if address >= address_of("ro_after_init_start"):
        low, high = functions, everything
    found = bisect.bisect_right(addresses, address, low, high) - 1
    end = address_of("text_end" if low == 0 else "kernel_end")
    if found < low or address >= end:
        return ""
    offset = words_at(address_of("symbol_name_offsets") + 4 * found, 1)[0]
    name = gdb.Value(address_of("symbol_names") + offset).cast(
        gdb.lookup_type("char").pointer()).string()
    return f"{name}+{address - addresses[found]:#x}"


def plural(n):
    return "" if n == 1 else "s"


def text_of(pointer):
    return pointer.string() if int(pointer) else ""


# --- the address map --------------------------------------------------------

@dataclasses.dataclass
class Layout:
    high_memory: int
    vmalloc_start: int


def layout():
    value = variable("layout")
    require("map", "memblock_init", lambda: value["high_memory"] != 0)
    return Layout(int(value["high_memory"]), int(value["vmalloc_start"]))


def memblock_ranges(name):
    """(start, end, owner) of memblock.ram or memblock.reserved."""
    layout()
    found = variable("memblock")[name]
    for i in range(int(found["nr"])):
        one = found["range"][i]
        yield int(one["start"]), int(one["end"]), text_of(one["owner"])


def stack_guard(address):
    """The name of the stack whose guard holds the address, or nothing."""
    stacks = variable("stacks", "mm/kspace.c")
    for i in range(stacks.type.range()[1] + 1):
        guard = int(stacks[i]["stack"])
        if guard <= address < guard + PAGE_SIZE:
            return stacks[i]["name"].string()
    return ""


# --- frames -----------------------------------------------------------------

def zones(what="zones"):
    found = variable("zones")
    last = found.type.range()[1]
    require(what, "zone_init", lambda: found[last]["name"] != 0)
    return [found[i] for i in range(last + 1)]


def mem_map():
    """(the array of struct page, its length)"""
    array = variable("mem_map")
    require("page", "page_init", lambda: array != 0)
    return array, int(variable("mem_map_end"))


MAX_ORDER = 10


def head_of(pfn):
    """The first frame of the block of several that this one is in, free or
    used; None where no head can be right (<modules/page_head.h>)."""
    array, _ = mem_map()
    for order in range(1, MAX_ORDER + 1):
        head = array[pfn & ~((1 << order) - 1)]
        if (constant_name("page_state", head["state"]) in ("FREE", "USED")
                and order <= int(head["order"]) <= MAX_ORDER):
            return pfn & ~((1 << order) - 1)
    return None


def frame_of(page):
    """The number of the frame to whose struct page this points, or None."""
    array, length = mem_map()
    offset = int(page) - int(array)
    size = array.type.target().sizeof
    return (offset // size if 0 <= offset < length * size
            and offset % size == 0 else None)


def shadow_of(address):
    """KASAN's byte for it."""
    where = (address >> 3) + 0xD8000000
    return gdb.selected_inferior().read_memory(where, 1)[0][0]


def constant_name(enum, value):
    """ZONE_DMA is "DMA": what stands behind the first underscore."""
    for field in gdb.lookup_type(f"enum {enum}").fields():
        if field.enumval == int(value):
            return field.name.partition("_")[2]
    return "broken"


def indexed_by(enum, table, name, field):
    """A text in a table of the kernel that has a row for each constant."""
    for one in gdb.lookup_type(f"enum {enum}").fields():
        if one.name == f"{enum.upper()}_{name}":
            return text_of(variable(table)[one.enumval][field])
    return ""


# --- the log ----------------------------------------------------------------

def log_bytes(most):
    """The newest of printk's ring, at most so many (kernel/printk.c, L1)."""
    ring = variable("ring", "kernel/printk.c")
    end = variable("ring_end", "kernel/printk.c")
    require("log", "kmain", lambda: end != 0)
    size, length = ring.type.sizeof, min(int(end), most)
    start = (int(end) - length) % size
    data = bytes(gdb.selected_inferior().read_memory(int(ring.address), size))
    return (data + data)[start:start + length]


# --- objects ----------------------------------------------------------------

def list_entries(head, type_name, member):
    """The elements of a list that lies in them (<lib/list.h>)."""
    kind = gdb.lookup_type(type_name)
    offset = next(field.bitpos // 8 for field in kind.fields()
                  if field.name == member)
    link = head["next"]
    for _ in range(LIST_LIMIT):
        if link == head.address:
            return
        where = gdb.Value(int(link) - offset)
        yield where.cast(kind.pointer()).dereference()
        link = link["next"]
    raise gdb.GdbError(f"the list at {head.address} does not end")


def caches():
    found = variable("slab_caches")
    require("slabs", "slab_init", lambda: found[1] != 0)
    for i in range(found.type.range()[1] + 1):
        if found[i]:
            yield found[i].dereference()


def _slabs(cache):
    return (slab for name in ("partial", "full")
            for slab in list_entries(cache[name], "struct page", "link"))


def cache_nr_used(cache):
    """What lies in a magazine is in use for its slab only."""
    return (sum(int(slab["nr_used"]) for slab in _slabs(cache)) -
            int(cache["magazine"]["nr"]))


def cache_is_sound(cache, slab, order):
    """Can its measures be right, as modules/explain/object.c asks?"""
    size, stride = PAGE_SIZE << order, int(cache["stride"])
    link = gdb.lookup_type("struct free_link").sizeof
    return (int(cache["offset_mask"]) == size - 1 and stride >= link
            and (stride | int(cache["link_offset"])) % link == 0
            and int(cache["link_offset"]) <= stride - link
            and int(cache["nr_objects"]) + KASAN <= size // stride
            and int(slab["nr_used"]) <= int(cache["nr_objects"]))


def cache_nr_empty(cache):
    return sum(slab["nr_used"] == 0 for slab in _slabs(cache))


# --- areas ------------------------------------------------------------------

@dataclasses.dataclass
class Area:
    """A struct vmap_area, with the numbers that its readers want."""
    start: int
    size: int                   # guard included
    flags: int
    nr_pages: int
    requested: int
    caller: int
    phys: int
    mapped: int                 # bytes of its pages
    first: int                  # the first byte given: guard=right
    freed_by: int
    pages: int                  # where the list of its frames lies
    live: bool                  # or busy: just made, or freed and not flushed

    @property
    def guard(self):
        return self.start + self.mapped

    @property
    def given(self):
        """Bytes of its pages from the first one given on."""
        return self.guard - self.first

    @property
    def kind(self):
        if self.flags & VM_KEPT:
            return "kept"
        if self.flags & VM_BLOCK:
            return "ram"
        if not self.live:
            return "busy"
        if self.flags & VM_ALLOC:
            return "vmalloc+" if self.flags & VM_VPAGES else "vmalloc"
        if self.flags & VM_MAP:
            return "vmap"
        return "ioremap" if self.flags & VM_IOREMAP else "reserved"


def nr_area_tables():
    """The pages of mm/vmap.c's table of first pages."""
    tables = variable("vmap_tables")
    first, last = tables.type.range()
    return sum(1 for i in range(first, last + 1) if tables[i] != 0)


def _is_live(area):
    """Does mm/vmap.c's table lead to it? A pointer for each pair of pages."""
    start = int(area["vm"]["addr"])
    tables = variable("vmap_tables")
    entries = PAGE_SIZE // area.type.sizeof
    first, last = tables.type.range()
    table = tables[start // (entries * 2 * PAGE_SIZE) % (last - first + 1)]
    try:
        return table != 0 and table[start // (2 * PAGE_SIZE)
                                    % entries] == area
    except gdb.MemoryError:
        return False


def area_at(area):
    """What a pointer to a struct vmap_area says."""
    vm = area["vm"]
    return Area(int(vm["addr"]), int(vm["size"]), int(vm["flags"]),
                int(vm["nr_pages"]), int(area["requested"]),
                int(area["caller"]), int(vm["phys_addr"]),
                int(area["mapped"]), int(area["first"]),
                int(area["freed_by"]), int(vm["pages"]), _is_live(area))


def _records():
    """Pointers to all struct vmap_area in the list. vm is their first field."""
    require("vmlist", "vmalloc_init",
             lambda: variable("area_cache") != 0)
    kind = gdb.lookup_type("struct vmap_area").pointer()
    vm = variable("vmlist")["vm"]["next"]
    for _ in range(int(variable("nr_areas", "mm/vmap.c")) + 1):
        if not vm:
            return
        yield vm.cast(kind)
        vm = vm["next"]


def areas():
    """All areas of the window, by address."""
    return [area_at(record) for record in _records()]


def areas_in_use():
    """Without those that mm/area_stock.c keeps for the next of their size."""
    return [area for area in areas() if area.kind != "kept"]
