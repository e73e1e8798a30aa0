/* SPDX-License-Identifier: MIT */
/*
 * test_area_stock.c - small areas are kept for the next of their size
 *
 * Only the index vmem keeps any, and no KASAN build does: elsewhere most cases
 * have nothing to show.
 */
#include <mm/vmap.h>

#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/lookup.h>
#include <mm/ioremap.h>
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <tests/sealed.h>
#include <x86/percpu.h>

#include "touch.h"

static void need_stock(void)
{
	if (area_stock_limit == 0 || vmap_lazy)
		ktest_skip("nothing is kept at once: KASAN, lazy or vmap=%s",
			   vmap_chosen());
	vmalloc_drain();
}

static struct vmap_area *kept(unsigned long pages)
{
	return this_cpu->area_stock->of[pages - 1].first;
}

KTEST(area_stock, freed_area_serves_the_next_of_its_size)
{
	char *p, *q;

	need_stock();
	p = vmalloc(3 * PAGE_SIZE);
	vfree(p);
	EXPECT_EQ(area_stock_nr(), 1);
	q = vmalloc(3 * PAGE_SIZE - 100);
	EXPECT(p && q == p);
	EXPECT_EQ(area_stock_nr(), 0);
	EXPECT_EQ(find_vm_area(q)->nr_pages, 3);
	pattern_fill(q, 3 * PAGE_SIZE - 100, 1);
	EXPECT_FAULT(touch_write(q + 3 * PAGE_SIZE));
	vfree(q);
}

KTEST(area_stock, another_size_is_not_served)
{
	char *p, *smaller, *larger;

	need_stock();
	p = vmalloc(3 * PAGE_SIZE);
	vfree(p);
	smaller = vmalloc(2 * PAGE_SIZE);
	larger = vmalloc(4 * PAGE_SIZE);
	EXPECT_EQ(area_stock_nr(), 1);
	EXPECT(smaller != p && larger != p);
	vfree(smaller);
	vfree(larger);
}

/* What was asked for by vmap, and in a range, comes from there or not. */
KTEST(area_stock, only_who_takes_any_place_is_served)
{
	struct page *page;
	struct vm_struct *vm;
	char *p, *mapped;

	need_stock();
	page = alloc_page(GFP_KERNEL);
	REQUIRE(page);
	p = vmalloc(PAGE_SIZE);
	vfree(p);
	vm = __get_vm_area(PAGE_SIZE, 0, VMALLOC_START + PAGE_SIZE,
			   VMALLOC_END);
	REQUIRE(vm);
	EXPECT(vm->addr != p);
	mapped = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	EXPECT(mapped == p);
	EXPECT(!find_vm_area(mapped)->pages);
	vunmap(mapped);
	free_vm_struct(remove_vm_area(vm->addr));
	__free_page(page);
}

KTEST(area_stock, who_wants_it_below_gets_none_from_above)
{
	char *keep, *p;

	need_stock();
	keep = vmalloc(PAGE_SIZE);
	p = vmalloc(PAGE_SIZE);
	REQUIRE(keep && p > keep);
	vfree(p);
	EXPECT(!__get_vm_area(PAGE_SIZE, 0, VMALLOC_START,
			      (unsigned long)keep + 2 * PAGE_SIZE));
	vfree(keep);
}

static __noinline void free_it(const void *p)
{
	vfree(p);
}

/* In the list its addresses are taken; to all others there is no such area. */
KTEST(area_stock, kept_area_is_nobodys)				/* attacks Q1 */
{
	struct vmap_area *below, *above;
	unsigned long areas;
	char *p;

	need_stock();
	areas = vmap_nr_areas();
	p = vmalloc(2 * PAGE_SIZE);
	vfree(p);
	EXPECT_EQ(vmap_nr_areas(), areas);
	EXPECT(!find_vm_area(p));
	EXPECT(!vmalloc_to_page(p));
	EXPECT_FAULT(touch_read(p));
	EXPECT_REPORT("vfree: nonexistent area", free_it(p));
	EXPECT(ktest_report_contains("free_it+"));
	vmap_neighbours((unsigned long)p, &below, &above);
	EXPECT(!below || below->vm.addr != p);
	EXPECT_EQ(area_stock_nr(), 1);
	EXPECT_EQ(vmalloc_check(), 0);
}

static __noinline void unmap_it(void __iomem *device)
{
	iounmap(device);
}

/* The record has been another's meanwhile: it names the one who had it last. */
KTEST(area_stock, device_that_had_it_last_is_named)
{
	void __iomem *device;
	char *p;

	need_stock();
	p = vmalloc(PAGE_SIZE);
	free_it(p);
	device = ioremap(phys_make(0xFED00000), PAGE_SIZE);
	EXPECT((__force char *)device == p);
	unmap_it(device);
	EXPECT_BAD_ACCESS("freed   by unmap_it+", touch_read(p));
	EXPECT(!ktest_report_contains("free_it+"));
}

KTEST(area_stock, what_was_refused_was_freed_by_nobody)
{
	const struct vmap_area *freed;
	char *p;

	need_stock();
	p = vmalloc(PAGE_SIZE);
	free_it(p);
	pcp_drain();			/* a frame, and there is none */
	failnth_arm(1U << FAIL_PAGE, 1);
	EXPECT(!__vmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN, PAGE_KERNEL));
	failnth_disarm();
	freed = freed_area_find((unsigned long)p);
	REQUIRE(freed);
	EXPECT_EQ(freed->freed_by, 0);
}

KTEST(area_stock, no_more_are_kept_than_there_is_room_for)	/* attacks Q2 */
{
	char *p[6];
	unsigned int i;

	need_stock();
	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = vmalloc(PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		vfree(p[i]);
	EXPECT_EQ(area_stock_nr(), AREA_STOCK_CAPACITY);
	vfree(vmalloc((AREA_STOCK_PAGES + 1) * PAGE_SIZE));
	EXPECT_EQ(area_stock_nr(), AREA_STOCK_CAPACITY);
	vfree(vmalloc(AREA_STOCK_PAGES * PAGE_SIZE));
	EXPECT_EQ(area_stock_nr(), AREA_STOCK_CAPACITY + 1);
	EXPECT_EQ(area_stock_check(), 0);
	EXPECT(area_stock_drain());
	EXPECT(!area_stock_drain());
	EXPECT_EQ(area_stock_nr(), 0);
	EXPECT_EQ(vmap_check(), 0);
}

KTEST(area_stock, shortage_of_addresses_drains_it)
{
	struct vm_struct *held[256], *vm;
	unsigned long size;
	unsigned int n = 0;
	char *p;

	need_stock();
	p = vmalloc(PAGE_SIZE);
	REQUIRE(p);
	for (size = MIB(16); size >= PAGE_SIZE; size /= 2)
		while (n < ARRAY_SIZE(held) && (vm = get_vm_area(size, 0)))
			held[n++] = vm;
	REQUIRE(n > 8 && n < ARRAY_SIZE(held));		/* it is full now */
	vfree(p);
	EXPECT_EQ(area_stock_nr(), 1);
	vm = __get_vm_area(PAGE_SIZE, 0, VMALLOC_START,
			   VMALLOC_END - PAGE_SIZE);	/* not just anywhere */
	REQUIRE(vm);
	EXPECT(vm->addr == p);
	EXPECT_EQ(area_stock_nr(), 0);
	free_vm_struct(remove_vm_area(vm->addr));
	while (n-- > 0)
		free_vm_struct(remove_vm_area(held[n]->addr));
}

KTEST(area_stock, other_indexes_keep_nothing)
{
	needs_kept_areas();
	const char *chosen = vmap_chosen();
	unsigned int limit = area_stock_limit;

	UNSEALED(vmap_choose("list"));
	EXPECT_EQ(area_stock_limit, 0);
	vfree(vmalloc(PAGE_SIZE));
	EXPECT_EQ(area_stock_nr(), 0);
	UNSEALED(vmap_choose(chosen));
	EXPECT_EQ(area_stock_limit, limit);
}

/* --- each invariant broken and found ----------------------------------------- */

KTEST(area_stock, check_finds_q1)
{
	struct vmap_area *area;

	need_stock();
	vfree(vmalloc(2 * PAGE_SIZE));
	area = kept(2);
	REQUIRE(area);
	area->vm.nr_pages = 1;
	EXPECT_EQ(area_stock_check(), 1);
	area->vm.nr_pages = 0;
	area->vm.flags = VM_ALLOC;
	EXPECT_EQ(area_stock_check(), 1);
	area->vm.flags = VM_KEPT;
	area->vm.size += PAGE_SIZE;
	EXPECT_EQ(area_stock_check(), 1);
	area->vm.size -= PAGE_SIZE;
	vmap_publish(area);
	EXPECT_EQ(area_stock_check(), 1);
	EXPECT(vmap_claim((unsigned long)area->vm.addr, 0) == area);
	EXPECT_EQ(area_stock_check(), 0);
}

KTEST(area_stock, check_finds_q2)
{
	need_stock();
	vfree(vmalloc(2 * PAGE_SIZE));
	this_cpu->area_stock->of[1].nr++;
	EXPECT_EQ(area_stock_check(), 2);
	this_cpu->area_stock->of[1].nr -= 2;
	EXPECT_EQ(area_stock_check(), 2);
	this_cpu->area_stock->of[1].nr++;
	EXPECT_EQ(area_stock_check(), 0);
}
