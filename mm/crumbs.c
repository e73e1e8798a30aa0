/* SPDX-License-Identifier: MIT */
/*
 * crumbs.c - make the state of claim C6: much memory free, no two frames together
 *
 * Idea        Take all frames one by one; then free those with an even number. A
 *             free frame's buddy differs in bit 0 and is held, so nothing merges.
 * Picture     frame   0    1    2    3    4    5    6    7
 *                    free held free held free held free held
 */
#include <mm/crumbs.h>

#include <mm/page_alloc.h>
#include <mm/zone.h>

#define LOOSE_FRAMES	((unsigned long)(GIB(1) / PAGE_SIZE))
#define TAKE_ANY	(__GFP_HIGHMEM | __GFP_HIGH | __GFP_NOWARN)

static struct page *take(struct crumbs *c, unsigned int order)
{
	struct page *page = alloc_pages(TAKE_ANY, order);

	if (page)
		list_add(&page->link, &c->held);
	return page;
}

/* HIGHMEM's and NORMAL's reserves are for others: take their frames by name. */
static bool take_single(struct crumbs *c)
{
	static const gfp_t kinds[] = {
		TAKE_ANY, TAKE_ANY & ~__GFP_HIGHMEM,
		(TAKE_ANY & ~__GFP_HIGHMEM) | __GFP_DMA,
	};
	struct page *page = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds) && !page; i++)
		page = alloc_pages(kinds[i], 0);
	if (page)
		list_add(&page->link, &c->held);
	return page;
}

void crumbs_make(struct crumbs *c)
{
	struct page *page, *next;

	list_init(&c->held);
	while (nr_free_pages() > LOOSE_FRAMES && take(c, MAX_ORDER))
		;
	while (take_single(c))
		;
	list_for_each_entry_safe(page, next, &c->held, link) {
		if (page->order > 0 || page_to_pfn(page) % 2)
			continue;
		list_del(&page->link);
		__free_page(page);
	}
}

void crumbs_release(struct crumbs *c)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &c->held, link)
		__free_pages(page, page->order);
	list_init(&c->held);
}
