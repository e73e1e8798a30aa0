/* SPDX-License-Identifier: MIT */
/* test_vmap_rbtree.c - the window, searched in a tree of its holes */
#define SUITE		vmap_rbtree
#define INDEX		"rbtree"
#define LOWEST_FIRST	1

#include "vmap_cases.h"

CASE(check_finds_v6_in_a_largest_hole_that_is_none)
{
	two_holes();
	pool[0].largest += PAGE_SIZE;
	EXPECT_EQ(vmap_check(), 6);
	pool[0].largest -= 2 * PAGE_SIZE;
	EXPECT_EQ(vmap_check(), 6);
	pool[0].largest += PAGE_SIZE;
	remove_all();
}

CASE(check_finds_v6_in_a_tree_out_of_shape)
{
	two_holes();
	pool[0].node.red ^= true;
	EXPECT_EQ(vmap_check(), 6);
	pool[0].node.red ^= true;
	remove_all();
}
