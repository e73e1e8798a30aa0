/* SPDX-License-Identifier: MIT */
/*
 * page_watch.c - tell whoever is interested that a frame changes hands
 *
 * Problem     Three aids want to see every frame that is taken or given back: one
 *             refuses some on purpose, one notes who has it, one looks whether it
 *             was written while it was free. Nobody else should pay for them.
 * Idea        One word says whether anybody is interested. The fast ways, a few
 *             instructions each, look at it and step aside; the slow way, where
 *             all then goes, tells each of them.
 * Picture     alloc_pages, __free_pages, bulk
 *                  | page_watch == 0: the CPU's stock (mm/pcp.c)
 *                  v
 *             alloc_slow, free_into --> page_watch_taken, page_watch_given
 *                                           |               |
 *                                       page_poison     page_owner
 * Invariants  PW1 While page_watch is not 0 no frame changes hands unseen.
 * Cost        One or two instructions for each frame that is given back. While
 *             somebody is interested: the slow way, some hundred a frame.
 * See         include/mm/page_watch.h, tests/mm/test_page_watch.c
 */
#include <mm/page_watch.h>

#include <mm/init.h>

unsigned int page_watch;

void page_watch_init(void)
{
	page_owner_init();
	page_watch |= page_owners ? WATCH_OWNER : 0;
	page_watch |= memory_aids.page_poison ? WATCH_POISON : 0;
}

/* The pattern first: its report names the one who had the frame before. */
void page_watch_taken(struct page *page, unsigned int order, gfp_t gfp,
		      unsigned long caller)
{
	if (page_watch & WATCH_POISON)
		page_poison_check(page, order, caller);
	if (page_watch & WATCH_OWNER)
		page_owner_taken(page, order, gfp, caller);
}

void page_watch_given(struct page *page, unsigned int order,
		      unsigned long caller)
{
	if (page_watch & WATCH_POISON)
		page_poison_fill(page, order);
	if (page_watch & WATCH_OWNER)
		page_owner_given(page, order, caller);
}
