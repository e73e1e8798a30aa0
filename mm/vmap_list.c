/* SPDX-License-Identifier: MIT */
/*
 * vmap_list.c - a hole in the window: the first one along the ordered list
 *
 * Problem     Behind which area is there room?
 * Idea        Ask each, from the lowest on, and take the first that has enough.
 *             The list of areas is there anyway (C11): nothing is kept besides.
 * Picture     start -> A -> B -> C -> D -> NULL
 *                 no   no   no   yes
 * Cost        O(n) for n areas below the hole: the more lives, the slower. Here
 *             on purpose, to be compared with the others.
 * Source      Linux 2.6.24, mm/vmalloc.c: __get_vm_area_node - without its bug
 *             that an empty list is not checked against the window's end.
 * See         mm/vmap.c, mm/vmap_rbtree.c, mm/vmap_vmem.c, tests/mm/vmap_cases.h
 */
#include "vmap_index.h"

static struct vmap_area *list_find(const struct vmap_want *want)
{
	struct vmap_area *area = &vmlist;

	while (area && !vmap_fit(area, want))
		area = vmap_next(area);
	return area;
}

static void list_changed(struct vmap_area *area __unused)
{
}

static bool list_check(unsigned long nr_holes __unused)
{
	return true;
}

const struct vmap_index vmap_list = {
	.name = "list",
	.find = list_find,
	.add = list_changed,
	.remove = list_changed,
	.check = list_check,
};
