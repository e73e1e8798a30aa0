/* SPDX-License-Identifier: MIT */
/*
 * test_pcp.c - a CPU's stock of single frames: filled, emptied, and never trusted
 *
 * Most cases look at ZONE_DMA, which every machine has. Under KASAN there is no
 * stock, and what is left to show is that nobody misses it.
 */
#include <mm/pcp.h>

#include <kernel/lockrank.h>
#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>

#include "hoard.h"

static struct list_head held[NR_ZONES];

static struct zone *const dma = &zones[ZONE_DMA];

static struct page_stock *dma_stock(void)
{
	return this_cpu->page_stock[ZONE_DMA];
}

static void need_stock(void)
{
	if (short_ways.frames == 0)
		ktest_skip("no stock under KASAN, or while there is a trace");
	pcp_drain();
}

/* --- in and out --------------------------------------------------------------- */

KTEST(pcp, frame_freed_last_is_given_first)		/* attacks P1 */
{
	needs_stock();
	struct page *a, *b;

	need_stock();
	a = alloc_page(GFP_DMA);
	b = alloc_page(GFP_DMA);
	REQUIRE(a && b);
	__free_page(a);
	EXPECT_EQ(a->state, PAGE_STOCK);
	EXPECT(page_is_single(a, PAGE_STOCK));
	__free_page(b);
	EXPECT(alloc_page(GFP_DMA) == b);
	EXPECT(alloc_page(GFP_DMA) == a);
	EXPECT(page_is_single(a, PAGE_USED));
	__free_page(a);
	__free_page(b);
}

KTEST(pcp, frames_in_stock_count_as_free)
{
	unsigned long before;
	struct page *page;

	need_stock();
	before = nr_free_pages();
	page = alloc_page(GFP_DMA);
	pcp_drain();			/* of what came with it */
	REQUIRE(page);
	EXPECT_EQ(nr_free_pages(), before - 1);
	__free_page(page);
	EXPECT_EQ(pcp_nr_frames(dma), 1);
	EXPECT_EQ(nr_free_pages(), before);
	EXPECT_EQ(zone_nr_free(dma), dma->buddy.nr_free + 1);
	pcp_drain();
	EXPECT_EQ(pcp_nr_frames(dma), 0);
	EXPECT_EQ(nr_free_pages(), before);
}

KTEST(pcp, empty_stock_takes_about_a_batch)
{
	unsigned long before;
	struct page *page;

	need_stock();
	before = dma->buddy.nr_free;
	page = alloc_page(GFP_DMA);
	REQUIRE(page);
	EXPECT(pcp_nr_frames(dma) >= PCP_BATCH / 2);
	EXPECT(pcp_nr_frames(dma) < PCP_CAPACITY);
	EXPECT_EQ(before - dma->buddy.nr_free, pcp_nr_frames(dma) + 1);
	EXPECT_EQ(pcp_check(), 0);
	EXPECT_EQ(zone_check(), 0);
	__free_page(page);
}

/* Full, with @pages in sequence; and one more that is still in use. */
static void fill_stock(struct page *pages[PCP_CAPACITY + 1])
{
	unsigned int i;

	need_stock();
	for (i = 0; i <= PCP_CAPACITY; i++)
		pages[i] = alloc_page(GFP_DMA);
	pcp_drain();
	for (i = 0; i < PCP_CAPACITY; i++)
		__free_page(pages[i]);
	EXPECT_EQ(pcp_nr_frames(dma), PCP_CAPACITY);
}

KTEST(pcp, full_stock_gives_its_oldest_half_back)	/* attacks P3 */
{
	needs_stock();
	struct page *pages[PCP_CAPACITY + 1];

	fill_stock(pages);
	__free_page(pages[PCP_CAPACITY]);
	EXPECT_EQ(pcp_nr_frames(dma), PCP_CAPACITY - PCP_BATCH + 1);
	EXPECT_EQ(pages[0]->state == PAGE_STOCK, 0);
	EXPECT_EQ(pages[PCP_BATCH - 1]->state == PAGE_STOCK, 0);
	EXPECT_EQ(pages[PCP_BATCH]->state, PAGE_STOCK);
	EXPECT(alloc_page(GFP_DMA) == pages[PCP_CAPACITY]);
	EXPECT(alloc_page(GFP_DMA) == pages[PCP_CAPACITY - 1]);
	EXPECT_EQ(pcp_check(), 0);
	EXPECT_EQ(zone_check(), 0);
	__free_page(pages[PCP_CAPACITY]);
	__free_page(pages[PCP_CAPACITY - 1]);
}

/* It would take no more, and the frame is no worse for it. */
KTEST(pcp, damaged_stock_sends_frames_to_the_zone)
{
	struct page *pages[PCP_CAPACITY + 1];
	unsigned long before;

	fill_stock(pages);
	before = dma->buddy.nr_free;
	pages[0]->count = 2;
	__free_page(pages[PCP_CAPACITY]);
	EXPECT_EQ(dma->buddy.nr_free, before + 1);
	EXPECT_EQ(pcp_nr_frames(dma), PCP_CAPACITY);
	pages[0]->count = 1;
	EXPECT_EQ(pcp_check(), 0);
}

KTEST(pcp, many_are_put_as_long_as_they_are_good)
{
	needs_stock();
	struct page *pages[4];
	unsigned int i;

	need_stock();
	for (i = 0; i < 3; i++)
		pages[i] = alloc_page(GFP_DMA);
	pages[3] = pages[2];
	EXPECT_EQ(pcp_put_many(pages, 0), 0);
	EXPECT_EQ(pcp_put_many(pages, 4), 3);		/* one is named twice */
	EXPECT_EQ(pcp_check(), 0);
	for (i = 0; i < 3; i++)
		pages[i] = alloc_page(GFP_DMA);
	pages[2]->order = 1;
	EXPECT_EQ(pcp_put_many(pages, 3), 2);
	pages[2]->order = 0;
	pages[0] = NULL;
	EXPECT_EQ(pcp_put_many(pages, 3), 0);
	this_cpu->irq_depth++;
	EXPECT_EQ(pcp_put_many(pages + 2, 1), 0);
	this_cpu->irq_depth--;
	__free_page(pages[2]);
	EXPECT_EQ(pcp_check(), 0);
}

KTEST(pcp, many_are_put_until_the_next_zone_begins)
{
	needs_stock();
	struct page *pages[3];

	need_stock();
	if (zones[ZONE_NORMAL].nr_managed == 0)
		ktest_skip("this machine has no NORMAL");
	pages[0] = alloc_page(GFP_DMA);
	pages[1] = alloc_page(GFP_KERNEL);
	pages[2] = alloc_page(GFP_DMA);
	EXPECT_EQ(pcp_put_many(pages, 3), 1);
	EXPECT_EQ(pcp_put_many(pages + 1, 2), 1);
	EXPECT_EQ(pcp_put_many(pages + 2, 1), 1);
	EXPECT_EQ(pcp_check(), 0);
}

KTEST(pcp, many_are_put_while_there_is_room)
{
	needs_stock();
	struct page *pages[PCP_CAPACITY + 1], *more[2];

	fill_stock(pages);
	more[0] = alloc_page(GFP_DMA);			/* room for one */
	more[1] = pages[PCP_CAPACITY];
	EXPECT_EQ(pcp_put_many(more, 2), 1);
	EXPECT_EQ(pcp_nr_frames(dma), PCP_CAPACITY);
	EXPECT_EQ(pcp_put_many(more + 1, 1), 0);
	__free_page(more[1]);
	EXPECT_EQ(pcp_check(), 0);
}

KTEST(pcp, last_of_several_references_goes_into_the_stock)
{
	struct page *page;

	need_stock();
	page = alloc_page(GFP_DMA);
	pcp_drain();
	REQUIRE(page);
	get_page(page);
	__free_page(page);
	EXPECT(page_is_single(page, PAGE_USED));
	EXPECT_EQ(pcp_nr_frames(dma), 0);
	__free_page(page);
	EXPECT(page_is_single(page, PAGE_STOCK));
	EXPECT_EQ(pcp_nr_frames(dma), 1);
}

KTEST(pcp, gfp_zero_clears_what_comes_out)
{
	needs_stock();
	struct page *page = alloc_page(GFP_HIGHUSER);
	void *addr;

	REQUIRE(page);
	addr = kmap_local_page(page);
	memset(addr, 0xFF, PAGE_SIZE);
	kunmap_local(addr);
	__free_page(page);
	EXPECT(alloc_page(GFP_HIGHUSER | __GFP_ZERO) == page);
	addr = kmap_local_page(page);
	EXPECT(!memchr_inv(addr, 0, PAGE_SIZE));
	kunmap_local(addr);
	__free_page(page);
}

/* --- whose ---------------------------------------------------------------------- */

/* The highest zone with RAM that may serve it: no floor is different there. */
KTEST(pcp, each_request_has_the_stock_of_its_zone)
{
	unsigned int bits, id;

	for (bits = 0; bits < 4; bits++) {
		enum zone_id wanted = gfp_zone(GFP_FLAG(bits));
		const struct zone *zone = &zones[pcp_zone[bits]];

		EXPECT(zone->nr_present > 0);
		EXPECT(pcp_zone[bits] <= wanted);
		for (id = pcp_zone[bits] + 1U; id <= wanted; id++)
			EXPECT_EQ(zones[id].nr_present, 0);
		EXPECT_EQ(zone_floor(zone, wanted, 0), zone->min);
	}
}

/* Who holds a lock, and a handler, must not find a half-made stock. */
static void expect_past_the_stock(void)
{
	unsigned int nr = pcp_nr_frames(dma);
	struct page *page = alloc_page(__GFP_DMA);

	EXPECT(page);
	EXPECT_EQ(pcp_nr_frames(dma), nr);
	EXPECT(page_is_single(page, PAGE_USED));
	__free_page(page);
	EXPECT_EQ(pcp_nr_frames(dma), nr);
	EXPECT(page->state != PAGE_STOCK);
}

KTEST(pcp, who_may_not_wait_leaves_it_alone)
{
	struct spinlock outer = SPINLOCK_INIT(RANK_SLAB);
	unsigned long flags;
	unsigned int some;

	for (some = 0; some < 2; some++) {
		pcp_drain();
		if (some)
			__free_page(alloc_page(GFP_DMA));
		spin_lock(&outer);
		expect_past_the_stock();
		spin_unlock(&outer);
		flags = irq_local_save();
		this_cpu->irq_depth++;
		expect_past_the_stock();
		this_cpu->irq_depth--;
		irq_local_restore(flags);
	}
}

KTEST(pcp, allocation_that_is_to_fail_is_not_served_from_it)
{
	struct page *page;

	__free_page(alloc_page(GFP_KERNEL));
	failnth_arm(1U << FAIL_PAGE, 2);
	page = alloc_page(GFP_KERNEL);
	EXPECT(page);
	EXPECT(!alloc_page(GFP_KERNEL | __GFP_NOWARN));
	EXPECT_EQ(failnth_disarm(), 2);
	__free_page(page);
}

/* --- shortage ------------------------------------------------------------------- */

/* Eight frames in stock that are a block of order 3, and nothing else is free. */
static struct page *leave_a_block_in_stock(void)
{
	struct page *block = alloc_pages(GFP_DMA, 3);
	unsigned int i;

	hoard_zone(&held[0], ZONE_DMA, __GFP_DMA | __GFP_HIGH);
	for (i = 0; i < 8; i++) {
		block[i].state = PAGE_USED;
		block[i].order = 0;
		block[i].count = 1;
		__free_page(block + i);
	}
	return block;
}

KTEST(pcp, zone_does_not_refuse_what_its_stock_has)	/* attacks P4 */
{
	struct page *block, *page;

	need_stock();
	block = leave_a_block_in_stock();
	EXPECT_EQ(pcp_nr_frames(dma), 8);
	EXPECT_EQ(dma->buddy.nr_free, 0);
	page = alloc_pages(__GFP_DMA | __GFP_HIGH | __GFP_NOWARN, 3);
	EXPECT(page == block);
	EXPECT_EQ(pcp_nr_frames(dma), 0);
	EXPECT(!alloc_page(__GFP_DMA | __GFP_HIGH | __GFP_NOWARN));
	__free_pages(page, 3);
	hoard_release(&held[0]);
}

KTEST(pcp, requests_that_fall_back_get_what_is_in_stock) /* attacks P4 */
{
	unsigned long reserve = dma->reserve[ZONE_NORMAL];
	struct page *block, *pages[8];
	unsigned int i, got = 0;

	need_stock();
	if (zones[ZONE_NORMAL].nr_managed == 0)
		ktest_skip("this machine has no NORMAL");
	dma->reserve[ZONE_NORMAL] = 0;
	hoard_zone(&held[1], ZONE_NORMAL, GFP_ATOMIC);
	block = leave_a_block_in_stock();
	for (i = 0; i < 8; i++) {
		pages[i] = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
		got += pages[i] && pages[i]->zone == ZONE_DMA;
	}
	EXPECT_EQ(got, 8);
	EXPECT(!alloc_page(GFP_ATOMIC | __GFP_NOWARN));
	for (i = 0; i < 8; i++)
		__free_page(pages[i]);
	pcp_drain();
	EXPECT(block->state == PAGE_FREE);
	dma->reserve[ZONE_NORMAL] = reserve;
	hoard_release(&held[0]);
	hoard_release(&held[1]);
}

/* Frames out of reach are the price: a handler may be refused while they lie there. */
KTEST(pcp, lock_holder_is_refused_what_is_in_stock)
{
	struct spinlock outer = SPINLOCK_INIT(RANK_SLAB);

	need_stock();
	leave_a_block_in_stock();
	spin_lock(&outer);
	EXPECT(!alloc_page(__GFP_DMA | __GFP_HIGH | __GFP_NOWARN));
	EXPECT_EQ(pcp_nr_frames(dma), 8);
	spin_unlock(&outer);
	pcp_drain();
	hoard_release(&held[0]);
}

KTEST(pcp, refill_leaves_the_minimum)
{
	struct page *page;

	need_stock();
	hoard_zone(&held[0], ZONE_DMA, GFP_DMA);
	EXPECT_EQ(dma->buddy.nr_free, dma->min);
	page = alloc_page(GFP_DMA | __GFP_HIGH);
	EXPECT(page);
	EXPECT_EQ(pcp_nr_frames(dma), 0);
	EXPECT_EQ(dma->buddy.nr_free, dma->min - 1);
	__free_page(page);
	pcp_drain();
	hoard_release(&held[0]);
}

/* --- wrong frees ---------------------------------------------------------------- */

static void expect_refused(struct page *page, unsigned int order,
			   const char *words)
{
	const struct page before = *page;
	unsigned int nr = pcp_nr_frames(dma);

	EXPECT_REPORT(words, __free_pages(page, order));
	EXPECT(memcmp(page, &before, sizeof(before)) == 0);
	EXPECT_EQ(pcp_nr_frames(dma), nr);
	EXPECT_EQ(pcp_check(), 0);
}

KTEST(pcp, single_frame_is_freed_once_and_with_its_order)	/* attacks A2, P2 */
{
	struct page *page = alloc_page(GFP_DMA);

	REQUIRE(page);
	expect_refused(page, 1, "it was allocated with another order");
	expect_refused(page, MAX_ORDER, "it was allocated with another order");
	__free_page(page);
	expect_refused(page, 0, "it is free already");
	expect_refused(page, 1, "it is free already");
	pcp_drain();
	expect_refused(page, 0, "it is free already");
}

/* --- the check ------------------------------------------------------------------ */

static struct page_stock *two_in_stock(void)
{
	struct page *a, *b;

	need_stock();
	a = alloc_page(GFP_DMA);
	b = alloc_page(GFP_DMA);
	pcp_drain();
	__free_page(a);
	__free_page(b);
	EXPECT_EQ(pcp_check(), 0);
	return dma_stock();
}

KTEST(pcp, check_finds_p1_broken)
{
	struct page_stock *stock = two_in_stock();
	struct page *page = stock->page[1];
	const struct page saved = *page;

	page->state = PAGE_USED;
	EXPECT_EQ(pcp_check(), 1);
	*page = saved;
	page->order = 1;
	EXPECT_EQ(pcp_check(), 1);
	*page = saved;
	page->count = 2;
	EXPECT_EQ(pcp_check(), 1);
	*page = saved;
	page->zone = ZONE_NORMAL;
	EXPECT_EQ(pcp_check(), 1);
	*page = saved;
	stock->page[1] = NULL;
	EXPECT_EQ(pcp_check(), 1);
	stock->page[1] = page;
	EXPECT_EQ(pcp_check(), 0);
}

KTEST(pcp, check_finds_p2_and_p3_broken)
{
	struct page_stock *stock = two_in_stock();
	struct page *page = stock->page[1];

	stock->page[1] = stock->page[0];
	EXPECT_EQ(pcp_check(), 2);
	stock->page[1] = page;
	stock->nr = PCP_CAPACITY + 1;
	EXPECT_EQ(pcp_check(), 3);
	stock->nr = 2;
	EXPECT_EQ(pcp_check(), 0);
}

/* --- a long walk ---------------------------------------------------------------- */

#define WALK_FRAMES	160U
#define WALK_STEPS	20000U

static struct page *walk[WALK_FRAMES];

/* Drifts between many and few, so that stocks run full and run dry. */
KTEST(pcp, random_walk_agrees_with_a_count)
{
	unsigned long before = nr_free_pages(), taken = 0;
	unsigned int step, i, wrong = 0;

	for (step = 0; step < WALK_STEPS; step++) {
		bool filling = step / 300 % 2;

		i = random_below(ktest_random(), WALK_FRAMES);
		if (!walk[i] == !filling)
			continue;
		if (walk[i]) {
			__free_page(walk[i]);
			walk[i] = NULL;
			taken--;
		} else {
			walk[i] = alloc_page(zone_gfp[i % NR_ZONES]);
			wrong += !page_is_single(walk[i], PAGE_USED);
			taken++;
		}
		wrong += nr_free_pages() + taken != before;
		if (step % 50 == 0)
			wrong += pcp_check() != 0 || zone_check() != 0;
	}
	EXPECT_EQ(wrong, 0);
	for (i = 0; i < WALK_FRAMES; i++) {
		__free_page(walk[i]);
		walk[i] = NULL;
	}
	EXPECT_EQ(nr_free_pages(), before);
}
