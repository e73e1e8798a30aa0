/* SPDX-License-Identifier: MIT */
/*
 * test_pgtable_large.c - 2 MiB where frames and address permit it, and only there
 */
#include <mm/pgtable.h>

#include <lib/errno.h>
#include <mm/failnth.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <mm/vmap.h>
#include <tests/ktest.h>

#include "touch.h"

#define NR	512U

static struct page *head, *pages[2 * NR];
static struct vmap_area arena;
static unsigned long first;

static void take_arena(void)
{
	unsigned int i;

	head = alloc_pages(GFP_KERNEL | __GFP_NOWARN, 9);
	if (!head)
		ktest_skip("this machine has no 2 MiB in a row to give");
	arena = (struct vmap_area){
		.vm.size = 2 * LARGE_SIZE + VM_GUARD_SIZE,
		.vm.flags = VM_MAP,
	};
	REQUIRE(vmap_insert(&arena, LARGE_SIZE, VMALLOC_START,
			    VMALLOC_END) == 0);
	first = (unsigned long)arena.vm.addr;
	for (i = 0; i < 2 * NR; i++)
		pages[i] = head + i % NR;
}

static void give_arena(void)
{
	unmap_range(first, first + 2 * LARGE_SIZE);
	EXPECT_EQ(pgtable_check(), 0);
	vmap_remove(&arena);
	__free_pages(head, 9);
}

static bool is_large(unsigned long addr)
{
	struct pgtable_walk walk;

	return pgtable_lookup(addr, &walk) && walk.large;
}

static void map(unsigned long addr, unsigned int nr)
{
	unmap_range(first, first + 2 * LARGE_SIZE);
	EXPECT_EQ(map_pages_large(addr, pages, nr, PAGE_KERNEL), 0);
	EXPECT_EQ(pgtable_check(), 0);					/* T3 */
}

KTEST(pgtable_large, only_aligned_and_whole_runs_are_large)
{
	unsigned int i;

	take_arena();
	map(first, NR);
	EXPECT(is_large(first));
	map(first, NR - 1);
	EXPECT(!is_large(first));
	map(first + PAGE_SIZE, NR);			/* the address is not */
	EXPECT(!is_large(first + LARGE_SIZE - 1));
	map(first, 2 * NR);
	EXPECT(is_large(first) && is_large(first + LARGE_SIZE));
	pages[NR - 1] = head;				/* not in a row */
	map(first, 2 * NR);
	EXPECT(!is_large(first) && is_large(first + LARGE_SIZE));
	pages[NR - 1] = head + NR - 1;
	for (i = 0; i < NR; i++)
		pages[i] = head + 1 + i;	/* in a row, but not aligned */
	map(first, NR);
	EXPECT(!is_large(first));
	give_arena();
}

KTEST(pgtable_large, every_page_leads_to_its_frame)
{
	unsigned int i;

	take_arena();
	map(first, NR);
	for (i = 0; i < NR; i++)
		if (vmalloc_to_page((char *)first + i * PAGE_SIZE) != head + i)
			break;
	EXPECT_EQ(i, NR);
	*(char *)(first + 5 * PAGE_SIZE + 3) = 'x';
	EXPECT_EQ(((char *)page_address(head + 5))[3], 'x');
	give_arena();
}

/* Entry cleared, flushed: what comes there next is seen at once. */
static void expect_forgotten(char *p)
{
	unsigned long flushes = tlb_stats.full;

	map(first, NR);
	touch_write(p);
	unmap_range(first, first + LARGE_SIZE);
	EXPECT(tlb_stats.full > flushes);
	EXPECT_FAULT(touch_read(p));
	pages[0] = head + 1;				/* small ones now */
	map(first, NR);
	EXPECT_EQ(peek((char *)first), peek(page_address(head + 1)));
	pages[0] = head;
}

KTEST(pgtable_large, unmapped_page_faults_at_once)		/* attacks PL1 */
{
	unsigned int i;

	take_arena();
	for (i = 0; i < 4; i++)
		expect_forgotten((char *)first + i * PAGE_SIZE);
	give_arena();
}

KTEST(pgtable_large, table_that_is_not_to_be_had_is_undone)
{
	int err;

	take_arena();
	pgtable_forget(first, first + 2 * LARGE_SIZE);
	failnth_arm(FAIL_ANY, 1);
	err = map_pages_large(first, pages, NR + 1, PAGE_KERNEL);
	failnth_disarm();
	EXPECT_EQ(err, -ENOMEM);
	EXPECT_FAULT(touch_read((void *)first));
	EXPECT(!is_large(first));
	give_arena();
}

/* K1 looks into large pages as well. */
KTEST(pgtable_large, checks_of_permissions_see_it)
{
	pte_t *pmd;

	take_arena();
	map(first, NR);
	EXPECT_EQ(kspace_check(), 0);
	pmd = &kernel_pmd[(first >> LARGE_SHIFT) % PTRS_PER_TABLE];
	pmd->raw |= PTE_USER;
	EXPECT_EQ(kspace_check(), 4);
	pmd->raw &= ~PTE_USER;
	give_arena();
}
