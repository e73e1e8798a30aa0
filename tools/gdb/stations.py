# SPDX-License-Identifier: MIT
"""stations.py - where `lacuna tour` stops, what it says and shows there

A station is a record. `at` is a function or a label: the tour stops before its
first instruction, so "zone_init is done" is the beginning of what mm_init calls
next. `condition` is an expression over the function's arguments. `show` holds
commands of GDB, and each is printed before what it answers.

To add a station, add a record in the order in which boot gets there; then
tests/machine/test_gdb_tour.py wants to know its key facts.
"""

import dataclasses


@dataclasses.dataclass
class Station:
    at: str
    title: str
    read: str               # the file to open
    text: str               # what just happened, and why it matters
    show: tuple = ()
    condition: str = ""


STATIONS = [
    Station(
        "_start", "the first instruction", "boot/start.S", """\
The loader has put the kernel at 1 MiB and jumped here: 32 bits, interrupts
off, no paging, no stack. eax holds its promise that it speaks Multiboot, ebx
the address of what it knows about the machine.""",
        ("lacuna pt _start", "lacuna symbols _start",
         "info registers eax ebx")),
    Station(
        "early_idt_ready", "a mistake would be printed", "boot/low_trap.c", """\
There is a stack, and 32 gates lead to a function that prints every exception.
From here on an error is a report, not a reset and a black screen.""",
        ("lacuna symbols low_trap_stubs", "info registers esp")),
    Station(
        "low_main", "may this kernel run here?", "boot/low_main.c", """\
Before anything new is used, the CPU is asked: has it CPUID, PAE, TSC, CMOV?
If not, one line says so and the machine stops. If so, the first page tables
are made. This file is compiled for an 80386, so that it can ask.""",
        ("lacuna zones", "lacuna pt high_start")),
    Station(
        "paging_on", "paging is on", "boot/start.S", """\
The last instruction set CR0.PG. Each address now goes through three tables,
and the first GiB of memory is seen twice: where we run, and at PAGE_OFFSET,
where we are linked. Both views lead to the same place:""",
        ("lacuna pt paging_on", "lacuna pt (char *)paging_on + 0xc0000000")),
    Station(
        "high_start", "above PAGE_OFFSET", "boot/start.S", """\
One jump, and eip is a high address. Only the view changed: the instruction
lies where the loader put it.""",
        ("lacuna symbols $pc", "lacuna pt $pc")),
    Station(
        "kmain", "the low view is closed", "boot/high.c", """\
boot_high has given the kernel its own exception handlers, copied the loader's
words and removed PDPT entry 0: a NULL pointer now faults. kmain is the list
of what follows, on one screen.""",
        ("lacuna pt 0", "lacuna layout")),
    Station(
        "kspace_init", "memblock: RAM is known", "mm/memmap.c", """\
memblock_init has read the loader's memory map: which addresses are RAM, what
is taken already (the kernel, the BIOS, modules). It has also chosen where the
direct map ends and the vmalloc window begins.""",
        ("lacuna layout", "lacuna zones")),
    Station(
        "fixmap_init", "the final page tables", "mm/kspace.c", """\
kspace_init has built the tables of the kernel's gigabyte and loaded CR3 with
them. Text can be executed and not written, constants only read, data written
and not executed (W^X). The window has no tables yet: they come on demand.""",
        ("lacuna pt text_start", "lacuna pt rodata_start",
         "lacuna pt data_start", "lacuna explain layout.vmalloc_start")),
    Station(
        "zone_init", "a struct page for each frame", "mm/page.c", """\
mem_map has 16 bytes for each page frame, so that the kernel can say what a
frame is used for even if it has no address for it. Here is the frame that
holds kmain: reserved, for ever.""",
        ("lacuna page kmain", "lacuna buddy")),
    Station(
        "slab_init", "zones: alloc_pages works", "mm/zone.c", """\
zone_init has handed all free frames to three zones. Inside a zone, the buddy
system keeps blocks of 2^order frames. HIGHMEM is memory beyond the direct
map: the kernel has no address for it, until vmalloc or kmap gives it one.""",
        ("lacuna zones", "lacuna buddy")),
    Station(
        "vmalloc_init", "slabs: kmalloc works", "mm/slab.c", """\
Objects smaller than a page are cut from slabs, one cache for each size. The
records that vmalloc needs will come from a cache of their own.""",
        ("lacuna slabs", "lacuna vmlist")),
    Station(
        "vmalloc", "p = vmalloc(10000)", "mm/vmalloc.c", """\
The demonstration asks for 10000 bytes: three pages. Three steps follow, and
they are independent of each other: find addresses, find frames, join them.""",
        ("print size", "lacuna vmlist"), "size == 10000"),
    Station(
        "vmem_find", "step 1: addresses", "mm/vmap_vmem.c", """\
The used sections of the window form a list, ordered by address, and whoever
lies before a hole knows its size. Which hole is taken an index decides: this
one has them in lists by size. It looks for 4 pages: the last is the guard,
which is never mapped. It costs no memory.""",
        ("print/x want->size", "print/x want->start", "print/x want->end",
         "print vmlist.hole"), "want->size == 0x4000"),
    Station(
        "alloc_pages_bulk_array", "step 2: frames", "mm/page_alloc.c", """\
The area is in the list, and nothing is mapped there. Now single frames are
taken, from wherever there is one: HIGHMEM first, since any frame will do and
the lower zones are needed by others.""",
        ("lacuna vmlist", "lacuna explain vmlist.vm.next->addr"), "nr == 3"),
    Station(
        "map_pages", "step 3: the frames get addresses", "mm/pgtable.c", """\
These are the three frames. They need not be neighbours; the page tables will
make their addresses follow each other.""",
        ("lacuna page pages[0]", "lacuna page pages[1]",
         "lacuna page pages[2]", "lacuna pt addr"), "nr == 3"),
    Station(
        "vmap_publish", "mapped, and guarded", "mm/vmalloc.c", """\
The first page is mapped to the first frame. Behind the third page lies the
guard: its entry is not present. The bytes from 10000 to 12288 were filled
with a pattern, which vfree will check. From here on the area can be found.""",
        ("lacuna pt area->vm.addr",
         "lacuna pt (char *)area->vm.addr + 0x3000", "lacuna vmlist"),
        "area->requested == 10000"),
    Station(
        "demo_overrun", "one byte too far", "modules/demo/demo.c", """\
A neighbour's area lies behind the guard. The next line writes p[12288]. With
a guard in between, it cannot reach the neighbour.""",
        ("print at", "lacuna vmlist", "lacuna explain p + at")),
    Station(
        "oops", "caught", "kernel/oops.c", """\
The CPU found no present entry: page fault, vector 14. It stored the address
in CR2 and came through kernel/x86/entry.S to here. Nothing was written.
After the report the demonstration goes on at its recovery point.""",
        ("print f->vector", "info registers cr2", "lacuna explain $cr2",
         "backtrace -frame-arguments none -frame-info short-location"),
        "f->vector == 14"),
]
