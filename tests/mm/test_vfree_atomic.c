/* SPDX-License-Identifier: MIT */
/*
 * test_vfree_atomic.c - queued where nobody may wait, freed later, once
 */
#include <mm/vmalloc.h>

#include <kernel/lockrank.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <tests/ktest.h>
#include <x86/percpu.h>
#include <x86/spinlock.h>

#include "touch.h"

/* As an interrupt handler would. The reports name it as the caller. */
static __noinline void free_in_handler(const void *p)
{
	this_cpu->irq_depth++;
	vfree_atomic(p);
	this_cpu->irq_depth--;
}

KTEST(vfree_atomic, area_stays_until_a_thread_uses_the_window)	/* AT1 */
{
	unsigned long areas = vmap_nr_areas();
	char *p = vmalloc(2 * PAGE_SIZE), *q;
	struct page *page;

	REQUIRE(p);
	page = vmalloc_to_page(p);
	free_in_handler(p);
	EXPECT(!find_vm_area(p));
	EXPECT_EQ(vmap_nr_areas(), areas + 1);
	EXPECT_EQ(page->state, PAGE_USED);
	EXPECT_EQ(vmalloc_check(), 0);
	q = vmalloc(PAGE_SIZE);			/* a plain thread */
	REQUIRE(q);
	vmap_purge();
	EXPECT_EQ(vmap_nr_areas(), areas + 1);	/* q alone */
	vfree(q);
}

KTEST(vfree_atomic, any_call_of_the_family_empties_the_queue)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *keep = vmalloc(PAGE_SIZE), *p[4], *q;
	struct vm_struct *vm;
	unsigned int i;

	REQUIRE(page && keep);
	for (i = 0; i < 4; i++) {
		p[i] = vmalloc((i + 1) * PAGE_SIZE);
		REQUIRE(p[i]);
	}
	free_in_handler(p[0]);
	vfree(keep);
	EXPECT_FAULT(touch_read(p[0]));
	free_in_handler(p[1]);
	q = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	EXPECT_FAULT(touch_read(p[1] + PAGE_SIZE));
	free_in_handler(p[2]);
	vm = get_vm_area(PAGE_SIZE, VM_MAP);
	EXPECT_FAULT(touch_read(p[2] + 2 * PAGE_SIZE));
	free_in_handler(p[3]);
	vfree_drain();
	EXPECT_FAULT(touch_read(p[3] + 3 * PAGE_SIZE));
	REQUIRE(q && vm);
	vunmap(q);
	free_vm_struct(remove_vm_area(vm->addr));
	__free_page(page);
}

KTEST(vfree_atomic, many_are_freed_at_once)
{
	unsigned long areas = vmap_nr_areas(), used = vmalloc_nr_pages();
	char *p[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = vmalloc(3 * PAGE_SIZE);
		REQUIRE(p[i]);
	}
	for (i = 0; i < ARRAY_SIZE(p); i++)
		free_in_handler(p[i]);
	EXPECT_EQ(vmap_nr_areas(), areas + 16);
	vfree_drain();
	vmap_purge();
	EXPECT_EQ(vmap_nr_areas(), areas);
	EXPECT_EQ(vmalloc_nr_pages(), used);
}

/* Its array is an area too, which the way back frees by vfree: AT2. */
KTEST(vfree_atomic, area_with_an_array_in_the_window_goes_with_it)
{
	unsigned long areas = vmap_nr_areas();
	char *p = vmalloc(MIB(4) + 1), *q = vmalloc(PAGE_SIZE);

	if (!p) {
		vfree(q);
		ktest_skip("this machine has no 4 MiB to give");
	}
	free_in_handler(q);
	free_in_handler(p);
	vfree_drain();
	vmap_purge();
	EXPECT_EQ(vmap_nr_areas(), areas);
}

KTEST(vfree_atomic, may_be_called_under_any_spinlock)
{
	static const uint16_t ranks[] = { RANK_VMAP, RANK_SLAB, RANK_ZONE };
	unsigned long areas = vmap_nr_areas();
	struct spinlock lock;
	unsigned int i;
	char *p;

	for (i = 0; i < ARRAY_SIZE(ranks); i++) {
		p = vmalloc(PAGE_SIZE);
		REQUIRE(p);
		spin_lock_init(&lock, ranks[i]);
		spin_lock(&lock);
		vfree_atomic(p);
		EXPECT_EQ(vmap_nr_areas(), areas + 1);
		spin_unlock(&lock);
		vfree_drain();
		vmap_purge();
		EXPECT_EQ(vmap_nr_areas(), areas);
	}
}

KTEST(vfree_atomic, queue_is_emptied_by_plain_threads_only)
{
	struct spinlock lock = SPINLOCK_INIT(RANK_ZONE);
	unsigned long areas = vmap_nr_areas();
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	free_in_handler(p);
	this_cpu->irq_depth++;
	EXPECT_REPORT("vfree_drain: refused", vfree_drain());
	this_cpu->irq_depth--;
	EXPECT(ktest_report_contains("emptied_by_plain_threads_only"));
	spin_lock(&lock);
	EXPECT_REPORT("vfree_drain: refused", vfree_drain());
	spin_unlock(&lock);
	EXPECT_EQ(vmap_nr_areas(), areas + 1);
	vfree_drain();
}

static void expect_wrong(const void *p)
{
	EXPECT_REPORT("vfree_atomic: nonexistent area", free_in_handler(p));
	EXPECT(ktest_report_contains("free_in_handler+"));
	EXPECT_EQ(vmalloc_check(), 0);
}

KTEST(vfree_atomic, wrong_address_is_reported_at_once)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = vmalloc(2 * PAGE_SIZE), *mapped;

	REQUIRE(p && page);
	mapped = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(mapped);
	expect_wrong(p + 1);
	expect_wrong(p + PAGE_SIZE);
	expect_wrong(p + 2 * PAGE_SIZE);
	expect_wrong(mapped);
	expect_wrong(text_start);
	expect_wrong((void *)PAGE_SIZE);
	free_in_handler(NULL);
	EXPECT(find_vm_area(p) && find_vm_area(mapped));
	vunmap(mapped);
	vfree(p);
	__free_page(page);
}

KTEST(vfree_atomic, second_free_is_reported_at_once)
{
	char *p = vmalloc(PAGE_SIZE), *q = vmalloc(PAGE_SIZE);

	REQUIRE(p && q);
	free_in_handler(p);
	expect_wrong(p);
	EXPECT_REPORT("vfree: nonexistent area", vfree(p));
	expect_wrong(p);
	free_in_handler(q);
	expect_wrong(q);
	vfree_drain();
	expect_wrong(q);
}

KTEST(vfree_atomic, overrun_is_found_with_both_names)
{
	char *p = vmalloc(100);

	REQUIRE(p);
	poke(p + 100, 1);
	EXPECT_REPORT("byte 100 of 100", free_in_handler(p));
	EXPECT(ktest_report_contains("free_in_handler+"));
	EXPECT(ktest_report_contains("overrun_is_found_with_both_names"));
}
