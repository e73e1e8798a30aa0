/* SPDX-License-Identifier: MIT */
/*
 * hog.h - take all low memory away, so that a case can see a shortage
 *
 * The largest blocks go first, so even 896 MiB are a few hundred steps. Blocks
 * are chained through page->link, which costs no memory. What the floors keep
 * for GFP_ATOMIC stays free.
 */
#ifndef TESTS_MM_HOG_H
#define TESTS_MM_HOG_H

#include <mm/page_alloc.h>

static inline void hog_take(struct list_head *hog)
{
	unsigned int below = NR_ORDERS;
	struct page *page;

	list_init(hog);
	while (below-- > 0)
		while ((page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, below)))
			list_add(&page->link, hog);
}

static inline void hog_release(struct list_head *hog)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, hog, link)
		__free_pages(page, page->order);
	list_init(hog);
}

#endif
