/* SPDX-License-Identifier: MIT */
/*
 * test_tlb.c - what a flush makes the CPU forget, and that it has to
 *
 * Two frames with different bytes stand behind one address in turn. A stale
 * translation shows the byte of the other frame. That one is really used where
 * nobody flushed is no promise of the architecture: a CPU may forget at any time.
 * So a test demands it of some page of many, never of a certain one.
 */
#include <mm/tlb.h>

#include <mm/page_alloc.h>
#include <mm/vmap.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/trap.h>

#include "touch.h"

#define NR_PAGES	40U		/* more than tlb.c flushes one by one */

static struct vm_struct *area;
static struct page *frames[2];
static char *base;

/* All pages of the area show frames[0], which is full of 'a'; [1] of 'b'. */
static void take_area(void)
{
	struct page *pages[NR_PAGES];
	unsigned int i;

	area = get_vm_area(NR_PAGES * PAGE_SIZE, VM_MAP);
	frames[0] = alloc_page(GFP_KERNEL);
	frames[1] = alloc_page(GFP_KERNEL);
	REQUIRE(area && frames[0] && frames[1]);
	base = area->addr;
	*(char *)page_address(frames[0]) = 'a';
	*(char *)page_address(frames[1]) = 'b';
	for (i = 0; i < NR_PAGES; i++)
		pages[i] = frames[0];
	REQUIRE(map_pages((unsigned long)base, pages, NR_PAGES,
			  PAGE_KERNEL) == 0);
}

static void give_area(void)
{
	REQUIRE(remove_vm_area(base) == area);
	free_vm_struct(area);
	__free_page(frames[0]);
	__free_page(frames[1]);
}

/* Behind the CPU's back: page @i now shows frames[@which]. */
static void remap(unsigned int i, unsigned int which, pgprot_t prot)
{
	pte_replace(kernel_pte((unsigned long)base + i * PAGE_SIZE),
		    pte_make(page_to_phys(frames[which]), prot));
}

static char look(unsigned int i)
{
	return touch_read(base + i * PAGE_SIZE);
}

/* Make the CPU remember pages 0 to @nr - 1, then remap them all. */
static void make_stale(unsigned int nr)
{
	unsigned long flags = irq_local_save();
	unsigned int i, wrong = 0;

	for (i = 0; i < nr; i++)
		wrong += look(i) != 'a';
	for (i = 0; i < nr; i++)
		remap(i, 1, PAGE_KERNEL);
	irq_local_restore(flags);
	EXPECT_EQ(wrong, 0);
}

static unsigned int count_fresh(unsigned int nr)
{
	unsigned int i, fresh = 0;

	for (i = 0; i < nr; i++)
		fresh += look(i) == 'b';
	return fresh;
}

KTEST(tlb, stale_translation_is_used_until_it_is_flushed)
{
	take_area();
	make_stale(NR_PAGES);
	EXPECT(count_fresh(NR_PAGES) < NR_PAGES);
	tlb_flush_kernel_range((unsigned long)base,
			       (unsigned long)base + NR_PAGES * PAGE_SIZE);
	EXPECT_EQ(count_fresh(NR_PAGES), NR_PAGES);
	give_area();
}

KTEST(tlb, flush_of_one_page_is_counted_as_one)
{
	struct tlb_stats before;

	take_area();
	make_stale(3);
	before = tlb_stats;
	tlb_flush_local_page((unsigned long)base + PAGE_SIZE);
	EXPECT_EQ(tlb_stats.pages, before.pages + 1);
	EXPECT_EQ(tlb_stats.full, before.full);
	EXPECT_EQ(look(1), 'b');
	tlb_flush_all();
	give_area();
}

KTEST(tlb, short_range_is_flushed_page_by_page)
{
	struct tlb_stats before;

	take_area();
	make_stale(32);
	before = tlb_stats;
	tlb_flush_kernel_range((unsigned long)base,
			       (unsigned long)base + 32 * PAGE_SIZE);
	EXPECT_EQ(tlb_stats.pages, before.pages + 32);
	EXPECT_EQ(tlb_stats.full, before.full);
	EXPECT_EQ(count_fresh(32), 32);
	give_area();
}

KTEST(tlb, long_range_is_flushed_at_once)
{
	struct tlb_stats before;

	take_area();
	make_stale(33);
	before = tlb_stats;
	tlb_flush_kernel_range((unsigned long)base,
			       (unsigned long)base + 33 * PAGE_SIZE);
	EXPECT_EQ(tlb_stats.pages, before.pages);
	EXPECT_EQ(tlb_stats.full, before.full + 1);
	EXPECT_EQ(count_fresh(33), 33);
	give_area();
}

/* For the laboratory: many pages at once, and the switch is off again. */
KTEST(tlb, flush_that_is_left_out_leaves_stale_pages_once)
{
	struct tlb_stats before;

	take_area();
	make_stale(NR_PAGES);
	before = tlb_stats;
	tlb_drop_next = true;
	tlb_flush_kernel_range((unsigned long)base,
			       (unsigned long)base + NR_PAGES * PAGE_SIZE);
	EXPECT(!tlb_drop_next && tlb_stats.full == before.full);
	EXPECT(count_fresh(NR_PAGES) < NR_PAGES);
	tlb_flush_all();
	EXPECT_EQ(tlb_stats.full, before.full + 1);
	EXPECT_EQ(count_fresh(NR_PAGES), NR_PAGES);
	give_area();
}

KTEST(tlb, empty_range_flushes_nothing)
{
	struct tlb_stats before = tlb_stats;

	tlb_flush_kernel_range(VMALLOC_START, VMALLOC_START);
	EXPECT_EQ(tlb_stats.pages, before.pages);
	EXPECT_EQ(tlb_stats.full, before.full);
}

KTEST(tlb, full_flush_forgets_global_pages_and_keeps_cr4)
{
	unsigned long cr4 = read_cr4();

	take_area();
	EXPECT_EQ(!(kernel_pte((unsigned long)base)->raw & PTE_GLOBAL),
		  !cpu_features.pge);
	make_stale(NR_PAGES);
	EXPECT(count_fresh(NR_PAGES) < NR_PAGES);
	tlb_flush_all();
	EXPECT_EQ(count_fresh(NR_PAGES), NR_PAGES);
	EXPECT_EQ(read_cr4(), cr4);
	give_area();
}

KTEST(tlb, new_mapping_needs_no_flush)
{
	struct tlb_stats before;

	take_area();
	unmap_range((unsigned long)base, (unsigned long)base + 2 * PAGE_SIZE);
	EXPECT_FAULT(touch_read(base));		/* "not present" is not kept */
	before = tlb_stats;
	REQUIRE(map_pages((unsigned long)base, frames, 2, PAGE_KERNEL) == 0);
	EXPECT_EQ(look(0), 'a');
	EXPECT_EQ(look(1), 'b');
	EXPECT_EQ(tlb_stats.pages, before.pages);
	EXPECT_EQ(tlb_stats.full, before.full);
	give_area();
}

static void expect_gone(unsigned int nr)
{
	unsigned int i;

	take_area();
	for (i = 0; i < nr; i++)
		touch_write(base + i * PAGE_SIZE + 1);
	unmap_range((unsigned long)base, (unsigned long)base + nr * PAGE_SIZE);
	EXPECT_FAULT(touch_write(base + 1));
	EXPECT_FAULT(touch_read(base + nr * PAGE_SIZE - 1));
	give_area();
}

KTEST(tlb, unmapped_pages_fault_at_once)
{
	const unsigned int counts[] = { 1, 32, 33, NR_PAGES };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		expect_gone(counts[i]);
}

KTEST(tlb, lost_permission_to_write_holds_at_once)
{
	take_area();
	touch_write(base + 1);
	protect_range((unsigned long)base, (unsigned long)base + PAGE_SIZE,
		      PAGE_KERNEL_RO);
	EXPECT_FAULT(touch_write(base + 1));
	EXPECT_EQ(ktest_last_fault()->error, PF_PRESENT | PF_WRITE);
	protect_range((unsigned long)base, (unsigned long)base + PAGE_SIZE,
		      PAGE_KERNEL);
	EXPECT_NO_FAULT(touch_write(base + 1));
	give_area();
}

KTEST(tlb, lost_permission_to_execute_holds_at_once)
{
	if (!cpu_features.nx)
		ktest_skip("this CPU executes whatever it can read");
	take_area();
	*(char *)page_address(frames[0]) = (char)OPCODE_RET;
	protect_range((unsigned long)base, (unsigned long)base + PAGE_SIZE,
		      PAGE_KERNEL_EXEC);
	EXPECT_NO_FAULT(touch_fetch(base));
	protect_range((unsigned long)base, (unsigned long)base + PAGE_SIZE,
		      PAGE_KERNEL_RO);
	EXPECT_FAULT(touch_fetch(base));
	EXPECT_EQ(ktest_last_fault()->error, PF_PRESENT | PF_FETCH);
	give_area();
}

/* Any mixture of remaps, each followed by the flush that covers it. */
KTEST(tlb, random_remaps_are_seen_after_their_flush)
{
	struct random *random = ktest_random();
	unsigned int shown[NR_PAGES] = { 0 };
	unsigned int round, i, from, nr, wrong = 0;

	take_area();
	for (round = 0; round < 300; round++) {
		from = random_below(random, NR_PAGES);
		nr = 1 + random_below(random, NR_PAGES - from);
		for (i = from; i < from + nr; i++) {
			shown[i] = random_below(random, 2);
			remap(i, shown[i], PAGE_KERNEL);
		}
		if (random_below(random, 8))
			tlb_flush_kernel_range(
				(unsigned long)base + from * PAGE_SIZE,
				(unsigned long)base + (from + nr) * PAGE_SIZE);
		else
			tlb_flush_all();
		for (i = 0; i < NR_PAGES; i++)
			wrong += look(i) != (shown[i] ? 'b' : 'a');
	}
	EXPECT_EQ(wrong, 0);
	give_area();
}
