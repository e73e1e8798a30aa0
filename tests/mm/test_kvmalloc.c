/* SPDX-License-Identifier: MIT */
/*
 * test_kvmalloc.c - small from kmalloc, large from whoever has it
 */
#include <mm/kvmalloc.h>

#include <lib/string.h>
#include <mm/crumbs.h>
#include <mm/failnth.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <x86/percpu.h>

#include "touch.h"

KTEST(kvmalloc, every_size_keeps_every_byte)
{
	static const size_t sizes[] = {
		1, 100, PAGE_SIZE, PAGE_SIZE + 1, MIB(1), KMALLOC_MAX + 1,
	};
	unsigned int i;
	char *p;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		p = kvmalloc(sizes[i], GFP_KERNEL);
		if (!p && sizes[i] > MIB(2) && nr_free_pages() < 4096)
			ktest_skip("this machine has no 4 MiB to give");
		REQUIRE(p);
		EXPECT_EQ(is_vmalloc_addr(p), sizes[i] > KMALLOC_MAX);
		pattern_fill(p, sizes[i], i);
		EXPECT(pattern_holds(p, sizes[i], i));
		kvfree(p);
	}
	kvfree(NULL);
}

/* C6: no two free frames lie together, and more than a page is wanted. */
KTEST(kvmalloc, serves_from_the_window_when_memory_is_in_crumbs)
{
	struct crumbs crumbs;
	uint64_t from;
	char *p, *one;

	crumbs_make(&crumbs);
	from = printk_position();
	p = kvmalloc(5 * PAGE_SIZE, GFP_KERNEL);
	one = kvmalloc(KMALLOC_ONE_FRAME, GFP_KERNEL);
	EXPECT_EQ(printk_position(), from);		/* not a word */
	EXPECT(p && is_vmalloc_addr(p));
	EXPECT(one && !is_vmalloc_addr(one));
	crumbs_release(&crumbs);
	kvfree(one);
	kvfree(p);
}

/* Each shortage of kmalloc's is one that vmalloc does not mind. */
KTEST(kvmalloc, refusal_of_a_block_is_not_heard_of)
{
	uint64_t from = printk_position();
	char *p;

	failnth_arm(FAIL_ANY, 1);
	p = kvmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	failnth_disarm();
	EXPECT(p && is_vmalloc_addr(p));
	EXPECT_EQ(printk_position(), from);
	kvfree(p);
}

KTEST(kvmalloc, up_to_a_page_kmalloc_has_the_last_word)
{
	unsigned long areas = vmap_nr_areas();
	uint64_t from = printk_position();

	failnth_arm(FAIL_ANY, 1);
	EXPECT(!kvmalloc(64, GFP_KERNEL));
	failnth_disarm();
	EXPECT(printk_contains(from, "page_alloc: no block"));
	EXPECT_EQ(vmap_nr_areas(), areas);
}

/* The window is not for those who may not wait: they have kmalloc's word. */
KTEST(kvmalloc, who_may_not_wait_gets_no_area)
{
	char *p;

	EXPECT(!kvmalloc(KMALLOC_MAX + 1, GFP_ATOMIC));
	this_cpu->irq_depth++;
	EXPECT(!kvmalloc(KMALLOC_MAX + 1, GFP_KERNEL));
	p = kvmalloc(2 * PAGE_SIZE, GFP_ATOMIC);
	EXPECT(p && !is_vmalloc_addr(p));
	kvfree(p);
	this_cpu->irq_depth--;
}

KTEST(kvmalloc, zeroes_where_it_says_so)
{
	char *p = kvmalloc(3 * PAGE_SIZE, GFP_KERNEL), *q;

	REQUIRE(p);
	memset(p, 0xFF, 3 * PAGE_SIZE);
	kvfree(p);
	p = kvzalloc(3 * PAGE_SIZE, GFP_KERNEL);
	q = kvcalloc(100, 12, GFP_KERNEL);
	REQUIRE(p && q);
	EXPECT(!memchr_inv(p, 0, 3 * PAGE_SIZE));
	EXPECT(!memchr_inv(q, 0, 1200));
	kvfree(q);
	kvfree(p);
}

KTEST(kvmalloc, product_that_wraps_is_refused_with_a_line)
{
	char *p = kvmalloc_array(1000, 4, GFP_KERNEL);

	REQUIRE(p);
	pattern_fill(p, 4000, 1);
	kvfree(p);
	EXPECT_REPORT("product_that_wraps",
		      EXPECT(!kvmalloc_array(0x40000001, 4, GFP_KERNEL)));
	EXPECT_REPORT("product_that_wraps",
		      EXPECT(!kvcalloc(0x10000, 0x10001, GFP_KERNEL)));
}

static __noinline void free_it(const void *p)
{
	kvfree(p);
}

KTEST(kvmalloc, wrong_pointer_is_reported_with_the_caller)
{
	needs_page_starts();
	char *large = kvmalloc(KMALLOC_MAX + 1, GFP_KERNEL);
	char *small = kvmalloc(100, GFP_KERNEL);

	if (!large)
		ktest_skip("this machine has no 4 MiB to give");
	REQUIRE(small);
	EXPECT_REPORT("vfree: nonexistent area", free_it(large + PAGE_SIZE));
	EXPECT(ktest_report_contains("free_it+"));
	kvfree(large);
	EXPECT_REPORT("vfree: nonexistent area", free_it(large));
	EXPECT_REPORT("free_it+", free_it(small + 8));
	kvfree(small);
}
