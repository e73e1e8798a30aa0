/* SPDX-License-Identifier: MIT */
/*
 * pcp.c - each CPU's stock of single free frames ("per-CPU pages")
 *
 * Problem     Most requests are for one frame, and each pays for a lock, for a
 *             search in the buddy, for splitting and merging.
 * Idea        Each CPU keeps some frames of each zone for itself. A thread that
 *             holds no spinlock is not interrupted by anybody who would touch
 *             them, so a frame changes hands for an array access. Empty, the
 *             stock takes a batch from the zone under one lock; full, it gives
 *             the oldest back. Interrupt handlers and who holds a lock go to the
 *             zone as if there were no stock.
 * Picture     alloc_pages          __free_pages
 *                  ^                    |
 *                  |  pcp_take  pcp_put v
 *             nr:  [ f7 ][ f6 ][ f5 ][ f4 ] ... 64   this_cpu->page_stock[zone]
 *             pcp_refill ^ 32          32 | pcp_trim
 *                        |                v
 *             zone->lock:  blocks of 2^order frames (mm/buddy.c)
 * Invariants  P1  A frame in stock is PAGE_STOCK, of order 0, has count 1, and
 *                 is of the stock's zone.
 *             P2  No frame is in stock twice.
 *             P3  nr <= PCP_CAPACITY.
 *             P4  A zone refuses a plain thread only when its stock is empty:
 *                 alloc_from in mm/page_alloc.c empties it first.
 * Floors      are kept when the stock is filled, not when it is emptied: that
 *             costs a zone's minimum at most PCP_CAPACITY frames.
 * Locks       None: in_plain_thread() is the lock. zone->lock for the way to and
 *             from the zone. Each CPU has its own stocks; one runs today.
 * Source      Linux: struct per_cpu_pages, mm/page_alloc.c.
 * Read first  pcp_take and pcp_put in include/mm/pcp.h
 * See         tests/mm/test_pcp.c, docs/book/mm/pcp.md
 */
#include <mm/pcp.h>

#include <kernel/lockrank.h>
#include <lib/string.h>
#include <mm/zone.h>

static struct page_stock page_stocks[NR_ZONES];
uint8_t pcp_zone[4] __ro_after_init;
_Static_assert(ARRAY_SIZE(((struct cpu *)0)->page_stock) == NR_ZONES,
	       "a stock for each zone");

/* Was the zone's lock, which is held, taken by a plain thread? */
static bool lock_taken_in_plain_thread(const struct zone *zone)
	__must_hold(&zone->lock)
{
	lock_assert_held(&zone->lock);
	return zone->lock.outer_rank == RANK_NONE && !in_interrupt();
}

static struct page_stock *stock_of(const struct zone *zone)
{
	return this_cpu->page_stock[zone - zones];
}

/* A zone lies in one piece: one comparison says valid, and of this zone. */
unsigned int pcp_put_many(struct page *const *pages, unsigned int nr)
{
	const struct page *first;
	const struct zone *zone;
	struct page_stock *stock;
	struct page **to;
	pfn_t nr_frames;
	unsigned int i;

	if (unlikely(page_watch) || unlikely(!in_plain_thread()) ||
	    unlikely(nr == 0) || unlikely(!page_pointer_valid(pages[0])))
		return 0;
	zone = page_zone(pages[0]);
	first = pfn_to_page(zone->start);
	nr_frames = MIN(zone->end, mem_map_end) - zone->start;
	stock = stock_of(zone);
	nr = MIN(nr, short_ways.frames - MIN(stock->nr, short_ways.frames));
	to = &stock->page[stock->nr];
	for (i = 0; i < nr; i++) {
		struct page *page = pages[i];

		if (unlikely(!page_among(page, first, nr_frames)) ||
		    unlikely(!page_is_single(page, PAGE_USED)))
			break;
		page->state = PAGE_STOCK;	/* named twice, it is good once */
		to[i] = page;
	}
	stock->nr += i;
	return i;
}

struct page *pcp_refill(struct zone *zone, unsigned long floor)
	__must_hold(&zone->lock)
{
	struct page_stock *stock = stock_of(zone);
	struct buddy *b = &zone->buddy;

	if (short_ways.frames == 0 || !lock_taken_in_plain_thread(zone) ||
	    stock->nr > 0 ||
	    b->nr_free < MAX(floor, zone->min) + PCP_CAPACITY)
		return NULL;
	/* Small blocks whole: a rest of one would cost the next batch as much. */
	while (stock->nr <= PCP_BATCH / 2)
		stock->nr += buddy_alloc_frames(b, &stock->page[stock->nr],
			1U << MIN(bit_lowest(b->nonempty), PCP_BATCH_ORDER),
			PAGE_STOCK);
	return stock->page[--stock->nr];
}

/* Fewer only when P1 or P2 is broken: such a frame stays, for pcp_check. */
static unsigned int give_back(struct zone *zone, unsigned int nr)
	__must_hold(&zone->lock)
{
	struct page_stock *stock = stock_of(zone);

	if (!lock_taken_in_plain_thread(zone))
		return 0;
	nr = buddy_free_frames(&zone->buddy, stock->page, nr, PAGE_STOCK);
	stock->nr -= nr;
	memmove(stock->page, stock->page + nr, stock->nr * sizeof(stock->page[0]));
	return nr;
}

bool pcp_trim(struct zone *zone, struct page *page)
	__must_hold(&zone->lock)
{
	struct page_stock *stock = stock_of(zone);

	if (short_ways.frames == 0 || !lock_taken_in_plain_thread(zone))
		return false;
	if (stock->nr == PCP_CAPACITY && give_back(zone, PCP_BATCH) == 0)
		return false;
	page->state = PAGE_STOCK;
	page->count = 1;
	stock->page[stock->nr++] = page;
	return true;
}

unsigned int pcp_empty(struct zone *zone)
	__must_hold(&zone->lock)
{
	return give_back(zone, stock_of(zone)->nr);
}

unsigned int pcp_nr_frames(const struct zone *zone)
{
	return stock_of(zone)->nr;
}

void pcp_drain(void)
{
	struct zone *zone;

	for (zone = zones; zone < zones + NR_ZONES; zone++) {
		spin_lock(&zone->lock);
		pcp_empty(zone);
		spin_unlock(&zone->lock);
	}
}

/* The highest zone with RAM that such a request may use: no floor is in its way
 * there that the zones above, without RAM, would raise. */
static enum zone_id zone_with_ram(gfp_t gfp)
{
	enum zone_id id = gfp_zone(gfp);

	while (id > ZONE_DMA && zones[id].nr_present == 0)
		id--;
	return id;
}

void pcp_init(void)
{
	unsigned int i;

	for (i = 0; i < NR_ZONES; i++)
		this_cpu->page_stock[i] = &page_stocks[i];
	for (i = 0; i < ARRAY_SIZE(pcp_zone); i++)
		pcp_zone[i] = (uint8_t)zone_with_ram(GFP_FLAG(i));
}

static int check_stock(const struct page_stock *stock, enum zone_id id)
{
	unsigned int i, k;

	if (stock->nr > PCP_CAPACITY)
		return 3;
	for (i = 0; i < stock->nr; i++) {
		const struct page *page = stock->page[i];

		if (!page_pointer_valid(page) || page->zone != id ||
		    !page_is_single(page, PAGE_STOCK))
			return 1;
		for (k = 0; k < i; k++)
			if (stock->page[k] == page)
				return 2;
	}
	return 0;
}

int pcp_check(void)
{
	unsigned int id;
	int broken = 0;

	for (id = 0; id < NR_ZONES && !broken; id++)
		broken = check_stock(this_cpu->page_stock[id],
				     (enum zone_id)id);
	return broken;
}
