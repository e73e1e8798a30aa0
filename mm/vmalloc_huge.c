/* SPDX-License-Identifier: MIT */
/*
 * vmalloc_huge.c - frames for an area in pages of 2 MiB
 *
 * Problem     A page of 2 MiB needs 512 frames in a row. Mostly there are some such
 *             blocks, but one must not rely on it: that is what vmalloc is for (C6).
 * Idea        Take blocks of order 9 as long as there are any, then single frames.
 *             A block is split into single frames at once, so W2 holds, and
 *             vfree need not know. Mapping looks at the frames alone and uses
 *             2 MiB wherever they lie well (mm/pgtable_large.c).
 * Picture     area, from an address that 2 MiB divide:
 *             |     2 MiB, one entry    |     2 MiB, one entry    | | | | |guard|
 *              block of order 9, split   block of order 9, split   frames
 * Invariants  W1, W2 of mm/vmalloc.c; C9: no block of a lower zone is taken while
 *             HIGHMEM has as many single frames.
 * Failure     As vmalloc.
 * Cost        O(pages): 512 records of frames are written for a block.
 * Source      Linux 5.18, vmalloc_huge, VM_ALLOW_HUGE_VMAP; split_page.
 * See         tests/mm/test_vmalloc_huge.c
 */
#include <mm/vmalloc.h>

#include <lib/export.h>
#include <mm/page_alloc.h>
#include <mm/zone.h>

#include "internal.h"

#define LARGE_ORDER	(LARGE_SHIFT - PAGE_SHIFT)

void split_page(struct page *page, unsigned int order)
{
	struct zone *zone = page_zone(page);
	unsigned int i;

	spin_lock(&zone->lock);
	ASSERT(page->state == PAGE_USED && page->order == order &&
	       page->count == 1);
	for (i = 0; i < 1U << order; i++) {
		page[i].state = PAGE_USED;
		page[i].order = 0;
		page[i].count = 1;
	}
	spin_unlock(&zone->lock);
}
EXPORT_SYMBOL(split_page);

static struct page *alloc_large(gfp_t gfp)
{
	struct page *head = alloc_pages(gfp | __GFP_NOWARN, LARGE_ORDER);

	if (!head || !(gfp & __GFP_HIGHMEM) || page_is_highmem(head) ||
	    zone_nr_free(&zones[ZONE_HIGHMEM]) < 1UL << LARGE_ORDER)
		return head;
	__free_pages(head, LARGE_ORDER);
	return NULL;
}

unsigned int alloc_pages_large(gfp_t gfp, unsigned int nr, struct page **pages)
{
	unsigned int i, done = 0;
	struct page *head;

	while (nr - done >= 1U << LARGE_ORDER && (head = alloc_large(gfp))) {
		split_page(head, LARGE_ORDER);
		for (i = 0; i < 1U << LARGE_ORDER; i++)
			pages[done++] = head + i;
	}
	return done + alloc_pages_bulk_array(gfp, nr - done, pages + done);
}
