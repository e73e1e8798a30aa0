/* SPDX-License-Identifier: MIT */
/* page_head.h - what a struct page leads to, also one that is damaged */
#ifndef MODULES_PAGE_HEAD_H
#define MODULES_PAGE_HEAD_H

#include <mm/page.h>

/* page_head - the head of the block of several frames that holds frame @pfn, free
 * or used, or NULL: blocks are aligned to their size. A head that says of itself
 * what cannot be is none. */
static inline const struct page *page_head(pfn_t pfn)
{
	const struct page *head;
	unsigned int order;

	for (order = 1; order <= MAX_ORDER; order++) {
		head = pfn_to_page(ALIGN_DOWN(pfn, 1U << order));
		if ((head->state == PAGE_FREE || head->state == PAGE_USED) &&
		    head->order >= order && head->order <= MAX_ORDER)
			return head;
	}
	return NULL;
}

#define CACHE_NAME_MAX	20U		/* at most so much of a name is shown */

/* page_cache_name - of the cache of a frame of a slab, or "broken" */
void page_cache_name(const struct page *page, char name[CACHE_NAME_MAX + 1]);

#endif
