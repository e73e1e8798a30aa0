/* SPDX-License-Identifier: MIT */
/*
 * exhaust_buddy.c - every state of a buddy of 16 frames, every request from each
 *
 * Problem     A random walk visits the usual states again and again; the odd one
 *             in which a merge goes wrong may never come.
 * Idea        16 frames have so few states that all can be visited: breadth
 *             first, each reached by requests to the real code, through
 *             alloc_pages and __free_pages. From each, every order is asked for,
 *             and every frame is freed with every order: where that is wrong it
 *             must be refused and change nothing. And 1 to 17 frames are
 *             taken in number, and all single ones given back, in two orders.
 * States      A block of order 0 is free or used: T(0) = 2. One of order n is
 *             used as a whole, free as a whole, or two halves, each in any of
 *             its states, but not both wholly free, for they would have merged:
 *             T(n) = 1 + 1 + T(n-1)^2 - 1 = T(n-1)^2 + 1: 2, 5, 26, 677, 458330.
 * Histories   Free lists are stacks: their order tells in which sequence blocks
 *             were freed. The map of owners says what must be, the order says
 *             which block is taken next. So from each state that can have two
 *             orders (two free blocks of one order) two are expanded. There
 *             always are two: the last free was of either block.
 * Picture     owner map  | 0  2+. . .  4* .  6+ .  8+ . . . . . . . |
 *             + free, * used, . tail: a word of 16 nibbles
 *             lists      heads of free blocks, order by order, front to back
 * Outside     A free block of order 4, which a merge too many would swallow: below
 *             the span when it is frames 16 to 31, above when it is 0 to 15.
 * Attacks     A1, A2, B1 to B5, Z1
 * Read first  expand
 */
#include "buddy_model.h"
#include "exhaust.h"
#include "numbers.h"

#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/zone.h>

#define MAP_FRAMES	32U
#define SLOTS		(1U << 20)

static const unsigned int asked[] = { 0, 1, 2, 3, 4, 5, MAX_ORDER + 1 };
#define NR_FREED_ORDERS	6U		/* each frame, orders 0 to 5 */
#define NR_POINTERS	4U		/* that are no struct page */
static const unsigned int many[] = { 1, 2, 3, 5, 8, 13, FRAMES + 1 };
#define PER_STATE	(ARRAY_SIZE(asked) + FRAMES * NR_FREED_ORDERS + \
			 NR_POINTERS + ARRAY_SIZE(many) + 2)

struct state {
	uint64_t	map;		/* nibble i is frame i */
	uint32_t	lists;		/* at most 8 blocks are free */
};

static struct slot {
	uint64_t	map;		/* 0: the slot is empty */
	uint32_t	lists[2];
	unsigned int	nr;
} slots[SLOTS];

static struct state *queue;		/* in the order of discovery */
static unsigned int nr_queued, nr_maps, nr_single;
static uint64_t nr_tried, nr_legal_frees, nr_served[ORDERS];

static pfn_t first_frame;		/* of the span: 16 or 0 */
static struct page frames[MAP_FRAMES];
static struct page frames_before[MAP_FRAMES];
static struct zone *const zone = &zones[ZONE_DMA];
static struct zone zone_before;

/* --- state to kernel, kernel to state ------------------------------------ */

static void __noreturn fail(const struct state *s, const char *what,
			    unsigned int frame, unsigned int order)
{
	search_failed("after %llu transitions: map %016llx, lists %08x (1-5 "
		      "free, 6-10 used, of order 0-4; the last digit is frame "
		      "0): %s, frame %u, order %u",
		      (unsigned long long)nr_tried, (unsigned long long)s->map,
		      s->lists, what, frame, order);
}

/* Tails keep what they were before: no two of them look the same. */
static struct page frame_of(unsigned int value, unsigned int i)
{
	struct page page = { .state = PAGE_TAIL, .zone = ZONE_DMA,
			     .order = (uint8_t)(i % ORDERS), .count = i % 2 };

	if (value == TAIL)
		return page;
	page.state = value < USED ? PAGE_FREE : PAGE_USED;
	page.order = (uint8_t)(value < USED ? value - FREE : value - USED);
	page.count = value >= USED;
	return page;
}

static void restore(const struct state *s)
{
	struct buddy *b = &zone->buddy;
	uint32_t lists = s->lists;
	unsigned int i, left = 0;

	for (i = 0; i < FRAMES; i++) {
		unsigned int value = nibble(s->map, i);

		frames[first_frame + i] = frame_of(value, i);
		left += value >= FREE && value < USED;
	}
	buddy_init(b, first_frame, first_frame + FRAMES);
	for (; left > 0; left--, lists >>= 4) {
		struct page *head = &frames[first_frame + (lists & 15)];

		list_add_tail(&head->link, &b->free[head->order]);
		b->nr_blocks[head->order]++;
		b->nonempty |= 1U << head->order;
		b->nr_free += 1U << head->order;
	}
	memcpy(frames_before, frames, sizeof(frames));
	zone_before = *zone;
}

static bool unchanged(void)
{
	return memcmp(frames_before, frames, sizeof(frames)) == 0 &&
	       memcmp(&zone_before, zone, sizeof(*zone)) == 0;
}

static unsigned int read_frame(const struct page *page)
{
	if (page->state == PAGE_FREE)
		return FREE + page->order;
	if (page->state == PAGE_USED && page->count == 1)	/* A1 */
		return USED + page->order;
	return page->state == PAGE_TAIL ? TAIL : 15;
}

/* False: the lists are too long. */
static bool read_lists(struct state *s)
{
	unsigned int order, n = 0;
	const struct page *head;

	for (order = 0; order < NR_ORDERS; order++)
		list_for_each_entry(head, &zone->buddy.free[order], link) {
			if (n == 8)
				return false;
			s->lists |= (page_to_pfn(head) - first_frame) << 4 * n++;
		}
	return true;
}

/* --- the search ---------------------------------------------------------- */

/* Where the map is, or would be; hashed by the golden ratio. */
static struct slot *slot_of(uint64_t map)
{
	uint32_t at = (uint32_t)(map * 0x9E3779B97F4A7C15ULL >> 44);

	while (slots[at].map && slots[at].map != map)
		at = (at + 1) % SLOTS;
	return &slots[at];
}

static void discover(const struct state *s)
{
	struct slot *slot = slot_of(s->map);

	if (slot->nr == 2 || (slot->nr == 1 && slot->lists[0] == s->lists))
		return;
	if (slot->nr == 0) {
		slot->map = s->map;
		nr_maps++;
		nr_single++;
	} else {
		nr_single--;
	}
	slot->lists[slot->nr++] = s->lists;
	queue[nr_queued++] = *s;
}

/* After a request that was served: is the kernel in the state it must be in? */
static void arrive(const struct state *from, uint64_t map, const char *what,
		   unsigned int frame, unsigned int order)
{
	struct state now = { 0, 0 };
	unsigned int i;

	for (i = 0; i < FRAMES; i++)
		now.map |= (uint64_t)read_frame(&frames[first_frame + i]) << 4 * i;
	if (now.map != map || !read_lists(&now))
		fail(from, what, frame, order);
	if (zone_check() != 0 || zone_check_frames() != 0)
		fail(from, "an invariant is broken", frame, order);
	discover(&now);
	restore(from);
}

static void try_alloc(const struct state *s, unsigned int order, bool first)
{
	unsigned int best = order < ORDERS ? best_order(s->map, order) : ORDERS;
	uint32_t free = free_frames(s->map), run;
	struct page *page = alloc_pages(__GFP_DMA | __GFP_HIGH | __GFP_NOWARN,
					order);
	unsigned int at;

	nr_tried++;
	if (best == ORDERS) {
		if (page || !unchanged())
			fail(s, "alloc must be refused", 0, order);
		return;
	}
	at = page ? page_to_pfn(page) - first_frame : FRAMES;
	if (!page || !run_is_free(free, at, order) ||
	    nibble(s->map, ALIGN_DOWN(at, 1U << best)) != FREE + best)
		fail(s, "alloc must take of the smallest block", at, order);
	if (first)
		nr_served[order]++;
	run = ((1U << (1U << order)) - 1) << at;
	arrive(s, map_of(used_heads(s->map) |
			 (uint64_t)(USED + order) << 4 * at, free & ~run),
	       "alloc", at, order);
}

static void try_free(const struct state *s, unsigned int at, unsigned int order,
		     bool first)
{
	bool legal = order < ORDERS && nibble(s->map, at) == USED + order;
	unsigned long reports = nr_reports;

	nr_tried++;
	__free_pages(&frames[first_frame + at], order);
	if (!legal) {
		if (nr_reports != reports + 1 || !unchanged())	/* A2 */
			fail(s, "free must be refused", at, order);
		return;
	}
	if (nr_reports != reports)
		fail(s, "free must not be refused", at, order);
	if (first)
		nr_legal_frees++;
	arrive(s, map_of(used_heads(s->map) & ~(15ULL << 4 * at),
			 free_frames(s->map) |
			 ((1U << (1U << order)) - 1) << at),
	       "free", at, order);
}

static void try_pointers(const struct state *s)
{
	const unsigned long map = (unsigned long)frames;
	const unsigned long wrong[NR_POINTERS] = {
		map + first_frame * sizeof(struct page) + 4, map - 16,
		map + sizeof(frames), 0xFFFFFFF0,
	};
	unsigned long reports = nr_reports;
	unsigned int i;

	for (i = 0; i < NR_POINTERS; i++, nr_tried++)
		__free_pages((struct page *)wrong[i], 0);
	if (nr_reports != reports + NR_POINTERS || !unchanged())
		fail(s, "free of no struct page must be refused", 0, 0);
}

/* --- frames in number ---------------------------------------------------- */

static void try_alloc_frames(const struct state *s, unsigned int nr)
{
	uint32_t free = free_frames(s->map), left = free;
	uint64_t used = used_heads(s->map);
	struct page *pages[FRAMES + 1];
	unsigned int got = buddy_alloc_frames(&zone->buddy, pages, nr,
					      PAGE_USED), i;

	nr_tried++;
	for (i = 0; i < got; i++) {
		unsigned int at = page_to_pfn(pages[i]) - first_frame;

		if (at >= FRAMES || !(left & 1U << at))
			fail(s, "alloc of many must take free frames", at, nr);
		left &= ~(1U << at);
		used |= (uint64_t)USED << 4 * at;
	}
	if (got != MIN(nr, (unsigned int)__builtin_popcount(free)))
		fail(s, "alloc of many must take what there is", got, nr);
	arrive(s, map_of(used, left), "alloc of many", 0, nr);
}

/* All single frames, and the first of them once more. */
static void try_free_frames(const struct state *s, bool down)
{
	uint32_t free = free_frames(s->map);
	uint64_t used = used_heads(s->map);
	struct page *pages[FRAMES + 1];
	unsigned int n = 0, i;

	nr_tried++;
	for (i = 0; i < FRAMES; i++) {
		unsigned int at = down ? FRAMES - 1 - i : i;

		if (nibble(s->map, at) != USED)
			continue;
		pages[n++] = &frames[first_frame + at];
		used &= ~(15ULL << 4 * at);
		free |= 1U << at;
	}
	pages[n] = n ? pages[0] : frames;
	if (buddy_free_frames(&zone->buddy, pages, n + 1, PAGE_USED) != n)
		fail(s, "free of many must free each frame once", n, down);
	arrive(s, map_of(used, free), "free of many", n, down);
}

static void expand(const struct state *s)
{
	bool first = slot_of(s->map)->lists[0] == s->lists;
	unsigned int i, order;

	restore(s);
	for (i = 0; i < ARRAY_SIZE(asked); i++)
		try_alloc(s, asked[i], first);
	for (i = 0; i < FRAMES; i++)
		for (order = 0; order < NR_FREED_ORDERS; order++)
			try_free(s, i, order, first);
	try_pointers(s);
	for (i = 0; i < ARRAY_SIZE(many); i++)
		try_alloc_frames(s, many[i]);
	try_free_frames(s, false);
	try_free_frames(s, true);
}

/* --- two searches -------------------------------------------------------- */

static void set_up(pfn_t first)
{
	const struct state all_free = { FREE + ORDERS - 1, 0 };
	unsigned int i, id;

	first_frame = first;
	for (i = 0; i < MAP_FRAMES; i++) {
		frames[i] = frame_of(i % FRAMES ? TAIL : FREE + ORDERS - 1, i);
		list_init(&frames[i].link);
	}
	for (id = 0; id < NR_ZONES; id++) {
		spin_lock_init(&zones[id].lock, 1);
		buddy_init(&zones[id].buddy, 0, 0);
	}
	pcp_init();
	this_cpu->irq_depth = 1;	/* no plain thread: nothing is stocked */
	zone->start = first;
	zone->end = first + FRAMES;
	zone->nr_present = zone->nr_managed = FRAMES;
	memset(slots, 0, sizeof(slots));
	memset(nr_served, 0, sizeof(nr_served));
	nr_tried = nr_legal_frees = nr_queued = nr_maps = nr_single = 0;
	discover(&all_free);
}

static void compare_numbers(void)
{
	uint64_t states = buddy_states(ORDERS - 1);
	uint64_t single = buddy_single(ORDERS - 1);
	char what[] = "states that can serve order 0";
	unsigned int order;

	CHECK(states == 458330);
	number("states", nr_maps, states);
	number("of them with one history only", nr_single, single);
	number("histories", nr_queued, 2 * states - single);
	number("transitions", nr_tried, nr_queued * (uint64_t)PER_STATE);
	number("blocks that could be freed", nr_legal_frees,
	       buddy_frees(ORDERS - 1));
	for (order = 0; order < ORDERS; order++) {
		what[sizeof(what) - 2] = (char)('0' + order);
		number(what, nr_served[order], buddy_served(ORDERS - 1, order));
	}
}

static void search(pfn_t first)
{
	unsigned int i;

	set_up(first);
	for (i = 0; i < nr_queued; i++)
		expand(&queue[i]);
	compare_numbers();
}

int main(void)
{
	mem_map = frames;
	mem_map_end = MAP_FRAMES;
	queue = malloc(2 * SLOTS * sizeof(*queue));
	search(16);
	host_case("buddy keeps its word in every state of 16 frames");
	search(0);
	host_case("buddy keeps its word in them at the start of memory, too");
	return host_end();
}
