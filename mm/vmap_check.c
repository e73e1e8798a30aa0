/* SPDX-License-Identifier: MIT */
/*
 * vmap_check.c - the invariants of the window proved
 *
 * Idea        Walk the list of areas once and compare each with what came before
 *             it; what index and table say of all of them is counted. Slow, and
 *             only for tests.
 * See         mm/vmap.c (V1 to V7)
 */
#include "area_stock.h"
#include "vmap_index.h"

struct walk {
	const struct vmap_area *last;	/* the record before, vmlist at first */
	unsigned long	areas, holes, live;
};

static bool inside_window(unsigned long start, unsigned long size)
{
	return start >= VMALLOC_START && start <= VMALLOC_END &&
	       size <= VMALLOC_END - start;
}

static int check_range(const struct vmap_area *area, unsigned long last_end)
{
	unsigned long start = vmap_start(area), size = area->vm.size;
	struct pgtable_walk guard;

	if (!IS_ALIGNED(start | size, PAGE_SIZE) || size < 2 * PAGE_SIZE ||
	    !inside_window(start, size))
		return 1;
	if (start < last_end)
		return start + size <= last_end ? 4 : 2;
	size -= VM_GUARD_SIZE;		/* its first half and its second: two */
	return pgtable_lookup(start + size, &guard) ||	/* pages, or one */
	       pgtable_lookup(start + size + VM_GUARD_SIZE / 2, &guard) ? 3 : 0;
}

static int check_area(const struct vmap_area *area, void *arg)
{
	struct walk *walk = arg;
	int broken = check_range(area, vmap_end(walk->last));

	if (broken)
		return broken;
	if (area->prev != walk->last)
		return 4;
	walk->live += vmap_find(vmap_start(area)) == area;
	walk->areas++;
	walk->last = area;
	return 0;
}

/* The hole behind the area before this one. */
static int check_hole(const struct vmap_area *area, void *arg)
{
	struct walk *walk = arg;

	if (walk->last->hole != vmap_start(area) - vmap_end(walk->last))
		return 5;
	walk->holes += walk->last->hole != 0;
	walk->last = area;
	return 0;
}

int vmap_check(void)
{
	struct walk walk = { .last = &vmlist };
	int broken = vmap_for_each(check_area, &walk);

	if (broken)
		return broken;
	if (walk.areas != vmap_nr_areas() + area_stock_nr())
		return 4;
	walk.last = &vmlist;
	if (vmap_for_each(check_hole, &walk) != 0 ||
	    walk.last->hole != VMALLOC_END - vmap_end(walk.last))
		return 5;
	walk.holes += walk.last->hole != 0;
	if (!vmap_index_holds(walk.holes))
		return 6;
	return walk.live == vmap_nr_live() ? 0 : 7;
}
