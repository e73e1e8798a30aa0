/* SPDX-License-Identifier: MIT */
/*
 * walk_pages.c - zone, buddy, page_alloc beside an array of owners
 *
 * Idea        The model is a byte for each frame: free, or the order of its
 *             block. It knows what buddies are as little as a caller does: a
 *             request must succeed where an aligned run of free frames is in a
 *             zone that may give it, from the highest such zone, and nowhere
 *             else. Memory is so small that shortage is the normal state.
 * Attacks     A1, A2, B1 to B5, P1 to P4, Z1, Z2
 */
#include "walk.h"

#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/zone.h>

#define LOW_END		MIB(24)
#define HIGH_START	MIB(400)
#define HIGH_END	MIB(408)
#define NR_FRAMES	(HIGH_END / PAGE_SIZE)
#define MAX_BLOCKS	8192U

enum { FREE, NOT_OURS = 255 };		/* else 1 + the order of its block */

static uint8_t owner[NR_FRAMES];
static unsigned long nr_free[NR_ZONES];

static struct block { pfn_t head; uint8_t order, count; } blocks[MAX_BLOCKS];
static unsigned int nr_blocks;
static struct block last_freed;

static void set_owner(pfn_t head, unsigned int order, uint8_t value)
{
	enum zone_id zone = pfn_to_page(head)->zone;

	memset(&owner[head], value, 1U << order);
	if (value == FREE)
		nr_free[zone] += 1U << order;
	else
		nr_free[zone] -= 1U << order;
}

/* What the kernel called free at the beginning is free in the model. */
static void begin(void)
{
	const struct page *head;
	unsigned int id, order;

	pc_boot(LOW_END, HIGH_START, HIGH_END);
	pcp_drain();
	memset(owner, NOT_OURS, sizeof(owner));
	for (id = 0; id < NR_ZONES; id++)
		for (order = 0; order < NR_ORDERS; order++)
			list_for_each_entry(head, &zones[id].buddy.free[order],
					    link)
				set_owner(page_to_pfn(head), order, FREE);
	for (id = 0; id < NR_ZONES; id++)
		MUST(nr_free[id] > 1000);
}

/* --- the model ----------------------------------------------------------- */

static bool run_is_free(pfn_t at, unsigned int order)
{
	static const uint8_t free_run[1U << MAX_ORDER];

	return memcmp(&owner[at], free_run, 1U << order) == 0;
}

static bool zone_has(const struct zone *zone, unsigned int order)
{
	pfn_t at = ALIGN_UP(zone->start, 1U << order);

	for (; at + (1U << order) <= MIN(zone->end, NR_FRAMES);
	     at += 1U << order)
		if (run_is_free(at, order))
			return true;
	return false;
}

/* Floors are of no concern to what is in stock already. */
static bool may_give(enum zone_id id, gfp_t gfp, unsigned int order)
{
	if (order == 0 && id == gfp_zone(gfp) && pcp_nr_frames(&zones[id]))
		return true;
	return nr_free[id] >= zone_floor(&zones[id], gfp_zone(gfp), gfp) +
			      (1UL << order);
}

/* The zone that must serve the request, or NR_ZONES. */
static unsigned int right_zone(gfp_t gfp, unsigned int order)
{
	unsigned int id = gfp_zone(gfp) + 1U;

	while (order <= MAX_ORDER && id-- > 0)
		if (may_give(id, gfp, order) && zone_has(&zones[id], order))
			return id;
	return NR_ZONES;
}

/* --- operations ---------------------------------------------------------- */

/* A word at each end of the block: low memory cheaply, HIGHMEM now and then. */
static void tag_page(struct page *page, uint32_t tag, bool write)
{
	uint32_t *words;

	if (page_is_highmem(page) && page_to_pfn(page) % 16)
		return;
	words = kmap_local_page(page);
	if (write)
		words[0] = words[1023] = tag;
	MUST(words[0] == tag && words[1023] == tag);
	kunmap_local(words);
}

static void tag_block(const struct block *b, bool write)
{
	tag_page(pfn_to_page(b->head), b->head * 31U + b->order, write);
	if (b->order)
		tag_page(pfn_to_page(b->head + (1U << b->order) - 1),
			 ~b->head, write);
}

static bool is_zero(struct page *page)
{
	const uint32_t *words = kmap_local_page(page);
	unsigned int i;

	for (i = 0; i < 1024 && !words[i]; i++)
		;
	kunmap_local(words);
	return i == 1024;
}

static unsigned int random_order(void)
{
	return one_in(4) ? host_below(MAX_ORDER + 2) : host_below(3);
}

static gfp_t random_gfp(void)
{
	static const gfp_t kinds[] = {
		GFP_KERNEL, GFP_ATOMIC, GFP_DMA, GFP_HIGHUSER, GFP_HIGHUSER,
		__GFP_HIGHMEM | __GFP_HIGH, __GFP_DMA | __GFP_HIGH,
	};
	gfp_t gfp = kinds[host_below(ARRAY_SIZE(kinds))] | __GFP_NOWARN;

	return one_in(64) ? gfp | __GFP_ZERO : gfp;
}

static void take(void)
{
	unsigned int order = random_order(), zone;
	gfp_t gfp = random_gfp();
	struct page *page;
	pfn_t head;

	zone = right_zone(gfp, order);
	page = alloc_pages(gfp, order);
	walk_note("alloc_pages", gfp, order, page ? page_to_pfn(page) : 0);
	MUST(!page == (zone == NR_ZONES));
	if (!page)
		return;
	head = page_to_pfn(page);
	MUST(page_pointer_valid(page) && page->zone == zone);
	MUST(IS_ALIGNED(head, 1U << order) && run_is_free(head, order));
	MUST(page->state == PAGE_USED && page->order == order &&
	     page->count == 1);
	if ((gfp & __GFP_ZERO) && order == 0)
		MUST(is_zero(page));
	set_owner(head, order, (uint8_t)(order + 1));
	MUST(nr_blocks < MAX_BLOCKS);
	blocks[nr_blocks] = (struct block){ head, (uint8_t)order, 1 };
	tag_block(&blocks[nr_blocks++], true);
}

static void give(unsigned int i)
{
	struct block *b = &blocks[i];
	struct page *page = pfn_to_page(b->head);

	tag_block(b, false);
	walk_note("free", b->head, b->order, b->count);
	if (page->zone != ZONE_HIGHMEM && one_in(2))
		free_pages((unsigned long)page_address(page), b->order);
	else
		__free_pages(page, b->order);
	if (--b->count > 0)
		return;
	set_owner(b->head, b->order, FREE);
	last_freed = *b;
	*b = blocks[--nr_blocks];
}

/* Frames in number: any that such a request may have, until there are none. */
static void take_many(void)
{
	struct page *pages[100];
	unsigned int nr = host_below(ARRAY_SIZE(pages) + 1), got, i;
	gfp_t gfp = random_gfp();

	got = alloc_pages_bulk_array(gfp, nr, pages);
	walk_note("bulk", gfp, nr, got);
	for (i = 0; i < got; i++) {
		pfn_t pfn = page_to_pfn(pages[i]);

		MUST(pages[i]->zone <= gfp_zone(gfp) && owner[pfn] == FREE);
		MUST(page_is_single(pages[i], PAGE_USED));
		set_owner(pfn, 0, 1);
		MUST(nr_blocks < MAX_BLOCKS);
		blocks[nr_blocks] = (struct block){ pfn, 0, 1 };
		tag_block(&blocks[nr_blocks++], true);
	}
	MUST(got == nr || right_zone(gfp, 0) == NR_ZONES);
}

/* Single frames, wherever they lie; the last one perhaps named twice. */
static void give_many(void)
{
	struct page *pages[101];
	unsigned int nr = 0, i = nr_blocks, most = host_below(101);
	bool twice = one_in(8);

	while (i-- > 0 && nr < most) {
		if (blocks[i].order > 0 || blocks[i].count > 1)
			continue;
		tag_block(&blocks[i], false);
		pages[nr++] = pfn_to_page(blocks[i].head);
		set_owner(blocks[i].head, 0, FREE);
		blocks[i] = blocks[--nr_blocks];
	}
	twice &= nr > 0;
	if (twice)
		pages[nr] = pages[nr - 1];
	walk_note("release", nr, twice, 0);
	release_pages(pages, nr + twice);
	if (twice)
		walk_expect("it is free already");
}

static void share(struct block *b)
{
	if (b->count == UINT8_MAX)
		return;
	walk_note("get_page", b->head, b->order, b->count);
	get_page(pfn_to_page(b->head));
	b->count++;
}

/* The same again, a block in use as another order's, or any frame. */
static void give_wrongly(void)
{
	uint32_t kind = host_below(3);
	pfn_t pfn = kind == 0 ? last_freed.head :
		    kind == 1 && nr_blocks ? blocks[host_below(nr_blocks)].head
					   : host_below(NR_FRAMES);
	unsigned int order = kind == 0 ? last_freed.order
				       : host_below(MAX_ORDER + 2);
	const struct page *page = pfn_to_page(pfn);

	if (page->state == PAGE_USED && page->order == order)
		return;
	walk_note("wrong free", pfn, order, page->state);
	__free_pages(pfn_to_page(pfn), order);
	walk_expect("not freed");
}

static void give_no_page(void)
{
	unsigned long addr = PAGE_OFFSET + host_below(LOW_END) + 1;

	walk_note("no page", (uint32_t)addr, 0, 0);
	if (one_in(2)) {
		__free_pages((struct page *)(void *)
			     ((char *)mem_map + host_below(1U << 20) * 16 + 4),
			     0);
		walk_expect("is no struct page");
	} else if (!IS_ALIGNED(addr, PAGE_SIZE)) {
		free_pages(addr, 0);
		walk_expect("is no address of a page");
	}
}

/* Drift towards full, then towards empty, and so on. */
static void step(void)
{
	static unsigned int steps;
	bool filling = steps++ / 3000 % 2 == 0;
	uint32_t dice = host_below(100);

	if (dice < 4)
		give_wrongly();
	else if (dice < 6)
		give_no_page();
	else if (nr_blocks && dice < 9)
		share(&blocks[host_below(nr_blocks)]);
	else if (dice < (filling ? 11U : 10U))
		take_many();
	else if (dice < 13)
		give_many();
	else if (nr_blocks && dice < (filling ? 45U : 60U))
		give(host_below(nr_blocks));
	else
		take();
}

static void check(void)
{
	unsigned int id;

	for (id = 0; id < NR_ZONES; id++)
		MUST(zone_nr_free(&zones[id]) == nr_free[id]);
	MUST(zone_check() == 0);
	MUST(pcp_check() == 0);
	MUST(zone_check_frames() == 0);
}

static void end(void)
{
	while (nr_blocks)
		give(0);
}

int main(void)
{
	static const struct walk pages = {
		"page frames agree with an array of owners on a long walk",
		100000, 2000, begin, step, check, end,
	};

	return walk_run(&pages);
}
