/* SPDX-License-Identifier: MIT */
/* test_slots.c - the monitor's view of kmap, and a slot for a frame */
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <modules/visit.h>
#include <tests/ktest.h>

#include "ask.h"

#define NR_FRAMES	32U

static struct visit visit;

static struct page *take_high(unsigned int order)
{
	struct page *block = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN, order);

	if (block && page_is_highmem(block))
		return block;
	__free_pages(block, order);
	ktest_skip("this machine has no such block of HIGHMEM");
}

static struct page *newest_block(void)
{
	return list_entry(visit.blocks.next, struct page, link);
}

KTEST(slots, table_shows_users_and_frames)
{
	struct page *frames = take_high(1);
	void *p;

	kmap_drain();
	EXPECT(ask("kmap") && answered("512 slots: 0 in use, 0 mapped"));
	p = kmap(frames);
	REQUIRE(p && kmap(frames) && kmap(frames + 1));
	kunmap(frames + 1);
	EXPECT(ask("kmap") && answered("1 in use, 1 mapped without a user"));
	EXPECT(answered("%08lx      2  %x\n", (unsigned long)p,
			page_to_pfn(frames)));
	EXPECT(answered("      0  %x\n", page_to_pfn(frames + 1)));
	kunmap(frames);
	kunmap(frames);
	kmap_drain();
	__free_pages(frames, 1);
}

KTEST(slots, long_table_is_cut_and_says_so)
{
	struct page *frames = take_high(5);
	unsigned int i;

	kmap_drain();
	for (i = 0; i < NR_FRAMES; i++)
		EXPECT(kmap(frames + i));
	EXPECT(ask("kmap") && answered("32 in use") && answered("and 16 more"));
	EXPECT(answered("  %x\n", page_to_pfn(frames + 15)));
	EXPECT(!answered("  %x\n", page_to_pfn(frames + 16)));
	for (i = 0; i < NR_FRAMES; i++)
		kunmap(frames + i);
	kmap_drain();
	__free_pages(frames, 5);
}

KTEST(slots, frame_of_ones_own_gets_an_address)
{
	struct page *page;
	pfn_t pfn;

	visit_begin(&visit);
	EXPECT(ask("alloc 2"));
	page = newest_block() + 2;
	pfn = page_to_pfn(page);
	EXPECT(ask("kmap %x", pfn) && answered("frame %x is at ", pfn));
	EXPECT(ask("kmap %x", pfn) && ask("kmap 0") && answered("not yours"));
	EXPECT(ask("kmap ffffffff") && answered("not yours"));
	EXPECT(ask("kmap x") && answered("usage: kmap [PFN]"));
	EXPECT_EQ(kmap_nr_users(), page_is_highmem(page) ? 2 : 0);
	EXPECT(ask("kunmap %x", pfn));
	EXPECT_EQ(kmap_nr_users(), page_is_highmem(page) ? 1 : 0);
	EXPECT(visit_end(&visit));		/* takes the other one back */
	EXPECT_EQ(kmap_nr_users(), 0);
}

KTEST(slots, one_kunmap_too_many_is_reported)
{
	__free_page(take_high(0));
	visit_begin(&visit);
	EXPECT(ask("alloc 0"));
	EXPECT_REPORT("not mapped, or by nobody",
		      ask("kunmap %x", page_to_pfn(newest_block())));
	EXPECT(ask("kunmap 0") && answered("not yours"));
	EXPECT(visit_end(&visit));
}
