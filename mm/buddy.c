/* SPDX-License-Identifier: MIT */
/*
 * buddy.c - free blocks of 2^order frames
 *
 * Problem     Requests for one frame and for a thousand contiguous ones come in
 *             any order; free frames must grow together again by themselves.
 * Idea        A block of 2^n frames is aligned to its size, so it has exactly one
 *             buddy: the block whose frame number differs in bit n. A request is
 *             served by halving a larger block; a freed block merges with its
 *             buddy as long as that is free and whole.
 * Picture     order 3  |               8               |
 *             order 2  |       8       |      12       |   buddies: 8 ^ 4 = 12
 *             order 1  |   8   |  10   |  12   |  14   |            8 ^ 2 = 10
 * Invariants  B1  The head of a block in free[n] is PAGE_FREE with order n,
 *                 aligned to 2^n frames, and the block lies in [start, end).
 *             B2  All its other frames are PAGE_TAIL.
 *             B3  No two free buddies of one order: they would have merged.
 *             B4  nr_blocks[n] is the length of free[n], nr_free the frames of all.
 *             B5  Bit n of nonempty is set exactly when free[n] is not empty.
 * Locks       The owner's; zone.c uses zone->lock.
 * Failure     No block large enough: NULL, nothing changed.
 * Cost        O(MAX_ORDER) for each operation; two heads written per level.
 *             Frames in number cost a few instructions each, and those of a
 *             block operation for each block that they come from or make.
 * Source      Knuth, The Art of Computer Programming 1, section 2.5.
 * Read first  buddy_alloc, then buddy_free.
 * See         tests/mm/test_buddy.c, tests/host/test_buddy.c
 */
#include <mm/buddy.h>

#include <mm/trace.h>

static struct page *buddy_of(struct page *head, unsigned int order)
{
	return pfn_to_page(page_to_pfn(head) ^ (1U << order));
}

/* May a block of @order at @pfn be part of a larger one here? */
static bool inside(const struct buddy *b, pfn_t pfn, unsigned int order)
{
	return pfn >= b->start && pfn + (1U << order) <= b->end;
}

static void insert(struct buddy *b, struct page *head, unsigned int order)
{
	head->state = PAGE_FREE;
	head->order = (uint8_t)order;
	list_add(&head->link, &b->free[order]);
	b->nr_blocks[order]++;
	b->nonempty |= 1U << order;
}

static void take(struct buddy *b, struct page *head, unsigned int order)
{
	head->state = PAGE_TAIL;
	list_del(&head->link);
	b->nr_blocks[order]--;
	if (list_empty(&b->free[order]))
		b->nonempty &= ~(1U << order);
}

void buddy_init(struct buddy *b, pfn_t start, pfn_t end)
{
	unsigned int order;

	*b = (struct buddy){ .start = start, .end = end };
	for (order = 0; order < NR_ORDERS; order++)
		list_init(&b->free[order]);
}

struct page *buddy_alloc(struct buddy *b, unsigned int order)
{
	uint32_t large_enough = b->nonempty >> order << order;
	struct page *head;
	unsigned int have;

	if (!large_enough)
		return NULL;
	have = bit_lowest(large_enough);
	head = list_first_entry(&b->free[have], struct page, link);
	take(b, head, have);
	while (have > order) {
		trace(TRACE_SPLIT, head, have);
		have--;
		insert(b, head + (1U << have), have);	/* the upper half */
	}
	head->order = (uint8_t)order;
	b->nr_free -= 1UL << order;
	trace(TRACE_TAKE, head, order);
	return head;
}

void buddy_free(struct buddy *b, struct page *head, unsigned int order)
{
	b->nr_free += 1UL << order;
	trace(TRACE_FREE, head, order);
	for (; order < MAX_ORDER; order++) {
		struct page *buddy = buddy_of(head, order);

		if (!inside(b, page_to_pfn(buddy), order) ||
		    buddy->state != PAGE_FREE || buddy->order != order)
			break;
		take(b, buddy, order);
		head->state = PAGE_TAIL;
		head = MIN(head, buddy);
		trace(TRACE_MERGE, head, order + 1);
	}
	insert(b, head, order);
}

/* The largest block that begins at @pfn, is aligned and ends by @end. */
static unsigned int largest_order(pfn_t pfn, pfn_t end)
{
	unsigned int order =
		MIN(bit_highest(end - pfn), (unsigned int)MAX_ORDER);

	return pfn ? MIN(order, bit_lowest(pfn)) : order;
}

void buddy_free_range(struct buddy *b, pfn_t start, pfn_t end)
{
	while (start < end) {
		unsigned int order = largest_order(start, end);

		buddy_free(b, pfn_to_page(start), order);
		start += 1U << order;
	}
}

/* --- frames in number ------------------------------------------------------ */

unsigned int buddy_alloc_frames(struct buddy *b, struct page **pages,
				unsigned int nr, enum page_state state)
{
	unsigned int got = 0;

	while (got < nr && b->nonempty) {
		unsigned int order = MIN(bit_lowest(b->nonempty),
					 bit_highest(nr - got));
		struct page *page = buddy_alloc(b, order);
		const struct page *end = page + (1U << order);

		for (; page < end; page++) {
			page_make_single(page, state);
			pages[got++] = page;
		}
	}
	return got;
}

/*
 * How many entries, from the first on, are good frames side by side, upwards or
 * downwards? They become tails at once, so that one named twice is good once.
 */
static unsigned int take_run(const struct buddy *b, struct page *const *pages,
			     unsigned int nr, enum page_state state)
{
	struct page *const *entry = pages, *const *end;
	struct page *page = pages[0];
	pfn_t pfn;
	int step;
	long bytes;

	if (!page_pointer_valid(page))
		return 0;
	pfn = page_to_pfn(page);
	if (!inside(b, pfn, 0))
		return 0;
	step = nr > 1 && pages[1] == page - 1 ? -1 : 1;
	bytes = step * (long)sizeof(struct page);	/* once, not for each */
	end = pages + MIN(nr, step < 0 ? pfn - b->start + 1 : b->end - pfn);
	for (; entry < end && *entry == page && page_is_single(page, state);
	     entry++) {
		page->state = PAGE_TAIL;
		page = (struct page *)(void *)((char *)page + bytes);
	}
	return (unsigned int)(entry - pages);
}

unsigned int buddy_free_frames(struct buddy *b, struct page *const *pages,
			       unsigned int nr, enum page_state state)
{
	unsigned int done = 0, run;

	while (done < nr &&
	       (run = take_run(b, pages + done, nr - done, state)) > 0) {
		pfn_t first = page_to_pfn(pages[done]);
		pfn_t last = page_to_pfn(pages[done + run - 1]);

		buddy_free_range(b, MIN(first, last), MAX(first, last) + 1);
		done += run;
	}
	return done;
}

int buddy_largest(const struct buddy *b)
{
	return b->nonempty ? (int)bit_highest(b->nonempty) : -1;
}

static int check_block(const struct buddy *b, const struct page *head,
		       unsigned int order)
{
	pfn_t pfn = page_to_pfn(head);
	pfn_t buddy = pfn ^ (1U << order);

	if (head->state != PAGE_FREE || head->order != order ||
	    !IS_ALIGNED(pfn, 1U << order) || !inside(b, pfn, order))
		return 1;
	if (order < MAX_ORDER && inside(b, buddy, order) &&
	    pfn_to_page(buddy)->state == PAGE_FREE &&
	    pfn_to_page(buddy)->order == order)
		return 3;
	return 0;
}

int buddy_check(const struct buddy *b)
{
	unsigned long nr_free = 0;
	unsigned int order;

	for (order = 0; order < NR_ORDERS; order++) {
		const struct page *head;
		unsigned long nr_blocks = 0;

		list_for_each_entry(head, &b->free[order], link) {
			int broken = check_block(b, head, order);

			if (broken)
				return broken;
			if (++nr_blocks > b->nr_blocks[order])
				return 4;	/* perhaps a ring without end */
		}
		if (nr_blocks != b->nr_blocks[order])
			return 4;
		if ((nr_blocks != 0) != ((b->nonempty >> order) & 1))
			return 5;
		nr_free += nr_blocks << order;
	}
	return nr_free == b->nr_free ? 0 : 4;
}

int buddy_check_frames(const struct buddy *b)
{
	const struct page *head;
	unsigned int order;
	pfn_t i;

	for (order = 1; order < NR_ORDERS; order++)
		list_for_each_entry(head, &b->free[order], link)
			for (i = 1; i < 1U << order; i++)
				if (head[i].state != PAGE_TAIL)
					return 2;
	return 0;
}
