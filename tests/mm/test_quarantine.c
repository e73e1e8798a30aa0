/* SPDX-License-Identifier: MIT */
/* test_quarantine.c - freed ranges wait; who comes too late is told who freed */
#include <mm/lookup.h>

#include <lib/string.h>
#include <mm/crumbs.h>
#include <mm/failnth.h>
#include <mm/highmem.h>
#include <mm/ioremap.h>
#include <mm/kvmalloc.h>
#include <mm/slab.h>
#include <mm/trace.h>
#include <mm/vmalloc.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <tests/poke.h>
#include <tests/sealed.h>

#include "scarce.h"

/* QU1 and QU2 of mm/quarantine.c, for the books; 0 or the number. */
int quarantine_check(void)
{
	const struct quarantine *q = &this_cpu->area_stock->quarantine;
	const struct vmap_area *area = q->oldest;
	unsigned long pages = 0, nr = 0;

	for (; area && nr < q->nr; area = area->chain, nr++) {
		if (area->vm.flags != VM_KEPT || area->vm.nr_pages ||
		    vmap_find(area->first))
			return 1;
		pages += area->vm.size >> PAGE_SHIFT;
	}
	return nr != q->nr || pages != q->nr_pages ||
	       pages > memory_aids.quarantine ? 2 : 0;
}

static struct memory_aids before;
static bool lazy_before;

static void set_limit(unsigned int pages, bool lazy)
{
	struct memory_aids aids = memory_aids;

	vmalloc_drain();
	aids.quarantine = pages;
	UNSEALED(mm_choose_aids(&aids); vmap_choose(vmap_chosen());
		 vmap_lazy_choose(lazy ? "lazy" : "eager"));
}

static void begin(unsigned int pages)
{
	before = memory_aids;
	lazy_before = vmap_lazy;
	set_limit(pages, true);			/* it flushes at once all the same */
}

static void end(void)
{
	set_limit(before.quarantine, lazy_before);
}

static unsigned long waiting(void)
{
	return this_cpu->area_stock->quarantine.nr;
}

/* A part of each that is freed; what is mapped and its guard. */
static unsigned int cost(unsigned int pages)
{
	return pages + (unsigned int)(VM_GUARD_SIZE / PAGE_SIZE);
}

static __noinline void *ask(unsigned long size)
{
	return vmalloc(size);
}

static __noinline void give(const void *p)
{
	vfree(p);
}

KTEST(quarantine, use_after_free_names_who_freed)
{
	const struct vmap_area *freed;
	char *p, *q;

	begin(64);
	p = ask(5000);
	REQUIRE(p);
	give(p);
	q = vmalloc(5000);
	EXPECT(q && q != p);			/* it is nobody's yet */
	EXPECT_BAD_ACCESS("freed   by give+", poke(p + 100, 1));
	EXPECT_BAD_ACCESS("ask+", (void)peek(p + 100));
	freed = freed_area_find((unsigned long)p + 100);
	REQUIRE(freed);
	EXPECT_EQ(freed->first, (unsigned long)p);
	EXPECT_EQ(freed->requested, 5000);
	EXPECT_EQ(freed->mapped, 2 * PAGE_SIZE);
	EXPECT(!freed_area_find((unsigned long)q));
	vfree(q);
	end();
	EXPECT(!freed_area_find((unsigned long)p));
}

KTEST(quarantine, off_it_lets_areas_be_kept_again)
{
	needs_no_aid();
	begin(64);
	EXPECT_EQ(area_stock_limit, 0);
	end();
	EXPECT_EQ(short_ways.areas, trace_on ? 0 : AREA_STOCK_CAPACITY);
}

KTEST(quarantine, frames_are_given_back_at_once)
{
	unsigned long pages;
	char *p;

	begin(512);
	vfree(vmalloc(300 * PAGE_SIZE));	/* page tables are made */
	vmalloc_drain();
	p = vmalloc(300 * PAGE_SIZE);
	REQUIRE(p);
	pages = nr_free_pages();
	vfree(p);
	EXPECT(nr_free_pages() >= pages + 300);
	EXPECT_EQ(vmalloc_nr_pages(), 0);
	EXPECT(waiting() >= 1);		/* its array may be an area, too */
	end();
}

KTEST(quarantine, oldest_goes_first_when_it_is_full)	/* attacks QU2 */
{
	unsigned long p[5];
	unsigned int i;

	begin(3 * cost(1));
	for (i = 0; i < 5; i++) {
		p[i] = (unsigned long)vmalloc(PAGE_SIZE);
		REQUIRE(p[i]);
		vfree((void *)p[i]);
		EXPECT_EQ(waiting(), MIN(i + 1, 3U));
	}
	EXPECT(freed_area_find(p[4]) && freed_area_find(p[2]));
	EXPECT(!freed_area_find(p[1]));	/* p[0] may be p[3] again */
	EXPECT_EQ(quarantine_check(), 0);
	vfree(vmalloc(3 * cost(1) * PAGE_SIZE));	/* too large to wait */
	EXPECT_EQ(waiting(), 3);
	vfree(vmalloc(3 * PAGE_SIZE));			/* two go for it */
	EXPECT_EQ(waiting(), 2);
	end();
	EXPECT_EQ(waiting(), 0);
}

KTEST(quarantine, areas_of_vmap_wait_and_devices_do_not)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p;

	begin(64);
	p = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(page && p);
	vunmap(p);
	EXPECT_EQ(waiting(), 1);
	EXPECT_BAD_ACCESS("in the freed vmalloc area", poke(p, 1));
	EXPECT_EQ(page->state, PAGE_USED);
	iounmap(ioremap(phys_make(0xFED00000), PAGE_SIZE));
	EXPECT_EQ(waiting(), 1);
	p = get_vm_area(PAGE_SIZE, VM_IOREMAP)->addr;
	free_vm_struct(remove_vm_area(p));
	EXPECT_EQ(waiting(), 1);
	__free_page(page);
	end();
}

/* Its record has been another's, who freed it. */
KTEST(quarantine, what_nobody_got_does_not_wait)
{
	unsigned int i;

	begin(64);
	for (i = 0; i < 64; i++)
		vfree(vmalloc(PAGE_SIZE));
	vmalloc_drain();
	failnth_arm(1U << FAIL_PAGE, 1);
	EXPECT(!__vmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN, PAGE_KERNEL));
	failnth_disarm();
	EXPECT_EQ(waiting(), 0);
	end();
}

KTEST(quarantine, second_vfree_is_refused)
{
	char *p;

	begin(64);
	p = vmalloc(PAGE_SIZE);
	REQUIRE(p);
	vfree(p);
	EXPECT_REPORT("nonexistent area", vfree(p));
	EXPECT(ktest_report_contains("vfree: of 4096 bytes, freed by "
				     "ktest_quarantine_second_vfree"));
	EXPECT_EQ(waiting(), 1);
	end();
}

KTEST(quarantine, shortage_of_addresses_empties_it)
{
	struct vm_struct *vm;
	unsigned long p;

	begin(64);
	p = (unsigned long)vmap(NULL, 0, VM_MAP, PAGE_KERNEL);
	EXPECT(!p);
	p = (unsigned long)__vmalloc_node(PAGE_SIZE, PAGE_SIZE, GFP_KERNEL, 0,
					  (void *)CALLER);
	REQUIRE(p);
	vfree((void *)p);
	EXPECT_EQ(waiting(), 1);
	vm = __get_vm_area(PAGE_SIZE, 0, p, p + PAGE_SIZE + VM_GUARD_SIZE);
	REQUIRE(vm);				/* there or nowhere */
	EXPECT_EQ(waiting(), 0);
	free_vm_struct(remove_vm_area(vm->addr));
	end();
}

/* What waits has no frames: it cannot help whoever wants two in a row. */
KTEST(quarantine, shortage_of_large_blocks_leaves_it_alone)	/* C6 */
{
	struct crumbs crumbs;
	void *p;

	crumbs_make(&crumbs);
	begin(64);
	vfree(vmalloc(PAGE_SIZE));
	EXPECT_EQ(waiting(), 1);
	EXPECT(!alloc_pages(GFP_KERNEL | __GFP_NOWARN, 1));
	EXPECT_EQ(waiting(), 1);
	p = kvmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	EXPECT(p && is_vmalloc_addr(p));
	EXPECT_EQ(waiting(), 1);
	kvfree(p);
	EXPECT_EQ(waiting(), 2);
	end();
	crumbs_release(&crumbs);
}

KTEST(quarantine, shortage_of_single_frames_empties_it)
{
	struct scarce scarce;

	begin(64);
	vfree(vmalloc(PAGE_SIZE));
	EXPECT_EQ(waiting(), 1);
	scarce_make(&scarce, GFP_KERNEL | __GFP_HIGHMEM, 0);
	EXPECT_EQ(waiting(), 0);
	scarce_release(&scarce);
	end();
}

KTEST(quarantine, check_finds_each_invariant_broken)	/* attacks QU1 QU2 */
{
	struct quarantine *q = &this_cpu->area_stock->quarantine;

	begin(64);
	vfree(vmalloc(PAGE_SIZE));
	REQUIRE(q->oldest && quarantine_check() == 0);
	q->oldest->vm.flags = VM_ALLOC;
	EXPECT_EQ(quarantine_check(), 1);
	q->oldest->vm.flags = VM_KEPT;
	q->oldest->vm.nr_pages = 1;
	EXPECT_EQ(quarantine_check(), 1);
	q->oldest->vm.nr_pages = 0;
	vmap_publish(q->oldest);
	EXPECT_EQ(quarantine_check(), 1);
	EXPECT(vmap_claim(q->oldest->first, 0) == q->oldest);
	q->nr_pages++;
	EXPECT_EQ(quarantine_check(), 2);
	q->nr_pages--;
	q->nr++;
	EXPECT_EQ(quarantine_check(), 2);
	q->nr--;
	EXPECT_EQ(quarantine_check(), 0);
	end();
}

/* The model: what was freed last, as long as it fits, cannot be touched. */
KTEST(quarantine, random_frees_wait_as_a_model_says)
{
	enum { LIMIT = 40, NR = 64 };
	static struct { unsigned long p; unsigned int cost; } freed[NR];
	unsigned int i, k, sum;
	const struct vmap_area *found;

	begin(LIMIT);
	for (i = 0; i < 400; i++) {
		unsigned int pages = 1 + random_below(ktest_random(), 8);
		void *p = vmalloc(pages * PAGE_SIZE);

		REQUIRE(p);
		for (k = NR - 1; k > 0; k--)
			freed[k] = freed[k - 1];
		freed[0].p = (unsigned long)p;
		freed[0].cost = cost(pages);
		vfree(p);
		for (k = sum = 0; k <= i && k < NR; k++) {
			sum += freed[k].cost;
			if (sum > LIMIT)
				break;
			found = freed_area_find(freed[k].p);
			EXPECT(found && found->first == freed[k].p);
		}
		EXPECT_EQ(waiting(), k);
	}
	EXPECT_EQ(quarantine_check(), 0);
	end();
}
