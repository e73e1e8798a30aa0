/* SPDX-License-Identifier: MIT */
/*
 * frames.c - questions about frames and what is cut from them
 *
 * Idea        Each kind reads the allocator's own figures for its rule, and looks
 *             at the frames afterwards for what came of it.
 * Read first  quiz_merge, which is the shortest; internal.h
 * See         mm/zone.c, mm/buddy.c, mm/pcp.c, mm/kmalloc.c
 */
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/zone.h>

#include "internal.h"

static const struct {
	const char	*name;
	gfp_t		gfp;
} wishes[] = {
	{ "GFP_DMA", GFP_DMA }, { "GFP_KERNEL", GFP_KERNEL },
	{ "GFP_HIGHUSER", GFP_HIGHUSER }, { "GFP_ATOMIC", GFP_ATOMIC },
};

/* The stock is empty. NR_ZONES: none will do. */
static unsigned int zone_expected(gfp_t gfp, unsigned int order)
{
	enum zone_id wanted = gfp_zone(gfp);
	int z;

	for (z = (int)wanted; z >= 0; z--) {
		const struct zone *zone = &zones[z];

		if (buddy_largest(&zone->buddy) >= (int)order &&
		    zone_nr_free(zone) >= zone_floor(zone, wanted, gfp) +
					  (1UL << order))
			return (unsigned int)z;
	}
	return NR_ZONES;
}

/* Is there enough, but scattered? The figures that are shown would not say so. */
static bool too_scattered(gfp_t gfp, unsigned int order)
{
	enum zone_id wanted = gfp_zone(gfp);
	int z;

	for (z = (int)wanted; z >= 0; z--)
		if (buddy_largest(&zones[z].buddy) < (int)order &&
		    zone_nr_free(&zones[z]) >=
		    zone_floor(&zones[z], wanted, gfp) + (1UL << order))
			return true;
	return false;
}

/* --- which zone ------------------------------------------------------------ */

static bool ask_zone(struct quiz_round *r)
{
	gfp_t gfp;
	unsigned int z;

	r->variant = random_below(&r->random, ARRAY_SIZE(wishes));
	r->size = 3UL * random_below(&r->random, 4);
	gfp = wishes[r->variant].gfp;
	if (too_scattered(gfp, (unsigned int)r->size))
		return false;
	say("alloc_pages(%s, %lu), a block of %lu frames. From which zone?\n",
	    wishes[r->variant].name, r->size, 1UL << r->size);
	say("    Free:");
	for (z = 0; z < NR_ZONES; z++) {
		say(" %s %lu", zones[z].name, zone_nr_free(&zones[z]));
		quiz_choose(r, "%s", zones[z].name);
	}
	say(" frames.\n");
	quiz_choose(r, "from none: NULL");
	r->expects.answer = zone_expected(gfp, (unsigned int)r->size);
	quiz_why(r, "%s: %s first, then those below, down to their floors.",
		 wishes[r->variant].name, zones[gfp_zone(gfp)].name);
	return true;
}

static void show_zone(struct quiz_round *r)
{
	gfp_t gfp = wishes[r->variant].gfp | __GFP_NOWARN;
	unsigned int order = (unsigned int)r->size;
	struct page *page = alloc_pages(gfp, order);

	r->truth = page ? page->zone : NR_ZONES;
	if (page)
		quiz_saw(r, "It got frame %06x, of zone %s.",
			 page_to_pfn(page), page_zone(page)->name);
	else
		quiz_saw(r, "It got NULL.");
	__free_pages(page, order);
}

const struct quiz_kind quiz_zone = {
	"zone", "docs/book/mm/zone.md", ask_zone, show_zone, NULL
};

/* --- into how many blocks -------------------------------------------------- */

static unsigned long nr_blocks(const struct zone *zone)
{
	unsigned long sum = 0;
	unsigned int order;

	for (order = 0; order < NR_ORDERS; order++)
		sum += zone->buddy.nr_blocks[order];
	return sum;
}

static void give_pages(struct quiz_round *r)
{
	unsigned int i;

	for (i = 0; i < QUIZ_PAGES; i++)
		if (r->page[i])
			__free_pages(r->page[i], r->page[i]->order);
}

/* Some blocks less, so that the lists are others with each seed. */
static void take_blocks(struct quiz_round *r)
{
	unsigned int i;

	for (i = 0; i < QUIZ_PAGES; i++)
		r->page[i] = alloc_pages(GFP_KERNEL | __GFP_NOWARN,
					 1 + random_below(&r->random, 8));
}

/* The smallest block that will do is split until one is small enough. */
static bool ask_split(struct quiz_round *r)
{
	unsigned int order = 1 + random_below(&r->random, 8), from, z;

	take_blocks(r);
	z = zone_expected(GFP_KERNEL, order);
	if (z == NR_ZONES) {
		give_pages(r);
		return false;
	}
	while (order > 1 && zones[z].buddy.nr_blocks[order] &&
	       zone_expected(GFP_KERNEL, order - 1) == z)
		order--;		/* 1 is no interesting answer */
	for (from = order; !zones[z].buddy.nr_blocks[from]; from++)
		;
	r->size = order;
	say("alloc_pages(GFP_KERNEL, %u), served by %s. Into how many blocks "
	    "is the\n    free one split that it is taken from? Those of order "
	    "0, 1, 2 ...:\n   ", order, zones[z].name);
	for (order = 0; order < NR_ORDERS; order++)
		say(" %lu", zones[z].buddy.nr_blocks[order]);
	say("\n");
	r->expects.answer = from - r->size + 1;
	quiz_why(r, "The smallest one that will do has order %u, and is "
		 "halved down to %lu.", from, r->size);
	return true;
}

static void show_split(struct quiz_round *r)
{
	unsigned long before[NR_ZONES];
	struct zone *zone;
	struct page *page;
	unsigned int z;

	for (z = 0; z < NR_ZONES; z++)
		before[z] = nr_blocks(&zones[z]);
	page = alloc_pages(GFP_KERNEL, (unsigned int)r->size);
	if (!page)
		return;
	zone = page_zone(page);
	r->truth = nr_blocks(zone) + 2 - before[page->zone];
	quiz_saw(r, "%lu: of %lu free blocks one went, %lu are "
		 "there now, one is ours.", r->truth, before[page->zone],
		 nr_blocks(zone));
	__free_pages(page, (unsigned int)r->size);
}

const struct quiz_kind quiz_split = {
	"split", "docs/book/mm/buddy.md", ask_split, show_split, give_pages
};

/* --- do they merge --------------------------------------------------------- */

/* Four frames side by side; two are freed. The others keep more from merging. */
static bool ask_merge(struct quiz_round *r)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, 2);
	unsigned int first = random_below(&r->random, 3), i;
	unsigned int second = first + 1 + random_below(&r->random, 3 - first);

	if (!page)
		return false;
	split_page(page, 2);
	for (i = 0; i < QUIZ_PAGES; i++)
		r->page[i] = page + i;
	r->variant = first;
	r->size = second;
	say("Frames %x to %x are in use, one by one. %x and %x are freed.\n"
	    "    Do they become one block?\n", page_to_pfn(page),
	    page_to_pfn(page) + 3, page_to_pfn(page) + first,
	    page_to_pfn(page) + second);
	quiz_choose(r, "yes");
	quiz_choose(r, "no");
	r->expects.answer = (first ^ 1) != second;
	quiz_why(r, "The buddy of frame %x is %x: the lowest bit "
		 "differs, no other.", page_to_pfn(page) + first,
		 page_to_pfn(page) + (first ^ 1));
	return true;
}

static void show_merge(struct quiz_round *r)
{
	struct page *lower = r->page[r->variant];

	__free_page(lower);
	__free_page(r->page[r->size]);
	r->page[r->variant] = r->page[r->size] = NULL;
	pcp_drain();			/* from the stock back to the zone */
	r->truth = !(lower->state == PAGE_FREE && lower->order > 0);
	quiz_saw(r, "Frame %x is %s, of order %u.",
		 page_to_pfn(lower), page_state_name(lower->state),
		 lower->order);
}

const struct quiz_kind quiz_merge = {
	"merge", "docs/book/mm/buddy.md", ask_merge, show_merge, give_pages
};

/* --- what was freed comes back --------------------------------------------- */

#define NR_FREED	3U

static bool ask_stock(struct quiz_round *r)
{
	unsigned int i, turn = random_below(&r->random, NR_FREED);

	for (i = 0; i < NR_FREED; i++)
		r->page[i] = alloc_page(GFP_KERNEL | __GFP_NOWARN);
	if (PCP_CAPACITY < NR_FREED || !r->page[NR_FREED - 1]) {
		give_pages(r);
		return false;
	}
	r->variant = turn;
	say("Frames");
	for (i = 0; i < NR_FREED; i++)
		say(" %x", page_to_pfn(r->page[(turn + i) % NR_FREED]));
	say(" are freed, in this order. Which one does the\n"
	    "    next alloc_page(GFP_KERNEL) get?\n");
	for (i = 0; i < NR_FREED; i++)
		quiz_choose(r, "%x", page_to_pfn(r->page[i]));
	quiz_choose(r, "another one");
	r->expects.answer = (turn + NR_FREED - 1) % NR_FREED;
	quiz_why(r, "The CPU's stock is a stack: the last one freed comes "
		 "first.");
	return true;
}

static void show_stock(struct quiz_round *r)
{
	struct page *freed[NR_FREED], *got;
	unsigned int i, at;

	for (i = 0; i < NR_FREED; i++) {
		at = (r->variant + i) % NR_FREED;
		freed[at] = r->page[at];
		__free_page(r->page[at]);
		r->page[at] = NULL;
	}
	got = r->page[0] = alloc_page(GFP_KERNEL | __GFP_NOWARN);
	for (r->truth = 0; r->truth < NR_FREED; r->truth++)
		if (freed[r->truth] == got)
			break;
	quiz_saw(r, "It got %x.", got ? page_to_pfn(got) : 0);
}

const struct quiz_kind quiz_stock = {
	"stock", "docs/book/mm/pcp.md", ask_stock, show_stock, give_pages
};

/* --- kmalloc --------------------------------------------------------------- */

static const unsigned short sizes[] = {
	8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096
};

static unsigned long kmalloc_expected(unsigned long size)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		if (size <= sizes[i])
			return sizes[i];
	return roundup_pow2(size);
}

/* Near a border, where it matters: up to 16 bytes to either side. */
static bool ask_kmalloc(struct quiz_round *r)
{
	unsigned int i = random_below(&r->random, ARRAY_SIZE(sizes));

	r->size = sizes[i] + random_below(&r->random, 33);
	r->size = r->size > 20 ? r->size - 16 : r->size;
	if (KASAN_ON)
		return false;		/* there it is what was asked for */
	say("kmalloc(%lu, GFP_KERNEL): how many bytes does the object have?\n",
	    r->size);
	r->expects.answer = kmalloc_expected(r->size);
	quiz_why(r, r->expects.answer > KMALLOC_MAX_CACHE ?
		 "Beyond %lu bytes it is a block of frames: a power of two." :
		 "The smallest cache that will do serves; they go up to %lu.",
		 KMALLOC_MAX_CACHE);
	return true;
}

static void show_kmalloc(struct quiz_round *r)
{
	void *p = kmalloc(r->size, GFP_KERNEL);

	r->truth = ksize(p);
	quiz_saw(r, "ksize says %lu.", r->truth);
	kfree(p);
}

const struct quiz_kind quiz_kmalloc = {
	"kmalloc", "docs/book/mm/kmalloc.md", ask_kmalloc, show_kmalloc, NULL
};
