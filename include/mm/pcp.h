/* SPDX-License-Identifier: MIT */
/*
 * pcp.h - each CPU's stock of single free frames, taken and put without a lock
 *
 * The two operations that everybody pays for stand here, to be compiled into
 * alloc_pages and __free_pages; what happens to an empty or a full stock is
 * mm/pcp.c, and so is the theory.
 */
#ifndef MM_PCP_H
#define MM_PCP_H

#include <mm/gfp.h>
#include <mm/kasan.h>
#include <mm/page.h>
#include <mm/page_watch.h>
#include <mm/trace.h>
#include <x86/percpu.h>

/* KASAN wants a frame to stay free for long: no stock, and so no hook here. */
#define PCP_CAPACITY	(KASAN_ON ? 0U : 64U)
#define PCP_BATCH	(PCP_CAPACITY / 2)	/* given back at a time        */
#define PCP_BATCH_ORDER	5U			/* taken at a time, about      */

struct zone;

/* A stack: the frame that was freed last is still warm in the cache. */
struct page_stock {
	unsigned int	nr;
	struct page	*page[MAX(PCP_CAPACITY, 1U)];
};

/* [I] Whose stock serves a request, by its __GFP_ZONEMASK bits. */
extern uint8_t pcp_zone[4];

/* The highest zone with RAM that may serve it; floors as from gfp_zone. */
static inline enum zone_id pcp_first_zone(gfp_t gfp)
{
	unsigned int flags = (__force unsigned int)(gfp & __GFP_ZONEMASK);

	return (enum zone_id)pcp_zone[flags];
}

static inline struct page_stock *pcp_stock(gfp_t gfp)
{
	return this_cpu->page_stock[pcp_first_zone(gfp)];
}

/* pcp_take - a frame, PAGE_USED; false: there is none, or not for this context */
static __always_inline bool pcp_take(gfp_t gfp, struct page **page)
{
	struct page_stock *stock;
	unsigned int nr;

	if (unlikely(!in_plain_thread()))
		return false;
	stock = pcp_stock(gfp);
	nr = stock->nr;
	if (unlikely(nr == 0))
		return false;
	stock->nr = --nr;
	*page = stock->page[nr];
	(*page)->state = PAGE_USED;
	return true;
}

/*
 * pcp_put - the last reference to a used single frame goes into the stock
 *
 * Returns  false when that is not what @page is, which may be anything, or there
 *          is no room, or not for this context; then nothing has changed.
 */
static __always_inline bool pcp_put(struct page *page)
{
	struct page_stock *stock;
	unsigned int nr;

	if (unlikely(page_watch) || unlikely(!page_pointer_valid(page)) ||
	    unlikely(!page_is_single(page, PAGE_USED)) ||
	    unlikely(!in_plain_thread()))
		return false;
	stock = this_cpu->page_stock[page->zone];
	nr = stock->nr;
	if (unlikely(nr >= short_ways.frames))	/* 64, or none at all */
		return false;
	stock->page[nr] = page;
	stock->nr = nr + 1;
	page->state = PAGE_STOCK;
	return true;
}

/* pcp_take_many - pcp_take for up to @nr entries. Returns  how many it filled. */
static inline unsigned int pcp_take_many(gfp_t gfp, struct page **pages,
					 unsigned int nr)
{
	struct page_stock *stock = pcp_stock(gfp);
	struct page **from;
	unsigned int i;

	if (unlikely(!in_plain_thread()))
		return 0;
	nr = MIN(nr, stock->nr);
	stock->nr -= nr;
	from = &stock->page[stock->nr];
	for (i = 0; i < nr; i++) {
		pages[i] = from[i];
		pages[i]->state = PAGE_USED;
	}
	return nr;
}

/*
 * pcp_put_many - pcp_put for entries from the first on, all of its zone
 *
 * Room and context are asked for once. Returns  how many it put; entry so many is
 * not what it should be, or of another zone, or there is no room.
 */
unsigned int pcp_put_many(struct page *const *pages, unsigned int nr);

/*
 * The rest is for who holds the zone's lock. When that was not taken by a plain
 * thread, nothing happens, and NULL, false and 0 say so.
 *
 * pcp_refill - an empty stock gets a batch, if the zone stays above @floor and its
 *	minimum; returns the first frame of it, for the caller to mark
 * pcp_trim - @page, which nobody has any more, goes into the stock; if that is
 *	full, its oldest half returns to the zone before
 * pcp_empty - all of it returns to the zone; returns how many frames that were
 */
struct page *pcp_refill(struct zone *zone, unsigned long floor);
bool pcp_trim(struct zone *zone, struct page *page);
unsigned int pcp_empty(struct zone *zone);

/* The zone's frames in stock. */
unsigned int pcp_nr_frames(const struct zone *zone);

/* pcp_drain - every stock returns to its zone. Context  a plain thread, else
 * nothing happens. */
void pcp_drain(void);

/* pcp_init - stocks, empty. From here on alloc_pages works. After zone_init. */
void pcp_init(void);

/* pcp_check - verify P1 to P3 (mm/pcp.c). Returns the first one broken, or 0. */
int pcp_check(void);

#endif
