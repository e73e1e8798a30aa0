/* SPDX-License-Identifier: MIT */
/*
 * buddy.h - free blocks of 2^order frames: pure mechanism
 *
 * Knows nothing of zones, flags or locks; the owner serialises all calls.
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include <mm/page.h>

struct buddy {
	pfn_t		start, end;		/* frames it may merge within   */
	uint32_t	nonempty;		/* bit n: free[n] has a block   */
	unsigned long	nr_free;		/* frames in all free blocks    */
	unsigned long	nr_blocks[NR_ORDERS];	/* length of each list          */
	struct list_head free[NR_ORDERS];	/* heads of free blocks         */
};

void buddy_init(struct buddy *b, pfn_t start, pfn_t end);

/*
 * buddy_alloc - take a block of 2^@order frames, splitting a larger one
 *
 * Returns  its head, now PAGE_TAIL with ->order set, or NULL. The head is for
 *          the caller to mark. Cost O(MAX_ORDER).
 */
struct page *buddy_alloc(struct buddy *b, unsigned int order);

/*
 * buddy_free - give a block back and merge it with its free buddies
 *
 * @head  of 2^@order frames, aligned to its size, inside [start, end); none of
 *        them free. The caller has checked that.
 */
void buddy_free(struct buddy *b, struct page *head, unsigned int order);

/*
 * buddy_alloc_frames - up to @nr single frames at once, for a few stores each
 *
 * Takes small blocks apart before it splits larger ones. Each frame becomes a
 * block of order 0 in @state, with one reference. Returns  how many it got.
 */
unsigned int buddy_alloc_frames(struct buddy *b, struct page **pages,
				unsigned int nr, enum page_state state);

/*
 * buddy_free_frames - their way back: neighbours in @pages return as blocks
 *
 * Any pointer is looked at, and only what is a single frame in @state, here, and
 * has one reference is freed. Returns  how many; entry so many was not like that,
 * the rest was not looked at.
 */
unsigned int buddy_free_frames(struct buddy *b, struct page *const *pages,
			       unsigned int nr, enum page_state state);

/* buddy_free_range - buddy_free of all frames in [@start, @end), as blocks */
void buddy_free_range(struct buddy *b, pfn_t start, pfn_t end);

/* buddy_largest - the order of the largest free block, or -1 */
int buddy_largest(const struct buddy *b);

/*
 * buddy_check - verify invariants B1, B3, B4, B5 (mm/buddy.c) along the lists
 * buddy_check_frames - verify B2, frame by frame: slow on large machines
 *
 * Returns  the number of the first one broken, 0 when all hold.
 */
int buddy_check(const struct buddy *b);
int buddy_check_frames(const struct buddy *b);

#endif
