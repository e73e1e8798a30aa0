/* SPDX-License-Identifier: MIT */
/*
 * fixmap.c - addresses known at compile time, for frames known at run time
 *
 * Problem     Some mappings are needed before vmalloc works, or where nothing
 *             may be allocated.
 * Idea        A page table that is part of the image, for the last 2 MiB of
 *             addresses. Each slot is a constant; setting it writes one entry.
 * Invariants  X1  A slot's entry is written by its owner only.
 * See         tests/mm/test_fixmap.c, mm/highmem.c
 */
#include <mm/fixmap.h>

#include <mm/tlb.h>
#include <x86/percpu.h>

#include "internal.h"

pte_t fixmap_table[PTRS_PER_TABLE] __aligned(PAGE_SIZE);

void fixmap_init(void)
{
	pgtable_hang(FIXADDR_START, fixmap_table);
	fixmap_entry(FIX_KMAP_FULL)->raw = PTE_WRITE;	/* any but 0: H2 */
	this_cpu->kmap_next = (unsigned long)fixmap_entry(FIX_KMAP_LAST);
}

void *fixmap_set(unsigned int slot, phys_addr_t phys, pgprot_t prot)
{
	pte_t *entry = fixmap_entry(slot);

	ASSERT(slot < NR_FIXMAP_SLOTS && entry->raw == 0);
	pte_set(entry, pte_make(phys, prot));
	return (void *)fixmap_address(slot);
}

void fixmap_clear(unsigned int slot)
{
	ASSERT(slot < NR_FIXMAP_SLOTS);
	pte_clear(fixmap_entry(slot));
	tlb_flush_local_page(fixmap_address(slot));
}
