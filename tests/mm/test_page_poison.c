/* SPDX-License-Identifier: MIT */
/* test_page_poison.c - was a frame written while it was free? */
#include <mm/page_watch.h>

#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/zone.h>
#include <tests/ktest.h>
#include <tests/poke.h>
#include <tests/watched.h>

static void write_to(struct page *page, unsigned long byte, unsigned char value)
{
	char *addr = kmap_local_page(page);

	poke(addr + byte, value);
	kunmap_local(addr);
}

/* By hand, so that it can be tried without the option: as if it were freed. */
KTEST(page_poison, changed_byte_is_reported_with_its_place)
{
	static const unsigned long bytes[] = { 0, 1, 2047, PAGE_SIZE - 1 };
	struct page *page = alloc_page(GFP_HIGHUSER);
	unsigned int i;
	char want[64];

	REQUIRE(page);
	page_poison_fill(page, 0);
	page_poison_check(page, 0, CALLER);		/* no report */
	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		write_to(page, bytes[i], 'X');
		snprintf(want, sizeof(want), "%05x was written while it was "
			 "free: byte %lu is 58", page_to_pfn(page), bytes[i]);
		EXPECT_REPORT(want, page_poison_check(page, 0, CALLER));
		write_to(page, bytes[i], PAGE_POISON);
	}
	page_poison_check(page, 0, CALLER);
	__free_page(page);
}

KTEST(page_poison, each_frame_of_a_block_is_looked_at)
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);
	unsigned int i;

	REQUIRE(page);
	page_poison_fill(page, 3);
	for (i = 0; i < 8; i++) {
		write_to(page + i, i, 0);
		EXPECT_REPORT("is 00, not aa",
			      page_poison_check(page, 3, CALLER));
		write_to(page + i, i, PAGE_POISON);
	}
	page_poison_check(page, 3, CALLER);
	__free_pages(page, 3);
}

static __noinline struct page *take(void)
{
	return alloc_pages(GFP_KERNEL, 0);	/* inline nowhere */
}

KTEST(page_poison, report_names_who_had_the_frame)
{
	struct page *page;

	watched_begin();
	page = take();
	REQUIRE(page);
	page_poison_fill(page, 0);
	write_to(page, 7, 7);
	EXPECT_REPORT("page_poison: take+", page_poison_check(page, 0, CALLER));
	__free_page(page);
	watched_end();
}

static void needs_option(void)
{
	if (!(page_watch & WATCH_POISON))
		ktest_skip("boot with page_poison");
}

/* The write goes past page tables and allocator: through the direct map. */
KTEST(page_poison, write_to_a_freed_frame_is_found_when_it_is_taken)
{
	struct page *page, *again;

	needs_option();
	page = alloc_pages(GFP_KERNEL, 2);
	REQUIRE(page);
	__free_pages(page, 2);
	write_to(page + 1, 100, 'X');
	EXPECT_REPORT("byte 100 is 58, not aa",
		      again = alloc_pages(GFP_KERNEL, 2));
	EXPECT(again == page);
	__free_pages(again, 2);
}

KTEST(page_poison, zeroes_are_zeroes_all_the_same)
{
	struct page *page;
	char *addr;

	needs_option();
	page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	REQUIRE(page);
	addr = kmap_local_page(page);
	EXPECT(!memchr_inv(addr, 0, PAGE_SIZE));
	kunmap_local(addr);
	__free_page(page);
}

static bool holds_pattern(struct page *page)
{
	const char *addr = kmap_local_page(page);
	bool good = !memchr_inv(addr, PAGE_POISON, PAGE_SIZE);

	kunmap_local(addr);
	return good;
}

/* In stock, in the buddy, of each zone; what nobody had since boot, too. */
KTEST(page_poison, free_frames_hold_the_pattern)	/* attacks PP1 */
{
	unsigned long strange = 0, seen = 0;
	pfn_t pfn, i, nr;

	needs_option();
	if (KASAN_ON)
		ktest_skip("KASAN=1 lets nobody look at free frames");
	for (pfn = 0; pfn < mem_map_end; pfn += MAX(nr, 1U)) {
		const struct page *page = pfn_to_page(pfn);

		nr = page->state == PAGE_STOCK;
		if (page->state == PAGE_FREE)
			nr = 1U << page->order;
		for (i = 0; i < nr; i++)
			strange += !holds_pattern(pfn_to_page(pfn + i));
		seen += nr;
	}
	EXPECT_EQ(strange, 0);
	EXPECT_EQ(seen, nr_free_pages());
}
