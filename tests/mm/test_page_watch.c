/* SPDX-License-Identifier: MIT */
/* test_page_watch.c - whoever is interested sees each frame change hands */
#include <mm/page_watch.h>

#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>
#include <tests/ktest.h>
#include <tests/watched.h>

#define NR		600U		/* more than one lock serves (page_bulk.c) */

static struct page *pages[NR];

/* Were all of them noted as taken by somebody, or as given? */
static unsigned int nr_taken(unsigned int nr)
{
	unsigned int i, n = 0;

	for (i = 0; i < nr; i++)
		n += page_owners[page_to_pfn(pages[i])].caller != 0;
	return n;
}

static unsigned int nr_given(unsigned int nr)
{
	unsigned int i, n = 0;

	for (i = 0; i < nr; i++)
		n += page_owners[page_to_pfn(pages[i])].freed_by != 0;
	return n;
}

KTEST(page_watch, frames_in_number_are_seen_one_by_one)	/* attacks PW1 */
{
	static const unsigned int counts[] = { 1, 2, 3, PCP_BATCH + 1, NR };
	unsigned int i, nr;

	watched_begin();
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		watched_forget();
		nr = alloc_pages_bulk_array(GFP_HIGHUSER, counts[i], pages);
		EXPECT_EQ(nr, counts[i]);
		EXPECT_EQ(nr_taken(nr), nr);
		release_pages(pages, nr);
		EXPECT_EQ(nr_given(nr), nr);
	}
	watched_end();
}

KTEST(page_watch, single_frames_and_blocks_are_seen)	/* attacks PW1 */
{
	unsigned int order;

	watched_begin();
	for (order = 0; order <= 5; order++) {
		watched_forget();
		pages[0] = alloc_pages(GFP_KERNEL, order);
		REQUIRE(pages[0]);
		EXPECT_EQ(nr_taken(1), 1);
		__free_pages(pages[0], order);
		EXPECT_EQ(nr_given(1), 1);
	}
	watched_end();
}

KTEST(page_watch, who_has_two_references_gives_it_back_once)
{
	watched_begin();
	pages[0] = alloc_page(GFP_KERNEL);
	REQUIRE(pages[0]);
	watched_forget();
	get_page(pages[0]);
	__free_page(pages[0]);
	EXPECT_EQ(nr_given(1), 0);
	__free_page(pages[0]);
	EXPECT_EQ(nr_given(1), 1);
	watched_end();
}

KTEST(page_watch, wrong_frees_are_refused_while_it_is_on)
{
	watched_begin();
	pages[0] = alloc_page(GFP_KERNEL);
	REQUIRE(pages[0]);
	__free_page(pages[0]);
	watched_forget();
	EXPECT_REPORT("it is free already", __free_page(pages[0]));
	EXPECT_REPORT("no struct page",
		      __free_page((struct page *)((char *)pages[0] + 4)));
	EXPECT_EQ(nr_given(1), 0);
	watched_end();
}
