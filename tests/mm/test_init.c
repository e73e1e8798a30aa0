/* SPDX-License-Identifier: MIT */
/*
 * test_init.c - what the loader left is handed out, and nothing else
 *
 * While mm_release_boot is tried, all other frames are held: so what is free
 * afterwards is exactly what it freed. Then everything is put back as it was;
 * nothing writes to the frames meanwhile, so modules keep their contents.
 */
#include <mm/init.h>

#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#include "hoard.h"

static struct memblock saved;
static struct list_head others[NR_ZONES], released[NR_ZONES];

static bool is_loaders(const struct memblock_range *r)
{
	return strcmp(r->owner, "low 1 MiB") == 0 ||
	       strcmp(r->owner, "loader records") == 0 ||
	       strcmp(r->owner, "module") == 0;
}

/* Is this reserved frame touched by reservations of the loader alone? */
static bool left_by_loader(pfn_t pfn)
{
	bool loaders = false;
	unsigned int i;

	for (i = 0; i < saved.reserved.nr; i++) {
		const struct memblock_range *r = &saved.reserved.range[i];

		if (PFN_DOWN(r->start) > pfn || PFN_UP(r->end) <= pfn)
			continue;
		if (!is_loaders(r))
			return false;
		loaders = true;
	}
	return loaders;
}

/* Page 0 belongs to the BIOS. */
static unsigned long count_expected(void)
{
	unsigned long nr = 0;
	pfn_t pfn;

	for (pfn = 1; pfn < mem_map_end; pfn++)
		nr += mem_map[pfn].state == PAGE_RESERVED &&
		      left_by_loader(pfn);
	return nr;
}

static unsigned long release(void)
{
	hoard_all(others);
	return mm_release_boot();
}

/* What is free now becomes reserved again. */
static void take_back(void)
{
	struct page *page, *next;
	unsigned int id, i;

	hoard_all(released);
	for (id = 0; id < NR_ZONES; id++)
		list_for_each_entry_safe(page, next, &released[id], link) {
			zones[id].nr_managed -= 1UL << page->order;
			for (i = 0; i < 1U << page->order; i++)
				page[i].state = PAGE_RESERVED;
		}
	memblock = saved;
	hoard_release_all(others);
}

KTEST(init, release_frees_each_frame_that_the_loader_left)
{
	unsigned long managed = zones[ZONE_DMA].nr_managed, expected, freed;

	saved = memblock;
	expected = count_expected();
	if (expected == 0)
		ktest_skip("released before");
	freed = release();
	EXPECT_EQ(freed, expected);
	EXPECT_EQ(nr_free_pages(), expected);
	EXPECT(zones[ZONE_DMA].nr_managed > managed);
	EXPECT_EQ(zone_check(), 0);
	take_back();
}

static unsigned int count_not_left(const struct list_head *list)
{
	const struct page *page;
	unsigned int i, nr = 0;

	list_for_each_entry(page, list, link)
		for (i = 0; i < 1U << page->order; i++)
			nr += !left_by_loader(page_to_pfn(page) + i);
	return nr;
}

KTEST(init, release_frees_no_other_frame)
{
	unsigned int id, wrong = 0;

	saved = memblock;
	release();
	EXPECT_EQ(pfn_to_page(0)->state, PAGE_RESERVED);
	EXPECT_EQ(virt_to_page(text_start)->state, PAGE_RESERVED);
	EXPECT_EQ(virt_to_page(&saved)->state, PAGE_RESERVED);	/* .bss */
	EXPECT_EQ(virt_to_page(mem_map)->state, PAGE_RESERVED);
	take_back();
	for (id = 0; id < NR_ZONES; id++)	/* the lists stay readable */
		wrong += count_not_left(&released[id]);
	EXPECT_EQ(wrong, 0);
}

KTEST(init, second_release_frees_nothing)
{
	unsigned long nr;

	saved = memblock;
	release();
	nr = nr_free_pages();
	EXPECT_EQ(mm_release_boot(), 0);
	EXPECT_EQ(nr_free_pages(), nr);
	EXPECT_EQ(memblock_check(), 0);
	take_back();
}

KTEST(init, release_drops_the_loaders_reservations_alone)
{
	unsigned int i, k = 0, wrong = 0;

	saved = memblock;
	release();
	for (i = 0; i < saved.reserved.nr; i++) {
		const struct memblock_range *r = &saved.reserved.range[i];

		if (is_loaders(r))
			continue;
		wrong += k >= memblock.reserved.nr ||
			 memcmp(&memblock.reserved.range[k++], r,
				sizeof(*r)) != 0;
	}
	EXPECT_EQ(memblock.reserved.nr, k);
	EXPECT(k >= 2);
	EXPECT_EQ(wrong, 0);
	take_back();
}

/* --- with reservations of our own ----------------------------------------- */

/* A frame of ours becomes one that boot reserved. */
static struct page *lend_frame(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	REQUIRE(page);
	page->state = PAGE_RESERVED;
	page_zone(page)->nr_managed--;
	return page;
}

static void return_frame(struct page *page)
{
	page->state = PAGE_USED;
	page->order = 0;
	page->count = 1;
	page_zone(page)->nr_managed++;
	__free_page(page);
}

static void reserve(struct page *page, unsigned int from, unsigned int to,
		    const char *owner)
{
	uint64_t at = phys_raw(page_to_phys(page));

	EXPECT_EQ(memblock_add(&memblock.reserved, at + from, at + to, owner),
		  0);
}

KTEST(init, module_and_record_are_released_unless_others_share_the_frame)
{
	struct page *module = lend_frame(), *record = lend_frame();
	struct page *shared = lend_frame(), *kept = lend_frame();

	saved = memblock;
	reserve(module, 0, PAGE_SIZE, MEMBLOCK_MODULE);
	reserve(record, 100, 200, MEMBLOCK_RECORDS);
	reserve(record, 300, 400, MEMBLOCK_MODULE);
	reserve(shared, 0, 100, MEMBLOCK_MODULE);
	reserve(shared, 100, 200, "test");
	reserve(kept, 0, 100, "test");
	release();
	EXPECT(module->state != PAGE_RESERVED);
	EXPECT(record->state != PAGE_RESERVED);
	EXPECT_EQ(shared->state, PAGE_RESERVED);
	EXPECT_EQ(kept->state, PAGE_RESERVED);
	take_back();
	return_frame(module);
	return_frame(record);
	return_frame(shared);
	return_frame(kept);
}
