/* SPDX-License-Identifier: MIT */
/*
 * rbtree.c - red-black trees
 *
 * Problem     A search tree finds, inserts and removes in as many steps as it is
 *             high; inserted in order, elements make it a list.
 * Idea        Nodes are red or black. Counted in black nodes all ways down are
 *             equally long, and no red node has a red child: so the longest is
 *             at most twice as long as the shortest. A new node is red; where it
 *             hangs below a red one, colours change and subtrees rotate, upwards,
 *             until all is right again. One that goes leaves at most one black
 *             missing, which is mended the same way.
 * Picture     rotate(a, RB_LEFT)      a               b
 *                                    / \             / \
 *                                   1   b    ->     a   3
 *                                      / \         / \
 *                                     2   3       1   2
 *             The order 1 a 2 b 3 is the same; a went down to the left.
 * Invariants  R1  In order, no node is less than the one before it.
 *             R2  The root is black, and no red node has a red child.
 *             R3  All ways from a node down to a missing child have equally many
 *                 black nodes.
 *             R4  A child's parent is the node whose child it is.
 * Cost        O(log n): at most 2 log2(n + 1) nodes on a way.
 * Source      Guibas and Sedgewick, "A Dichromatic Framework for Balanced Trees",
 *             FOCS 1978; the cases as in Cormen et al., chapter 13.
 * Read first  rotate, rb_insert.
 * See         tests/lib/test_rbtree.c, tests/host/test_rbtree.c
 */
#include <lib/rbtree.h>

static bool is_red(const struct rb_node *node)
{
	return node && node->red;
}

static unsigned int side_of(const struct rb_node *node)
{
	return node->parent->child[RB_RIGHT] == node ? RB_RIGHT : RB_LEFT;
}

static void set_child(struct rb_node *parent, unsigned int side,
		      struct rb_node *child)
{
	parent->child[side] = child;
	if (child)
		child->parent = parent;
}

/* What hung where @node hangs is now @other; @node keeps its own links. */
static void replace(struct rb_tree *tree, struct rb_node *node,
		    struct rb_node *other)
{
	if (node->parent)
		node->parent->child[side_of(node)] = other;
	else
		tree->root = other;
	if (other)
		other->parent = node->parent;
}

static void update_upwards(const struct rb_tree *tree, struct rb_node *node)
{
	for (; node; node = node->parent)
		tree->update(node);
}

/* @node goes down to @side, its other child takes its place. */
static void rotate(struct rb_tree *tree, struct rb_node *node, unsigned int side)
{
	struct rb_node *up = node->child[!side];

	replace(tree, node, up);
	set_child(node, !side, up->child[side]);
	set_child(up, side, node);
	tree->update(node);
	tree->update(up);
}

/* --- a node more ------------------------------------------------------------- */

/* @node is red, and so may be its parent. */
static void mend_red(struct rb_tree *tree, struct rb_node *node)
{
	while (is_red(node->parent)) {
		struct rb_node *parent = node->parent, *above = parent->parent;
		unsigned int side = side_of(parent);
		struct rb_node *uncle = above->child[!side];

		above->red = true;
		if (is_red(uncle)) {
			parent->red = uncle->red = false;
			node = above;
			continue;
		}
		if (side_of(node) != side) {
			rotate(tree, parent, side);
			parent = node;
		}
		parent->red = false;
		rotate(tree, above, !side);
		break;
	}
	tree->root->red = false;
}

void rb_insert(struct rb_tree *tree, struct rb_node *node)
{
	struct rb_node *parent = NULL, **link = &tree->root;

	while (*link) {
		parent = *link;
		link = &parent->child[tree->less(node, parent) ? RB_LEFT
							       : RB_RIGHT];
	}
	*node = (struct rb_node){ .parent = parent, .red = true };
	*link = node;
	update_upwards(tree, node);
	mend_red(tree, node);
}

/* --- a node less ------------------------------------------------------------- */

/* All ways through @node, a child of @parent or none, lack a black node. */
static void mend_black(struct rb_tree *tree, struct rb_node *node,
		       struct rb_node *parent)
{
	while (parent && !is_red(node)) {
		unsigned int side = parent->child[RB_RIGHT] == node ? RB_RIGHT
								    : RB_LEFT;
		struct rb_node *sibling = parent->child[!side];

		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			rotate(tree, parent, side);
			sibling = parent->child[!side];
		}
		if (!is_red(sibling->child[RB_LEFT]) &&
		    !is_red(sibling->child[RB_RIGHT])) {
			sibling->red = true;
			node = parent;
			parent = node->parent;
			continue;
		}
		if (!is_red(sibling->child[!side])) {
			sibling->child[side]->red = false;
			sibling->red = true;
			rotate(tree, sibling, !side);
			sibling = parent->child[!side];
		}
		sibling->red = parent->red;
		parent->red = sibling->child[!side]->red = false;
		rotate(tree, parent, side);
		return;
	}
	if (node)
		node->red = false;
}

static struct rb_node *leftmost(struct rb_node *node)
{
	while (node->child[RB_LEFT])
		node = node->child[RB_LEFT];
	return node;
}

/* @node has two children: it and the next one, somewhere below, change places. */
static void swap_with_next(struct rb_tree *tree, struct rb_node *node)
{
	struct rb_node *next = leftmost(node->child[RB_RIGHT]);
	const struct rb_node old = *next;

	replace(tree, node, next);
	next->red = node->red;
	set_child(next, RB_LEFT, node->child[RB_LEFT]);
	if (old.parent == node) {
		set_child(next, RB_RIGHT, node);
	} else {
		set_child(next, RB_RIGHT, node->child[RB_RIGHT]);
		set_child(old.parent, RB_LEFT, node);
	}
	node->red = old.red;
	node->child[RB_LEFT] = NULL;
	set_child(node, RB_RIGHT, old.child[RB_RIGHT]);
}

void rb_remove(struct rb_tree *tree, struct rb_node *node)
{
	struct rb_node *child;

	if (node->child[RB_LEFT] && node->child[RB_RIGHT])
		swap_with_next(tree, node);
	child = node->child[node->child[RB_LEFT] ? RB_LEFT : RB_RIGHT];
	replace(tree, node, child);
	update_upwards(tree, node->parent);
	if (!node->red)
		mend_black(tree, child, node->parent);
}

/* --- in order ---------------------------------------------------------------- */

struct rb_node *rb_first(const struct rb_tree *tree)
{
	return tree->root ? leftmost(tree->root) : NULL;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	if (node->child[RB_RIGHT])
		return leftmost(node->child[RB_RIGHT]);
	while (node->parent && side_of(node) == RB_RIGHT)
		node = node->parent;
	return node->parent;
}

/* Black nodes from @node up to the root. */
static unsigned int blacks_above(const struct rb_node *node)
{
	unsigned int n = 0;

	for (; node; node = node->parent)
		n += !node->red;
	return n;
}

static bool links_agree(const struct rb_node *node)
{
	const struct rb_node *left = node->child[RB_LEFT];
	const struct rb_node *right = node->child[RB_RIGHT];

	return (!left || left->parent == node) &&
	       (!right || right->parent == node);
}

int rb_check(const struct rb_tree *tree)
{
	const struct rb_node *node, *last = NULL;
	unsigned int blacks = 0;

	if (tree->root && tree->root->parent)
		return 4;
	for (node = rb_first(tree); node; last = node, node = rb_next(node)) {
		if (!links_agree(node))
			return 4;
		if (last && tree->less(node, last))
			return 1;
		if (node->red && (!node->parent || node->parent->red))
			return 2;
		if (node->child[RB_LEFT] && node->child[RB_RIGHT])
			continue;
		if (blacks && blacks_above(node) != blacks)
			return 3;
		blacks = blacks_above(node);
	}
	return 0;
}
