/* SPDX-License-Identifier: MIT */
/*
 * memmap.c - which memory is used: what the loader claims, what the user wants
 *
 * Problem     The loader's memory map is unsorted, overlapping, and lists RAM that
 *             the CPU cannot reach. The user may want less of it, or another
 *             border between low and high memory.
 * Idea        All RAM goes in page by page, rounded inwards; then whatever any
 *             entry calls unusable comes out again, rounded outwards. Then the
 *             limits, then the border, then the reservations. A limit or a module
 *             that would leave too little to run is ignored with a line.
 * Picture     entries   |==RAM==|    |=====RAM=====|   |==RAM==|
 *                            |unusable|
 *             RAM used  |===|         |======|     <- mem=
 *                                    ^ lowmem_end: highmem=, vmalloc=
 * Invariants  M3  What any entry calls unusable is not RAM, nor is what every PC
 *                 has for video memory and ROMs.
 *             M4  Modules, records, the low 1 MiB and the image are reserved.
 * Source      Linux: mem=, highmem=, vmalloc= in kernel-parameters.txt
 * Read first  memblock_init
 * See         mm/memblock.c (the lists), tests/host/test_memblock.c
 */
#include <mm/memblock.h>

#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/assert.h>
#include <lib/bits.h>
#include <lib/string.h>
#include <x86/cpu.h>
#include <x86/layout.h>

#define ROMS_START	0xA0000U	/* video memory and ROMs, up to LEGACY_END */

/* Each range adds at most one entry to a list, by splitting another. */
_Static_assert(BOOTINFO_MAX_RANGES + 3 <= MEMBLOCK_MAX, "no RAM is lost");
_Static_assert(2 * (BOOTINFO_MAX_RECORDS + BOOTINFO_MAX_MODULES + 2) + 64 <=
	       MEMBLOCK_MAX, "no reservation is lost");

static void add_ram(const struct bootinfo *bi)
{
	uint64_t limit = 1ULL << cpu_features.phys_bits;
	unsigned int i;
	int lost = 0;

	for (i = 0; i < bi->nr_ranges; i++) {
		const struct boot_range *r = &bi->ranges[i];
		uint64_t start = MIN(r->start, limit);
		uint64_t end = ALIGN_DOWN(MIN(r->end, limit), PAGE_SIZE);

		start = ALIGN_UP(start, PAGE_SIZE);
		if (r->kind == BOOT_RAM)
			lost |= memblock_add(&memblock.ram, start, end, "RAM");
	}
	ASSERT(!lost);
}

static void remove_unusable(const struct bootinfo *bi)
{
	unsigned int i;
	int lost = 0;

	for (i = 0; i < bi->nr_ranges; i++) {
		const struct boot_range *r = &bi->ranges[i];

		if (r->kind == BOOT_UNUSABLE)
			lost |= memblock_remove(&memblock.ram,
				ALIGN_DOWN(r->start, PAGE_SIZE),
				MAX(r->end, ALIGN_UP(r->end, PAGE_SIZE)));
	}
	/* No PC has RAM there, but some firmware and v86 call it so. */
	lost |= memblock_remove(&memblock.ram, ROMS_START, LEGACY_END);
	ASSERT(!lost);
}

/* A list as it was before a trial: 3 KiB are too much for a stack. */
static struct memblock_list before;

static void ignore_module(const struct boot_module *m, const char *why)
{
	printk(KERN_WARNING "memmap: module '%s' at [%09llx, %09llx) %s, "
	       "ignored\n", m->string, m->start, m->end, why);
}

/* Kept only where there is RAM, outside the kernel, and if it leaves room. */
static void reserve_module(const struct boot_module *m)
{
	const struct memblock_range *ram = memblock_find(&memblock.ram, m->start);

	before = memblock.reserved;
	if (!ram || m->end > ram->end) {
		ignore_module(m, "lies outside RAM");
	} else if (m->end > LEGACY_END && m->start < image_end()) {
		ignore_module(m, "lies in the kernel");
	} else {
		memblock_reserve(m->start, m->end, MEMBLOCK_MODULE);
		if (memblock_largest_free(layout.lowmem_end) >= MEMBLOCK_NEEDED)
			return;
		memblock.reserved = before;
		ignore_module(m, "leaves too little low memory");
	}
}

/* The kernel comes after what a loader says, which cannot take it away then. */
static void reserve_all(const struct bootinfo *bi)
{
	unsigned int i;

	memblock_reserve(0, LEGACY_END, MEMBLOCK_LEGACY);
	for (i = 0; i < bi->nr_records; i++)
		memblock_reserve(bi->records[i].start, bi->records[i].end,
				 MEMBLOCK_RECORDS);
	memblock_reserve(LEGACY_END, image_end(), "kernel image");
	for (i = 0; i < bi->nr_modules; i++)
		reserve_module(&bi->modules[i]);
}

/* --- how much of it is used, and where low memory ends --------------------- */

static void limit_ram(uint64_t limit)
{
	if (limit < memblock_end_of_ram())
		memblock_remove(&memblock.ram, limit, memblock_end_of_ram());
}

static void apply_mem(uint64_t limit)
{
	if (limit == MEMORY_UNLIMITED)
		return;
	before = memblock.ram;
	limit_ram(ALIGN_DOWN(limit, PAGE_SIZE));
	if (memblock_ram_size() >= MEMBLOCK_MIN_RAM)
		return;
	memblock.ram = before;
	printk(KERN_WARNING "memmap: mem=%llu leaves too little, ignored\n",
	       limit);
}

/* vmalloc=: a larger window leaves less direct map, but at least 64 MiB. */
static uint64_t lowmem_limit(uint64_t window)
{
	if (window == MEMORY_UNLIMITED)
		return LOWMEM_MAX;
	if (window >= VMALLOC_RESERVE && window <= MIB(1024 - 64))
		return MIN(GIB(1) - ALIGN_UP(window, LARGE_SIZE), LOWMEM_MAX);
	printk(KERN_WARNING "memmap: vmalloc=%llu is not between %lu and %lu "
	       "MiB, ignored\n", window, VMALLOC_RESERVE / MIB(1), 1024 - 64UL);
	return LOWMEM_MAX;
}

/* The address above which there are @wanted bytes of RAM, or all there are. */
static uint64_t border_for(uint64_t wanted)
{
	uint64_t at = memblock_end_of_ram();
	unsigned int i;

	for (i = memblock.ram.nr; i-- > 0 && wanted > 0;) {
		const struct memblock_range *r = &memblock.ram.range[i];
		uint64_t take = MIN(r->end - r->start, wanted);

		wanted -= take;
		at = r->end - take;
	}
	return at;
}

/* Drop what lies above the first @wanted bytes of RAM from @border on. */
static void trim_above(uint64_t border, uint64_t wanted)
{
	unsigned int i;

	for (i = 0; i < memblock.ram.nr; i++) {
		const struct memblock_range *r = &memblock.ram.range[i];
		uint64_t start = MAX(r->start, border);

		if (r->end <= start)
			continue;
		if (r->end - start > wanted) {
			limit_ram(start + wanted);
			return;
		}
		wanted -= r->end - start;
	}
}

/*
 * highmem=: so much RAM above the border. With more RAM above it, the rest is
 * not used; with less, the border moves down, but not below 16 MiB.
 */
static uint64_t apply_highmem(uint64_t border, uint64_t wanted)
{
	uint64_t at = border_for(wanted);

	if (at < border)
		return MAX(at, (uint64_t)DMA_END);
	trim_above(border, wanted);
	return border;
}

static void choose_lowmem(const struct memory_limits *limits)
{
	uint64_t border = lowmem_limit(limits->vmalloc);

	if (limits->highmem != MEMORY_UNLIMITED)
		border = apply_highmem(border,
				       ALIGN_DOWN(limits->highmem, PAGE_SIZE));
	layout_init(ALIGN_DOWN(MIN(border, memblock_end_of_ram()), PAGE_SIZE));
}

void memblock_init(const struct bootinfo *bi, const struct memory_limits *limits)
{
	memset(&memblock, 0, sizeof(memblock));
	add_ram(bi);
	remove_unusable(bi);
	apply_mem(limits->mem);
	if (memblock_ram_size() < MEMBLOCK_MIN_RAM ||
	    image_end() > memblock_end_of_ram())
		panic("memmap: %u KiB of usable RAM found; Lacuna needs %u "
		      "MiB (give QEMU -m 8M or more)",
		      (unsigned int)(memblock_ram_size() / 1024),
		      (unsigned int)(MEMBLOCK_MIN_RAM / MIB(1)));
	choose_lowmem(limits);
	reserve_all(bi);
	if (bi->nr_ranges_dropped || bi->nr_modules_dropped)
		printk(KERN_WARNING "memmap: the loader's list: %u ranges and "
		       "%u modules ignored\n", bi->nr_ranges_dropped,
		       bi->nr_modules_dropped);
}
