/* SPDX-License-Identifier: MIT */
/*
 * test_buddy.c - every state of small buddies, long walks through large ones
 *
 * Here mem_map is an array of our own. Of spans of eight frames all states are
 * visited that any sequence of requests can lead to: from each, every legal
 * request and every legal free is tried, and the result is compared with a map
 * that says of each frame whose it is.
 */
#include "host.h"

#include <lib/bits.h>
#include <mm/buddy.h>
#include <mm/trace.h>

/* Nobody traces here. */
unsigned int trace_on;
trace_fn *trace_writer;

struct page *mem_map;
pfn_t mem_map_end;

static struct buddy buddy;

#define FREE	0U			/* else 1 + the order of its block */
#define MAX_FRAMES 4096U
static uint8_t owner[MAX_FRAMES];	/* by frame number */

/* What lies outside the span is free as well, but another's. */
static void make_map(pfn_t start, pfn_t end, pfn_t map_end)
{
	pfn_t pfn;

	free(mem_map);
	mem_map = calloc(map_end, sizeof(*mem_map));
	mem_map_end = map_end;
	for (pfn = 0; pfn < map_end; pfn++)
		mem_map[pfn].state = pfn < start || pfn >= end ? PAGE_FREE
							       : PAGE_TAIL;
	buddy_init(&buddy, start, end);
	memset(owner, 1, sizeof(owner));	/* all used, one by one */
}

static bool run_is_free(pfn_t at, unsigned int order)
{
	pfn_t i;

	for (i = at; i < at + (1U << order); i++)
		if (i < buddy.start || i >= buddy.end || owner[i] != FREE)
			return false;
	return true;
}

static bool model_has(unsigned int order)
{
	pfn_t at = ALIGN_UP(buddy.start, 1U << order);

	for (; at + (1U << order) <= buddy.end; at += 1U << order)
		if (run_is_free(at, order))
			return true;
	return false;
}

static void check_sound(void)
{
	unsigned long nr_free = 0;
	pfn_t pfn;

	for (pfn = buddy.start; pfn < buddy.end; pfn++)
		nr_free += owner[pfn] == FREE;
	CHECK(buddy.nr_free == nr_free);
	CHECK(buddy_check(&buddy) == 0);
	CHECK(buddy_check_frames(&buddy) == 0);
}

static void take(unsigned int order)
{
	bool possible = model_has(order);
	struct page *head = buddy_alloc(&buddy, order);
	pfn_t at = head ? page_to_pfn(head) : 0;

	CHECK(!head == !possible);
	if (head) {
		CHECK(IS_ALIGNED(at, 1U << order));
		CHECK(run_is_free(at, order));
		CHECK(head->state == PAGE_TAIL && head->order == order);
		memset(&owner[at], (int)order + 1, 1U << order);
		head->state = PAGE_USED;	/* as page_alloc marks it */
	}
	check_sound();
}

static void give(pfn_t at)
{
	unsigned int order = owner[at] - 1U;

	buddy_free(&buddy, pfn_to_page(at), order);
	memset(&owner[at], FREE, 1U << order);
	check_sound();
}

/* Blocks are aligned, so a used frame tells where its block begins. */
static pfn_t head_of(pfn_t pfn)
{
	return ALIGN_DOWN(pfn, 1U << (owner[pfn] - 1U));
}

/* --- all states of eight frames ------------------------------------------- */

#define NR_FRAMES	8U
#define SMALL_ORDERS	4U		/* 0 to 3 */
#define SLOTS		(1U << 14)

/* The owners, then the heads of each free list, front to back, 0 between. */
struct state { uint8_t owner[NR_FRAMES], lists[NR_FRAMES + SMALL_ORDERS]; };

static struct state *states;		/* in the order of discovery       */
static unsigned int nr_states;
static unsigned int *slots;		/* hash table: 1 + index, 0: empty */

static struct state read_state(void)
{
	struct state s = { 0 };
	const struct page *head;
	unsigned int order, n = 0;

	memcpy(s.owner, &owner[buddy.start], NR_FRAMES);
	for (order = 0; order < SMALL_ORDERS; order++) {
		list_for_each_entry(head, &buddy.free[order], link)
			s.lists[n++] = (uint8_t)(page_to_pfn(head) + 1);
		n++;
	}
	return s;
}

static void write_state(const struct state *s)
{
	pfn_t start = buddy.start, pfn;
	unsigned int order, n = 0;

	buddy_init(&buddy, start, start + NR_FRAMES);
	memcpy(&owner[start], s->owner, NR_FRAMES);
	for (pfn = start; pfn < start + NR_FRAMES; pfn++)
		mem_map[pfn].state = owner[pfn] != FREE && head_of(pfn) == pfn ?
				     PAGE_USED : PAGE_TAIL;
	for (order = 0; order < SMALL_ORDERS; order++, n++)
		for (; s->lists[n]; n++) {
			struct page *head = pfn_to_page(s->lists[n] - 1U);

			head->state = PAGE_FREE;
			head->order = (uint8_t)order;
			list_add_tail(&head->link, &buddy.free[order]);
			buddy.nr_blocks[order]++;
			buddy.nonempty |= 1U << order;
			buddy.nr_free += 1UL << order;
		}
}

static void discover(struct state s)
{
	const uint8_t *bytes = (const uint8_t *)&s;
	uint32_t hash = 2166136261U;
	size_t i;

	for (i = 0; i < sizeof(s); i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	hash ^= hash >> 15;
	while (slots[hash % SLOTS]) {
		const struct state *known = &states[slots[hash % SLOTS] - 1];

		if (memcmp(known, &s, sizeof(s)) == 0)
			return;
		hash++;
	}
	states[nr_states++] = s;
	slots[hash % SLOTS] = nr_states;
}

/* Returns the number of requests and frees that were tried. */
static unsigned int visit_all(pfn_t start)
{
	unsigned int i, order, tried = 0;
	pfn_t pfn;

	make_map(start, start + NR_FRAMES, start + NR_FRAMES + 8);
	nr_states = 0;
	memset(slots, 0, SLOTS * sizeof(*slots));
	discover(read_state());
	for (i = 0; i < nr_states && nr_states < SLOTS / 2; i++) {
		for (order = 0; order <= SMALL_ORDERS; order++, tried++) {
			write_state(&states[i]);
			take(order);
			discover(read_state());
		}
		for (pfn = start; pfn < start + NR_FRAMES; pfn++) {
			write_state(&states[i]);
			if (owner[pfn] == FREE || head_of(pfn) != pfn)
				continue;
			give(pfn);
			discover(read_state());
			tried++;
		}
	}
	CHECK(i == nr_states);
	return tried;
}

static void check_all_states(void)
{
	static const pfn_t starts[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	unsigned int i, tried;

	states = malloc(SLOTS * sizeof(*states));
	slots = malloc(SLOTS * sizeof(*slots));
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		tried = visit_all(starts[i]);
		printf("# frames %u to %u: %u states, %u steps\n", starts[i],
		       starts[i] + NR_FRAMES - 1, nr_states, tried);
		CHECK(nr_states > 100);
	}
	free(slots);
	free(states);
}

/* --- large spans ---------------------------------------------------------- */

static void free_all(void)
{
	pfn_t pfn;

	for (pfn = buddy.start; pfn < buddy.end; pfn++)
		if (owner[pfn] != FREE)
			give(head_of(pfn));
}

static void check_largest_blocks(void)
{
	make_map(0, MAX_FRAMES, MAX_FRAMES);
	free_all();
	CHECK(buddy.nr_blocks[MAX_ORDER] == MAX_FRAMES >> MAX_ORDER);
	CHECK(buddy.nonempty == 1U << MAX_ORDER);
	take(MAX_ORDER);
	take(MAX_ORDER);
	CHECK(buddy.nr_blocks[MAX_ORDER] == 2);
	free_all();
	CHECK(buddy.nr_blocks[MAX_ORDER] == 4);
}

/* Free and take at random; now and then drift towards full and empty. */
static void walk(pfn_t start, pfn_t end, unsigned int steps)
{
	unsigned int i;

	make_map(start, end, end);
	for (i = 0; i < steps; i++) {
		pfn_t pfn = start + host_below(end - start);
		bool filling = i / 500 % 2;

		if (owner[pfn] != FREE && host_below(4) < (filling ? 1U : 3U))
			give(head_of(pfn));
		else
			take(bit_lowest(host_random() | 1U << MAX_ORDER));
	}
	free_all();
}

int main(void)
{
	check_all_states();
	host_case("buddy keeps its word in every state of eight frames");
	check_largest_blocks();
	host_case("buddy merges up to the largest order and no further");
	walk(0, 1024, 6000);
	walk(100, 3000, 6000);
	walk(1023, 2050, 6000);
	host_case("buddy agrees with a map of frames on long walks");
	free(mem_map);
	return host_end();
}
