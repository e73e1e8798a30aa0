/* SPDX-License-Identifier: MIT */
/*
 * test_buddy.c - blocks split and merge, in a buddy of our own
 *
 * buddy.c keeps its notes in mem_map, so it needs real frames: each case takes
 * a block from alloc_pages and lets a private struct buddy manage it. Nothing
 * else allocates or frees meanwhile. Every state of small spans, and the border
 * at MAX_ORDER, are tried on the build machine (tests/host/test_buddy.c).
 */
#include <mm/buddy.h>

#include <lib/bits.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <tests/ktest.h>

static struct buddy buddy;
static struct page *frames;			/* the first one borrowed */
static unsigned int frames_order;

/* The private buddy begins with one free block. */
static void borrow(unsigned int order)
{
	frames = alloc_pages(GFP_KERNEL, order);
	REQUIRE(frames);
	frames_order = order;
	buddy_init(&buddy, page_to_pfn(frames),
		   page_to_pfn(frames) + (1U << order));
	frames->state = PAGE_TAIL;
	buddy_free(&buddy, frames, order);
}

/* Whatever happened, the frames become the block again that they were. */
static void hand_back(void)
{
	unsigned int i;

	for (i = 0; i < 1U << frames_order; i++)
		frames[i].state = PAGE_TAIL;
	frames->state = PAGE_USED;
	frames->order = (uint8_t)frames_order;
	frames->count = 1;
	__free_pages(frames, frames_order);
}

/* A block's first frame within the borrowed ones; -1 for NULL. */
static int take(unsigned int order)
{
	struct page *head = buddy_alloc(&buddy, order);

	if (!head)
		return -1;
	head->state = PAGE_USED;		/* as page_alloc marks it */
	return (int)(head - frames);
}

static void give(unsigned int at, unsigned int order)
{
	buddy_free(&buddy, &frames[at], order);
}

/* Lengths of the free lists from order 0 on, as digits: 2 and 1 are 21. */
static unsigned int lengths(void)
{
	unsigned int order, digits = 0;

	for (order = 0; order <= 5; order++)
		digits = digits * 10 + (unsigned int)buddy.nr_blocks[order];
	return digits;
}

static void expect_sound(void)
{
	EXPECT_EQ(buddy_check(&buddy), 0);
	EXPECT_EQ(buddy_check_frames(&buddy), 0);
}

static void expect_whole_again(void)
{
	EXPECT_EQ(buddy_largest(&buddy), frames_order);
	EXPECT_EQ(buddy.nr_free, 1U << frames_order);
	expect_sound();
}

/* --- splitting ------------------------------------------------------------ */

KTEST(buddy, new_buddy_is_empty_and_sound)
{
	buddy_init(&buddy, 100, 200);
	EXPECT_EQ(buddy.nr_free, 0);
	EXPECT_EQ(buddy_largest(&buddy), -1);
	EXPECT(!buddy_alloc(&buddy, 0));
	EXPECT(!buddy_alloc(&buddy, MAX_ORDER));
	expect_sound();
}

KTEST(buddy, splitting_gives_the_lower_half_and_keeps_the_upper)
{
	borrow(5);
	EXPECT_EQ(lengths(), 1);
	EXPECT(buddy_alloc(&buddy, 2) == frames);
	EXPECT_EQ(frames[0].order, 2);
	EXPECT_EQ(frames[0].state, PAGE_TAIL);	/* for the caller to mark */
	EXPECT_EQ(lengths(), 1110);
	EXPECT_EQ(frames[4].state, PAGE_FREE);
	EXPECT_EQ(frames[4].order, 2);
	EXPECT_EQ(frames[8].order, 3);
	EXPECT_EQ(frames[16].order, 4);
	EXPECT_EQ(buddy.nr_free, 28);
	expect_sound();
	hand_back();
}

KTEST(buddy, frames_of_one_block_come_in_ascending_order)
{
	int i;

	borrow(5);
	for (i = 0; i < 32; i++)
		EXPECT_EQ(take(0), i);
	hand_back();
}

KTEST(buddy, smallest_block_that_does_is_split)
{
	borrow(5);
	take(4);				/* 16 to 31 stay free */
	give(4, 1);				/* and 4, 5 */
	EXPECT_EQ(take(0), 4);
	EXPECT_EQ(buddy_largest(&buddy), 4);
	EXPECT_EQ(take(2), 16);
	hand_back();
}

KTEST(buddy, block_freed_last_is_given_first)
{
	borrow(5);
	EXPECT_EQ(take(4), 0);
	EXPECT_EQ(take(4), 16);
	give(4, 1);
	give(20, 1);
	give(12, 1);
	EXPECT_EQ(take(1), 12);
	EXPECT_EQ(take(1), 20);
	EXPECT_EQ(take(1), 4);
	hand_back();
}

KTEST(buddy, request_that_nothing_serves_changes_nothing)
{
	struct buddy before;

	borrow(5);
	EXPECT_EQ(take(0), 0);
	before = buddy;
	EXPECT_EQ(take(5), -1);
	EXPECT_EQ(take(MAX_ORDER), -1);
	EXPECT(memcmp(&buddy, &before, sizeof(buddy)) == 0);
	while (take(0) >= 0)
		;
	EXPECT_EQ(buddy.nr_free, 0);
	EXPECT_EQ(buddy_largest(&buddy), -1);
	EXPECT_EQ(lengths(), 0);
	EXPECT_EQ(take(0), -1);
	EXPECT_EQ(take(3), -1);
	expect_sound();
	hand_back();
}

KTEST(buddy, largest_falls_and_rises_with_the_lists)	/* attacks B5 */
{
	unsigned int order = 5;

	borrow(5);
	while (order-- > 0) {
		EXPECT_EQ(take(order), 0);	/* leaves its upper half */
		EXPECT_EQ(buddy_largest(&buddy), 4);
		give(0, order);
		EXPECT_EQ(buddy_largest(&buddy), 5);
	}
	take(4);
	take(3);
	EXPECT_EQ(buddy_largest(&buddy), 3);
	take(3);
	EXPECT_EQ(buddy_largest(&buddy), -1);
	hand_back();
}

/* --- merging -------------------------------------------------------------- */

static void shuffle(unsigned int *numbers, unsigned int nr)
{
	unsigned int i, k, tmp;

	for (i = 0; i < nr; i++) {
		k = i + random_below(ktest_random(), nr - i);
		tmp = numbers[i];
		numbers[i] = numbers[k];
		numbers[k] = tmp;
	}
}

KTEST(buddy, blocks_merge_in_whatever_order_they_are_freed) /* attacks B2, B3 */
{
	unsigned int number[32], round, i;

	borrow(5);
	for (round = 0; round < 100; round++) {
		for (i = 0; i < 32; i++)
			number[i] = (unsigned int)take(0);
		EXPECT_EQ(buddy.nr_free, 0);
		shuffle(number, 32);
		for (i = 0; i < 32; i++)
			give(number[i], 0);
		expect_whole_again();
	}
	hand_back();
}

KTEST(buddy, neighbours_that_are_no_buddies_stay_apart)
{
	borrow(5);
	while (take(0) >= 0)
		;
	give(1, 0);
	give(2, 0);				/* they touch; 2's buddy is 3 */
	EXPECT_EQ(lengths(), 200000);
	give(3, 0);
	EXPECT_EQ(lengths(), 110000);
	give(0, 0);
	EXPECT_EQ(lengths(), 1000);
	expect_sound();
	hand_back();
}

KTEST(buddy, free_buddy_of_another_order_is_left_alone)
{
	borrow(5);
	take(4);
	take(4);
	give(0, 0);
	give(2, 1);				/* its buddy is half free */
	EXPECT_EQ(lengths(), 110000);
	give(4, 2);				/* the free head 0 is of 0 */
	EXPECT_EQ(lengths(), 111000);
	give(1, 0);
	EXPECT_EQ(lengths(), 100);
	expect_sound();
	hand_back();
}

/* Frames 4 to 27: the blocks beyond would tempt, but they are another's. */
KTEST(buddy, merging_stops_at_the_borders)		/* attacks B1 */
{
	borrow(5);
	buddy_init(&buddy, page_to_pfn(frames) + 4, page_to_pfn(frames) + 28);
	frames[0].state = frames[28].state = PAGE_FREE;
	frames[0].order = frames[28].order = 2;
	give(4, 2);
	give(24, 2);
	give(16, 3);
	EXPECT_EQ(lengths(), 2100);
	EXPECT_EQ(buddy.nr_free, 16);
	give(8, 3);
	EXPECT_EQ(lengths(), 2200);		/* 8 to 23 are no buddies */
	expect_sound();
	hand_back();
}

/* --- against a map of frames ---------------------------------------------- */

#define WALK_ORDER	8U
#define WALK_FRAMES	(1U << WALK_ORDER)
#define WALK_STEPS	3000U

static uint8_t owner[WALK_FRAMES];		/* 0: free, else 1 + order */

static bool run_is_free(unsigned int at, unsigned int order)
{
	return !memchr_inv(&owner[at], 0, 1U << order);
}

/* With eager merging a free aligned run is always part of a free block. */
static bool model_has(unsigned int order)
{
	unsigned int at;

	for (at = 0; at < WALK_FRAMES; at += 1U << order)
		if (run_is_free(at, order))
			return true;
	return false;
}

static void walk_take(unsigned int order)
{
	int at = take(order);

	if (at < 0) {
		EXPECT(!model_has(order));
		return;
	}
	EXPECT(IS_ALIGNED((unsigned int)at, 1U << order));
	EXPECT(run_is_free((unsigned int)at, order));
	EXPECT_EQ(frames[at].order, order);
	memset(&owner[at], (int)order + 1, 1U << order);
}

/* Gives back the block that holds frame @at, whatever its order is. */
static void walk_give(unsigned int at)
{
	unsigned int order = owner[at] - 1U;

	at = ALIGN_DOWN(at, 1U << order);
	give(at, order);
	memset(&owner[at], 0, 1U << order);
}

static unsigned int model_nr_free(void)
{
	unsigned int i, nr = 0;

	for (i = 0; i < WALK_FRAMES; i++)
		nr += owner[i] == 0;
	return nr;
}

KTEST(buddy, random_walk_agrees_with_a_model)	/* attacks B1 to B5 */
{
	unsigned int step, at, failures = 0;

	memset(owner, 0, sizeof(owner));
	borrow(WALK_ORDER);
	for (step = 0; step < WALK_STEPS; step++) {
		at = random_below(ktest_random(), WALK_FRAMES);
		if (owner[at])
			walk_give(at);
		else
			walk_take(random_below(ktest_random(), WALK_ORDER + 1));
		failures += buddy_check(&buddy) != 0;
		failures += buddy_check_frames(&buddy) != 0;
		failures += buddy.nr_free != model_nr_free();
	}
	EXPECT_EQ(failures, 0);
	for (at = 0; at < WALK_FRAMES; at++)
		if (owner[at])
			walk_give(at);
	expect_whole_again();
	hand_back();
}

/* --- a checker that never speaks proves nothing --------------------------- */

/* Free: 2 and 3, 4 to 7, 8 to 15, 16 to 31. */
static void borrow_for_damage(void)
{
	borrow(5);
	take(1);
	REQUIRE(buddy_check(&buddy) == 0);
}

KTEST(buddy, check_finds_b1_broken)
{
	borrow_for_damage();
	frames[4].state = PAGE_USED;
	EXPECT_EQ(buddy_check(&buddy), 1);
	frames[4].state = PAGE_FREE;
	frames[4].order = 3;
	EXPECT_EQ(buddy_check(&buddy), 1);
	frames[4].order = 2;
	buddy.end -= 1;				/* the last block sticks out */
	EXPECT_EQ(buddy_check(&buddy), 1);
	buddy.end += 1;
	buddy.start += 3;
	EXPECT_EQ(buddy_check(&buddy), 1);
	buddy.start -= 3;
	expect_sound();
	hand_back();
}

KTEST(buddy, check_finds_a_block_that_is_not_aligned)	/* B1 too */
{
	borrow_for_damage();
	list_del(&frames[2].link);
	frames[1].state = PAGE_FREE;
	frames[1].order = 1;
	list_add(&frames[1].link, &buddy.free[1]);
	EXPECT_EQ(buddy_check(&buddy), 1);
	hand_back();
}

KTEST(buddy, check_finds_b2_broken)
{
	borrow_for_damage();
	frames[17].state = PAGE_USED;
	EXPECT_EQ(buddy_check(&buddy), 0);	/* looks at heads alone */
	EXPECT_EQ(buddy_check_frames(&buddy), 2);
	frames[17].state = PAGE_TAIL;
	frames[31].state = PAGE_FREE;
	EXPECT_EQ(buddy_check_frames(&buddy), 2);
	frames[31].state = PAGE_TAIL;
	frames[3].state = PAGE_RESERVED;
	EXPECT_EQ(buddy_check_frames(&buddy), 2);
	frames[3].state = PAGE_TAIL;
	expect_sound();
	hand_back();
}

KTEST(buddy, check_finds_b3_broken)
{
	borrow_for_damage();
	frames[0].state = PAGE_FREE;		/* a free buddy for 2 and 3 */
	list_add_tail(&frames[0].link, &buddy.free[1]);
	buddy.nr_blocks[1]++;
	buddy.nr_free += 2;
	EXPECT_EQ(buddy_check(&buddy), 3);
	hand_back();
}

KTEST(buddy, check_finds_b4_broken)
{
	borrow_for_damage();
	buddy.nr_blocks[3]++;
	EXPECT_EQ(buddy_check(&buddy), 4);
	buddy.nr_blocks[3] -= 2;
	EXPECT_EQ(buddy_check(&buddy), 4);
	buddy.nr_blocks[3]++;
	buddy.nr_free++;
	EXPECT_EQ(buddy_check(&buddy), 4);
	buddy.nr_free -= 2;
	EXPECT_EQ(buddy_check(&buddy), 4);
	buddy.nr_free++;
	expect_sound();
	hand_back();
}

KTEST(buddy, check_finds_b5_broken)
{
	borrow_for_damage();
	buddy.nonempty |= 1U << 5;
	EXPECT_EQ(buddy_check(&buddy), 5);
	buddy.nonempty &= ~(1U << 5 | 1U << 3);
	EXPECT_EQ(buddy_check(&buddy), 5);
	buddy.nonempty |= 1U << 3;
	expect_sound();
	hand_back();
}
