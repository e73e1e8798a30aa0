/* SPDX-License-Identifier: MIT */
/*
 * test_vmap_lazy.c - many areas unmapped, one flush, and nothing used before it
 *
 * Each case switches to lazy for its duration. When frames come free cannot be
 * seen from outside of the purge, so one area gets a frame that is free already:
 * its report falls between the flush and the purge's end, and a console that
 * listens looks how many flushes there were by then.
 */
#include <mm/vmap.h>

#include <kernel/printk.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <tests/sealed.h>

#include "scarce.h"
#include "touch.h"

static bool at_boot;

static void needs_lazy(void)
{
	if (memory_aids.quarantine)
		ktest_skip("quarantine=: each free flushes for itself");
}

static void begin_lazy(void)
{
	at_boot = vmap_lazy;
	vmalloc_drain();
	UNSEALED(vmap_lazy_choose("lazy"));
}

static void end_lazy(void)
{
	UNSEALED(vmap_lazy = at_boot);
	vmalloc_drain();
}

#define NR_PAGES 4U

/* Does any of these frames, or a page of these addresses, belong to @q? */
static bool shares(const char *q, struct page *const *frames, const char *p)
{
	const struct vm_struct *vm = find_vm_area(q);
	unsigned int i, k;

	for (i = 0; i < vm->nr_pages; i++)
		for (k = 0; k < NR_PAGES; k++)
			if (vm->pages[i] == frames[k])
				return true;
	return q < p + (NR_PAGES + 1) * PAGE_SIZE &&
	       p < q + vm->size;
}

KTEST(vmap_lazy, nothing_is_used_again_before_the_flush)	/* attacks L1 */
{
	needs_lazy();
	struct page *frames[NR_PAGES];
	char *p = vmalloc(NR_PAGES * PAGE_SIZE), *q[8];
	struct tlb_stats before;
	unsigned int i;

	REQUIRE(p);
	for (i = 0; i < NR_PAGES; i++)
		frames[i] = vmalloc_to_page(p + i * PAGE_SIZE);
	begin_lazy();
	before = tlb_stats;
	vfree(p);
	EXPECT(!find_vm_area(p));
	EXPECT(!vmalloc_to_page(p));			/* unmapped at once */
	for (i = 0; i < ARRAY_SIZE(q); i++) {
		q[i] = vmalloc(NR_PAGES * PAGE_SIZE);
		EXPECT(q[i] && !shares(q[i], frames, p));
	}
	for (i = 0; i < NR_PAGES; i++) {
		EXPECT_EQ(frames[i]->state, PAGE_USED);
		EXPECT_EQ(frames[i]->count, 1);
	}
	EXPECT_EQ(tlb_stats.full, before.full);
	EXPECT_EQ(tlb_stats.pages, before.pages);
	EXPECT(vmap_purge());
	EXPECT_EQ(tlb_stats.full, before.full + 1);
	for (i = 0; i < NR_PAGES; i++)
		EXPECT(frames[i]->state != PAGE_USED);
	EXPECT(!vmap_purge());				/* nothing more */
	for (i = 0; i < ARRAY_SIZE(q); i++)
		vfree(q[i]);
	end_lazy();
}

static unsigned long flushes_when_told;
static bool told;

static void listen(const char *text __unused, size_t len __unused)
{
	if (!told)
		flushes_when_told = tlb_stats.full;
	told = true;
}

KTEST(vmap_lazy, flush_comes_before_any_frame_is_free)		/* attacks L1 */
{
	needs_lazy();
	struct console listener = { .name = "listener", .write = listen };
	unsigned long before = tlb_stats.full;
	char *p = vmalloc(PAGE_SIZE);
	struct page *page;

	REQUIRE(p);
	page = vmalloc_to_page(p);
	begin_lazy();
	vfree(p);
	__free_page(page);				/* it is not ours */
	console_register(&listener);
	told = false;				/* that was the log so far */
	EXPECT_REPORT("not freed", vmap_purge());
	console_unregister(&listener);
	EXPECT(told);
	EXPECT_EQ(flushes_when_told, before + 1);
	end_lazy();
}

static unsigned long flushes(void)
{
	return tlb_stats.full + tlb_stats.pages;
}

KTEST(vmap_lazy, hundred_areas_need_one_flush)
{
	needs_lazy();
	unsigned long before;
	unsigned int i;

	begin_lazy();
	UNSEALED(vmap_lazy_choose("eager"));
	before = flushes();
	for (i = 0; i < 100; i++)
		vfree(vmalloc(PAGE_SIZE));
	EXPECT_EQ(flushes(), before + 100);
	UNSEALED(vmap_lazy_choose("lazy"));
	before = flushes();
	for (i = 0; i < 100; i++)
		vfree(vmalloc(PAGE_SIZE));
	EXPECT_EQ(flushes(), before);
	vmap_purge();
	EXPECT_EQ(flushes(), before + 1);
	end_lazy();
}

/* 32 MiB are 8192 pages. */
KTEST(vmap_lazy, too_much_at_once_is_purged)			/* attacks L2 */
{
	needs_lazy();
	const unsigned int each = 128, enough = 8192 / each;
	unsigned long before;
	unsigned int i;

	if (nr_free_pages() < 12000)
		ktest_skip("32 MiB are too much for this machine");
	begin_lazy();
	before = tlb_stats.full;
	for (i = 0; i < enough; i++)
		vfree(vmalloc(each * PAGE_SIZE));
	EXPECT_EQ(tlb_stats.full, before);
	vfree(vmalloc(PAGE_SIZE));
	EXPECT_EQ(tlb_stats.full, before + 1);
	EXPECT(!vmap_purge());
	end_lazy();
}

KTEST(vmap_lazy, shortage_of_frames_purges)
{
	needs_lazy();
	unsigned long before;
	struct scarce scarce;
	char *p = vmalloc(8 * PAGE_SIZE);
	struct page *page;

	REQUIRE(p);
	scarce_make(&scarce, GFP_KERNEL | __GFP_HIGHMEM, 0);
	begin_lazy();
	before = tlb_stats.full;
	vfree(p);
	page = alloc_page(GFP_KERNEL | __GFP_HIGHMEM | __GFP_NOWARN);
	EXPECT(page);
	EXPECT_EQ(tlb_stats.full, before + 1);
	__free_page(page);
	end_lazy();
	scarce_release(&scarce);
}

KTEST(vmap_lazy, shortage_of_addresses_purges)
{
	needs_lazy();
	needs_one_guard();
	char *p = vmalloc(100 * PAGE_SIZE);
	unsigned long start = (unsigned long)p;
	struct vm_struct *vm;

	REQUIRE(p);
	begin_lazy();
	vfree(p);
	vm = __get_vm_area(100 * PAGE_SIZE, 0, start,
			   start + 101 * PAGE_SIZE);	/* there or nowhere */
	EXPECT(vm && vm->addr == p);
	EXPECT(!vmap_purge());
	if (vm)
		free_vm_struct(remove_vm_area(p));
	end_lazy();
}

static __noinline void free_it(const void *p)
{
	vfree(p);
}

KTEST(vmap_lazy, second_vfree_is_reported)
{
	needs_lazy();
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = vmalloc(5000), *mapped;

	REQUIRE(p && page);
	mapped = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(mapped);
	begin_lazy();
	vfree(p);
	EXPECT_REPORT("called by free_it", free_it(p));
	vunmap(mapped);
	EXPECT_EQ(page->state, PAGE_USED);		/* its owner's */
	EXPECT_EQ(vmalloc_check(), 0);
	end_lazy();
	EXPECT_EQ(page->state, PAGE_USED);
	__free_page(page);
}

/* Where there is no page table nothing was mapped, and no flush is owed. */
KTEST(vmap_lazy, area_that_was_refused_is_released_at_once)
{
	needs_short_ways();
	needs_lazy();
	struct scarce scarce;
	unsigned long before;

	vmalloc_drain();
	begin_lazy();
	pgtable_forget(VMALLOC_START, VMALLOC_END);
	before = tlb_stats.full;
	scarce_make(&scarce, GFP_KERNEL | __GFP_HIGHMEM, 6);
	EXPECT(!__vmalloc(100 * PAGE_SIZE, GFP_HIGHUSER | __GFP_NOWARN,
			  PAGE_KERNEL));
	EXPECT(!vmap_purge());
	EXPECT_EQ(tlb_stats.full, before);
	scarce_release(&scarce);
	end_lazy();
}
