/* SPDX-License-Identifier: MIT */
/*
 * quarantine.c - freed ranges wait before anybody gets them again
 *
 * Problem     A use after vfree faults only as long as nobody else has got these
 *             addresses, and the next vmalloc of the size gets them at once. Then
 *             the stale pointer reads and writes another's memory.
 * Idea        Let freed ranges wait, unmapped, in a queue: the frames are given
 *             back as ever, only the addresses and the record wait. Whoever comes
 *             too late faults, and the record says who freed what he wanted.
 * Picture     vfree -> unmap, flush, free the frames
 *                  -> | newest | ... | oldest | -> remove, forget
 *                     at most quarantine=<pages> of them, guards included
 * Invariants  QU1 What waits has VM_KEPT, owns no frame, and is found by nobody.
 *             QU2 nr_pages is the sum of their pages, at most the limit; nr is
 *                 their number.
 * Locks       None: as mm/area_stock.c, of which it is a part. Each CPU has its own.
 * Failure     A shortage of addresses empties it (vmalloc_drain). One of frames
 *             does when not even a single one is left (alloc_slow): what waits owns
 *             none, and only slabs full of its records are to be had.
 * Cost        None while it is off. On, every area is made anew: no other is kept,
 *             and each is flushed at once, whatever vmap_purge= says.
 *             An area that is larger than the limit does not wait.
 * Read first  quarantine_keep; freed_area_find in mm/lookup.c
 * See         tests/mm/test_quarantine.c, docs/guards.md
 */
#include <mm/init.h>

#include "internal.h"

static unsigned long pages_of(const struct vmap_area *area)
{
	return area->vm.size >> PAGE_SHIFT;
}

/* The oldest go, until no more than @limit pages wait. */
static bool release_above(struct quarantine *q, unsigned long limit)
{
	bool any = q->nr_pages > limit;

	while (q->nr_pages > limit) {
		struct vmap_area *area = q->oldest;

		q->oldest = area->chain;
		q->nr_pages -= pages_of(area);
		q->nr--;
		vmap_remove(area);
		vm_area_forget(area);
	}
	return any;
}

/* Not what nobody had got, or a device; nor what would sweep out all others. */
bool quarantine_keep(struct vmap_area *area)
{
	struct quarantine *q = &this_cpu->area_stock->quarantine;

	if (pages_of(area) > memory_aids.quarantine || !area->freed_by ||
	    (area->vm.flags & VM_IOREMAP))
		return false;
	area->vm.flags = VM_KEPT;
	*(q->oldest ? &q->newest->chain : &q->oldest) = area;
	area->chain = NULL;
	q->newest = area;
	q->nr_pages += pages_of(area);
	q->nr++;
	release_above(q, memory_aids.quarantine);
	return true;
}

bool quarantine_drain(void)
{
	return in_plain_thread() &&
	       release_above(&this_cpu->area_stock->quarantine, 0);
}
