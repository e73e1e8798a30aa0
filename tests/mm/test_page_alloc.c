/* SPDX-License-Identifier: MIT */
/*
 * test_page_alloc.c - who is given frames, where, and how many
 *
 * To see a zone run dry, all of its frames are taken (hoard.h); so these cases
 * are exact on any machine. What is wrongly given back is the subject of
 * test_page_alloc_free.c.
 */
#include <mm/page_alloc.h>

#include <kernel/lockrank.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/pcp.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>

#include "hoard.h"

static struct list_head held[NR_ZONES];

static unsigned long nr_free(enum zone_id id)
{
	return zone_nr_free(&zones[id]);
}

static bool has_zone(enum zone_id id)
{
	return zones[id].nr_managed > 0;
}

/* --- which zone ----------------------------------------------------------- */

/* The zone that serves one frame while there is plenty of everything. */
static int zone_of_frame(gfp_t gfp)
{
	struct page *page = alloc_page(gfp | __GFP_NOWARN);
	int id = page ? page->zone : -1;

	EXPECT(!page || page_zone(page)->start <= page_to_pfn(page));
	EXPECT(!page || page_to_pfn(page) < page_zone(page)->end);
	__free_page(page);
	return id;
}

KTEST(page_alloc, each_kind_of_request_gets_its_zone)
{
	enum zone_id low = has_zone(ZONE_NORMAL) ? ZONE_NORMAL : ZONE_DMA;
	enum zone_id high = has_zone(ZONE_HIGHMEM) ? ZONE_HIGHMEM : low;

	EXPECT_EQ(zone_of_frame(GFP_DMA), ZONE_DMA);
	EXPECT_EQ(zone_of_frame(GFP_DMA | GFP_KERNEL), ZONE_DMA);
	EXPECT_EQ(zone_of_frame(GFP_DMA | __GFP_HIGHMEM), ZONE_DMA);
	EXPECT_EQ(zone_of_frame(GFP_KERNEL), low);
	EXPECT_EQ(zone_of_frame(GFP_ATOMIC), low);
	EXPECT_EQ(zone_of_frame(GFP_HIGHUSER), high);
	EXPECT_EQ(zone_of_frame(__GFP_HIGHMEM), high);
}

KTEST(page_alloc, highmem_that_is_used_up_falls_back_to_normal)
{
	if (!has_zone(ZONE_HIGHMEM))
		ktest_skip("no highmem");
	if (nr_free(ZONE_NORMAL) <= zones[ZONE_NORMAL].reserve[ZONE_HIGHMEM])
		ktest_skip("so much highmem that NORMAL is reserved in whole");
	hoard_zone(&held[0], ZONE_HIGHMEM, __GFP_HIGHMEM | __GFP_HIGH);
	EXPECT_EQ(nr_free(ZONE_HIGHMEM), 0);
	EXPECT_EQ(zone_of_frame(__GFP_HIGHMEM | __GFP_HIGH), ZONE_NORMAL);
	EXPECT_EQ(zone_of_frame(GFP_KERNEL), ZONE_NORMAL);
	hoard_release(&held[0]);
}

KTEST(page_alloc, normal_that_is_used_up_falls_back_to_dma)
{
	if (!has_zone(ZONE_NORMAL))
		ktest_skip("no memory above 16 MiB");
	hoard_zone(&held[0], ZONE_NORMAL, GFP_ATOMIC);
	EXPECT_EQ(nr_free(ZONE_NORMAL), 0);
	EXPECT_EQ(zone_of_frame(GFP_ATOMIC), ZONE_DMA);
	EXPECT_EQ(zone_of_frame(GFP_DMA), ZONE_DMA);
	hoard_release(&held[0]);
}

KTEST(page_alloc, nothing_is_ever_served_from_a_higher_zone)
{
	if (!has_zone(ZONE_NORMAL))
		ktest_skip("no memory above 16 MiB");
	hoard_zone(&held[0], ZONE_DMA, __GFP_DMA | __GFP_HIGH);
	EXPECT_EQ(zone_of_frame(GFP_DMA), -1);
	EXPECT_EQ(zone_of_frame(GFP_DMA | __GFP_HIGH), -1);
	EXPECT(nr_free(ZONE_NORMAL) > 0);
	hoard_zone(&held[1], ZONE_NORMAL, GFP_ATOMIC);
	EXPECT_EQ(zone_of_frame(GFP_KERNEL), -1);
	EXPECT_EQ(zone_of_frame(GFP_ATOMIC), -1);
	EXPECT_EQ(nr_free(ZONE_HIGHMEM), zones[ZONE_HIGHMEM].nr_managed);
	hoard_release(&held[1]);
	hoard_release(&held[0]);
}

KTEST(page_alloc, empty_machine_refuses_everybody)
{
	unsigned int id, order;

	hoard_all(held);
	EXPECT_EQ(nr_free_pages(), 0);
	for (id = 0; id < NR_ZONES; id++)
		for (order = 0; order < NR_ORDERS; order++)
			EXPECT(!alloc_pages(zone_gfp[id] | __GFP_HIGH |
					    __GFP_NOWARN, order));
	EXPECT(!__get_free_pages(GFP_ATOMIC | __GFP_NOWARN, 0));
	EXPECT(!get_zeroed_page(GFP_ATOMIC | __GFP_NOWARN));
	EXPECT_EQ(zone_check(), 0);
	hoard_release_all(held);
}

/* --- floors --------------------------------------------------------------- */

/* How many frames, one by one, such requests get from zone @id. */
static unsigned long count_frames(struct list_head *list, enum zone_id id,
				  gfp_t gfp)
{
	unsigned long before = nr_free(id);

	hoard_zone(list, id, gfp);
	return before - nr_free(id);
}

KTEST(page_alloc, atomic_requests_go_on_where_others_stop)
{
	enum zone_id id;

	for (id = ZONE_DMA; id <= ZONE_NORMAL; id++) {
		gfp_t gfp = zone_gfp[id];
		unsigned long min = zones[id].min, before = nr_free(id);

		EXPECT_EQ(count_frames(&held[0], id, gfp), before - min);
		EXPECT_EQ(nr_free(id), min);
		EXPECT_EQ(count_frames(&held[1], id, gfp | __GFP_WAIT), 0);
		EXPECT_EQ(count_frames(&held[2], id, gfp | __GFP_HIGH), min);
		EXPECT_EQ(nr_free(id), 0);
		hoard_release(&held[2]);
		hoard_release(&held[0]);
		EXPECT_EQ(nr_free(id), before);
	}
	EXPECT(zones[ZONE_DMA].min > 0);
}

/* A block of @order needs that much above the floor, not merely one frame. */
KTEST(page_alloc, large_block_must_fit_above_the_floor_too)
{
	struct page *page;

	hoard_zone(&held[0], ZONE_DMA, GFP_DMA);
	EXPECT_EQ(nr_free(ZONE_DMA), zones[ZONE_DMA].min);
	page = list_first_entry(&held[0], struct page, link);
	while (&page->link != &held[0] && page->order != 2)
		page = list_entry(page->link.next, struct page, link);
	if (&page->link != &held[0]) {
		list_del(&page->link);
		__free_pages(page, 2);		/* floor + 4 */
		EXPECT(!alloc_pages(GFP_DMA | __GFP_NOWARN, 3));
		page = alloc_pages(GFP_DMA | __GFP_NOWARN, 2);
		EXPECT(page);
		EXPECT(!alloc_page(GFP_DMA | __GFP_NOWARN));
		__free_pages(page, 2);
	}
	hoard_release(&held[0]);
}

/* What requests for a higher zone leave, and only they. */
KTEST(page_alloc, reserve_keeps_a_zone_for_those_who_need_it)
{
	enum zone_id low, wanted;
	unsigned long before, floor;

	if (zones[ZONE_DMA].reserve[ZONE_HIGHMEM] == 0)
		ktest_skip("too little memory above 16 MiB for a reserve");
	for (low = ZONE_DMA; low < ZONE_HIGHMEM; low++)
		for (wanted = low + 1; wanted < NR_ZONES; wanted++) {
			enum zone_id id = wanted;

			for (; id > low; id--)
				hoard_zone(&held[id], id,
					   zone_gfp[id] | __GFP_HIGH);
			before = nr_free(low);
			floor = zones[low].reserve[wanted];
			EXPECT_EQ(count_frames(&held[low], low,
					       zone_gfp[wanted] | __GFP_HIGH),
				  before - MIN(before, floor));
			hoard_release(&held[low]);
			EXPECT_EQ(count_frames(&held[low], low,
					       zone_gfp[low] | __GFP_HIGH),
				  before);
			for (id = low; id <= wanted; id++)
				hoard_release(&held[id]);
		}
}

/* --- blocks --------------------------------------------------------------- */

static void expect_block(const struct page *page, unsigned int order)
{
	unsigned int i;

	EXPECT(IS_ALIGNED(page_to_pfn(page), 1U << order));
	EXPECT_EQ(page->state, PAGE_USED);
	EXPECT_EQ(page->order, order);
	EXPECT_EQ(page->count, 1);
	for (i = 1; i < 1U << order; i++)
		EXPECT_EQ(page[i].state, PAGE_TAIL);
}

/* What is in stock goes back first: so does a zone that would else refuse. */
static bool zone_can_serve(gfp_t gfp, unsigned int order)
{
	int id;

	pcp_drain();
	for (id = (int)gfp_zone(gfp); id >= 0; id--)
		if (buddy_largest(&zones[id].buddy) >= (int)order &&
		    nr_free((enum zone_id)id) >= (1UL << order) +
		    zone_floor(&zones[id], gfp_zone(gfp), gfp))
			return true;
	return false;
}

KTEST(page_alloc, blocks_of_every_order_are_aligned_and_marked) /* attacks A1 */
{
	unsigned int order, id, seen = 0;

	for (id = 0; id < NR_ZONES; id++)
		for (order = 0; order < NR_ORDERS; order++) {
			gfp_t gfp = zone_gfp[id] | __GFP_NOWARN;
			bool possible = zone_can_serve(gfp, order);
			unsigned long before = nr_free_pages();
			struct page *page = alloc_pages(gfp, order);

			EXPECT(!page == !possible);
			if (!page)
				continue;
			expect_block(page, order);
			EXPECT_EQ(before - nr_free_pages(), 1UL << order);
			__free_pages(page, order);
			EXPECT_EQ(nr_free_pages(), before);
			EXPECT_EQ(page->state == PAGE_USED, 0);
			seen |= 1U << order;
		}
	EXPECT(seen >= 0x1FF);			/* orders 0 to 8 at least */
}

KTEST(page_alloc, orders_beyond_the_largest_are_refused)
{
	static const unsigned int orders[] = { 11, 12, 31, 32, 63, ~0U };
	unsigned long before = nr_free_pages();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		EXPECT(!alloc_pages(GFP_KERNEL | __GFP_NOWARN, orders[i]));
		EXPECT(!alloc_pages(GFP_HIGHUSER | __GFP_NOWARN, orders[i]));
		EXPECT(!__get_free_pages(GFP_DMA | __GFP_NOWARN, orders[i]));
	}
	EXPECT_EQ(nr_free_pages(), before);
}

KTEST(page_alloc, requests_are_served_under_an_outer_lock)
{
	struct spinlock outer = SPINLOCK_INIT(RANK_SLAB);
	unsigned int rank = this_cpu->lock_rank;
	struct page *page;

	spin_lock(&outer);
	page = alloc_pages(GFP_ATOMIC, 1);
	EXPECT(page);
	EXPECT_EQ(this_cpu->lock_rank, RANK_SLAB);
	EXPECT(!(read_eflags() & EFLAGS_IF));
	__free_pages(page, 1);
	EXPECT(!(read_eflags() & EFLAGS_IF));
	spin_unlock(&outer);
	EXPECT_EQ(this_cpu->lock_rank, rank);
}

/* --- contents ------------------------------------------------------------- */

static void fill_frame(struct page *page, int byte)
{
	void *addr = kmap_local_page(page);

	memset(addr, byte, PAGE_SIZE);
	kunmap_local(addr);
}

static bool frame_is(struct page *page, int byte)
{
	void *addr = kmap_local_page(page);
	bool same = !memchr_inv(addr, byte, PAGE_SIZE);

	kunmap_local(addr);
	return same;
}

/* Freed and taken again at once, a block is the same: so it is dirty. */
static void expect_zeroed(enum zone_id id, unsigned int order)
{
	gfp_t gfp = zone_gfp[id] | __GFP_HIGH;
	struct page *page = alloc_pages(gfp, order), *again;
	unsigned int i;

	REQUIRE(page);
	EXPECT_EQ(page->zone, id);
	for (i = 0; i < 1U << order; i++)
		fill_frame(page + i, 0xFF);
	__free_pages(page, order);
	again = alloc_pages(gfp | __GFP_ZERO, order);
	EXPECT(again == page);
	for (i = 0; i < 1U << order; i++)
		EXPECT(frame_is(again + i, 0));
	__free_pages(again, order);
}

KTEST(page_alloc, gfp_zero_clears_the_whole_block_in_every_zone)
{
	needs_stock();
	unsigned int id;

	for (id = 0; id < NR_ZONES; id++)
		if (has_zone((enum zone_id)id)) {
			expect_zeroed((enum zone_id)id, 0);
			expect_zeroed((enum zone_id)id, 3);
		}
}

KTEST(page_alloc, frames_keep_what_is_written_to_them)
{
	struct page *page = alloc_pages(GFP_HIGHUSER, 4);
	int i;

	REQUIRE(page);
	for (i = 0; i < 16; i++)
		fill_frame(page + i, i + 1);
	for (i = 0; i < 16; i++)
		EXPECT(frame_is(page + i, i + 1));
	__free_pages(page, 4);
}

/* --- by address ----------------------------------------------------------- */

KTEST(page_alloc, addresses_are_those_of_low_frames)
{
	static const gfp_t kinds[] = { GFP_KERNEL, GFP_DMA, GFP_HIGHUSER };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		unsigned long addr = __get_free_pages(kinds[i], 2);
		struct page *page = virt_to_page((void *)addr);

		REQUIRE(addr);
		EXPECT(addr_in_direct_map(addr));
		EXPECT(IS_ALIGNED(addr, 4 * PAGE_SIZE));
		expect_block(page, 2);
		EXPECT(page_address(page) == (void *)addr);
		free_pages(addr, 2);
		EXPECT(page->state != PAGE_USED);
	}
}

KTEST(page_alloc, zeroed_page_is_zero)
{
	needs_stock();
	unsigned long addr = __get_free_pages(GFP_KERNEL, 0), again;

	REQUIRE(addr);
	memset((void *)addr, 0xFF, PAGE_SIZE);
	free_pages(addr, 0);
	again = get_zeroed_page(GFP_KERNEL);
	EXPECT_EQ(again, addr);
	EXPECT(!memchr_inv((void *)again, 0, PAGE_SIZE));
	free_pages(again, 0);
}

/* --- what it says --------------------------------------------------------- */

static unsigned int lines_since(uint64_t position)
{
	static char text[1024];
	unsigned int nr = 0;
	const char *p;

	printk_copy(position, text, sizeof(text));
	for (p = text; *p; p++)
		nr += *p == '\n';
	return nr;
}

static __noinline void ask_too_much(gfp_t gfp)
{
	EXPECT(!alloc_pages(gfp, MAX_ORDER + 1));
	barrier();				/* the call is not the last */
}

static __noinline void ask_too_much_by_address(gfp_t gfp)
{
	EXPECT(!__get_free_pages(gfp, MAX_ORDER + 1));
	barrier();
}

KTEST(page_alloc, shortage_is_one_line_that_names_the_caller)
{
	uint64_t from = printk_position();

	ask_too_much(GFP_KERNEL);
	EXPECT_EQ(lines_since(from), 1);
	EXPECT(printk_contains(from, "no block of order 11 for ask_too_much+"));
	EXPECT(printk_contains(from, "gfp 08"));
	from = printk_position();
	ask_too_much_by_address(GFP_DMA);
	EXPECT_EQ(lines_since(from), 1);
	EXPECT(printk_contains(from, "for ask_too_much_by_address+"));
}

KTEST(page_alloc, nowarn_is_silent)
{
	uint64_t from = printk_position();

	ask_too_much(GFP_KERNEL | __GFP_NOWARN);
	ask_too_much_by_address(GFP_ATOMIC | __GFP_NOWARN);
	EXPECT_EQ(printk_position(), from);
}

/* --- a long walk ---------------------------------------------------------- */

#define WALK_BLOCKS	120U
#define WALK_STEPS	6000U

static struct { struct page *page; unsigned int order; } walk[WALK_BLOCKS];
static unsigned long walk_frames;

/* Both ends of each frame tell which block they belong to. */
static void mark_block(unsigned int i, bool check)
{
	unsigned int k;

	for (k = 0; k < 1U << walk[i].order; k++) {
		uint32_t *word = kmap_local_page(walk[i].page + k);
		uint32_t mark = i << 16 | k;

		if (check)
			EXPECT(word[0] == mark && word[1023] == ~mark);
		word[0] = mark;
		word[1023] = ~mark;
		kunmap_local(word);
	}
}

static void walk_free(unsigned int i)
{
	expect_block(walk[i].page, walk[i].order);
	mark_block(i, true);
	__free_pages(walk[i].page, walk[i].order);
	walk_frames -= 1UL << walk[i].order;
	walk[i].page = NULL;
}

/* Small blocks are frequent: each order half as likely as the one below. */
static unsigned int random_order(struct random *r)
{
	return bit_lowest(random_next(r) | 1U << MAX_ORDER);
}

static void walk_alloc(unsigned int i, struct random *r)
{
	unsigned int order = random_order(r);
	gfp_t gfp = (__force gfp_t)random_next(r) &
		    (__GFP_ZONEMASK | __GFP_HIGH);
	bool possible = zone_can_serve(gfp, order);

	walk[i].page = alloc_pages(gfp | __GFP_NOWARN, order);
	walk[i].order = order;
	EXPECT(!walk[i].page == !possible);
	if (!walk[i].page)
		return;
	EXPECT(walk[i].page->zone <= gfp_zone(gfp));
	expect_block(walk[i].page, order);
	mark_block(i, false);
	walk_frames += 1UL << order;
}

KTEST(page_alloc, random_walk_agrees_with_a_model)
{
	unsigned long before = nr_free_pages(), most = 0;
	unsigned int step, i, wrong = 0;

	memset(walk, 0, sizeof(walk));
	walk_frames = 0;
	for (step = 0; step < WALK_STEPS; step++) {
		i = random_below(ktest_random(), WALK_BLOCKS);
		if (walk[i].page)
			walk_free(i);
		else
			walk_alloc(i, ktest_random());
		wrong += nr_free_pages() + walk_frames != before;
		most = MAX(most, walk_frames);
		if (step % 500 == 0)
			wrong += zone_check() != 0;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(most > 100);
	for (i = 0; i < WALK_BLOCKS; i++)
		if (walk[i].page)
			walk_free(i);
	EXPECT_EQ(nr_free_pages(), before);
}
