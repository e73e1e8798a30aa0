/* SPDX-License-Identifier: MIT */
/*
 * take.c - the monitor's commands that take memory, and give it back
 *
 * Problem     What happens in a shortage, or in fragmented memory, one believes
 *             when one has made it happen.
 * Idea        The same calls that the kernel uses, by hand. They take what they
 *             are given, and report what is wrong, themselves: only what belongs
 *             to others is kept from the visitor, since they would fall over it.
 * Failure     A refusal is reported as it is to everybody. Nothing is lost:
 *             visit.c knows what is the visitor's.
 * Read first  run_vmalloc, below MONITOR_COMMAND
 * See         modules/monitor/visit.c, tests/modules/test_take.c
 */
#include <lib/bits.h>
#include <lib/random.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/pgtable.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <modules/visit.h>

#include "internal.h"

/* --- areas ----------------------------------------------------------------- */

/* The area that @addr lies in, its guard not included. */
static const struct vmap_area *area_of(unsigned long addr)
{
	struct vmap_area *below, *above;

	vmap_neighbours(addr, &below, &above);
	if (!below || addr - (unsigned long)below->vm.addr >=
		      below->vm.size - VM_GUARD_SIZE)
		return NULL;
	return below;
}

MONITOR_COMMAND(vmalloc, "SIZE", "an area of your own: its pages, its guard",
		"vmalloc 10000")
{
	const struct vmap_area *area;
	unsigned long size, start, guard;
	struct pgtable_walk walk;
	void *p;

	if (!monitor_size(&words, &size))
		return false;
	p = visit_keep_area(vmalloc(size));
	area = p ? area_of((unsigned long)p) : NULL;
	if (!area) {
		say("  nothing was given\n");
		return true;
	}
	start = (unsigned long)area->vm.addr;
	guard = start + area->vm.size - VM_GUARD_SIZE;
	say("  %08lx  %lu bytes, in the %u page%s [%08lx, %08lx)\n",
	    (unsigned long)p, size, area->vm.nr_pages,
	    plural(area->vm.nr_pages), start, guard);
	say("  %08lx  the guard: %s\n", guard,
	    pgtable_lookup(guard, &walk) ? "BUT IT IS MAPPED, V3 is broken" :
					   "no frame, not mapped");
	return true;
}

/* To free what is somebody else's, and in use, would be no lesson. */
static void explain_refusal(const struct vmap_area *area)
{
	if (visit_owns_area((const void *)area->first))
		say("  its first byte is at %08lx (guard=right): vfree %lx\n",
		    area->first, area->first);
	else
		say("  that one is not yours: `vmlist` has its caller\n");
}

MONITOR_COMMAND(vfree, "ADDR", "give back an area that vmalloc gave you",
		"vfree f8800000")
{
	const struct vmap_area *area;
	unsigned long addr;
	bool found;

	if (!monitor_address(&words, &addr))
		return false;
	area = vmap_find(addr);		/* by its first page or byte */
	found = area && area->vm.flags & VM_ALLOC;
	if (!visit_drop_area((const void *)addr) && found) {
		explain_refusal(area);
		return true;
	}
	vfree((const void *)addr);	/* says what is wrong, if anything is */
	if (found)
		say("  given back\n");
	return true;
}

/* --- frames ---------------------------------------------------------------- */

MONITOR_COMMAND(alloc, "ORDER", "2^ORDER frames that lie together, or why not",
		"alloc 3")
{
	unsigned long order;
	struct page *block;

	if (!monitor_number(&words, &order))
		return false;
	block = alloc_pages(GFP_HIGHUSER, (unsigned int)order);
	if (!block) {
		say("  refused: no zone has such a block to give\n");
		return true;
	}
	visit_keep_block(block);
	say("  frame%s %x to %x, %s: ", order ? "s" : "", page_to_pfn(block),
	    page_to_pfn(block) + (1U << order) - 1, page_zone(block)->name);
	if (page_is_highmem(block))
		say("no address; try kmap %x\n", page_to_pfn(block));
	else
		say("at %08lx\n", (unsigned long)page_address(block));
	return true;
}

/* The order of a block that somebody else uses is not what is asked here. */
MONITOR_COMMAND(free, "PFN", "give back a block of frames by its first one",
		"free 1000")
{
	unsigned long pfn;
	struct page *page;
	uint8_t state;

	if (!monitor_hex(&words, &pfn))
		return false;
	if (!pfn_valid((pfn_t)pfn)) {
		say("  frame %lx has no struct page\n", pfn);
		return true;
	}
	page = pfn_to_page((pfn_t)pfn);
	if (visit_owns_block(page)) {
		state = page->state;
		visit_free_block(page);
		if (page->state != state)	/* else it was refused */
			say("  given back\n");
	} else if (page->state == PAGE_USED) {
		say("  that one is not yours\n");
	} else {
		__free_pages(page, 0);		/* says what is wrong */
	}
	return true;
}

/* --- fragmented memory ----------------------------------------------------- */

static void say_free(const char *how)
{
	int largest = -1;
	unsigned int i;

	for (i = 0; i < NR_ZONES; i++)
		largest = MAX(largest, buddy_largest(&zones[i].buddy));
	say("  %s: %lu frames are free, ", how, nr_free_pages());
	if (largest >= 0)
		say("the largest block has order %d (%lu KiB)\n", largest,
		    (PAGE_SIZE << largest) / 1024);
	else
		say("and not one block\n");
}

/* One of four, and the same ones with the same seed: whatever the order is in which
 * they are looked at. */
static bool is_chosen(pfn_t pfn, uint32_t seed)
{
	struct random random;

	random_init(&random, seed ^ pfn * 2654435761U);
	return random_below(&random, 4) == 0;
}

/* Some of the frames that are still held go back as well: where one meets its
 * buddy they merge, so there are a few blocks of each of the lower orders. */
static void age(struct crumbs *crumbs, uint32_t seed)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &crumbs->held, link) {
		if (page->order > 0 || !is_chosen(page_to_pfn(page), seed))
			continue;
		list_del(&page->link);
		__free_page(page);
	}
}

MONITOR_COMMAND(frag, "[SEED]", "memory in crumbs, or aged; again: as it was",
		"frag 7")
{
	unsigned long seed = 0;
	bool aged = *words;

	if (aged && !monitor_number(&words, &seed))
		return false;
	if (visit_crumbs()) {
		visit_release_crumbs();
		say_free("given back");
		return true;
	}
	visit_make_crumbs();
	if (aged)
		age(visit_crumbs(), (uint32_t)seed);
	say_free(aged ? "aged" : "in crumbs");
	return true;
}
