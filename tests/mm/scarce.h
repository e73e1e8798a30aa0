/* SPDX-License-Identifier: MIT */
/*
 * scarce.h - leave so many frames to a kind of request, and not one more
 *
 * First the frames that shall be left are taken one by one, then everything
 * else that such a request could get, the largest blocks first; then the
 * former are given back. What the floors keep stays free, out of reach.
 */
#ifndef TESTS_MM_SCARCE_H
#define TESTS_MM_SCARCE_H

#include <mm/page_alloc.h>

struct scarce { struct list_head held; };

static inline void scarce_release(struct scarce *s)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &s->held, link)
		__free_pages(page, page->order);
	list_init(&s->held);
}

static inline void scarce_make(struct scarce *s, gfp_t gfp, unsigned int left)
{
	struct scarce spared;
	unsigned int below = NR_ORDERS;
	struct page *page;

	list_init(&s->held);
	list_init(&spared.held);
	while (left-- > 0 && (page = alloc_page(gfp | __GFP_NOWARN)))
		list_add(&page->link, &spared.held);
	while (below-- > 0)
		while ((page = alloc_pages(gfp | __GFP_NOWARN, below)))
			list_add(&page->link, &s->held);
	scarce_release(&spared);
}

#endif
