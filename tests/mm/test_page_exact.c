/* SPDX-License-Identifier: MIT */
/* test_page_exact.c - as many contiguous frames as were asked for, and not one more */
#include <mm/page_alloc.h>

#include <lib/string.h>
#include <mm/pcp.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#include "hoard.h"

static void expect_exact(size_t size, gfp_t gfp)
{
	unsigned long before = nr_free_pages(), nr = PFN_UP(size), i;
	char *p = alloc_pages_exact(size, gfp | __GFP_NOWARN);
	unsigned int wrong = 0;

	if (!p && nr > 512)
		ktest_skip("this machine has no 4 MiB together");
	REQUIRE(p);
	EXPECT_EQ(before - nr_free_pages(), nr);
	EXPECT(IS_ALIGNED(virt_to_pfn(p), roundup_pow2(nr)));
	for (i = 0; i < nr; i++)
		wrong += !page_is_single(virt_to_page(p) + i, PAGE_USED);
	if (nr < roundup_pow2(nr))
		wrong += page_is_single(virt_to_page(p) + nr, PAGE_USED);
	EXPECT_EQ(wrong, 0);
	if (gfp & __GFP_ZERO)
		EXPECT(!memchr_inv(p, 0, nr * PAGE_SIZE));
	memset(p, 'x', nr * PAGE_SIZE);
	EXPECT_EQ(zone_check(), 0);
	free_pages_exact(p, size);
	EXPECT_EQ(nr_free_pages(), before);
	EXPECT_EQ(zone_check(), 0);
	EXPECT_EQ(pcp_check(), 0);
}

KTEST(page_exact, surplus_of_the_block_goes_back_at_once)
{
	static const size_t sizes[] = {
		1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE,
		5 * PAGE_SIZE - 7, 8 * PAGE_SIZE, 33 * PAGE_SIZE,
		65 * PAGE_SIZE + 1, 513 * PAGE_SIZE,
	};
	unsigned int i;

	expect_exact(7 * PAGE_SIZE, GFP_DMA | __GFP_ZERO);
	expect_exact(7 * PAGE_SIZE, GFP_HIGHUSER);	/* it has an address */
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		expect_exact(sizes[i], GFP_KERNEL);
}

KTEST(page_exact, frames_may_be_freed_one_by_one)
{
	unsigned long before = nr_free_pages(), i;
	char *p = alloc_pages_exact(6 * PAGE_SIZE, GFP_KERNEL);

	REQUIRE(p);
	for (i = 6; i-- > 0;)
		free_pages((unsigned long)p + i * PAGE_SIZE, 0);
	EXPECT_EQ(nr_free_pages(), before);
}

static __noinline void *ask(size_t size)
{
	void *p = alloc_pages_exact(size, GFP_KERNEL);

	barrier();
	return p;
}

KTEST(page_exact, nothing_and_too_much_are_refused)
{
	unsigned long before = nr_free_pages();
	uint64_t from = printk_position();

	EXPECT(!ask(0));
	EXPECT_EQ(printk_position(), from);
	EXPECT(!ask((PAGE_SIZE << MAX_ORDER) + 1));
	EXPECT(printk_contains(from, "no block of order 11 for ask+"));
	EXPECT(!ask(~(size_t)0));
	EXPECT(printk_contains(from, "no block of order 20 for ask+"));
	EXPECT_EQ(nr_free_pages(), before);
}

static __noinline void give_back(void *p, size_t size)
{
	free_pages_exact(p, size);
	barrier();
}

KTEST(page_exact, wrong_frees_are_reported)			/* attacks A2 */
{
	char *p = alloc_pages_exact(3 * PAGE_SIZE, GFP_KERNEL);
	unsigned long before = nr_free_pages();

	REQUIRE(p);
	EXPECT_REPORT("is no address of a page", give_back(p + 1, 1));
	EXPECT(ktest_report_contains("by give_back+"));
	EXPECT_REPORT("is no address of a page", give_back(NULL, 1));
	EXPECT_EQ(nr_free_pages(), before);
	free_pages_exact(p, 3 * PAGE_SIZE);
	EXPECT_REPORT("it is free already", give_back(p, PAGE_SIZE));
	EXPECT(ktest_report_contains("by give_back+"));
	EXPECT_EQ(nr_free_pages(), before + 3);
}
