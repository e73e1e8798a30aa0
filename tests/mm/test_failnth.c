/* SPDX-License-Identifier: MIT */
/* test_failnth.c - the n-th allocation fails, and no other */
#include <mm/failnth.h>

#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#define ONLY(kind)	(1U << (kind))

/* Which of eight pages are refused, a bit for each. */
static unsigned int refused_of_eight(unsigned int kinds, unsigned long n)
{
	unsigned int i, refused = 0;
	struct page *page;

	failnth_arm(kinds, n);
	for (i = 0; i < 8; i++) {
		page = alloc_page(GFP_KERNEL | __GFP_NOWARN);
		refused |= (unsigned int)!page << i;
		__free_page(page);
	}
	EXPECT_EQ(failnth_disarm(), kinds & ONLY(FAIL_PAGE) ? 8 : 0);
	return refused;
}

KTEST(failnth, allocation_n_fails_and_no_other)
{
	EXPECT_EQ(refused_of_eight(FAIL_ANY, 1), 1 << 0);
	EXPECT_EQ(refused_of_eight(ONLY(FAIL_PAGE), 3), 1 << 2);
	EXPECT_EQ(refused_of_eight(FAIL_ANY, 8), 1 << 7);
	EXPECT_EQ(refused_of_eight(FAIL_ANY, 9), 0);
	EXPECT_EQ(refused_of_eight(ONLY(FAIL_OBJECT), 1), 0);
	EXPECT_EQ(refused_of_eight(0, 1), 0);
}

KTEST(failnth, off_it_counts_nothing)
{
	EXPECT_EQ(failnth_kinds, 0);
	__free_page(alloc_page(GFP_KERNEL));
	failnth_arm(FAIL_ANY, 1);
	EXPECT_EQ(failnth_disarm(), 0);
}

/* How many of @kinds a vmalloc of five pages without any table asks for. */
static unsigned long asked_by_vmalloc(unsigned int kinds)
{
	void *p;

	vmalloc_drain();
	slab_drain();
	pgtable_forget(VMALLOC_START, VMALLOC_END);
	vmap_forget_tables();
	failnth_arm(kinds, 1000);
	p = vmalloc(5 * PAGE_SIZE);
	EXPECT(p);
	vfree(p);
	return failnth_disarm();
}

KTEST(failnth, each_kind_counts_by_itself)
{
	unsigned long pages = asked_by_vmalloc(ONLY(FAIL_PAGE));

	EXPECT_EQ(asked_by_vmalloc(ONLY(FAIL_OBJECT)), 2); /* record, array */
	EXPECT_EQ(asked_by_vmalloc(ONLY(FAIL_AREA)), 1);
	EXPECT_EQ(asked_by_vmalloc(ONLY(FAIL_TABLE)), 2);
	EXPECT(pages >= 7 && pages <= 9);	/* two tables, slabs or none */
	EXPECT_EQ(asked_by_vmalloc(FAIL_ANY), pages + 5);
}

static void refuse(unsigned int kind, const char *line)
{
	uint64_t from = printk_position();
	void *p;

	vmalloc_drain();
	failnth_arm(ONLY(kind), 1);
	p = vmalloc(5 * PAGE_SIZE);
	EXPECT_EQ(failnth_disarm(), 1);
	EXPECT(!p);
	EXPECT(printk_contains(from, line));
	vfree(p);
}

KTEST(failnth, refusals_say_what_real_ones_say)			/* FN1 */
{
	pgtable_forget(VMALLOC_START, VMALLOC_END);
	refuse(FAIL_OBJECT, "page_alloc: no block of order 0 for ");
	refuse(FAIL_AREA, "vmalloc: no room for 20480 bytes, asked by refuse+");
	refuse(FAIL_PAGE, "refused, asked by refuse+");
	refuse(FAIL_TABLE, "out of frames for page tables");
}

/* An object is refused even where a slab has one: as if there were no memory. */
KTEST(failnth, refused_object_leaves_its_cache_as_it_was)
{
	void *p = kmalloc(64, GFP_KERNEL), *q;

	REQUIRE(p);
	failnth_arm(ONLY(FAIL_OBJECT), 1);
	EXPECT(!kmalloc(64, GFP_KERNEL | __GFP_NOWARN));
	q = kmalloc(64, GFP_KERNEL);
	EXPECT_EQ(failnth_disarm(), 2);
	EXPECT(q);
	kfree(q);
	kfree(p);
	q = (void *)get_zeroed_page(GFP_KERNEL);	/* FN1 is over */
	EXPECT(q);
	free_pages((unsigned long)q, 0);
}

KTEST(failnth, forgotten_tables_are_given_back_and_made_again)
{
	unsigned long tables, frames;
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	pgtable_forget(VMALLOC_START, VMALLOC_END);
	EXPECT_NO_FAULT(*(volatile char *)p = 'x');	/* in use: kept */
	tables = pgtable_nr_tables();
	vfree(p);
	vmalloc_drain();
	slab_drain();
	frames = nr_free_pages();
	pgtable_forget(VMALLOC_START, VMALLOC_END);
	EXPECT_EQ(pgtable_nr_tables(), tables - 1);
	EXPECT_EQ(nr_free_pages(), frames + 1);
	EXPECT(!kernel_pte(VMALLOC_START));
	p = vmalloc(PAGE_SIZE);
	EXPECT(p);
	EXPECT_EQ(pgtable_nr_tables(), tables);
	vfree(p);
}
