/* SPDX-License-Identifier: MIT */
/* test_crumbs.c - much memory free, no two frames together, and back again */
#include <mm/crumbs.h>

#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#include "hoard.h"

static struct crumbs crumbs;
static struct list_head held[NR_ZONES];

static unsigned long blocks_above_order_0(void)
{
	unsigned long sum = 0;
	unsigned int id, order;

	for (id = 0; id < NR_ZONES; id++)
		for (order = 1; order < NR_ORDERS; order++)
			sum += zones[id].buddy.nr_blocks[order];
	return sum;
}

KTEST(crumbs, only_single_frames_are_left_and_many_of_them)
{
	unsigned long before = nr_free_pages();
	unsigned long loose = MIN(before, GIB(1) / PAGE_SIZE);

	EXPECT(blocks_above_order_0() > 0);
	crumbs_make(&crumbs);
	EXPECT_EQ(blocks_above_order_0(), 0);
	EXPECT(nr_free_pages() >= loose / 4);
	EXPECT(nr_free_pages() <= loose / 2 + NR_ZONES * 1024);
	EXPECT_EQ(zone_check(), 0);
	crumbs_release(&crumbs);
	EXPECT_EQ(nr_free_pages(), before);
}

KTEST(crumbs, two_frames_together_are_refused_to_everybody)
{
	unsigned int id, order;
	struct page *page;

	crumbs_make(&crumbs);
	for (id = 0; id < NR_ZONES; id++)
		for (order = 1; order < NR_ORDERS; order++)
			EXPECT(!alloc_pages(zone_gfp[id] | __GFP_HIGH |
					    __GFP_NOWARN, order));
	for (id = 0; id < NR_ZONES; id++) {
		page = alloc_page(zone_gfp[id]);
		EXPECT(page);
		__free_page(page);
	}
	crumbs_release(&crumbs);
}

/* The free frames decide which blocks there are, so the lengths come back. */
KTEST(crumbs, release_lets_everything_merge_again)
{
	unsigned long lengths[NR_ZONES][NR_ORDERS];
	unsigned int id;

	pcp_drain();
	for (id = 0; id < NR_ZONES; id++)
		memcpy(lengths[id], zones[id].buddy.nr_blocks,
		       sizeof(lengths[id]));
	crumbs_make(&crumbs);
	crumbs_release(&crumbs);
	pcp_drain();
	EXPECT(list_empty(&crumbs.held));
	for (id = 0; id < NR_ZONES; id++)
		EXPECT(memcmp(lengths[id], zones[id].buddy.nr_blocks,
			      sizeof(lengths[id])) == 0);
	crumbs_release(&crumbs);			/* holds nothing now */
}

/* Demonstration and tests may run out of memory before they call it. */
KTEST(crumbs, empty_machine_has_no_crumbs)
{
	hoard_all(held);
	crumbs_make(&crumbs);
	EXPECT(list_empty(&crumbs.held));
	EXPECT_EQ(nr_free_pages(), 0);
	crumbs_release(&crumbs);
	hoard_release_all(held);
}
