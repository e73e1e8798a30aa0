/* SPDX-License-Identifier: MIT */
/* fixmap.h - addresses known at compile time, for frames known at run time */
#ifndef MM_FIXMAP_H
#define MM_FIXMAP_H

#include <lib/assert.h>
#include <mm/pgtable.h>

#define KMAP_LOCAL_SLOTS 16U		/* how deep kmap_local_page may nest   */

enum fixmap_slot {
	FIX_KMAP_FULL,			/* nobody's: see H2 in mm/highmem.c    */
	FIX_KMAP_FIRST,			/* kmap_local of CPU 0                 */
	FIX_KMAP_LAST = FIX_KMAP_FIRST + KMAP_LOCAL_SLOTS - 1,
	FIX_KMAP_EMPTY,			/* nobody's: kunmap_local of no slot   */
	FIX_RAMCHECK,			/* a page that is tried: mm/ramcheck.c */
	FIX_TEST,			/* for the self-tests                  */
	NR_FIXMAP_SLOTS
};
_Static_assert(NR_FIXMAP_SLOTS * PAGE_SIZE <= FIXADDR_END - FIXADDR_START,
	       "all slots lie in one page table");

/* The table of all slots, from FIXADDR_START on. */
extern pte_t fixmap_table[PTRS_PER_TABLE];

/* Slot 0 is the highest page, so that new slots extend downwards (Linux). */
static inline unsigned long fixmap_address(unsigned int slot)
{
	return FIXADDR_END - (slot + 1) * PAGE_SIZE;
}

static inline pte_t *fixmap_entry(unsigned int slot)
{
	return &fixmap_table[(FIXADDR_END - FIXADDR_START) / PAGE_SIZE - 1 -
			     slot];
}

/* fixmap_init - make the one page table. After kspace_init. */
void fixmap_init(void);

/* fixmap_set, fixmap_clear - local to this CPU; flushes its own page */
void *fixmap_set(unsigned int slot, phys_addr_t phys, pgprot_t prot);
void fixmap_clear(unsigned int slot);

#endif
