/* SPDX-License-Identifier: MIT */
/*
 * page_refused.c - why a frame that somebody gives back is not freed
 *
 * Problem     Frames freed twice, or with another order, end in two owners of one
 *             frame, and the damage shows far away, much later.
 * Idea        __free_pages refuses them. What they are instead is read off mem_map
 *             here, so that the report says which mistake it was, and whose.
 * Invariants  A2 of mm/page_alloc.c: nothing is changed.
 * See         tests/mm/test_page_alloc_free.c, docs/book/mm/page_refused.md
 */
#include <mm/page.h>

#include <kernel/printk.h>

#include "internal.h"

/* The head of the free block that this frame is part of may lie before it. */
bool page_is_free(const struct page *page)
{
	pfn_t pfn = page_to_pfn(page);
	unsigned int order;

	if (page->state != PAGE_FREE && page->state != PAGE_TAIL)
		return page->state == PAGE_STOCK;
	for (order = 0; order <= MAX_ORDER; order++) {
		const struct page *head = pfn_to_page(ALIGN_DOWN(pfn, 1U << order));

		if (head->state == PAGE_FREE && head->order >= order)
			return true;
	}
	return false;
}

static const char *why_not_freed(const struct page *page)
{
	if (page_is_free(page))
		return "it is free already";
	switch (page->state) {
	case PAGE_TAIL:
		return "it is inside a larger block";
	case PAGE_USED:
		return "it was allocated with another order";
	case PAGE_SLAB:
		return "it belongs to an object cache";
	default:
		return "it was never allocated";
	}
}

void page_report_refusal(const struct page *page, unsigned int order,
			 unsigned long caller)
{
	if (!page_pointer_valid(page))
		printk(KERN_ERR "page_alloc: %p is no struct page; "
		       "freed with order %u by %pB\n",
		       (const void *)page, order, (void *)caller);
	else
		printk(KERN_ERR "page_alloc: frame %05x not freed: %s; "
		       "freed with order %u by %pB\n", page_to_pfn(page),
		       why_not_freed(page), order, (void *)caller);
}
