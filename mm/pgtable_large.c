/* SPDX-License-Identifier: MIT */
/*
 * pgtable_large.c - pages of 2 MiB in the window
 *
 * Problem     A large buffer needs an entry of the TLB for each 4 KiB, and there
 *             are some hundreds; each miss walks three tables.
 * Idea        A PMD entry may be a page itself. Where 512 frames of an area lie
 *             together, aligned as the page is, one entry takes the place of a
 *             whole page table.
 * Picture     kernel_pmd[i] -> table -> 512 frames, anywhere
 *             kernel_pmd[i] ----------> 512 frames in a row       PTE_LARGE
 * Invariants  T1, T3 (mm/pgtable.c): an entry is a table or a page, never both,
 *             and kernel_tables[] is NULL where it is a page.
 *             PL1 From one to the other an entry is not present in between, and
 *                 flushed: a CPU remembers where a table is, besides what is in it
 *                 (SDM vol. 3, 4.10.3), and would read the old one.
 * Locks       None: the 2 MiB are one owner's.
 * Failure     As map_pages.
 * Cost        O(1) for 2 MiB, and a full flush where a table was in the way.
 * See         tests/mm/test_pgtable_large.c, mm/vmalloc_huge.c
 */
#include <mm/pgtable.h>

#include <lib/errno.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>

#include "internal.h"

static pte_t *pmd_of(unsigned long addr)
{
	return &kernel_pmd[(addr >> LARGE_SHIFT) % PTRS_PER_TABLE];
}

/* Do so many pages from here on fill one of 2 MiB? */
static bool fits_large(unsigned long addr, struct page *const *pages,
		       unsigned int nr)
{
	unsigned int i = 0;

	if (nr < PTRS_PER_TABLE || addr % LARGE_SIZE ||
	    page_to_pfn(pages[0]) % PTRS_PER_TABLE)
		return false;
	while (i < PTRS_PER_TABLE && pages[i] == pages[0] + i)
		i++;
	return i == PTRS_PER_TABLE;
}

static bool table_is_empty(const pte_t *table)
{
	unsigned int i;

	for (i = 0; i < PTRS_PER_TABLE && !pte_present(table[i]); i++)
		;
	return i == PTRS_PER_TABLE;
}

void pgtable_forget(unsigned long start, unsigned long end)
{
	unsigned long addr = ALIGN_DOWN(start, LARGE_SIZE);

	for (; addr < end; addr += LARGE_SIZE) {
		pte_t *table = kernel_tables[addr / LARGE_SIZE % PTRS_PER_TABLE];

		if (!table || !table_is_empty(table))
			continue;
		pgtable_unhang(addr);
		tlb_flush_all();
		__free_page(virt_to_page(table));
	}
}

/* The table that is in the way maps nothing: the range is new to its owner. */
static void map_large(unsigned long addr, const struct page *first,
		      pgprot_t prot)
{
	pte_t entry = pte_make(page_to_phys(first), prot);

	pgtable_forget(addr, addr + LARGE_SIZE);		/* flushes: PL1 */
	ASSERT(!pte_present(*pmd_of(addr)));
	entry.raw |= PTE_LARGE;
	pte_set(pmd_of(addr), entry);
	trace(TRACE_MAP, (void *)addr, PTRS_PER_TABLE);
}

int map_pages_large(unsigned long addr, struct page *const *pages,
		    unsigned int nr, pgprot_t prot)
{
	const unsigned long start = addr;
	unsigned int n;

	for (; nr > 0; nr -= n, pages += n, addr += n * PAGE_SIZE) {
		n = MIN(nr, PTRS_PER_TABLE -
			(unsigned int)(addr / PAGE_SIZE % PTRS_PER_TABLE));
		if (fits_large(addr, pages, nr)) {
			map_large(addr, pages[0], prot);
		} else if (map_pages(addr, pages, n, prot) != 0) {
			unmap_range(start, addr);
			return -ENOMEM;
		}
	}
	return 0;
}

bool pgtable_unmap_large(unsigned long addr, unsigned long end)
{
	if (!(pmd_of(addr)->raw & PTE_LARGE))
		return false;
	ASSERT(addr % LARGE_SIZE == 0 && end - addr >= LARGE_SIZE);
	trace(TRACE_UNMAP, (void *)addr, PTRS_PER_TABLE);
	pte_clear(pmd_of(addr));
	return true;
}
