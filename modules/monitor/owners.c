/* SPDX-License-Identifier: MIT */
/*
 * owners.c - who has which frames: a table by caller, and one frame's owner
 *
 * Problem     page_owner notes a caller in each frame (mm/page_owner.c). Nobody
 *             reads half a million of them.
 * Idea        Add up by caller, without any memory: one walk over all frames finds
 *             the lowest code address above the last one shown, and counts its
 *             blocks on the way (as mm/vmallocinfo.c does for areas).
 * Cost        A walk over mem_map for each caller.
 * See         tests/modules/test_owners.c, tools/gdb/owners.py
 */
#include <modules/owners.h>

#include <kernel/monitor.h>
#include <kernel/printk.h>
#include <mm/page_watch.h>
#include <modules/page_head.h>

/* How many frames begin here that belong together and are in use; 0: none. */
static pfn_t frames_in_use(pfn_t pfn)
{
	const struct page *page = pfn_to_page(pfn);

	if (page->state != PAGE_USED && page->state != PAGE_SLAB)
		return 0;
	return 1U << page->order;
}

/* Of the lowest caller above @after: ~0 while there is none. */
struct sum { uint32_t after, caller; unsigned long blocks, frames; };

static void add_up(struct sum *sum)
{
	pfn_t pfn, nr;

	for (pfn = 0; pfn < mem_map_end; pfn += MAX(nr, 1U)) {
		uint32_t caller = page_owners[pfn].caller;

		nr = frames_in_use(pfn);
		if (!nr || caller <= sum->after || caller > sum->caller)
			continue;
		if (caller < sum->caller)
			*sum = (struct sum){ sum->after, caller, 0, 0 };
		sum->blocks++;
		sum->frames += nr;
	}
}

void owners_report(print_fn *print)
{
	struct sum sum = { .caller = 0 };

	if (!page_owners) {
		print("  not noted: boot with page_owner\n");
		return;
	}
	print("  blocks    frames  caller\n");
	for (;;) {
		sum = (struct sum){ .after = sum.caller, .caller = ~0U };
		add_up(&sum);
		if (!sum.blocks)
			break;
		print("  %6lu  %8lu  %pB\n", sum.blocks, sum.frames,
		      (void *)(unsigned long)sum.caller);
	}
}

static bool is_in_use(pfn_t pfn)
{
	const struct page *page = pfn_to_page(pfn);

	if (page->state == PAGE_TAIL && page_head(pfn))
		page = page_head(pfn);
	return page->state == PAGE_USED || page->state == PAGE_SLAB;
}

void owners_tell(pfn_t pfn, const char *indent, print_fn *print)
{
	const struct page_owner *owner;

	if (!page_owners || !page_owners[pfn].caller)
		return;
	owner = &page_owners[pfn];
	print("%staken by %pB, order %u, gfp %02x", indent,
	      (void *)(unsigned long)owner->caller, owner->order, owner->gfp);
	if (owner->freed_by)
		print("%s by %pB", is_in_use(pfn) ? "; before that freed" :
		      "; freed", (void *)(unsigned long)owner->freed_by);
	print("\n");
}

MONITOR_COMMAND(owners, NULL, "frames in use, summed by who took them",
		"owners")
{
	owners_report(console_printf);
	return true;
}
