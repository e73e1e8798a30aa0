/* SPDX-License-Identifier: MIT */
/*
 * page_owner.c - who has each frame, and who had it before
 *
 * Problem     Memory is gone, and nobody knows where to. Or a frame was damaged
 *             while it was free: by the one who had it last, most likely.
 * Idea        An array beside mem_map, whose entries must stay small: for each
 *             frame the code address of who took its block, what was asked for,
 *             and who gave it back. Added up by address it says where memory is.
 * Picture     mem_map      | 0 | 1 | ... |   pfn   |  ...
 *             page_owners  |   |   | ... |   pfn   |  ...   caller  gfp  order
 *                                                           freed_by
 * Invariants  O1  Each frame of a block that was taken while this was on, and was
 *                 not given back, has the record of who took it.
 * Failure     It is refused in one line where it would take, with mem_map, more
 *             than a third of low memory: from about 40 GiB of RAM on.
 * Cost        12 bytes a frame, 0.3 % of all RAM, from low memory.
 * Source      Linux: mm/page_owner.c, which keeps whole stacks, in a depot.
 * See         tests/mm/test_page_owner.c, modules/monitor/owners.c
 */
#include <mm/page_watch.h>

#include <kernel/printk.h>
#include <mm/init.h>

struct page_owner *page_owners;

void page_owner_init(void)
{
	size_t size = mem_map_end * sizeof(struct page_owner);
	size_t both = size + mem_map_end * sizeof(struct page);
	uint64_t room = MIN(layout.lowmem_end / 3,
			    memblock_largest_free(layout.lowmem_end));

	if (memory_aids.page_owner && both <= room)
		page_owners = memblock_alloc(size, PAGE_SIZE, "page_owner");
	else if (memory_aids.page_owner)
		printk(KERN_WARNING "page_owner: refused: records of %zu KiB "
		       "and mem_map are too much for low memory\n",
		       size / 1024);
}

void page_owner_taken(const struct page *page, unsigned int order, gfp_t gfp,
		      unsigned long caller)
{
	struct page_owner *owner = &page_owners[page_to_pfn(page)];
	const struct page_owner *end = owner + (1U << order);

	for (; owner < end; owner++) {
		owner->caller = (uint32_t)caller;
		owner->gfp = (uint16_t)(__force unsigned int)gfp;
		owner->order = (uint16_t)order;
	}
}

void page_owner_given(const struct page *page, unsigned int order,
		      unsigned long caller)
{
	struct page_owner *owner = &page_owners[page_to_pfn(page)];
	const struct page_owner *end = owner + (1U << order);

	for (; owner < end; owner++)
		owner->freed_by = (uint32_t)caller;
}
