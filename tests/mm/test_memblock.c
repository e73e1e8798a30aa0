/* SPDX-License-Identifier: MIT */
/*
 * test_memblock.c - sorted lists of ranges, and what this machine's hold
 *
 * The list operations work on any list, so they are tried on one of our own.
 * memblock_next_free and memblock_alloc use the kernel's lists: those are set
 * aside for the case. How memblock_init judges a hostile memory map is shown on
 * the build machine (tests/host/test_memblock.c), since it can run only once.
 */
#include <mm/memblock.h>

#include <lib/bits.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <tests/ktest.h>
#include <x86/cpu.h>

static const char A[] = "A", B[] = "B", C[] = "C";
static struct memblock_list list, copy;

static void expect_range(unsigned int i, uint64_t start, uint64_t end,
			 const char *owner)
{
	EXPECT(i < list.nr);
	EXPECT_EQ(list.range[i].start, start);
	EXPECT_EQ(list.range[i].end, end);
	EXPECT(list.range[i].owner == owner);
}

static void begin_with(uint64_t start, uint64_t end, const char *owner)
{
	list.nr = 0;
	EXPECT_EQ(memblock_add(&list, start, end, owner), 0);
}

static void expect_unchanged(void)
{
	EXPECT_EQ(list.nr, copy.nr);
	EXPECT(memcmp(list.range, copy.range,
		      copy.nr * sizeof(copy.range[0])) == 0);
}

KTEST(memblock, ranges_are_sorted_however_they_come)	/* attacks M1 */
{
	begin_with(0x5000, 0x6000, A);
	EXPECT_EQ(memblock_add(&list, 0x1000, 0x2000, A), 0);
	EXPECT_EQ(memblock_add(&list, 0x9000, 0xA000, A), 0);
	EXPECT_EQ(memblock_add(&list, 0x3000, 0x4000, A), 0);
	EXPECT_EQ(list.nr, 4);
	expect_range(0, 0x1000, 0x2000, A);
	expect_range(1, 0x3000, 0x4000, A);
	expect_range(2, 0x5000, 0x6000, A);
	expect_range(3, 0x9000, 0xA000, A);
}

KTEST(memblock, neighbours_merge_only_with_the_same_owner)
{
	begin_with(0x2000, 0x3000, A);
	EXPECT_EQ(memblock_add(&list, 0x3000, 0x4000, B), 0);
	EXPECT_EQ(memblock_add(&list, 0x1000, 0x2000, A), 0);	/* rightwards */
	EXPECT_EQ(list.nr, 2);
	EXPECT_EQ(memblock_add(&list, 0x4000, 0x5000, B), 0);	/* leftwards  */
	EXPECT_EQ(list.nr, 2);
	expect_range(0, 0x1000, 0x3000, A);
	expect_range(1, 0x3000, 0x5000, B);
	memblock_add(&list, 0x7000, 0x8000, B);
	memblock_add(&list, 0x5000, 0x7000, B);			/* both ways  */
	EXPECT_EQ(list.nr, 2);
	expect_range(1, 0x3000, 0x8000, B);
}

KTEST(memblock, later_addition_replaces_what_it_overlaps)	/* attacks M1 */
{
	begin_with(0x1000, 0x9000, A);
	EXPECT_EQ(memblock_add(&list, 0x3000, 0x5000, B), 0);
	EXPECT_EQ(list.nr, 3);
	expect_range(0, 0x1000, 0x3000, A);
	expect_range(1, 0x3000, 0x5000, B);
	expect_range(2, 0x5000, 0x9000, A);
	EXPECT_EQ(memblock_add(&list, 0x2800, 0x8000, C), 0);
	EXPECT_EQ(list.nr, 3);
	expect_range(0, 0x1000, 0x2800, A);
	expect_range(1, 0x2800, 0x8000, C);
	expect_range(2, 0x8000, 0x9000, A);
}

KTEST(memblock, removal_cuts_off_splits_and_deletes)
{
	begin_with(0x1000, 0x9000, A);
	EXPECT_EQ(memblock_remove(&list, 0x0000, 0x2000), 0);
	EXPECT_EQ(memblock_remove(&list, 0x8000, 0xF000), 0);
	EXPECT_EQ(list.nr, 1);
	expect_range(0, 0x2000, 0x8000, A);
	EXPECT_EQ(memblock_remove(&list, 0x4000, 0x5000), 0);
	EXPECT_EQ(list.nr, 2);
	expect_range(0, 0x2000, 0x4000, A);
	expect_range(1, 0x5000, 0x8000, A);
	EXPECT_EQ(memblock_remove(&list, 0x3000, 0x8000), 0);
	EXPECT_EQ(list.nr, 1);
	expect_range(0, 0x2000, 0x3000, A);
	EXPECT_EQ(memblock_remove(&list, 0x2C00, 0x3000), 0);	/* to its end */
	EXPECT_EQ(memblock_remove(&list, 0x2000, 0x2400), 0);
	EXPECT_EQ(list.nr, 1);
	expect_range(0, 0x2400, 0x2C00, A);
}

KTEST(memblock, empty_and_reversed_ranges_change_nothing)	/* attacks M1 */
{
	begin_with(0x1000, 0x9000, A);
	memblock_add(&list, 0xB000, 0xD000, B);
	copy = list;
	EXPECT_EQ(memblock_add(&list, 0x3000, 0x3000, B), 0);
	EXPECT_EQ(memblock_add(&list, 0x6000, 0x3000, B), 0);
	EXPECT_EQ(memblock_add(&list, 0xF000, 0xF000, B), 0);
	EXPECT_EQ(memblock_remove(&list, 0x3000, 0x3000), 0);
	EXPECT_EQ(memblock_remove(&list, 0xC000, 0x3000), 0);
	expect_unchanged();
}

/* Every second page, until the list is full. */
static void fill_list(void)
{
	uint64_t at = 0x1000;

	list.nr = 0;
	while (memblock_add(&list, at, at + PAGE_SIZE, A) == 0)
		at += 2 * PAGE_SIZE;
}

KTEST(memblock, full_list_refuses_and_is_unchanged)
{
	fill_list();
	EXPECT(list.nr >= MEMBLOCK_MAX - 1 && list.nr <= MEMBLOCK_MAX);
	copy = list;
	EXPECT_EQ(memblock_add(&list, GIB(1), GIB(2), A), -ENOSPC);
	EXPECT_EQ(memblock_add(&list, 0x1000, 0x1800, B), -ENOSPC);
	expect_unchanged();
	while (list.nr < MEMBLOCK_MAX)			/* as no add does */
		memblock_remove(&list, list.range[list.nr - 1].start + 0x400,
				list.range[list.nr - 1].start + 0x800);
	copy = list;
	EXPECT_EQ(memblock_remove(&list, 0x1400, 0x1800), -ENOSPC);
	expect_unchanged();
}

KTEST(memblock, full_list_still_shrinks)
{
	fill_list();
	copy = list;
	EXPECT_EQ(memblock_remove(&list, 0x1000, 0x1800), 0);
	EXPECT_EQ(list.range[0].start, 0x1800);
	EXPECT_EQ(memblock_remove(&list, 0, GIB(1)), 0);
	EXPECT_EQ(list.nr, 0);
	EXPECT(copy.nr > 100);
}

/* --- against a map of units ----------------------------------------------- */

#define UNITS		200U
#define UNIT		0x800ULL

static const char *model[UNITS + 1];		/* the last is never owned */

static uint64_t above_4g(unsigned int unit)
{
	return GIB(4) - 100 * UNIT + unit * UNIT;
}

/* The list must be the runs of equal owners in the model, no more, no fewer. */
static bool list_is_model(void)
{
	unsigned int i = 0, unit = 0, start;

	while (unit < UNITS) {
		start = unit;
		while (++unit < UNITS && model[unit] == model[start])
			;
		if (!model[start])
			continue;
		if (i == list.nr || list.range[i].owner != model[start] ||
		    list.range[i].start != above_4g(start) ||
		    list.range[i].end != above_4g(unit))
			return false;
		i++;
	}
	return i == list.nr;
}

static void change_both(struct random *r)
{
	static const char *const owners[] = { A, B, C, NULL };
	unsigned int start = random_below(r, UNITS), unit;
	unsigned int end = start + random_below(r, 20);
	const char *owner = owners[random_below(r, ARRAY_SIZE(owners))];

	end = MIN(end, UNITS);
	for (unit = start; unit < end; unit++)
		model[unit] = owner;
	if (owner)
		EXPECT_EQ(memblock_add(&list, above_4g(start), above_4g(end),
				       owner), 0);
	else
		EXPECT_EQ(memblock_remove(&list, above_4g(start),
					  above_4g(end)), 0);
}

KTEST(memblock, random_changes_agree_with_a_model)	/* attacks M1 */
{
	unsigned int round, wrong = 0, most = 0;

	list.nr = 0;
	memset(model, 0, sizeof(model));
	for (round = 0; round < 5000; round++) {
		change_both(ktest_random());
		wrong += !list_is_model();
		most = MAX(most, list.nr);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(most > 10);
}

KTEST(memblock, find_gives_the_range_that_holds_the_byte)
{
	unsigned int unit, wrong = 0, round;

	list.nr = 0;
	memset(model, 0, sizeof(model));
	for (round = 0; round < 30; round++)
		change_both(ktest_random());
	for (unit = 0; unit < UNITS; unit++) {
		const struct memblock_range *first, *last;

		first = memblock_find(&list, above_4g(unit));
		last = memblock_find(&list, above_4g(unit + 1) - 1);
		wrong += first != last;
		wrong += (first ? first->owner : NULL) != model[unit];
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(!memblock_find(&list, above_4g(0) - 1));
	EXPECT(!memblock_find(&list, above_4g(UNITS)));
}

/* --- the kernel's own lists, replaced for a while ------------------------- */

static struct memblock saved;

static void set_aside(void)
{
	saved = memblock;
	memset(&memblock, 0, sizeof(memblock));
}

static void put_back(void)
{
	memblock = saved;
}

#define PAGES		100U
static bool page_free[PAGES];

/* Reservations need not be page aligned: each page they touch is taken. */
static void random_memory(struct random *r)
{
	unsigned int i, page, start, end;

	memset(&memblock, 0, sizeof(memblock));
	memset(page_free, 0, sizeof(page_free));
	for (i = 0; i < 6; i++) {
		start = random_below(r, PAGES);
		end = start + random_below(r, 30);
		end = MIN(end, PAGES);
		memblock_add(&memblock.ram, start * PAGE_SIZE, end * PAGE_SIZE,
			     A);
		for (page = start; page < end; page++)
			page_free[page] = true;
	}
	for (i = 0; i < 8; i++) {
		start = random_below(r, PAGES * PAGE_SIZE);
		end = start + 1 + random_below(r, 5 * PAGE_SIZE);
		if (i % 2)
			end = ALIGN_UP(end, PAGE_SIZE);
		memblock_add(&memblock.reserved, start, end, B);
		for (page = start / PAGE_SIZE;
		     page < PAGES && page * PAGE_SIZE < end; page++)
			page_free[page] = false;
	}
}

/* Each run reported must be free; returns how many pages all of them have. */
static unsigned int pages_in_runs(uint64_t from, uint64_t to,
				  unsigned int *wrong)
{
	uint64_t start, end;
	unsigned int sum = 0, page;

	while (memblock_next_free(from, to, &start, &end)) {
		*wrong += start < from || end > to || start >= end;
		for (page = (unsigned int)(start / PAGE_SIZE);
		     page < (unsigned int)(end / PAGE_SIZE); page++)
			*wrong += !page_free[page];
		sum += (unsigned int)((end - start) / PAGE_SIZE);
		from = end;
	}
	return sum;
}

KTEST(memblock, free_runs_are_unreserved_ram_and_all_of_it)
{
	unsigned int round, page, wrong = 0, total = 0;
	struct random *r = ktest_random();

	set_aside();
	for (round = 0; round < 500; round++) {
		unsigned int from = random_below(r, PAGES / 4);
		unsigned int to = PAGES - random_below(r, PAGES / 4);
		unsigned int expected = 0;

		random_memory(r);
		for (page = from; page < to; page++)
			expected += page_free[page];
		wrong += pages_in_runs(from * PAGE_SIZE, to * PAGE_SIZE,
				       &wrong) != expected;
		total += expected;
	}
	put_back();
	EXPECT_EQ(wrong, 0);
	EXPECT(total > 1000);
}

KTEST(memblock, size_and_end_count_ram_alone)
{
	uint64_t size, end;

	set_aside();
	EXPECT_EQ(memblock_end_of_ram(), 0);
	memblock_add(&memblock.ram, 0x1000, 0x5000, A);
	memblock_add(&memblock.ram, GIB(5), GIB(6), A);
	memblock_add(&memblock.reserved, 0x1000, GIB(7), B);
	size = memblock_ram_size();
	end = memblock_end_of_ram();
	put_back();
	EXPECT_EQ(size, GIB(1) + 0x4000);
	EXPECT_EQ(end, GIB(6));
}

/* RAM is a block that we own, so what memblock_alloc clears harms nobody. */
KTEST(memblock, alloc_takes_cleared_aligned_memory_from_the_top)
{
	struct page *block = alloc_pages(GFP_KERNEL, 4);
	uint64_t start, end;
	char *small, *aligned, *next, *rest;

	REQUIRE(block);
	start = phys_raw(page_to_phys(block));
	end = start + 16 * PAGE_SIZE;
	memset(page_address(block), 0xFF, 16 * PAGE_SIZE);
	set_aside();
	memblock_add(&memblock.ram, start, end, A);
	memblock_add(&memblock.reserved, end - 0x800, end, B);
	small = memblock_alloc(100, 4, C);
	aligned = memblock_alloc(0x1800, 0x4000, C);
	next = memblock_alloc(PAGE_SIZE, PAGE_SIZE, A);
	rest = memblock_alloc(11 * PAGE_SIZE, PAGE_SIZE, B);	/* just fits */
	EXPECT_EQ(memblock.reserved.nr, 5);
	put_back();
	EXPECT_EQ(virt_to_phys(small), end - PAGE_SIZE - 100);
	EXPECT_EQ(virt_to_phys(aligned), end - 0x4000);
	EXPECT_EQ(virt_to_phys(next), end - 0x5000);
	EXPECT_EQ(virt_to_phys(rest), start);
	EXPECT(!memchr_inv(small, 0, 100) && small[100] == (char)0xFF);
	EXPECT(small[-1] == (char)0xFF);
	EXPECT(!memchr_inv(aligned, 0, 0x1800));
	EXPECT(aligned[0x1800] == (char)0xFF);
	EXPECT(!memchr_inv(next, 0, PAGE_SIZE));
	__free_pages(block, 4);
}

/* --- this machine --------------------------------------------------------- */

KTEST(memblock, ram_is_sorted_aligned_and_reachable)	/* attacks M1, M2 */
{
	const struct memblock_list *ram = &memblock.ram;
	unsigned int i;

	EXPECT(ram->nr > 0);
	for (i = 0; i < ram->nr; i++) {
		EXPECT(IS_ALIGNED(ram->range[i].start, PAGE_SIZE));
		EXPECT(IS_ALIGNED(ram->range[i].end, PAGE_SIZE));
		EXPECT(ram->range[i].start < ram->range[i].end);
		EXPECT(ram->range[i].end >> cpu_features.phys_bits <=
		       (ram->range[i].end == 1ULL << cpu_features.phys_bits));
		if (i > 0)			/* touching would be merged */
			EXPECT(ram->range[i - 1].end < ram->range[i].start);
	}
}

/* Is all of it reserved by this owner? */
static bool reserved_for(uint64_t start, uint64_t end, const char *owner)
{
	const struct memblock_range *r =
		memblock_find(&memblock.reserved, start);

	return r && strcmp(r->owner, owner) == 0 && r->end >= end;
}

KTEST(memblock, kernel_and_mem_map_are_reserved)
{
	uint64_t map = phys_raw(virt_to_phys(mem_map));

	EXPECT(reserved_for(LEGACY_END, image_end(), "kernel image"));
	EXPECT(phys_raw(virt_to_phys(kernel_start)) >= LEGACY_END);
	EXPECT(reserved_for(map, map + mem_map_end * sizeof(struct page),
			    "mem_map"));
}

/* Every PC has video memory and ROMs there; page 0 is the BIOS's own. */
KTEST(memblock, video_memory_and_roms_are_no_ram)	/* attacks M3 */
{
	uint64_t at;

	for (at = 0xA0000; at < LEGACY_END; at += PAGE_SIZE)
		EXPECT(!memblock_find(&memblock.ram, at));
	EXPECT(memblock_find(&memblock.ram, LEGACY_END));
	EXPECT(memblock_find(&memblock.reserved, 0));
}

/* --- the checker ---------------------------------------------------------- */

KTEST(memblock, check_finds_m1_broken)
{
	struct memblock_range *r = memblock.ram.range;
	struct memblock_range r0 = r[0];

	EXPECT_EQ(memblock_check(), 0);
	r[0].end = r[0].start;
	EXPECT_EQ(memblock_check(), 1);
	r[0] = r0;
	set_aside();
	memblock_add(&memblock.reserved, 0x1000, 0x2000, A);
	memblock_add(&memblock.reserved, 0x3000, 0x4000, A);
	memblock.reserved.range[0].end = 0x3001;
	EXPECT_EQ(memblock_check(), 1);
	memblock.reserved.range[0].end = 0x3000;
	EXPECT_EQ(memblock_check(), 0);
	put_back();
}

KTEST(memblock, check_finds_m2_broken)
{
	uint64_t limit = 1ULL << cpu_features.phys_bits;

	set_aside();
	memblock_add(&memblock.ram, 0x1000, limit, A);
	EXPECT_EQ(memblock_check(), 0);
	memblock.ram.range[0].start = 0x1800;
	EXPECT_EQ(memblock_check(), 2);
	memblock.ram.range[0].start = 0x1000;
	memblock.ram.range[0].end = limit - 1;
	EXPECT_EQ(memblock_check(), 2);
	memblock.ram.range[0].end = limit + PAGE_SIZE;
	EXPECT_EQ(memblock_check(), 2);
	put_back();
}
