/* SPDX-License-Identifier: MIT */
/*
 * rbtree.h - balanced trees whose nodes live in the elements
 *
 * The tree is in order by ->less; ->update is told when what lies below a node
 * has changed, from the bottom up, so that a node may keep a sum of it.
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include <lib/compiler.h>
#include <lib/types.h>

enum { RB_LEFT, RB_RIGHT };

struct rb_node {
	struct rb_node	*parent, *child[2];	/* NULL where there is none */
	bool		red;
};

struct rb_tree {
	struct rb_node	*root;
	bool		(*less)(const struct rb_node *a, const struct rb_node *b);
	void		(*update)(struct rb_node *node);
};

/* rb_insert - behind all that are not greater. @node may hold anything. */
void rb_insert(struct rb_tree *tree, struct rb_node *node);

/* rb_remove - @node is in the tree; afterwards it holds nothing of use */
void rb_remove(struct rb_tree *tree, struct rb_node *node);

/* rb_first, rb_next - in order; NULL behind the last */
struct rb_node *rb_first(const struct rb_tree *tree);
struct rb_node *rb_next(const struct rb_node *node);

/* rb_check - invariants R1 to R4; 0 or the number */
int rb_check(const struct rb_tree *tree);

#endif
