/* SPDX-License-Identifier: MIT */
/*
 * vmap_rbtree.c - a hole in the window: the lowest one, from a balanced tree
 *
 * Problem     A walk along all areas finds the lowest hole that fits, and takes
 *             longer with each area.
 * Idea        A tree of the records that have a hole, ordered by address. Each
 *             also knows the largest hole at or below its node: a search turns
 *             back from a subtree in which nothing fits without entering it, and
 *             goes left as long as something does.
 * Picture     wanted 5 pages           D: hole 3, largest 9
 *                                     /                    \
 *                        B: hole 2, largest 4        F: hole 9, largest 9
 *                            (not entered)             /
 *                                                E: hole 6, largest 6  <- this
 * Invariants  V6  The tree has each record with a hole once; it is in order and
 *                 balanced (R1 to R4 of kernel/lib/rbtree.c), and ->largest is
 *                 the largest hole at or below a node.
 * Locks       vmap_lock.
 * Cost        O(log n) for n holes. With an alignment, O(log n) for each hole
 *             that is large enough and yet has no such range.
 * Source      Linux 5.2, mm/vmalloc.c: the tree of free ranges.
 * Read first  search
 * See         kernel/lib/rbtree.c, mm/vmap.c, tests/mm/vmap_cases.h
 */
#include "vmap_index.h"

static struct vmap_area *area_at(const struct rb_node *node)
{
	return container_of(node, struct vmap_area, node);
}

static unsigned long largest(const struct rb_node *node)
{
	return node ? area_at(node)->largest : 0;
}

static unsigned long largest_of(const struct rb_node *node)
{
	unsigned long below = MAX(largest(node->child[RB_LEFT]),
				  largest(node->child[RB_RIGHT]));

	return MAX(area_at(node)->hole, below);
}

static void update(struct rb_node *node)
{
	area_at(node)->largest = largest_of(node);
}

static bool lies_below(const struct rb_node *a, const struct rb_node *b)
{
	return vmap_start(area_at(a)) < vmap_start(area_at(b));
}

static struct rb_tree tree = { .less = lies_below, .update = update };

/* The lowest at or below @node. Recursive: a tree of 65536 is 34 high at most. */
static struct vmap_area *search(const struct rb_node *node,
				const struct vmap_want *want)
{
	struct vmap_area *area, *found = NULL;

	if (largest(node) < want->size)
		return NULL;
	area = area_at(node);
	if (vmap_start(area) > want->start)
		found = search(node->child[RB_LEFT], want);
	if (!found && vmap_fit(area, want))
		found = area;
	if (!found && vmap_end(area) < want->end)
		found = search(node->child[RB_RIGHT], want);
	return found;
}

static struct vmap_area *rbtree_find(const struct vmap_want *want)
{
	return search(tree.root, want);
}

static void rbtree_add(struct vmap_area *area)
{
	rb_insert(&tree, &area->node);
}

static void rbtree_remove(struct vmap_area *area)
{
	rb_remove(&tree, &area->node);
}

static bool rbtree_check(unsigned long nr_holes)
{
	const struct rb_node *node;

	if (rb_check(&tree) != 0)
		return false;
	for (node = rb_first(&tree); node; node = rb_next(node), nr_holes--)
		if (!area_at(node)->hole || !nr_holes ||
		    largest(node) != largest_of(node))
			return false;
	return nr_holes == 0;
}

const struct vmap_index vmap_rbtree = {
	.name = "rbtree",
	.find = rbtree_find,
	.add = rbtree_add,
	.remove = rbtree_remove,
	.check = rbtree_check,
};
