/* SPDX-License-Identifier: MIT */
/*
 * page_exact.c - contiguous frames in any number, not in powers of two
 *
 * Problem     A buffer of 33 frames wants a block of 64, and 31 lie idle in it.
 * Idea        Take the block, make single frames of it, and give those back that
 *             nobody asked for. As the rest is single frames, it goes one by one.
 * Picture     | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |   asked for 5 frames: order 3
 *               used, one by one    | given back: a 1 and a 2
 * Failure     0, as alloc_pages: it needs the whole block for a moment.
 * Source      Linux: alloc_pages_exact, split_page.
 * See         tests/mm/test_page_exact.c, docs/book/mm/page_exact.md
 */
#include <mm/page_alloc.h>

#include <lib/export.h>

#include "internal.h"

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	unsigned long nr = size / PAGE_SIZE + !IS_ALIGNED(size, PAGE_SIZE);
	unsigned int order = log2_ceil(nr);
	struct page *page;
	char *addr;

	if (nr == 0)
		return NULL;
	page = page_alloc_for(gfp & ~__GFP_HIGHMEM, order, CALLER);
	if (!page)
		return NULL;
	addr = page_address(page);
	split_page(page, order);
	free_pages_exact(addr + nr * PAGE_SIZE,
			 (PAGE_SIZE << order) - nr * PAGE_SIZE);
	return addr;
}
EXPORT_SYMBOL(alloc_pages_exact);

void free_pages_exact(void *addr, size_t size)
{
	char *page = addr;

	for (; page < (char *)addr + size; page += PAGE_SIZE)
		page_free_address((unsigned long)page, 0, CALLER);
}
EXPORT_SYMBOL(free_pages_exact);
