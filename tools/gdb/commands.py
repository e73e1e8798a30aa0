# SPDX-License-Identifier: MIT
"""commands.py - the monitor's commands, in GDB

Problem     The monitor needs a kernel that runs and a console. Whoever stops
            the kernel in GDB, anywhere, wants the same answers.
Idea        One class a command: its docstring is its help, run() prints. The
            words and columns are those of modules/monitor/ and of the reports
            called there. What boot has not made yet is said, not guessed.
Read first  Command, then any of the others
See         tests/machine/test_gdb.py, which compares them with the kernel's own
"""

import gdb

import cells
import explain
import kernel
import lookup
import machine
import owners


def say(line=""):
    gdb.write(line + "\n")


class Lacuna(gdb.Command):
    """The memory manager's structures, and a guided walk through boot.

The commands have the monitor's names and its notation: a number is hexadecimal,
with or without 0x; anything else is an expression of GDB, such as $esp or p.
They only read memory. Begin with `lacuna tour`."""

    def __init__(self):
        super().__init__("lacuna", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)

    def invoke(self, argument, from_tty):
        if argument:
            raise gdb.GdbError(f"'{argument}' is no command of lacuna; "
                               "`help lacuna` lists them")
        gdb.execute("help lacuna")


class Command(gdb.Command):
    """One of them; takes_address says whether an address follows its name, and
    takes_place whether one may."""

    takes_address = takes_place = False
    takes_argument = False      # something else, which may be left out

    def __init__(self):
        name = type(self).__name__.lower()
        complete = (gdb.COMPLETE_EXPRESSION
                    if self.takes_address or self.takes_place
                    else gdb.COMPLETE_NONE)
        self.name = name
        super().__init__(f"lacuna {name}", gdb.COMMAND_DATA, complete)

    def invoke(self, argument, from_tty):
        try:
            machine.require_machine()
            lookup.look_again()
            self._run(argument.strip())
        except kernel.NotYet as reason:
            say(f"  {reason}")
        except gdb.error as error:
            raise gdb.GdbError(f"lacuna {self.name}: {error}")

    def _run(self, argument):
        if self.takes_address and not argument:
            raise gdb.GdbError(f"usage: lacuna {self.name} ADDR, hexadecimal "
                               "or an expression")
        if self.takes_address or self.takes_place or self.takes_argument:
            self.run(argument)
        else:
            self.run()


# --- tables -----------------------------------------------------------------

class Zones(Command):
    """Each zone's span, free pages and floors."""

    def run(self):
        zones = kernel.zones()
        stocks = kernel.variable("page_stocks")
        say("zones: in pages of 4 KiB; free: with those in stock; "
            "@NORMAL, @HIGHMEM: kept")
        say("  from requests for these")
        say("  zone     first     end present managed    free stock   "
            "min @NORMAL @HIGHMEM")
        for i, zone in enumerate(zones):
            reserve = zone["reserve"]
            stock = int(stocks[i]["nr"])
            say(f"  {zone['name'].string():8} {int(zone['start']):5x} "
                f"{int(zone['end']):7x} {int(zone['nr_present']):7} "
                f"{int(zone['nr_managed']):7} "
                f"{int(zone['buddy']['nr_free']) + stock:7} {stock:5} "
                f"{int(zone['min']):5} "
                f"{int(reserve[1]):7} {int(reserve[2]):8}")


class Buddy(Command):
    """Free blocks by zone and order."""

    def run(self):
        zones = kernel.zones("buddy")
        counts = [zone["buddy"]["nr_blocks"] for zone in zones]
        orders = range(counts[0].type.range()[1] + 1)
        say("buddy: free blocks of 2^order pages; what is in stock is in "
            "none")
        say("  order   " + "".join(f" {order:5}" for order in orders))
        for zone, count in zip(zones, counts):
            say(f"  {zone['name'].string():8}"
                + "".join(f" {int(count[order]):5}" for order in orders))


class Slabs(Command):
    """The object caches: objects in use, sizes, slabs, magazines."""

    def run(self):
        caches = list(kernel.caches())
        say("cache             active   total   size stride each pages  "
            "slabs empty magazine")
        for cache in caches:
            slabs, each = int(cache["nr_slabs"]), int(cache["nr_objects"])
            say(f"{cache['name'].string():16} {kernel.cache_nr_used(cache):7} "
                f"{slabs * each:7} {int(cache['size']):6} "
                f"{int(cache['stride']):6} {each:4} "
                f"{1 << int(cache['order']):5} {slabs:6} "
                f"{kernel.cache_nr_empty(cache):5} "
                f"{int(cache['magazine']['nr']):5}/{int(cache['capacity']):2}")
        large = kernel.variable("nr_large", "mm/kmalloc.c")
        say(f"kmalloc, blocks of whole pages: {int(large)}")


class Vmlist(Command):
    """The areas of the vmalloc window."""

    def run(self):
        areas = kernel.areas()
        say("  start     guard         asked   pages  kind      caller")
        for area in areas:
            say(f"  {area.start:08x}  {area.guard:08x}  {area.requested:9}  "
                f"{area.nr_pages:6}  {area.kind:8}  "
                f"{kernel.caller_at(area.caller)}"
                + (f", phys {area.phys:x}" if area.phys else ""))


class Callers(Command):
    """The areas of the vmalloc window, summed by who asked for them."""

    def run(self):
        sums = {}
        for area in kernel.areas_in_use():
            one = sums.setdefault(area.caller, [0, 0, 0])
            one[0] += 1
            one[1] += area.requested
            one[2] += area.nr_pages
        say("   areas       asked   pages  caller")
        for caller, (areas, asked, pages) in sorted(sums.items()):
            say(f"  {areas:6}  {asked:10}  {pages:6}  "
                f"{kernel.caller_at(caller)}")


class Layout(Command):
    """The address map, RAM, what boot reserved."""

    def run(self):
        layout = kernel.layout()
        say("map: kernel addresses")
        self._range(kernel.PAGE_OFFSET, layout.high_memory, "direct map")
        self._range(layout.high_memory, layout.vmalloc_start,
                    "hole, never mapped")
        self._range(layout.vmalloc_start, kernel.VMALLOC_END, "vmalloc window")
        self._range(kernel.VMALLOC_END, kernel.SHADOW_START, "hole")
        if kernel.KASAN:
            self._range(kernel.SHADOW_START, kernel.SHADOW_END,
                        "KASAN's shadow")
            self._range(kernel.SHADOW_END, kernel.PKMAP_BASE, "hole")
        self._range(kernel.PKMAP_BASE, kernel.PKMAP_END, "kmap slots")
        self._range(kernel.PKMAP_END, kernel.FIXADDR_START, "hole")
        self._range(kernel.FIXADDR_START, kernel.FIXADDR_END, "fixed slots")
        tables = kernel.variable("nr_tables", "mm/pgtable.c")
        if kernel.KASAN:
            tables += kernel.variable("nr_pages", "mm/kasan.c")
        tables += kernel.nr_area_tables()
        areas = int(kernel.variable("nr_areas", "mm/vmap.c"))
        areas = areas and len(kernel.areas_in_use())
        say(f"  page tables of kernel space: {int(tables)} pages; "
            f"areas: {int(areas)}")
        say("RAM")
        self._blocks("ram")
        say("Reserved at boot")
        self._blocks("reserved")

    @staticmethod
    def _range(start, end, what):
        size = end - start
        amount = (f"{size >> 10:5} KiB" if size < 1 << 20
                  else f"{(size + (1 << 19)) >> 20:5} MiB")
        say(f"  [{start:08x}, {end:08x})  {amount}  {what}")

    @staticmethod
    def _blocks(name):
        for start, end, owner in kernel.memblock_ranges(name):
            say(f"  [{start:09x}, {end:09x})  {(end - start + 1023) >> 10:9} "
                f"KiB  {owner}".rstrip())


class Map(Command):
    """Memory as a picture: lacuna map [ADDR|PFN [PAGES]]

A cell stands for many frames or pages and shows what most of them are. With an
address, or the number of a frame, it stands for one."""

    takes_place = True

    def run(self, argument):
        if not argument:
            lines = cells.picture()
        else:
            value, _, number = argument.rpartition(" ")
            if not value:
                value, number = argument, f"{cells.ZOOM_PAGES:x}"
            lines = cells.zoom(kernel.address_or_number(value),
                               kernel.address_or_number(number))
        for line in lines:
            say(line)


# --- one address ------------------------------------------------------------

def say_unpaged(address):
    say(f"  paging is off: {address:08x} is physical {address:09x}")


class Pt(Command):
    """The page-table entries of an address: lacuna pt ADDR

They are read from physical memory, from CR3 on, as the CPU does it: so this
works with the tables that boot/low_main.c makes as with the final ones. Before
paging is on there are none, and an address is a physical one."""

    takes_address = True

    def run(self, argument):
        address = kernel.address_or_number(argument)
        if not machine.paging_is_on():
            say_unpaged(address)
            return
        walk = lookup.walk(address)
        for name, index, entry in walk.entries:
            say(f"  {name:5} {index:3}  {entry:016x}"
                + "  not present" * (not entry & machine.PRESENT))
        if walk.mapped:
            say(f"  {address:08x} -> physical {walk.physical:09x}: "
                f"{walk.permissions}, "
                f"{'2 MiB' if walk.large else '4 KiB'} page")
        else:
            say(f"  {address:08x} is not mapped")


class Owners(Command):
    """Frames in use, summed by who took them: boot with page_owner."""

    def run(self):
        for line in owners.lines():
            say(line)


class Page(Command):
    """The struct page of a frame: lacuna page ADDR|PFN

A kernel address is looked up in the page tables, any other number is that of
the frame. An expression may also be a pointer to a struct page."""

    takes_address = True

    def run(self, argument):
        array, length = kernel.mem_map()
        pfn = self._frame(argument, array)
        if pfn is None:
            return
        if not 0 <= pfn < length:
            say(f"  frame {pfn:x} has no struct page; the last is "
                f"{length - 1:x}")
            return
        say(f"  frame {pfn:x} at physical {pfn * kernel.PAGE_SIZE:09x}: "
            + ", ".join(self._facts(array[pfn])))
        for line in owners.of_frame(pfn):
            say(line)

    @staticmethod
    def _facts(page):
        state = kernel.constant_name("page_state", page["state"])
        yield state.lower()
        if state != "ABSENT":
            yield f"zone {kernel.constant_name('zone_id', page['zone'])}"
        if state in ("FREE", "USED"):
            yield f"a block of order {int(page['order'])}"
        if state == "USED":
            yield f"references: {int(page['count'])}"
        if state == "SLAB":
            yield f"cache {lookup.cache_name(page)}"

    @staticmethod
    def _frame(argument, array):
        """The frame's number; None after saying why there is none."""
        try:
            value = gdb.parse_and_eval(argument)
            if value.type.strip_typedefs().unqualified() == array.type:
                return int(value - array)
        except gdb.error:
            pass
        number = kernel.address_or_number(argument)
        if number < kernel.PAGE_OFFSET:
            return number
        walk = lookup.walk(number)
        if walk.mapped:
            return walk.physical >> machine.PAGE_SHIFT
        say(f"  {number:08x} is not mapped")
        return None


class Explain(Command):
    """What lies at an address, in words: lacuna explain ADDR"""

    takes_address = True

    def run(self, argument):
        address = kernel.address_or_number(argument)
        try:
            for line in explain.lines(address):
                say(line)
        except kernel.NotYet as reason:
            say(f"  {reason}")
            if machine.paging_is_on():
                say(explain.tables_line(address))
            else:
                say_unpaged(address)


class Symbols(Command):
    """The function or variable at an address, and its line: lacuna symbols ADDR

Before paging is on the kernel's high half lies where the loader put it, not
where it is linked; a physical address of it is recognised."""

    takes_address = True

    def run(self, argument):
        address = kernel.address_or_number(argument)
        linked = address
        start = kernel.address_of("kernel_start") - kernel.PAGE_OFFSET
        end = kernel.address_of("kernel_end") - kernel.PAGE_OFFSET
        if start <= address < end:
            linked = address + kernel.PAGE_OFFSET
            say(f"  physical {address:08x} is linked at {linked:08x}")
        name = kernel.symbol_at(linked)
        if "+" in name:
            say(f"  {linked:08x}: {name}  {kernel.line_at(linked)}".rstrip())
        else:
            say(f"  {linked:08x}: no symbol of the kernel")


def show_assembly(event):
    """In entry.S GDB says <signal handler called>; the line is wanted too."""
    frame = gdb.newest_frame()
    silent = any(one.silent for one in getattr(event, "breakpoints", []))
    if frame.type() == gdb.SIGTRAMP_FRAME and not silent:
        place = kernel.line_at(frame.pc())
        say(f"{kernel.symbol_at(frame.pc())} at {place}")
        gdb.execute(f"list {place},{place}")


Lacuna()
for command in (Zones, Buddy, Slabs, Vmlist, Callers, Owners, Layout, Map, Pt,
                Page, Explain, Symbols):
    command()
gdb.events.stop.connect(show_assembly)
