/* SPDX-License-Identifier: MIT */
/*
 * vrealloc.c - an area that becomes larger or smaller
 *
 * Problem     A buffer in the window is too small, or larger than need be. Its
 *             owner knows the address and the new size, and not the pages.
 * Idea        The area has whole pages. As long as they suffice only the border
 *             between bytes and slack moves. Else a larger area is made, the bytes
 *             are copied, and the old one is freed last: whoever is refused still
 *             has what he had.
 * Picture     | bytes asked for |,,,| guard |      shrinks  | bytes |,,,,,,,,,|
 *                                                  grows    | bytes + new |,,,|
 *             While it is looked at the area is busy: nobody else frees it.
 * Invariants  W3 (mm/vmalloc.c), and all slack has its pattern at any time.
 * Failure     NULL: no memory for the larger area, or (reported with the caller)
 *             @p is none of vmalloc's. @p is as it was.
 * Cost        O(bytes whose meaning changes); O(size) when it moves.
 * Source      Linux 6.12, mm/vmalloc.c, which does not shrink either: no page is
 *             given back before vfree.
 * Read first  vrealloc
 * See         tests/mm/test_vrealloc.c, mm/slack.c
 */
#include <mm/vmalloc.h>

#include <lib/export.h>
#include <lib/string.h>
#include <mm/kasan.h>
#include <mm/vmap.h>

#include "internal.h"

/* KASAN may have no page for the shadow of more slack: then it watches less. */
static void set_requested(struct vmap_area *area, size_t size, gfp_t gfp,
			  unsigned long caller)
{
	unsigned long before = area->requested;

	slack_check(area, caller);		/* and unpoisons it all */
	area->requested = size;
	trace(TRACE_AREA_ASKED, area, 0);
	if (gfp & __GFP_ZERO)
		area_fill(area, slack_before(area) + before,
			  slack_before(area) + size, 0);
	slack_fill(area);
	if (kasan_vmalloc(area) != 0)
		kasan_vfree(area);
}

static void *copy(const struct vmap_area *area, size_t size, gfp_t gfp,
		  unsigned long caller)
{
	void *new = __vmalloc_node(size, 0, gfp, 0, (const void *)caller);

	if (new)
		memcpy(new, (void *)area->first, area->requested);
	return new;
}

void *vrealloc(const void *p, size_t size, gfp_t gfp)
{
	struct vmap_area *area;
	void *new;

	if (!p)
		return __vmalloc_node(size, 0, gfp, 0, (const void *)CALLER);
	area = vm_area_claim("vrealloc", p, VM_ALLOC, CALLER);
	if (!area)
		return NULL;
	if (size > 0 && size <= area->mapped - slack_before(area)) {
		set_requested(area, size, gfp, CALLER);
		vm_area_publish(area);
		return (void *)area->first;
	}
	new = size > 0 ? copy(area, size, gfp, CALLER) : NULL;
	if (new || size == 0) {			/* the old one ends */
		slack_check(area, CALLER);
		destroy_area(area);
	} else {
		vm_area_publish(area);
	}
	return new;
}
EXPORT_SYMBOL(vrealloc);
