/* SPDX-License-Identifier: MIT */
/*
 * test_take.c - what a visitor takes at the prompt, and what is not his
 *
 * Also modules/monitor/visit.c: each case ends with books that balance, and one
 * with such as do not.
 */
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/pgtable.h>
#include <mm/tlb.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <modules/visit.h>
#include <tests/aids.h>
#include <tests/guard.h>
#include <tests/ktest.h>

#include "ask.h"

static struct visit visit;

/* The highest area: the visitor's newest, in an empty window. */
static int remember(const struct vmap_area *area, void *arg)
{
	if (!(area->vm.flags & VM_KEPT))
		*(unsigned long *)arg = (unsigned long)area->vm.addr;
	return 0;
}

static unsigned long newest_area(void)
{
	unsigned long addr = 0;

	vmap_for_each(remember, &addr);
	return addr;
}

static const struct page *newest_block(void)
{
	return list_entry(visit.blocks.next, struct page, link);
}

KTEST(take, vmalloc_shows_range_and_guard)
{
	needs_page_starts();
	unsigned long before = vmap_nr_areas(), p;

	visit_begin(&visit);
	EXPECT(ask("vmalloc 10000"));
	EXPECT_EQ(vmap_nr_areas(), before + 1);
	p = newest_area();
	EXPECT(answered("%08lx  10000 bytes, in the 3 pages [%08lx, %08lx)", p,
			p, p + 3 * PAGE_SIZE));
	EXPECT(answered("%08lx  the guard", p + 3 * PAGE_SIZE));
	EXPECT(ask("vfree %lx", p) && answered("given back"));
	vmap_purge();
	EXPECT_EQ(vmap_nr_areas(), before);
	EXPECT(ask("vmalloc 8K") && answered("8192 bytes, in the 2 pages"));
	EXPECT(ask("vmalloc 1") && answered("1 bytes, in the 1 page ["));
	EXPECT(visit_end(&visit) && answered("Given back: 2 areas"));
}

KTEST(take, vmalloc_of_too_much_says_so)
{
	visit_begin(&visit);
	EXPECT(ask("vmalloc 0") && answered("nothing was given"));
	EXPECT(ask("vmalloc 4000M") && answered("nothing was given"));
	EXPECT(ask("vmalloc much") && answered("usage: vmalloc SIZE"));
	EXPECT(visit_end(&visit) && !answered("Given back"));
}

KTEST(take, vfree_reports_what_is_wrong)
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	visit_begin(&visit);
	EXPECT_REPORT("nonexistent area", ask("vfree c0100000"));
	EXPECT_REPORT("vfree", ask("vfree %lx", (unsigned long)p + 16));
	EXPECT(ask("vfree %lx", (unsigned long)p));
	EXPECT(answered("that one is not yours"));
	EXPECT(find_vm_area(p));
	EXPECT(visit_end(&visit));
	vfree(p);
}

static void two_addresses_of_one_area(void)
{
	unsigned long start;

	EXPECT(ask("vmalloc 10000"));
	start = newest_area();
	EXPECT(answered("%08lx  10000 bytes, in the 3 pages [%08lx, ",
			start + 2288, start));
	EXPECT(ask("vfree %lx", start));
	EXPECT(answered("its first byte is at %08lx (guard=right): vfree %lx",
			start + 2288, start + 2288));
	EXPECT(vmap_find(start));
	EXPECT(ask("vfree %lx", start + 2288) && answered("given back"));
}

/* More pages than fit a page's worth of pointers: their array is an area, too. */
static void array_of_frames_is_anothers(void)
{
	const struct vmap_area *array;

	EXPECT(ask("vmalloc 5M") && answered("in the 1280 pages"));
	array = vmap_find(newest_area());
	REQUIRE(array && array->vm.nr_pages == 2);
	EXPECT(ask("vfree %lx", array->first) && answered("is not yours"));
	EXPECT(ask("vfree %lx", (unsigned long)array->vm.addr));
	EXPECT(answered("is not yours"));
	EXPECT(vmap_find(array->first) == array);
}

/* There the first byte, which vfree goes by, is not that of the first page. */
KTEST(take, with_guard_right_vfree_knows_whose_area_it_is)
{
	struct memory_aids before;

	if (nr_free_pages() < MIB(8) / PAGE_SIZE)
		ktest_skip("less than 8 MiB are free");
	before = guard_choose("right");
	visit_begin(&visit);
	two_addresses_of_one_area();
	array_of_frames_is_anothers();
	EXPECT(visit_end(&visit) && answered("Given back: 1 area"));
	guard_restore(&before);
}

KTEST(take, more_areas_than_can_be_remembered)
{
	unsigned int i;

	visit_begin(&visit);
	for (i = 0; i < VISIT_AREAS; i++)
		EXPECT(visit_keep_area(vmalloc(1)));
	EXPECT(ask("vmalloc 1") && answered("give one back first"));
	EXPECT(answered("nothing was given"));
	EXPECT(visit_end(&visit) && answered("%u areas", VISIT_AREAS));
}

KTEST(take, alloc_gives_a_block_and_free_takes_it)
{
	const struct page *block;
	pfn_t pfn;

	visit_begin(&visit);
	EXPECT(ask("alloc 3"));
	block = newest_block();
	pfn = page_to_pfn(block);
	EXPECT(answered("frames %x to %x, ", pfn, pfn + 7));
	if (page_is_highmem(block))
		EXPECT(answered("no address"));
	else
		EXPECT(answered("at %08lx",
				(unsigned long)page_address(block)));
	EXPECT_REPORT("inside a larger block", ask("free %x", pfn + 1));
	EXPECT(ask("free %x", pfn) && answered("given back"));
	EXPECT_REPORT("it is free already", ask("free %x", pfn));
	EXPECT(ask("alloc 0") && answered("frame %x to",
					  page_to_pfn(newest_block())));
	EXPECT(visit_end(&visit) && answered("1 block of frames"));
}

KTEST(take, free_leaves_what_is_anothers_alone)
{
	struct page *page = alloc_page(GFP_KERNEL);

	REQUIRE(page);
	visit_begin(&visit);
	EXPECT(ask("free %x", page_to_pfn(page)) && answered("not yours"));
	EXPECT_EQ(page->count, 1);
	EXPECT_REPORT("never allocated", ask("free 0"));
	EXPECT(ask("free ffffffff") && answered("no struct page"));
	EXPECT(visit_end(&visit));
	__free_page(page);
}

KTEST(take, what_is_refused_is_not_called_given_back)
{
	struct page *page;

	visit_begin(&visit);
	EXPECT(ask("alloc 0"));
	page = (struct page *)(unsigned long)newest_block();
	page->state = PAGE_SLAB;
	EXPECT_REPORT("belongs to an object cache",
		      ask("free %x", page_to_pfn(page)));
	EXPECT(!answered("given back"));
	page->state = PAGE_USED;
	__free_page(page);
	EXPECT(visit_end(&visit));
}

KTEST(take, guard_that_is_mapped_is_not_called_one)
{
	needs_page_starts();
	needs_one_guard();
	needs_kept_areas();
	unsigned long p;
	pte_t *guard;

	visit_begin(&visit);
	EXPECT(ask("vmalloc 10000"));
	p = newest_area();
	EXPECT(ask("vfree %lx", p));
	vmap_purge();
	guard = kernel_pte(p + 3 * PAGE_SIZE);
	pte_set(guard, *kernel_pte((unsigned long)kernel_start));
	EXPECT(ask("vmalloc 10000"));
	pte_clear(guard);
	tlb_flush_all();
	EXPECT_EQ(newest_area(), p);
	EXPECT(answered("%08lx  the guard: BUT IT IS MAPPED",
			p + 3 * PAGE_SIZE));
	EXPECT(visit_end(&visit));
}

KTEST(take, alloc_is_refused_with_the_reason)
{
	visit_begin(&visit);
	EXPECT(ask("alloc 11") && answered("no block of order 11"));
	EXPECT(answered("refused"));
	EXPECT(ask("alloc many") && answered("usage: alloc ORDER"));
	EXPECT(visit_end(&visit));
}

KTEST(take, in_crumbs_only_vmalloc_succeeds)
{
	visit_begin(&visit);
	EXPECT(ask("frag") && answered("in crumbs:") && answered("order 0 (4"));
	EXPECT(ask("alloc 1") && answered("no block of order 1"));
	EXPECT(answered("zone        free"));
	EXPECT(ask("vmalloc 64K") && answered("in the 16 pages"));
	EXPECT(ask("frag") && answered("given back:"));
	EXPECT(ask("alloc 1") && !answered("refused"));
	EXPECT(visit_end(&visit) && !answered("the crumbs"));
}

/* Which blocks of some frames are free, as one number: their sum. */
static unsigned long where_blocks_lie(void)
{
	const struct page *page;
	unsigned long sum = 0;
	unsigned int i;

	pcp_drain();
	for (i = 0; i < NR_ZONES; i++)
		list_for_each_entry(page, &zones[i].buddy.free[2], link)
			sum += page_to_pfn(page);
	return sum;
}

KTEST(take, a_seed_ages_memory_the_same_way_each_time)
{
	unsigned long seven;

	visit_begin(&visit);
	EXPECT(ask("frag 7") && answered("aged:"));
	EXPECT(!answered("order 0") && !answered("order 10"));
	seven = where_blocks_lie();
	EXPECT(ask("frag") && answered("given back:"));
	EXPECT(ask("frag 8") && where_blocks_lie() != seven);
	EXPECT(ask("frag") && answered("given back:"));
	EXPECT(ask("frag x") && answered("usage: frag [SEED]"));
	EXPECT(ask("frag 7") && where_blocks_lie() == seven);
	EXPECT(visit_end(&visit) && answered("and the crumbs"));
}

KTEST(take, books_that_do_not_balance_are_seen)
{
	struct page *page;

	visit_begin(&visit);
	page = alloc_page(GFP_KERNEL);
	REQUIRE(page);
	asked_at = printk_position();
	EXPECT(!visit_end(&visit) && answered("THE BOOKS DO NOT BALANCE"));
	EXPECT(answered("free frames: "));
	__free_page(page);
}

KTEST(take, visits_nest)
{
	struct visit inner;

	visit_begin(&visit);
	EXPECT(ask("vmalloc 1") && ask("alloc 0"));
	visit_begin(&inner);
	EXPECT(ask("free %x", page_to_pfn(newest_block())));
	EXPECT(answered("not yours"));
	EXPECT(visit_end(&inner) && !answered("Given back"));
	EXPECT(visit_end(&visit) && answered("Given back: 1 area, 1 block"));
}
