/* SPDX-License-Identifier: MIT */
/*
 * page_bulk.c - frames in number, for a few instructions each
 *
 * Problem     vmalloc wants a thousand single frames and gives back a thousand.
 *             One by one, each pays for a call, for its zone, for the lock.
 * Idea        Up to half a stock comes out of the stock (mm/pcp.c). What is more
 *             would only sweep it out: it goes between the array and the buddy,
 *             many frames under one lock, neighbours as one block.
 * Picture     pages[]   | 8 | 9 | 10 | 11 | 40 | 41 | 7 |
 *                       \___ order 2 ____/\_ 1 ____/\ 0 /    to the buddy
 * Invariants  A1 and A2 of mm/page_alloc.c, for each frame: entries that are not
 *             what they should be take the slow way there, and are reported.
 * Failure     Whatever one lock did not bring is asked for one by one, so a
 *             shortage ends as that of alloc_pages does. So is all of it where
 *             each frame has something of its own: zeroes, KASAN's record, or
 *             somebody who is interested in it (mm/page_watch.c).
 * Cost        About 10 instructions for each frame taken, 15 for each given back.
 * Source      Linux: alloc_pages_bulk_array, release_pages.
 * Read first  alloc_pages_bulk_array, then release_pages
 * See         tests/mm/test_page_bulk.c, docs/book/mm/page_bulk.md
 */
#include <mm/page_alloc.h>

#include <lib/export.h>
#include <mm/kasan.h>
#include <mm/page_watch.h>
#include <mm/pcp.h>
#include <mm/zone.h>

#include "internal.h"

#define AT_ONCE		512U	/* frames under one lock: interrupts are off */

/* --- taking ---------------------------------------------------------------- */

static unsigned int alloc_many_from(struct zone *zone, unsigned long floor,
				    struct page **pages, unsigned int nr)
{
	unsigned long spare;

	spin_lock(&zone->lock);
	if (zone->buddy.nr_free < floor + nr)
		pcp_empty(zone);			/* P4 */
	spare = zone->buddy.nr_free - MIN(zone->buddy.nr_free, floor);
	nr = buddy_alloc_frames(&zone->buddy, pages,
				(unsigned int)MIN(nr, spare), PAGE_USED);
	spin_unlock(&zone->lock);
	return nr;
}

/* As alloc_pages: the highest zone that would do first, then those below it. */
static unsigned int alloc_many(gfp_t gfp, struct page **pages, unsigned int nr)
{
	enum zone_id wanted = pcp_first_zone(gfp);
	struct zone *zone = &zones[wanted];
	unsigned int got = 0, n;

	if (gfp & __GFP_WAIT)
		lock_assert_none_held();
	while (got < nr && zone >= zones) {
		n = alloc_many_from(zone, zone_floor(zone, wanted, gfp),
				    pages + got, MIN(nr - got, AT_ONCE));
		got += n;
		if (n == 0)
			zone--;
	}
	return got;
}

unsigned int alloc_pages_bulk_array(gfp_t gfp, unsigned int nr,
				    struct page **pages)
{
	bool each = KASAN_ON || page_watch || (gfp & __GFP_ZERO);
	unsigned int got = 0;

	if (likely(!each))
		got = nr > PCP_BATCH ? alloc_many(gfp, pages, nr)
				     : pcp_take_many(gfp, pages, nr);
	for (; unlikely(got < nr); got++) {
		pages[got] = page_alloc_for(gfp, 0, CALLER);
		if (!pages[got])
			break;
	}
	return got;
}
EXPORT_SYMBOL(alloc_pages_bulk_array);

/* --- giving back ----------------------------------------------------------- */

/* As long as they are good, and of the first one's zone. */
static unsigned int free_many_into(struct page **pages, unsigned int nr)
{
	struct zone *zone;

	if (!page_pointer_valid(pages[0]))
		return 0;
	zone = page_zone(pages[0]);
	spin_lock(&zone->lock);
	nr = buddy_free_frames(&zone->buddy, pages, nr, PAGE_USED);
	spin_unlock(&zone->lock);
	return nr;
}

/* Up to the first one that is not good. */
static __noinline unsigned int free_many(struct page **pages, unsigned int nr)
{
	unsigned int done = 0, n;

	if (unlikely(page_watch))
		return 0;
	do {
		n = free_many_into(pages + done, MIN(nr - done, AT_ONCE));
		done += n;
	} while (n > 0 && done < nr);
	return done;
}

void release_pages(struct page **pages, unsigned int nr)
{
	unsigned int i = 0;

	if (!KASAN_ON && nr > PCP_BATCH)
		i = free_many(pages, nr);
	else if (nr > 2)		/* fewer are cheaper one by one */
		i = pcp_put_many(pages, nr);
	for (; i < nr; i++)
		if (!pcp_put(pages[i]))
			page_free_slow(pages[i], 0, CALLER);
}
EXPORT_SYMBOL(release_pages);
