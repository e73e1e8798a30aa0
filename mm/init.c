/* SPDX-License-Identifier: MIT */
/*
 * init.c - the memory manager, brought up on one screen
 *
 * Problem     Each part needs the one before: tables need memory, the allocator
 *             needs tables, vmalloc needs both.
 * Idea        One list, in the order in which it must be; each line says what
 *             works from there on.
 * See         docs/book/README.md
 */
#include <mm/init.h>

#include <mm/fixmap.h>
#include <mm/highmem.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/ramcheck.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>

void mm_init(const struct bootinfo *bi, const struct memory_limits *limits)
{
	memblock_init(bi, limits);	/* RAM and holes known; memblock_alloc */
	ramcheck_low();			/* ... and low memory is there         */
	kspace_init();			/* final page tables: direct map, W^X  */
	fixmap_init();			/* an address for any frame            */
	ramcheck_high();		/* all RAM is there                    */
	page_init();			/* a struct page for each frame        */
	zone_init();			/* every free frame is in its zone     */
	pcp_init();			/* alloc_pages                         */
	slab_init();			/* kmalloc                             */
	vmalloc_init();			/* vmalloc                             */
	kmap_init();			/* kmap                                */
}

static bool left_by_loader(const struct memblock_range *r)
{
	return r->owner == MEMBLOCK_LEGACY || r->owner == MEMBLOCK_RECORDS ||
	       r->owner == MEMBLOCK_MODULE;
}

/* Drop the reservations, then free what is reserved by nobody any more. */
unsigned long mm_release_boot(void)
{
	uint64_t start, end, from = PAGE_SIZE;	/* page 0: BIOS data */
	unsigned long freed = 0;
	unsigned int i = 0;

	while (i < memblock.reserved.nr) {
		const struct memblock_range r = memblock.reserved.range[i];

		if (!left_by_loader(&r) ||
		    memblock_remove(&memblock.reserved, r.start, r.end) != 0)
			i++;
	}
	while (memblock_next_free(from, memblock_end_of_ram(), &start, &end)) {
		freed += free_reserved_range(start, end);
		from = end;
	}
	return freed;
}
