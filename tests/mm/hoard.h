/* SPDX-License-Identifier: MIT */
/*
 * hoard.h - take every free frame, of one zone or of all
 *
 * The largest blocks go first, so even 16 GiB are a few thousand steps; they
 * are chained through page->link, which costs no memory. Nothing else must need
 * memory meanwhile: use EXPECT, not REQUIRE, until they are given back.
 */
#ifndef TESTS_MM_HOARD_H
#define TESTS_MM_HOARD_H

#include <mm/page_alloc.h>
#include <mm/zone.h>

/* The flags that name each zone as the highest. */
static const gfp_t zone_gfp[NR_ZONES] = { __GFP_DMA, 0, __GFP_HIGHMEM };

/* All that such requests get from zone @id, and nothing of the zones below. */
static inline void hoard_zone(struct list_head *held, enum zone_id id,
			      gfp_t gfp)
{
	unsigned int below = NR_ORDERS;
	struct page *page;

	list_init(held);
	while (below-- > 0) {
		while ((page = alloc_pages(gfp | __GFP_NOWARN, below)) &&
		       page->zone == id)
			list_add(&page->link, held);
		__free_pages(page, below);
	}
}

static inline void hoard_release(struct list_head *held)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, held, link)
		__free_pages(page, page->order);
	list_init(held);
}

/* Every frame there is, also what the floors keep. */
static inline void hoard_all(struct list_head held[NR_ZONES])
{
	unsigned int id = NR_ZONES;

	while (id-- > 0)
		hoard_zone(&held[id], (enum zone_id)id,
			   zone_gfp[id] | __GFP_HIGH);
}

static inline void hoard_release_all(struct list_head held[NR_ZONES])
{
	unsigned int id;

	for (id = 0; id < NR_ZONES; id++)
		hoard_release(&held[id]);
}

#endif
