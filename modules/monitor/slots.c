/* SPDX-License-Identifier: MIT */
/*
 * slots.c - the monitor's commands about kmap: its slots, and one for a frame
 *
 * Idea        A frame of HIGHMEM that `alloc` gave cannot be looked at: it has no
 *             address. kmap gives it one; then peek and poke work there.
 * Read first  print_slots
 * See         mm/kmap.c, tests/modules/test_slots.c
 */
#include <lib/bits.h>
#include <mm/highmem.h>
#include <modules/visit.h>

#include "internal.h"

#define SLOTS_SHOWN	16U

/* A count of n stands for n - 1 users (mm/kmap.c). */
static void print_slot(unsigned int n)
{
	const struct kmap_slot *slot = &kmaps.slot[n];

	say("  %4u  %08lx  %5d  %x\n", n, PKMAP_BASE + (n - 1) * PAGE_SIZE,
	    slot->count - 1, page_to_pfn(slot->page));
}

static void print_slots(void)
{
	unsigned int n, mapped = 0, used = 0;

	for (n = 1; n <= KMAP_SLOTS; n++) {
		mapped += kmaps.slot[n].page != NULL;
		used += kmaps.slot[n].count > 1;
	}
	say("kmap: %u slots: %u in use, %u mapped without a user; taken last: "
	    "%u\n", KMAP_SLOTS, used, mapped - used, kmaps.cursor);
	if (mapped)
		say("  slot  address   users  frame\n");
	for (n = 1, used = 0; n <= KMAP_SLOTS; n++)
		if (kmaps.slot[n].page && used++ < SLOTS_SHOWN)
			print_slot(n);
	if (mapped > SLOTS_SHOWN)
		say("  and %u more\n", mapped - SLOTS_SHOWN);
}

/* A frame of the visitor's own; NULL after saying that it is none. */
static struct page *own_frame(unsigned long pfn)
{
	struct page *page = pfn_to_page((pfn_t)pfn);

	if (pfn_valid((pfn_t)pfn) && visit_owns_frame(page))
		return page;
	say("  frame %lx is not yours: `alloc` gives you some\n", pfn);
	return NULL;
}

MONITOR_COMMAND(kmap, "[PFN]", "kmap's slots; with PFN: a slot for that frame",
		"kmap")
{
	unsigned long pfn;
	struct page *page;
	void *p;

	if (!*words) {
		print_slots();
		return true;
	}
	if (!monitor_hex(&words, &pfn))
		return false;
	page = own_frame(pfn);
	p = page ? kmap(page) : NULL;
	if (p)
		say("  frame %lx is at %08lx, until kunmap %lx\n", pfn,
		    (unsigned long)p, pfn);
	return true;
}

MONITOR_COMMAND(kunmap, "PFN", "give up the slot of a frame", "kunmap 3a7f0")
{
	unsigned long pfn;
	struct page *page;

	if (!monitor_hex(&words, &pfn))
		return false;
	page = own_frame(pfn);
	if (page)
		kunmap(page);
	return true;
}
