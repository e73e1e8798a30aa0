/* SPDX-License-Identifier: MIT */
/*
 * memblock.c - RAM, holes, reservations, and memory before there are zones
 *
 * Problem     Page tables and mem_map need memory before the allocator exists
 *             that is to manage it, and that one must know what is taken.
 * Idea        Two sorted lists of disjoint ranges: what is RAM (mm/memmap.c fills
 *             it), and what of it is reserved. Memory is allocated by reserving
 *             it, from the top of low memory down, so that ZONE_DMA stays free.
 * Picture     ram       |========|   |==================|      |========|
 *             reserved  |kernel|        |mod|    |mem_map|
 * Invariants  M1  Ranges of a list are sorted, disjoint, not empty.
 *             M2  RAM is page aligned and below the usable physical width.
 * Locks       None: one CPU, before anything else runs.
 * Failure     A list that is full refuses a range and is unchanged. Without low
 *             memory the kernel cannot start: panic, in words for its user.
 * Cost        O(n) for each range.
 * Read first  memblock_add, then memblock_alloc.
 * See         tests/mm/test_memblock.c, tests/host/test_memblock.c
 */
#include <mm/memblock.h>

#include <kernel/panic.h>
#include <lib/assert.h>
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
int memblock_remove(struct memblock_list *list, uint64_t start,
		    uint64_t end)
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
int memblock_add(struct memblock_list *list, uint64_t start, uint64_t end,
		 const char *owner)
{
	unsigned int i = 0;

	if (start >= end)
		return 0;
	/* The removal may split one range and the insertion needs one more. */
	if (list->nr + 2 > MEMBLOCK_MAX ||
	    memblock_remove(list, start, end) != 0)
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
					   uint64_t phys)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (phys >= list->range[i].start && phys < list->range[i].end)
			return &list->range[i];
	return NULL;
}

uint64_t memblock_end_of_ram(void)
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
						uint64_t phys)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (list->range[i].end > phys)
			return &list->range[i];
	return NULL;
}

/* The first page from @from on that is RAM and not reserved. */
static uint64_t skip_taken(uint64_t from, uint64_t to)
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

bool memblock_next_free(uint64_t from, uint64_t to, uint64_t *start,
			uint64_t *end)
{
	const struct memblock_range *ram, *taken;

	*start = skip_taken(from, to);
	ram = first_above(&memblock.ram, *start);
	if (*start >= to || !ram)
		return false;
	*end = MIN(to, ram->end);
	taken = first_above(&memblock.reserved, *start);
	if (taken)
		*end = MIN(*end, ALIGN_DOWN(taken->start, PAGE_SIZE));
	return true;
}

void memblock_reserve(uint64_t start, uint64_t end, const char *owner)
{
	int err = memblock_add(&memblock.reserved, start, end, owner);

	ASSERT(err == 0);	/* what is lost would be handed out */
}

/* The highest free place of @size bytes in low memory, or 0. */
static uint64_t find_place(size_t size, size_t align)
{
	uint64_t best = 0, from = 0, start, end;

	while (memblock_next_free(from, layout.lowmem_end, &start, &end)) {
		if (end - start >= size &&
		    ALIGN_DOWN(end - size, align) >= start)
			best = ALIGN_DOWN(end - size, align);
		from = end;
	}
	return best;
}

void *memblock_alloc(size_t size, size_t align, const char *owner)
{
	uint64_t place = find_place(size, align);

	if (place) {
		memblock_reserve(place, place + size, owner);
		return memset(phys_to_virt(phys_make(place)), 0, size);
	}
	panic("memblock: no %u KiB of low memory for %s; give the machine "
	      "more RAM", (unsigned int)(size / 1024), owner);
}

/* The longest run of low memory that is still free. */
uint64_t memblock_largest_free(uint64_t limit)
{
	uint64_t from = 0, start, end, largest = 0;

	while (memblock_next_free(from, limit, &start, &end)) {
		largest = MAX(largest, end - start);
		from = end;
	}
	return largest;
}

/* --- the proof ------------------------------------------------------------- */

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
