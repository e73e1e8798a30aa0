/* SPDX-License-Identifier: MIT */
/* test_page_owner.c - who has each frame, and who had it before */
#include <mm/page_watch.h>

#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <tests/ktest.h>
#include <tests/watched.h>

/* Does @addr lie in @function? Its code is small. */
static bool called_by(uint32_t addr, const void *function)
{
	return addr > (unsigned long)function &&
	       addr - (unsigned long)function < 256;
}

static __noinline struct page *take(gfp_t gfp, unsigned int order)
{
	return alloc_pages(gfp, order);
}

static __noinline void give(struct page *page, unsigned int order)
{
	__free_pages(page, order);
}

KTEST(page_owner, taker_and_giver_are_noted)		/* attacks O1 */
{
	const struct page_owner *owner;
	struct page *page;

	watched_begin();
	page = take(GFP_HIGHUSER, 0);
	REQUIRE(page);
	owner = &page_owners[page_to_pfn(page)];
	EXPECT(called_by(owner->caller, take));
	EXPECT_EQ(owner->gfp, GFP_HIGHUSER);
	EXPECT_EQ(owner->order, 0);
	give(page, 0);
	EXPECT(called_by(owner->caller, take));		/* had it last */
	EXPECT(called_by(owner->freed_by, give));
	watched_end();
}

KTEST(page_owner, each_frame_of_a_block_has_the_record)	/* attacks O1 */
{
	const struct page_owner *owner;
	struct page *page;
	unsigned int i;

	watched_begin();
	page = take(GFP_KERNEL, 4);
	REQUIRE(page);
	owner = &page_owners[page_to_pfn(page)];
	for (i = 0; i < 16; i++) {
		EXPECT(called_by(owner[i].caller, take));
		EXPECT_EQ(owner[i].order, 4);
	}
	give(page, 4);
	for (i = 0; i < 16; i++)
		EXPECT(called_by(owner[i].freed_by, give));
	watched_end();
}

/* The model: who took each of 64 places last. */
KTEST(page_owner, random_blocks_have_their_owners)	/* attacks O1 */
{
	static struct { struct page *page; unsigned int order; } held[64];
	unsigned int i;

	watched_begin();
	for (i = 0; i < 2000; i++) {
		unsigned int at = random_below(ktest_random(), 64);
		unsigned int order = random_below(ktest_random(), 3);

		if (held[at].page) {
			pfn_t pfn = page_to_pfn(held[at].page);

			EXPECT(called_by(page_owners[pfn].caller, take));
			EXPECT_EQ(page_owners[pfn].order, held[at].order);
			give(held[at].page, held[at].order);
			held[at].page = NULL;
		} else {
			held[at].page = take(GFP_KERNEL | __GFP_NOWARN, order);
			held[at].order = order;
		}
	}
	for (i = 0; i < 64; i++)
		if (held[i].page) {
			give(held[i].page, held[i].order);
			held[i].page = NULL;
		}
	watched_end();
}
