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

#include "internal.h"

static pte_t fixmap_table[PTRS_PER_TABLE] __aligned(PAGE_SIZE);

static pte_t *slot_entry(unsigned int slot)
{
	ASSERT(slot < NR_FIXMAP_SLOTS);
	return &fixmap_table[(fixmap_address(slot) >> PAGE_SHIFT) %
			     PTRS_PER_TABLE];
}

void fixmap_init(void)
{
	pgtable_hang(FIXADDR_START, fixmap_table);
}

void *fixmap_set(unsigned int slot, phys_addr_t phys, pgprot_t prot)
{
	pte_t *entry = slot_entry(slot);

	ASSERT(!pte_present(*entry));
	pte_set(entry, pte_make(phys, prot));
	return (void *)fixmap_address(slot);
}

void fixmap_clear(unsigned int slot)
{
	pte_clear(slot_entry(slot));
	tlb_flush_local_page(fixmap_address(slot));
}
