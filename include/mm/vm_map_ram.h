/* SPDX-License-Identifier: MIT */
/* vm_map_ram.h - frames shown in the window for a short time, and cheaply */
#ifndef MM_VM_MAP_RAM_H
#define MM_VM_MAP_RAM_H

#include <mm/pgtable.h>

struct page;

#define RAM_BLOCK_SIZE	MIB(1)			/* with its guard            */
#define RAM_BLOCK_PAGES	(RAM_BLOCK_SIZE / PAGE_SIZE - 1)
#define RAM_SHARE_MAX	32U			/* pages: as Linux on 32 bits */

/*
 * A block of the window that mappings are cut from: mm/vm_map_ram.c (R1 to R4).
 * Locks: I set once; c the CPU that fills it; a atomic; o a mapping's owner.
 */
struct ram_block {
	struct vmap_area *area;		/* [I]                               */
	unsigned long	start;		/* [I] its address                   */
	pte_t		*ptes;		/* [I] of its pages                  */
	unsigned int	next;		/* [c] from here on nothing was used */
	unsigned int	live;		/* [a] pages mapped; 1 more if filled */
	uint8_t		count[RAM_BLOCK_PAGES + 1];	/* [o] of pages, at a
						 * mapping's first; the guard: 0 */
};

/* ram_block_at - the block that @addr, of the window, is in, or NULL. For reports:
 * no lock, and nobody has looked whether the pointer is good. */
const struct ram_block *ram_block_at(unsigned long addr);

/*
 * vm_unmap_ram - end the mapping of @count pages that vm_map_ram gave as @addr
 *
 * Its address is not given to others before the next flush, but until then it
 * may still lead to the frames. NULL is fine. Anything else that is no mapping of
 * so many pages is reported with the caller and nothing is changed.
 * Context  thread, no spinlock held; elsewhere it is reported and refused.
 */
void vm_unmap_ram(const void *addr, unsigned int count);

/*
 * vm_map_ram - map @count frames that the caller owns, one behind the other
 *
 * For mappings that come and go: up to 32 pages are cut from a block that was
 * reserved before, without a guard of their own; more are vmap's. They can be
 * read and written. @node is not looked at: there is one.
 * Context  as vm_unmap_ram. Returns  an address, or NULL: count 0, no memory, no
 *          room, or (reported) an entry that is no page or must not be written.
 */
void *vm_map_ram(struct page **pages, unsigned int count, int node);

/*
 * vm_unmap_aliases - flush now what vm_unmap_ram has put off, and lazy purge
 *
 * From here on no address that was unmapped leads anywhere, on this CPU; blocks
 * in which nothing is mapped are given back. Context  as vm_unmap_ram.
 */
void vm_unmap_aliases(void);

int vm_map_ram_check(void);	/* invariants R1 to R4; 0 or the number */

#endif
