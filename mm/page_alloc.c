/* SPDX-License-Identifier: MIT */
/*
 * page_alloc.c - GFP flags to zone to buddy
 *
 * Problem     A caller knows what the frames are for, not where they should lie.
 * Idea        The flags name the highest zone that would do. From there on
 *             downwards, the first zone that stays above its floor and has a
 *             block serves the request. Zones are never tried upwards.
 * Invariants  A1  What alloc_pages returns is PAGE_USED, with its order and count 1.
 *             A2  A free that is refused has changed nothing.
 * Locks       zone->lock, one zone at a time.
 * Failure     NULL and a table that says why (mm/shortage.c).
 * Read first  alloc_pages
 * See         tests/mm/test_page_alloc.c
 */
#include <mm/page_alloc.h>

#include <kernel/printk.h>
#include <lib/export.h>
#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/highmem.h>
#include <mm/kasan.h>
#include <mm/pcp.h>
#include <mm/shortage.h>
#include <mm/zone.h>

#include "internal.h"

static struct page *take_block(struct zone *zone, unsigned long floor,
			       unsigned int order)
{
	if (unlikely(zone->buddy.nr_free < floor + (1UL << order)))
		return NULL;
	return buddy_alloc(&zone->buddy, order);
}

/* The zone refuses only when its stock does not help either (P4). */
static __noinline struct page *alloc_from(struct zone *zone, unsigned long floor,
					  unsigned int order)
{
	struct page *page = NULL;

	spin_lock(&zone->lock);
	if (order == 0)
		page = pcp_refill(zone, floor);
	if (!page)
		page = take_block(zone, floor, order);
	if (unlikely(!page) && pcp_empty(zone))
		page = take_block(zone, floor, order);
	if (likely(page)) {
		page->state = PAGE_USED;
		page->count = 1;
	}
	spin_unlock(&zone->lock);
	return page;
}

static __noinline struct page *zeroed(struct page *page)
{
	clear_highpage(page);
	return page;
}

static void clear_block(struct page *page, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < 1U << order; i++)
		clear_highpage(page + i);
}

/* The highest zone that would do first, then those below it. */
static __always_inline struct page *alloc_from_zones(gfp_t gfp,
						    unsigned int order)
{
	enum zone_id wanted = pcp_first_zone(gfp);
	struct zone *zone = &zones[wanted];
	struct page *page = NULL;

	if (unlikely(order > MAX_ORDER) || fail_now(FAIL_PAGE))
		return NULL;
	for (; zone >= zones && !page; zone--)
		page = alloc_from(zone, zone_floor(zone, wanted, gfp), order);
	return page;
}

static __noinline struct page *alloc_slow(gfp_t gfp, unsigned int order,
					  unsigned long caller)
{
	struct page *page;

	if (gfp & __GFP_WAIT)
		lock_assert_none_held();
	do
		page = alloc_from_zones(gfp, order);
	while (unlikely(!page) && (vmap_purge() || kasan_reclaim() ||
				   (order == 0 && quarantine_drain())));
	if (unlikely(!page)) {
		if (!(gfp & __GFP_NOWARN))
			shortage_report(gfp, order, caller);
		return NULL;
	}
	page_watch_alloc(page, order, gfp, caller);
	if (gfp & __GFP_ZERO)
		clear_block(page, order);
	return page;
}

/* From the stock, unless somebody is interested in each frame. */
static __always_inline bool alloc_single(gfp_t gfp, struct page **page)
{
	if (unlikely(page_watch) || unlikely(!pcp_take(gfp, page)))
		return false;
	if (unlikely(gfp & __GFP_ZERO))
		*page = zeroed(*page);
	return true;
}

/* Written so that what only the slow way needs is computed only there. */
struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;

	if (order > 0)
		return alloc_slow(gfp, order, CALLER);
	if (unlikely(!alloc_single(gfp, &page)))
		return alloc_slow(gfp, 0, CALLER);
	return page;
}
EXPORT_SYMBOL(alloc_pages);

struct page *page_alloc_for(gfp_t gfp, unsigned int order, unsigned long caller)
{
	struct page *page;

	if (order > 0 || !alloc_single(gfp, &page))
		page = alloc_slow(gfp, order, caller);
	return page;
}

static unsigned long alloc_addressable(gfp_t gfp, unsigned int order,
				       unsigned long caller)
{
	struct page *page = page_alloc_for(gfp & ~__GFP_HIGHMEM, order, caller);

	return page ? (unsigned long)page_address(page) : 0;
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	return alloc_addressable(gfp, order, CALLER);
}
EXPORT_SYMBOL(__get_free_pages);

unsigned long get_zeroed_page(gfp_t gfp)
{
	return alloc_addressable(gfp | __GFP_ZERO, 0, CALLER);
}
EXPORT_SYMBOL(get_zeroed_page);

/* --- giving back ----------------------------------------------------------- */

/* False: it was not allocated like that. */
static __noinline bool free_into(struct zone *zone, struct page *page,
				 unsigned int order, unsigned long caller)
{
	bool good;

	spin_lock(&zone->lock);
	good = page->state == PAGE_USED && page->order == order;
	if (likely(good) &&
	    __atomic_sub_fetch(&page->count, 1, __ATOMIC_RELAXED) == 0) {
		page_watch_free(page, order, caller);
		if (order > 0 || !pcp_trim(zone, page))
			buddy_free(&zone->buddy, page, order);
	}
	spin_unlock(&zone->lock);
	return good;
}

void page_free_slow(struct page *page, unsigned int order, unsigned long caller)
{
	if (unlikely(!page_pointer_valid(page)) ||
	    unlikely(!free_into(page_zone(page), page, order, caller)))
		page_report_refusal(page, order, caller);
}

static void free_block(struct page *page, unsigned int order,
		       unsigned long caller)
{
	if (order > 0 || !pcp_put(page))
		page_free_slow(page, order, caller);
}

void __free_pages(struct page *page, unsigned int order)
{
	if ((order > 0 || unlikely(!pcp_put(page))) && page)
		page_free_slow(page, order, CALLER);
}
EXPORT_SYMBOL(__free_pages);

void page_free_address(unsigned long addr, unsigned int order,
		       unsigned long caller)
{
	if (addr_in_direct_map(addr) && IS_ALIGNED(addr, PAGE_SIZE))
		free_block(virt_to_page((void *)addr), order, caller);
	else
		printk(KERN_ERR "page_alloc: %08lx is no address of a page; "
		       "freed by %pB\n", addr, (void *)caller);
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		page_free_address(addr, order, CALLER);
}
EXPORT_SYMBOL(free_pages);

/* --- frames that boot kept back -------------------------------------------- */

void page_release_range(pfn_t start, pfn_t end)
{
	while (start < end) {
		struct zone *zone = page_zone(pfn_to_page(start));
		pfn_t last = MIN(end, zone->end), pfn;

		for (pfn = start; (KASAN_ON || page_watch) && pfn < last; pfn++)
			page_watch_free(pfn_to_page(pfn), 0, CALLER);
		spin_lock(&zone->lock);
		buddy_free_range(&zone->buddy, start, last);
		zone->nr_managed += last - start;
		spin_unlock(&zone->lock);
		start = last;
	}
}

/* Decided under the lock: of two callers only one finds it reserved. */
static bool release_reserved(struct page *page)
{
	struct zone *zone = page_zone(page);
	bool reserved;

	spin_lock(&zone->lock);
	reserved = page->state == PAGE_RESERVED;
	if (reserved) {
		page->state = PAGE_TAIL;
		page_watch_free(page, 0, CALLER);
		buddy_free(&zone->buddy, page, 0);
		zone->nr_managed++;
	}
	spin_unlock(&zone->lock);
	return reserved;
}

unsigned long free_reserved_range(uint64_t start, uint64_t end)
{
	pfn_t pfn = PFN_UP(start);
	pfn_t last = MIN(PFN_DOWN(end), mem_map_end);
	unsigned long freed = 0;

	for (; pfn < last; pfn++)
		freed += release_reserved(pfn_to_page(pfn));
	return freed;
}
