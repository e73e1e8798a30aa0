/* SPDX-License-Identifier: MIT */
/*
 * memblock.c - RAM, holes, reservations, and memory before there are zones
 *
 * Problem     The loader claims a memory map: unsorted, overlapping, with RAM
 *             that the CPU cannot reach. Page tables and mem_map need memory
 *             before the allocator exists that is to manage it.
 * Idea        Two sorted lists of disjoint ranges: what is RAM, and what of it
 *             is taken. RAM goes in page by page, rounded inwards; whatever any
 *             entry calls unusable comes out again, rounded outwards. Memory is
 *             allocated by reserving it, from the top of low memory down, so that
 *             ZONE_DMA stays free.
 * Picture     ram       |========|   |==================|      |========|
 *             reserved  |kernel|        |mod|    |mem_map|
 * Invariants  M1  Ranges of a list are sorted, disjoint, not empty.
 *             M2  RAM is page aligned and below the usable physical width.
 *             M3  What any entry calls unusable is not RAM.
 * Locks       None: one CPU, before anything else runs.
 * Failure     A list that is full loses the range and counts it (nr_lost); lost
 *             RAM is never used, a lost hole or reservation stops the boot.
 * Cost        O(n) for each range.
 * Read first  memblock_add, then memblock_init.
 * See         tests/mm/test_memblock.c, tests/host/test_memblock.c
 */
#include <mm/memblock.h>

#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/bits.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <x86/cpu.h>
#include <x86/layout.h>

struct memblock memblock;

const char MEMBLOCK_LEGACY[] = "low 1 MiB";
const char MEMBLOCK_RECORDS[] = "loader records";
const char MEMBLOCK_MODULE[] = "module";

static void list_open_gap(struct memblock_list *list, unsigned int at)
{
	memmove(&list->range[at + 1], &list->range[at],
		(list->nr - at) * sizeof(list->range[0]));
	list->nr++;
}

static void list_close_gap(struct memblock_list *list, unsigned int at)
{
	list->nr--;
	memmove(&list->range[at], &list->range[at + 1],
		(list->nr - at) * sizeof(list->range[0]));
}

/* Take [start, end) out of the list; -ENOSPC when a split finds no room. */
int memblock_remove(struct memblock_list *list, phys_addr_t start,
		    phys_addr_t end)
{
	unsigned int i = 0;

	while (i < list->nr) {
		struct memblock_range *r = &list->range[i];

		if (r->end <= start || r->start >= end || start >= end) {
			i++;
		} else if (start <= r->start && end >= r->end) {
			list_close_gap(list, i);
		} else if (start <= r->start) {
			r->start = end;
		} else if (end >= r->end) {
			r->end = start;
		} else if (list->nr == MEMBLOCK_MAX) {
			return -ENOSPC;
		} else {
			list_open_gap(list, i);
			r->end = start;
			r[1].start = end;
		}
	}
	return 0;
}

/* Neighbours that touch become one if they have the same owner. */
static void list_merge(struct memblock_list *list, unsigned int at)
{
	struct memblock_range *r = &list->range[at];

	if (at + 1 < list->nr && r->end == r[1].start &&
	    r->owner == r[1].owner) {
		r->end = r[1].end;
		list_close_gap(list, at + 1);
	}
}

/* Later additions win where ranges overlap, so the lists stay disjoint. */
int memblock_add(struct memblock_list *list, phys_addr_t start, phys_addr_t end,
		 const char *owner)
{
	unsigned int i = 0;

	if (start >= end)
		return 0;
	/* The removal may split one range and the insertion needs one more. */
	if (list->nr + 2 > MEMBLOCK_MAX)
		return -ENOSPC;
	if (memblock_remove(list, start, end) != 0)
		return -ENOSPC;
	while (i < list->nr && list->range[i].start < start)
		i++;
	list_open_gap(list, i);
	list->range[i] = (struct memblock_range){ start, end, owner };
	list_merge(list, i);
	if (i > 0)
		list_merge(list, i - 1);
	return 0;
}

const struct memblock_range *memblock_find(const struct memblock_list *list,
					   phys_addr_t phys)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (phys >= list->range[i].start && phys < list->range[i].end)
			return &list->range[i];
	return NULL;
}

phys_addr_t memblock_end_of_ram(void)
{
	return memblock.ram.nr ? memblock.ram.range[memblock.ram.nr - 1].end
			       : 0;
}

uint64_t memblock_ram_size(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < memblock.ram.nr; i++)
		sum += memblock.ram.range[i].end - memblock.ram.range[i].start;
	return sum;
}

/* The first range of a list that ends above @phys, or NULL. */
static const struct memblock_range *first_above(const struct memblock_list *list,
						phys_addr_t phys)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (list->range[i].end > phys)
			return &list->range[i];
	return NULL;
}

/* The first page from @from on that is RAM and not reserved. */
static phys_addr_t skip_taken(phys_addr_t from, phys_addr_t to)
{
	const struct memblock_range *ram, *taken;

	while (from < to) {
		ram = first_above(&memblock.ram, from);
		if (!ram)
			return to;
		from = MAX(from, ram->start);
		taken = first_above(&memblock.reserved, from);
		if (!taken || taken->start >= from + PAGE_SIZE)
			return from;
		from = ALIGN_UP(taken->end, PAGE_SIZE);
	}
	return to;
}

bool memblock_next_free(phys_addr_t from, phys_addr_t to, phys_addr_t *start,
			phys_addr_t *end)
{
	const struct memblock_range *taken;

	*start = skip_taken(from, to);
	if (*start >= to)
		return false;
	*end = MIN(to, first_above(&memblock.ram, *start)->end);
	taken = first_above(&memblock.reserved, *start);
	if (taken)
		*end = MIN(*end, ALIGN_DOWN(taken->start, PAGE_SIZE));
	return true;
}

/* A reservation that is lost would be handed out: that must not be. */
static void reserve(phys_addr_t start, phys_addr_t end, const char *owner)
{
	if (memblock_add(&memblock.reserved, start, end, owner) != 0)
		panic("memblock: more than %u reservations; "
		      "give the loader fewer modules", MEMBLOCK_MAX - 2);
}

void *memblock_alloc(size_t size, size_t align, const char *owner)
{
	phys_addr_t best = 0, from = 0, start, end;

	while (memblock_next_free(from, layout.lowmem_end, &start, &end)) {
		if (end - start >= size &&
		    ALIGN_DOWN(end - size, align) >= start)
			best = ALIGN_DOWN(end - size, align);
		from = end;
	}
	if (!best)
		panic("memblock: no %u KiB of low memory for %s; give the "
		      "machine more RAM", (unsigned int)(size / 1024), owner);
	reserve(best, best + size, owner);
	return memset(phys_to_virt(best), 0, size);
}

/* The longest run of low memory that is still free. */
phys_addr_t memblock_largest_free(phys_addr_t limit)
{
	phys_addr_t from = 0, start, end, largest = 0;

	while (memblock_next_free(from, limit, &start, &end)) {
		largest = MAX(largest, end - start);
		from = end;
	}
	return largest;
}

/* --- what the loader claims ------------------------------------------------ */

static void add_ram(const struct bootinfo *bi)
{
	phys_addr_t limit = 1ULL << cpu_features.phys_bits;
	unsigned int i;

	for (i = 0; i < bi->nr_ranges; i++) {
		const struct boot_range *r = &bi->ranges[i];
		phys_addr_t start = MIN(r->start, limit);
		phys_addr_t end = ALIGN_DOWN(MIN(r->end, limit), PAGE_SIZE);

		start = ALIGN_UP(start, PAGE_SIZE);
		if (r->kind == BOOT_RAM &&
		    memblock_add(&memblock.ram, start, end, "RAM") != 0)
			memblock.nr_lost++;
	}
}

static void remove_unusable(const struct bootinfo *bi)
{
	unsigned int i;

	for (i = 0; i < bi->nr_ranges; i++) {
		const struct boot_range *r = &bi->ranges[i];

		if (r->kind == BOOT_UNUSABLE &&
		    memblock_remove(&memblock.ram,
				    ALIGN_DOWN(r->start, PAGE_SIZE),
				    MAX(r->end, ALIGN_UP(r->end, PAGE_SIZE))))
			panic("memblock: the memory map is in too many crumbs");
	}
}

static void ignore_module(const struct boot_module *m, const char *why)
{
	printk(KERN_WARNING "memblock: module '%s' at [%09llx, %09llx) %s, "
	       "ignored\n", m->string, m->start, m->end, why);
}

/* Kept only where there is RAM, outside the kernel, and if it leaves room. */
static void reserve_module(const struct boot_module *m)
{
	const struct memblock_range *ram = memblock_find(&memblock.ram, m->start);
	const struct memblock_list before = memblock.reserved;

	if (!ram || m->end > ram->end) {
		ignore_module(m, "lies outside RAM");
	} else if (m->end > LEGACY_END && m->start < virt_to_phys(kernel_end)) {
		ignore_module(m, "lies in the kernel");
	} else {
		reserve(m->start, m->end, MEMBLOCK_MODULE);
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

	reserve(0, LEGACY_END, MEMBLOCK_LEGACY);
	for (i = 0; i < bi->nr_records; i++)
		reserve(bi->records[i].start, bi->records[i].end,
			MEMBLOCK_RECORDS);
	reserve(LEGACY_END, virt_to_phys(kernel_end), "kernel image");
	for (i = 0; i < bi->nr_modules; i++)
		reserve_module(&bi->modules[i]);
}

/* --- how much of it is used, and where low memory ends --------------------- */

static void limit_ram(phys_addr_t limit)
{
	if (limit < memblock_end_of_ram())
		memblock_remove(&memblock.ram, limit, memblock_end_of_ram());
}

static void apply_mem(uint64_t limit)
{
	const struct memblock_list before = memblock.ram;

	limit_ram(ALIGN_DOWN(limit, PAGE_SIZE));
	if (memblock_ram_size() >= MEMBLOCK_MIN_RAM)
		return;
	memblock.ram = before;
	printk(KERN_WARNING "memblock: mem=%llu leaves too little, ignored\n",
	       limit);
}

/* vmalloc=: a larger window leaves less direct map, but at least 64 MiB. */
static phys_addr_t lowmem_limit(uint64_t window)
{
	if (window == MEMORY_UNLIMITED)
		return LOWMEM_MAX;
	if (window >= VMALLOC_RESERVE && window <= MIB(1024 - 64))
		return GIB(1) - ALIGN_UP(window, LARGE_SIZE);
	printk(KERN_WARNING "memblock: vmalloc=%llu is not between %lu and %lu "
	       "MiB, ignored\n", window, VMALLOC_RESERVE / MIB(1), 1024 - 64UL);
	return LOWMEM_MAX;
}

/*
 * highmem=: so much RAM above the border. With more RAM above it, the rest is
 * not used; with less, the border moves down, but not below 16 MiB.
 */
static phys_addr_t apply_highmem(phys_addr_t border, uint64_t wanted)
{
	phys_addr_t at = memblock_end_of_ram();
	uint64_t found = 0;
	unsigned int i;

	for (i = memblock.ram.nr; i-- > 0 && found < wanted;) {
		const struct memblock_range *r = &memblock.ram.range[i];
		uint64_t take = MIN(r->end - r->start, wanted - found);

		found += take;
		at = r->end - take;
	}
	if (at < border)
		return MAX(at, (phys_addr_t)DMA_END);
	found = 0;
	for (i = 0; i < memblock.ram.nr; i++) {
		const struct memblock_range *r = &memblock.ram.range[i];
		phys_addr_t start = MAX(r->start, border);

		if (r->end <= start)
			continue;
		if (found + (r->end - start) > wanted) {
			limit_ram(start + (wanted - found));
			break;
		}
		found += r->end - start;
	}
	return border;
}

static void choose_lowmem(const struct memory_limits *limits)
{
	phys_addr_t border = lowmem_limit(limits->vmalloc);

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
	    virt_to_phys(kernel_end) > memblock_end_of_ram())
		panic("memblock: %u KiB of usable RAM found; "
		      "Lacuna needs %u MiB "
		      "(give QEMU -m 8M or more)",
		      (unsigned int)(memblock_ram_size() / 1024),
		      (unsigned int)(MEMBLOCK_MIN_RAM / MIB(1)));
	choose_lowmem(limits);
	reserve_all(bi);
	if (bi->nr_ranges_dropped || bi->nr_modules_dropped || memblock.nr_lost)
		printk(KERN_WARNING "memblock: ignored %u map entries, "
		       "%u modules, %lu crumbs of RAM\n", bi->nr_ranges_dropped,
		       bi->nr_modules_dropped, memblock.nr_lost);
}

static bool list_ok(const struct memblock_list *list)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++) {
		if (list->range[i].start >= list->range[i].end)
			return false;
		if (i > 0 && list->range[i - 1].end > list->range[i].start)
			return false;
	}
	return true;
}

int memblock_check(void)
{
	unsigned int i;

	if (!list_ok(&memblock.ram) || !list_ok(&memblock.reserved))
		return 1;
	for (i = 0; i < memblock.ram.nr; i++)
		if (!IS_ALIGNED(memblock.ram.range[i].start, PAGE_SIZE) ||
		    !IS_ALIGNED(memblock.ram.range[i].end, PAGE_SIZE) ||
		    memblock.ram.range[i].end > 1ULL << cpu_features.phys_bits)
			return 2;
	return 0;
}
