/* SPDX-License-Identifier: MIT */
/* page_alloc.h - page frames for everybody */
#ifndef MM_PAGE_ALLOC_H
#define MM_PAGE_ALLOC_H

#include <mm/gfp.h>
#include <mm/page.h>

/*
 * alloc_pages - 2^@order frames, contiguous and aligned to their size
 *
 * @gfp    GFP_KERNEL and GFP_ATOMIC: an addressable frame (NORMAL, then DMA);
 *         GFP_HIGHUSER or __GFP_HIGHMEM: HIGHMEM first; GFP_DMA: DMA only.
 * @order  0 to MAX_ORDER; more is refused.
 * Context any. Locks  takes zone->lock.
 * Returns the first frame's struct page, count 1, or NULL when no allowed zone
 *         has such a block above its floor (a table says why, unless
 *         __GFP_NOWARN).
 */
struct page *alloc_pages(gfp_t gfp, unsigned int order);

static inline struct page *alloc_page(gfp_t gfp)
{
	return alloc_pages(gfp, 0);
}

/*
 * alloc_pages_bulk_array - @nr single frames at once, for less each
 *
 * Fills @pages from its first entry on (Linux fills those that are NULL).
 * Context  as alloc_pages. Returns  how many it got: fewer than @nr when memory
 *          is short, with a line but for __GFP_NOWARN.
 */
unsigned int alloc_pages_bulk_array(gfp_t gfp, unsigned int nr,
				    struct page **pages);

/*
 * __free_pages - give up one reference; the last one frees the block
 *
 * NULL is fine. A page that is not the head of an allocated block of @order
 * (freed twice, wrong order, never allocated, no page at all) is reported with
 * the caller and nothing is changed.
 * Context  any. Locks  takes zone->lock.
 */
void __free_pages(struct page *page, unsigned int order);

static inline void __free_page(struct page *page)
{
	__free_pages(page, 0);
}

/* release_pages - __free_page for each of @nr entries of @pages, for less each */
void release_pages(struct page **pages, unsigned int nr);

/* The same by address; never from HIGHMEM, whose frames have none. 0: none. */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
unsigned long get_zeroed_page(gfp_t gfp);
void free_pages(unsigned long addr, unsigned int order);

/*
 * alloc_pages_exact - contiguous frames for @size bytes, not 2^n of them
 * free_pages_exact - and back, with the same size
 *
 * The address of the first; each frame is a block of its own. NULL: @size 0, or
 * no block of the next power of two, of which the surplus goes back at once.
 * Context  as alloc_pages. Drivers and loaders ask for tables of odd sizes so.
 */
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *addr, size_t size);

/*
 * split_page - make 2^@order blocks of one frame of a block that is in use
 *
 * Each has one reference and is freed alone. @page is the head of a block of its
 * owner's of that order, with one reference.
 */
void split_page(struct page *page, unsigned int order);

/* get_page - one more reference to an allocated block. Context any. */
static inline void get_page(struct page *page)
{
	__atomic_fetch_add(&page->count, 1, __ATOMIC_RELAXED);
}

/*
 * free_reserved_range - hand frames to the allocator that boot kept from it
 *
 * Frees every PAGE_RESERVED frame of [@start, @end) and skips all others.
 * Returns  how many frames were freed.
 */
unsigned long free_reserved_range(uint64_t start, uint64_t end);

#endif
