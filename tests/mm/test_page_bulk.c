/* SPDX-License-Identifier: MIT */
/*
 * test_page_bulk.c - frames in number, taken and given back
 *
 * One by one, alloc_pages and __free_pages are the model: whatever a bulk does
 * must be what as many single calls would have done, reports included.
 */
#include <mm/page_alloc.h>

#include <kernel/lockrank.h>
#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/highmem.h>
#include <mm/pcp.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#include "hoard.h"

#define MOST	1500U			/* more than one lock brings */

static struct page *pages[MOST];
static struct list_head held[NR_ZONES];

/* Single frames, all different: a mark in the link tells. */
static bool good_frames(unsigned int nr)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < nr; i++)
		pages[i]->link.next = (struct list_head *)&pages[i];
	for (i = 0; i < nr; i++)
		wrong += pages[i]->link.next != (struct list_head *)&pages[i] ||
			 !page_is_single(pages[i], PAGE_USED);
	return wrong == 0;
}

static const unsigned int sizes[] = { 0, 1, 2, 16, 31, 32, 33, 64, 65, 100,
				      512, 513, MOST };

KTEST(page_bulk, each_entry_is_a_frame_of_its_own)	/* attacks A1 */
{
	unsigned long before = nr_free_pages();
	unsigned int i, got;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (sizes[i] == MOST && before < 2 * MOST)
			ktest_skip("this machine has not that many to give");
		pages[sizes[i] % MOST] = NULL;
		got = alloc_pages_bulk_array(GFP_HIGHUSER, sizes[i], pages);
		EXPECT_EQ(got, sizes[i]);
		EXPECT(good_frames(got));
		EXPECT(sizes[i] == MOST || !pages[sizes[i]]);
		EXPECT_EQ(before - nr_free_pages(), got);
		EXPECT_EQ(zone_check(), 0);
		EXPECT_EQ(pcp_check(), 0);
		release_pages(pages, got);
		EXPECT_EQ(nr_free_pages(), before);
		EXPECT_EQ(zone_check(), 0);
		EXPECT_EQ(pcp_check(), 0);
	}
}

/* What goes back in order becomes the blocks again from which it came. */
KTEST(page_bulk, frames_merge_whatever_their_order)	/* attacks B3 */
{
	unsigned int nr = 512, way, i;
	unsigned long blocks;

	pcp_drain();
	blocks = zones[ZONE_DMA].buddy.nr_blocks[MAX_ORDER];
	for (way = 0; way < 3; way++) {
		REQUIRE(alloc_pages_bulk_array(GFP_DMA, nr, pages) == nr);
		for (i = 0; i < nr && way > 0; i++) {
			unsigned int k = way == 1 ? nr - 1 - i :
				random_below(ktest_random(), nr);
			struct page *page = pages[i];

			if (way == 1 && k < i)
				break;
			pages[i] = pages[k];
			pages[k] = page;
		}
		release_pages(pages, nr);
		pcp_drain();
		EXPECT_EQ(zones[ZONE_DMA].buddy.nr_blocks[MAX_ORDER], blocks);
		EXPECT_EQ(zone_check(), 0);
	}
}

static unsigned int count_zone(unsigned int nr, enum zone_id id)
{
	unsigned int i, sum = 0;

	for (i = 0; i < nr; i++)
		sum += pages[i]->zone == id;
	return sum;
}

/* So many frames stay free in the zone, one of them in stock. */
static void leave(enum zone_id id, unsigned int nr)
{
	struct page *spared[64];
	unsigned int i;

	for (i = 0; i < nr; i++)
		spared[i] = alloc_page(zone_gfp[id] | __GFP_HIGH);
	hoard_zone(&held[id], id, zone_gfp[id] | __GFP_HIGH);
	for (i = 0; i < nr; i++)
		__free_page(spared[i]);
}

KTEST(page_bulk, zones_are_used_up_from_the_highest_down)
{
	enum zone_id high = ZONE_HIGHMEM;
	unsigned int got;

	if (zones[high].nr_managed == 0)
		high--;
	if (zones[high].nr_managed < 100 ||
	    zone_nr_free(&zones[high - 1]) <=
	    zone_floor(&zones[high - 1], high, 0) + MOST)
		ktest_skip("no two zones with frames for this");
	leave(high, 40);
	EXPECT_EQ(zone_nr_free(&zones[high]), 40);
	got = alloc_pages_bulk_array(zone_gfp[high] | __GFP_HIGH, MOST, pages);
	EXPECT_EQ(got, MOST);
	EXPECT_EQ(count_zone(got, high), 40);
	EXPECT_EQ(count_zone(got, high - 1), MOST - 40);
	EXPECT_EQ(zone_nr_free(&zones[high]), 0);
	release_pages(pages, got);
	hoard_release(&held[high]);
}

static __noinline unsigned int ask_for_many(gfp_t gfp)
{
	unsigned int got = alloc_pages_bulk_array(gfp, MOST, pages);

	barrier();				/* the call is not the last */
	return got;
}

KTEST(page_bulk, floors_hold_and_a_shortage_says_so)
{
	unsigned long min = zones[ZONE_DMA].min;
	uint64_t from;
	unsigned int got;

	leave(ZONE_DMA, 50);
	from = printk_position();
	got = ask_for_many(GFP_DMA | __GFP_NOWARN);
	EXPECT_EQ(printk_position(), from);
	EXPECT_EQ(got, 50 - MIN(min, 50U));
	EXPECT_EQ(zone_nr_free(&zones[ZONE_DMA]), MIN(min, 50U));
	release_pages(pages, got);
	got = ask_for_many(GFP_DMA | __GFP_HIGH);
	EXPECT_EQ(got, 50);
	EXPECT(printk_contains(from, "no block of order 0 for ask_for_many+"));
	EXPECT(good_frames(got));
	release_pages(pages, got);
	hoard_release(&held[ZONE_DMA]);
}

static bool is_zero(struct page *page)
{
	void *addr = kmap_local_page(page);
	bool zero = !memchr_inv(addr, 0, PAGE_SIZE);

	kunmap_local(addr);
	return zero;
}

KTEST(page_bulk, gfp_zero_clears_each_frame)
{
	static const unsigned int some[] = { 10, 100 };
	unsigned int i, k, dirty;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		REQUIRE(alloc_pages_bulk_array(GFP_HIGHUSER, some[i], pages) ==
			some[i]);
		for (k = 0; k < some[i]; k++) {
			void *addr = kmap_local_page(pages[k]);

			memset(addr, 0xFF, PAGE_SIZE);
			kunmap_local(addr);
		}
		release_pages(pages, some[i]);
		REQUIRE(alloc_pages_bulk_array(GFP_HIGHUSER | __GFP_ZERO,
					       some[i], pages) == some[i]);
		for (k = dirty = 0; k < some[i]; k++)
			dirty += !is_zero(pages[k]);
		EXPECT_EQ(dirty, 0);
		release_pages(pages, some[i]);
	}
}

KTEST(page_bulk, lock_holders_are_served_past_the_stock)
{
	struct spinlock outer = SPINLOCK_INIT(RANK_SLAB);
	unsigned int stock = pcp_nr_frames(&zones[ZONE_DMA]), got;

	spin_lock(&outer);
	got = alloc_pages_bulk_array(__GFP_DMA, 20, pages);
	EXPECT_EQ(got, 20);
	EXPECT(good_frames(got));
	release_pages(pages, got);
	EXPECT_EQ(pcp_nr_frames(&zones[ZONE_DMA]), stock);
	spin_unlock(&outer);
}

/* Frame n of a bulk, and no other, is the one that is refused. */
KTEST(page_bulk, each_frame_counts_as_an_allocation)
{
	static const unsigned int some[] = { 7, 40 };
	unsigned int i, n, got;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		for (n = 1; n <= some[i]; n++) {
			failnth_arm(1U << FAIL_PAGE, n);
			got = alloc_pages_bulk_array(
				GFP_KERNEL | __GFP_NOWARN, some[i], pages);
			EXPECT_EQ(failnth_disarm(), n);
			EXPECT_EQ(got, n - 1);
			release_pages(pages, got);
		}
		failnth_arm(1U << FAIL_PAGE, some[i] + 1);
		got = alloc_pages_bulk_array(GFP_KERNEL, some[i], pages);
		EXPECT_EQ(failnth_disarm(), some[i]);
		EXPECT_EQ(got, some[i]);
		release_pages(pages, got);
	}
}

/* --- entries that are not what they should be -------------------------------- */

static __noinline void release_some(unsigned int nr)
{
	release_pages(pages, nr);
	barrier();				/* the call is not the last */
}

static void expect_refused(unsigned int nr, const char *words)
{
	EXPECT_REPORT(words, release_some(nr));
	EXPECT(ktest_report_contains("by release_some+"));
}

/* One bad entry, at each end and within, among few and among many. */
KTEST(page_bulk, bad_entry_is_reported_and_the_others_go_back) /* attacks A2 */
{
	static const unsigned int some[] = { 3, 100 };
	unsigned long before = nr_free_pages();
	struct page *block = alloc_pages(GFP_KERNEL, 3);
	unsigned int i, where, kind;

	REQUIRE(block);
	for (i = 0; i < 2 * 3 * 5; i++) {
		unsigned int nr = some[i % 2], at;
		const struct { struct page *page; const char *words; } bad[] = {
			{ NULL, "is no struct page" },
			{ (struct page *)((char *)block + 4),
			  "is no struct page" },
			{ block, "it was allocated with another order" },
			{ block + 1, "it is inside a larger block" },
			{ mem_map, "it was never allocated" },
		};

		where = i / 2 % 3;
		kind = i / 6;
		at = where == 0 ? 0 : where == 1 ? nr / 2 : nr;
		REQUIRE(alloc_pages_bulk_array(GFP_KERNEL, nr, pages) == nr);
		memmove(pages + at + 1, pages + at,
			(nr - at) * sizeof(pages[0]));
		pages[at] = bad[kind].page;
		expect_refused(nr + 1, bad[kind].words);
		EXPECT_EQ(nr_free_pages(), before - 8);
		EXPECT_EQ(zone_check(), 0);
	}
	__free_pages(block, 3);
}

KTEST(page_bulk, frame_named_twice_is_freed_once)	/* attacks A2 */
{
	static const unsigned int some[] = { 3, 100 };
	unsigned long before = nr_free_pages();
	unsigned int i, nr;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		nr = some[i];
		REQUIRE(alloc_pages_bulk_array(GFP_KERNEL, nr, pages) == nr);
		pages[nr] = pages[nr / 2];
		expect_refused(nr + 1, "it is free already");
		EXPECT_EQ(nr_free_pages(), before);
		REQUIRE(alloc_pages_bulk_array(GFP_KERNEL, nr, pages) == nr);
		memmove(pages + 2, pages + 1, (nr - 1) * sizeof(pages[0]));
		pages[1] = pages[0];
		expect_refused(nr + 1, "it is free already");
		EXPECT_EQ(nr_free_pages(), before);
		EXPECT_EQ(zone_check(), 0);
		EXPECT_EQ(pcp_check(), 0);
	}
}

KTEST(page_bulk, second_reference_keeps_its_frame)
{
	static const unsigned int some[] = { 3, 100 };
	unsigned long before = nr_free_pages();
	struct page *kept;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(some); i++) {
		REQUIRE(alloc_pages_bulk_array(GFP_KERNEL, some[i], pages) ==
			some[i]);
		kept = pages[some[i] / 2];
		get_page(kept);
		release_pages(pages, some[i]);
		EXPECT_EQ(nr_free_pages(), before - 1);
		EXPECT(page_is_single(kept, PAGE_USED));
		__free_page(kept);
		EXPECT_EQ(nr_free_pages(), before);
	}
}

/* --- a long walk ------------------------------------------------------------- */

#define HANDFULS	12U
#define WALK_STEPS	1500U

static struct { struct page *pages[300]; unsigned int nr; } handful[HANDFULS];

KTEST(page_bulk, random_walk_agrees_with_a_count)
{
	unsigned long before = nr_free_pages(), taken = 0;
	unsigned int step, i, got, wrong = 0;

	for (step = 0; step < WALK_STEPS; step++) {
		i = random_below(ktest_random(), HANDFULS);
		if (handful[i].nr) {
			release_pages(handful[i].pages, handful[i].nr);
			taken -= handful[i].nr;
			handful[i].nr = 0;
		} else {
			got = alloc_pages_bulk_array(
				zone_gfp[step % 3] | __GFP_NOWARN,
				random_below(ktest_random(), 301),
				handful[i].pages);
			handful[i].nr = got;
			taken += got;
		}
		wrong += nr_free_pages() + taken != before;
		if (step % 100 == 0)
			wrong += zone_check() != 0 || pcp_check() != 0;
	}
	EXPECT_EQ(wrong, 0);
	for (i = 0; i < HANDFULS; i++) {
		release_pages(handful[i].pages, handful[i].nr);
		handful[i].nr = 0;
	}
	EXPECT_EQ(nr_free_pages(), before);
}
