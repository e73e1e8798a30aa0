/* SPDX-License-Identifier: MIT */
/* test_vmap_vmem.c - the window, searched in lists of holes by size */
#define SUITE		vmap_vmem
#define INDEX		"vmem"
#define LOWEST_FIRST	0

#include "vmap_cases.h"

/* V5 still holds: only the lists know better. */
CASE(check_finds_v6_in_a_list_of_another_size)
{
	two_holes();
	pool[0].hole += 4 * PAGE_SIZE;
	pool[0].vm.size -= 4 * PAGE_SIZE;
	EXPECT_EQ(vmap_check(), 6);
	pool[0].hole -= 4 * PAGE_SIZE;
	pool[0].vm.size += 4 * PAGE_SIZE;
	remove_all();
}

CASE(check_finds_v6_in_a_hole_that_is_in_no_list)
{
	struct list_head *next, *prev;

	two_holes();
	next = pool[0].link.next;
	prev = pool[0].link.prev;
	next->prev = prev;
	prev->next = next;
	EXPECT_EQ(vmap_check(), 6);
	next->prev = prev->next = &pool[0].link;
	EXPECT_EQ(vmap_check(), 0);
	next->prev = prev;				/* on the way back */
	EXPECT_EQ(vmap_check(), 6);
	next->prev = &pool[0].link;
	remove_all();
}

/* Holes of 4, 9 and, behind the last area, very many pages. */
CASE(hole_just_left_is_the_first_to_be_taken)
{
	two_holes();
	REQUIRE(insert(&pool[5], 4) == 0);
	EXPECT_EQ(page_of(&pool[5]), 8);
	remove_one(&pool[5]);
	REQUIRE(insert(&pool[5], 8) == 0);		/* it has 9 */
	EXPECT_EQ(page_of(&pool[5]), 20);
	remove_all();
}

/* The first of its own list is too small, and nothing is in those above. */
CASE(hole_behind_another_of_its_list_is_found)
{
	static const unsigned int sizes[] = { 2, 7, 2, 5, ARENA_PAGES - 16, 0 };

	find_arena();
	insert_row(sizes);
	remove_one(&pool[1]);
	remove_one(&pool[3]);				/* 5 pages: the first */
	REQUIRE(insert(&pool[5], 6) == 0);
	EXPECT_EQ(page_of(&pool[5]), 2);
	EXPECT_EQ(insert(&pool[6], 6), -ENOSPC);
	pool[6].vm.addr = NULL;
	remove_all();
}
