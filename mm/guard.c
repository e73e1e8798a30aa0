/* SPDX-License-Identifier: MIT */
/*
 * guard.c - guard=after, both or right: where an area's unmapped page lies
 *
 * Problem     The guard behind an area catches who leaves its last page. An
 *             overrun by one byte mostly does not: few sizes are whole pages. And
 *             one page between two areas is the guard of both: who goes beyond it,
 *             upwards or downwards, is in the other one.
 * Idea        A menu, for experiments. `after` is the kernel as it is. `both`
 *             reserves two pages behind each area: its own guard, and the guard
 *             before whatever comes next; before the first area lies the hole
 *             below the window. `right` puts the first byte so that the last one
 *             asked for ends at the guard; the rest of the first page is slack.
 * Picture     after  | page 0 | page 1 ,,,| GUARD | next area
 *             both   | page 0 | page 1 ,,,| GUARD | guard | next area
 *             right  |,,, page 0 | page 1 | GUARD | next area
 *                        ^ what vmalloc returns, aligned to 8
 * Invariants  GD1 ->first lies in the first page of its area, and all that was
 *                 asked for in its pages.
 *             GD2 An area's size is what is mapped and vm_guard_size; none of the
 *                 pages of the latter is ever mapped (V3).
 * Cost        after: none. both: a page of addresses for each area. right: no
 *             area is kept for the next of its size (mm/area_stock.c).
 * Limits      right is for whoever asked for no alignment: vmalloc, vzalloc,
 *             __vmalloc, vrealloc, kvmalloc. Up to 7 bytes of slack remain behind
 *             a size that is no multiple of 8; vfree checks them, and those before.
 *             An area that vrealloc makes smaller stays where it is, since that
 *             needs no memory and is never refused: so what it gave up lies before
 *             the guard, and vfree checks it as without the option.
 * See         tests/mm/test_guard.c, docs/guards.md, mm/slack.c
 */
#include <mm/init.h>

#include "internal.h"

struct memory_aids memory_aids __ro_after_init;
unsigned long vm_guard_size __ro_after_init = PAGE_SIZE;

void mm_choose_aids(const struct memory_aids *chosen)
{
	bool anew = chosen->quarantine || chosen->guard[0] == 'r';

	memory_aids = *chosen;
	if (!trace_on)		/* else none is kept anyway */
		short_ways.areas = anew ? 0 : AREA_STOCK_CAPACITY;
	vm_guard_size = chosen->guard[0] == 'b' ? 2 * PAGE_SIZE : PAGE_SIZE;
}

struct vmap_area *guard_place(struct vmap_area *area, unsigned long align)
{
	if (memory_aids.guard[0] == 'r' && align < PAGE_SIZE)
		area->first += ALIGN_DOWN(slack_size(area),
					  MAX(align, ALIGN_ANY));
	return area;
}
