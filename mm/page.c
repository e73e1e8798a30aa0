/* SPDX-License-Identifier: MIT */
/*
 * page.c - one struct page for each page frame
 *
 * Problem     The allocator must know of each frame what it is used for, also of
 *             frames that the kernel has no address for.
 * Idea        An array indexed by frame number, in low memory, made once. Holes
 *             in physical memory cost 16 bytes a frame and save a search.
 * Picture     mem_map  | 0 | 1 | 2 |  ...  | pfn |  ...  | mem_map_end - 1 |
 *              frame     0   1   2           pfn = physical address >> 12
 * Invariants  G1  mem_map_end is one more than the last frame of RAM.
 *             G2  A frame without RAM is PAGE_ABSENT for ever.
 *             G3  page->zone never changes after page_init.
 * Failure     RAM so far up that its entries would take more than a third of
 *             low memory is not used; a line says how much.
 * See         tests/mm/test_page.c
 */
#include <mm/page.h>

#include <kernel/printk.h>
#include <mm/memblock.h>

#include "internal.h"

struct page *mem_map __ro_after_init;
pfn_t mem_map_end __ro_after_init;

const char *page_state_name(unsigned int state)
{
	static const char *const names[NR_PAGE_STATES] = {
		[PAGE_ABSENT] = "absent",
		[PAGE_RESERVED] = "reserved",
		[PAGE_TAIL] = "tail",
		[PAGE_FREE] = "free",
		[PAGE_STOCK] = "stock",
		[PAGE_USED] = "used",
		[PAGE_SLAB] = "slab",
	};

	return state < NR_PAGE_STATES ? names[state] : "broken";
}

/* The highest address whose struct page still fits: into a third of low memory,
 * and into half of its longest free run. */
static uint64_t affordable_end(void)
{
	uint64_t room = MIN(layout.lowmem_end / 3,
			       memblock_largest_free(layout.lowmem_end) / 2);
	uint64_t entries = room / sizeof(struct page);

	return MIN(memblock_end_of_ram(), entries << PAGE_SHIFT);
}

static void drop_ram_above(uint64_t end)
{
	uint64_t before = memblock_ram_size();

	memblock_remove(&memblock.ram, end, memblock_end_of_ram());
	if (memblock_ram_size() < before)
		printk(KERN_WARNING
		       "page: %llu KiB of RAM above %09llx are not "
		       "used: their records would take too much low memory\n",
		       (before - memblock_ram_size()) / 1024, end);
}

static enum zone_id frame_zone(pfn_t pfn)
{
	if (pfn >= PFN_DOWN(layout.lowmem_end))
		return ZONE_HIGHMEM;
	return pfn < PFN_DOWN(DMA_END) ? ZONE_DMA : ZONE_NORMAL;
}

/* Frames of RAM begin as tails of nothing: the buddy makes heads of some. */
static void init_frames(pfn_t start, pfn_t end)
{
	pfn_t pfn;

	for (pfn = start; pfn < end; pfn++) {
		mem_map[pfn].state = PAGE_TAIL;
		mem_map[pfn].zone = (uint8_t)frame_zone(pfn);
	}
}

static void mark_reserved(uint64_t start, uint64_t end)
{
	pfn_t pfn = PFN_DOWN(start);
	pfn_t last = MIN(PFN_UP(end), mem_map_end);

	for (; pfn < last; pfn++)
		if (mem_map[pfn].state == PAGE_TAIL)
			mem_map[pfn].state = PAGE_RESERVED;
}

void page_init(void)
{
	unsigned int i;

	drop_ram_above(affordable_end());
	mem_map_end = PFN_DOWN(memblock_end_of_ram());
	mem_map = memblock_alloc(mem_map_end * sizeof(struct page), PAGE_SIZE,
				 "mem_map");
	page_watch_init();
	for (i = 0; i < memblock.ram.nr; i++)
		init_frames(PFN_DOWN(memblock.ram.range[i].start),
			    PFN_DOWN(memblock.ram.range[i].end));
	for (i = 0; i < memblock.reserved.nr; i++)
		mark_reserved(memblock.reserved.range[i].start,
			      memblock.reserved.range[i].end);
}
