/* SPDX-License-Identifier: MIT */
/* test_owners.c - who has which frames, in a table and by frame */
#include <mm/page_alloc.h>
#include <tests/ktest.h>
#include <tests/watched.h>

#include "ask.h"

static __noinline struct page *hoard(unsigned int order)
{
	return alloc_pages(GFP_KERNEL, order);
}

KTEST(owners, blocks_and_frames_are_summed_by_caller)
{
	struct page *a, *b;

	watched_begin();
	a = hoard(0);
	b = hoard(3);
	REQUIRE(a && b);
	EXPECT(ask("owners") && answered("       2         9  hoard+"));
	__free_page(a);
	EXPECT(ask("owners") && answered("       1         8  hoard+"));
	__free_pages(b, 3);
	watched_end();
}

KTEST(owners, page_names_who_has_the_frame_and_had_it)
{
	char line[40];
	struct page *page;

	watched_begin();
	page = hoard(2);
	REQUIRE(page);
	snprintf(line, sizeof(line), "page %x", page_to_pfn(page) + 1);
	EXPECT(ask("%s", line) && answered("taken by hoard+") &&
	       answered("order 2, gfp 08\n"));
	__free_pages(page, 2);
	EXPECT(ask("%s", line) &&
	       answered("; freed by ktest_owners_page_names"));
	watched_end();
}

KTEST(owners, explain_names_who_has_the_frame_and_had_it)
{
	struct page *page, *again;
	unsigned long addr;

	watched_begin();
	page = hoard(3);
	REQUIRE(page);
	addr = (unsigned long)page_address(page) + PAGE_SIZE;
	EXPECT(ask("explain %lx", addr));
	EXPECT(answered("          taken by hoard+") &&
	       answered("order 3, gfp 08\n"));
	__free_pages(page, 3);
	EXPECT(ask("explain %lx", addr));
	EXPECT(answered("; freed by ktest_owners_explain_names"));
	again = hoard(3);
	if (again == page) {
		EXPECT(ask("explain %lx", addr));
		EXPECT(answered("; before that freed by ktest_owners_explain"));
	}
	__free_pages(again, 3);
	watched_end();
}

KTEST(owners, without_the_option_it_says_what_to_do)
{
	if (page_owners)
		ktest_skip("page_owner is on");
	EXPECT(ask("owners") && answered("boot with page_owner"));
}
