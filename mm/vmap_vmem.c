/* SPDX-License-Identifier: MIT */
/*
 * vmap_vmem.c - a hole in the window: from lists sorted by size, at once
 *
 * Problem     A search that looks at areas one by one gets slower with each of
 *             them, and a tree still needs some twenty steps among a million.
 * Idea        Keep the holes in lists by size: list c has those of 2^c pages up
 *             to 2^(c+1). Any hole of a list above the one where the wanted size
 *             belongs is large enough, whichever comes first (instant fit), and
 *             a word with a bit for each list says which has any. Before that,
 *             the first of its own list is tried: who frees and takes one size
 *             meets the hole again that he left. Only when both fail, all of its
 *             own list is walked, and those above it too when a range or an
 *             alignment was asked for: so nothing is refused while a hole fits.
 * Picture     nonempty  ...0 1 0 0 1 0
 *                            |     `- list 1: | 2 | <-> | 3 | <-> | 2 |  pages
 *                            `------- list 4: | 19 |
 *             wanted 3 pages: the first of list 1 has 2, so list 4 gives 19; 16
 *             of them go back to the lists, behind the new area.
 * Invariants  V6  The lists have each record with a hole once, in the list of
 *                 its size, and nonempty has a bit for each list that has any.
 * Locks       vmap_lock.
 * Cost        O(1); O(holes) when the fast ways fail.
 * Source      Bonwick and Adams, "Magazines and Vmem", USENIX 2001: boundary
 *             tags (here ->prev and ->hole), segregated lists, instant fit.
 * Read first  vmem_find
 * See         mm/vmap.c, tests/mm/vmap_cases.h
 */
#include "vmap_index.h"

#define NR_CLASSES	20U		/* 2^20 pages are 4 GiB */

/* A list is a ring only while its bit is set. */
static struct list_head holes[NR_CLASSES];
static uint32_t nonempty;

static unsigned int class_of(unsigned long size)
{
	return bit_highest(size >> PAGE_SHIFT);
}

static void vmem_add(struct vmap_area *area)
{
	unsigned int class = class_of(area->hole);

	if (!(nonempty & 1U << class)) {
		nonempty |= 1U << class;
		list_init(&holes[class]);
	}
	list_add(&area->link, &holes[class]);
}

static void vmem_remove(struct vmap_area *area)
{
	unsigned int class = class_of(area->hole);

	list_del(&area->link);
	if (list_empty(&holes[class]))
		nonempty &= ~(1U << class);
}

static struct vmap_area *first_of(unsigned int class)
{
	return list_first_entry(&holes[class], struct vmap_area, link);
}

/* Whatever fits, from the lists of these classes. */
static __noinline struct vmap_area *walk(uint32_t classes,
					 const struct vmap_want *want)
{
	struct vmap_area *area;

	for (; classes; classes &= classes - 1)
		list_for_each_entry(area, &holes[bit_lowest(classes)], link)
			if (vmap_fit(area, want))
				return area;
	return NULL;
}

static struct vmap_area *vmem_find(const struct vmap_want *want)
{
	unsigned int own = class_of(want->size);
	uint32_t classes = nonempty & (~0U << own);
	uint32_t above = classes & ~(1U << own);
	struct vmap_area *area;

	if (classes != above) {
		area = first_of(own);
		if (vmap_fit(area, want))
			return area;
	}
	if (above) {
		area = first_of(bit_lowest(above));
		if (vmap_fit(area, want))
			return area;
	}
	return walk(classes, want);
}

static bool class_in_order(unsigned int class, unsigned long *seen)
{
	const struct vmap_area *area;

	list_for_each_entry(area, &holes[class], link) {
		if (!area->hole || class_of(area->hole) != class ||
		    area->link.next->prev != &area->link)
			return false;
		++*seen;
	}
	return true;
}

static bool vmem_check(unsigned long nr_holes)
{
	unsigned long seen = 0;
	unsigned int class;

	for (class = 0; class < NR_CLASSES; class++)
		if ((nonempty & 1U << class) && (list_empty(&holes[class]) ||
						 !class_in_order(class, &seen)))
			return false;
	return seen == nr_holes;
}

const struct vmap_index vmap_vmem = {
	.name = "vmem",
	.keeps = true,
	.find = vmem_find,
	.add = vmem_add,
	.remove = vmem_remove,
	.check = vmem_check,
};
