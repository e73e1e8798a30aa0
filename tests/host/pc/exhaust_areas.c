/* SPDX-License-Identifier: MIT */
/*
 * exhaust_areas.c - every state of a window of 20 pages, every request from each
 *
 * Problem     A search goes wrong at edges: a hole that is one page too small,
 *             the last hole, a window that begins at an odd page.
 * Idea        Breadth first from the empty window through all states that areas
 *             can make of it, by vmap_insert, vmap_claim and vmap_remove. From
 *             each: every size with four alignments; every size from every page
 *             on; small ones up to every page; what can never fit, sums that
 *             wrap among it; a find, a claim and a question for neighbours at
 *             every page and beside it. The model is a word of bits, in which
 *             the runs that are free are looked for: the lowest must be taken
 *             by list and rbtree, any of them by vmem. Each index has its turn.
 * States      A window of n pages begins with a free page, or with an area of k
 *             pages, guard included, so k >= 2:
 *             F(n) = F(n-1) + F(n-2) + F(n-3) + ... + F(0), F(0) = F(1) = 1.
 *             Each is the sum of all before it: F(n) = 2 F(n-1) = 2^(n-1).
 *             20 pages: 524288. An area may be busy as well, which gives
 *             B(n) = B(n-1) + 2 (B(n-2) + ... + B(0)) = 2 B(n-1) + B(n-2), and
 *             for 13 pages 47321; these are searched after the others.
 * Histories   The list is in order of address, so a state is the same however it
 *             was reached, and each arrival at a known one is compared with it.
 *             (The lists of vmem and the shape of rbtree's tree do remember, and
 *             are checked in each state as it is restored.)
 *             Reached in one way only, from the empty window, are those four
 *             with one live area and no hole for another: it has 20 pages, or
 *             19 at either end, or 18 in the middle. A busy one can also have
 *             been live before, a live one busy.
 * Picture     | >  .  . |    | >  . |    |    |  a word: two bits for each page,
 *               area, guard   busy 	     free, live, busy, or not the first
 * Attacks     V1, V2, V4, V6; V3 needs page tables: walk_vmalloc.c
 * Read first  expand
 */
#include "exhaust.h"
#include "numbers.h"

#include <lib/errno.h>

#include "../../../mm/vmap_index.h"
#include "pc.h"

#define MAX_PAGES	20U
#define MAX_RECORDS	(MAX_PAGES / 2)
#define WINDOW		0xD0003000UL	/* at an odd page, as to alignment */
#define SLOTS		(1U << 20)
#define OTHER_FLAG	VM_IOREMAP	/* areas here are VM_MAP */

enum { FREE, LIVE, BUSY, INSIDE };	/* two bits */

static unsigned int nr_pages;		/* of the window */
static bool with_busy;			/* states with busy areas as well */
static bool lowest_first;		/* is what the index promises */

static struct slot {
	uint64_t	word;		/* the state + 1; 0: the slot is empty */
	uint64_t	from;		/* one it was reached from */
	bool		twice;		/* and it was from another, too */
} slots[SLOTS];
static uint64_t *queue;
static unsigned int nr_queued, nr_twice;
static uint64_t nr_tried, nr_removed;

static struct vmap_area records[MAX_RECORDS];	/* by rising address */
static unsigned int nr_records;
static struct vmap_area spare;		/* for the one more that is asked for */

/* --- state to kernel, kernel to state ------------------------------------ */

static unsigned long page_addr(unsigned int page)
{
	return WINDOW + page * PAGE_SIZE;
}

static unsigned int page_at(uint64_t state, unsigned int page)
{
	return state >> 2 * page & 3;
}

static void __noreturn fail(uint64_t state, const char *what,
			    unsigned long a, unsigned long b)
{
	char pages[MAX_PAGES + 1] = "";
	unsigned int i;

	for (i = 0; i < nr_pages; i++)
		pages[i] = " LB."[page_at(state, i)];
	search_failed("after %llu transitions: |%s| (live, busy): %s, %lx %lx",
		      (unsigned long long)nr_tried, pages, what, a, b);
}

static uint64_t area_bits(unsigned int page, unsigned int size,
			  unsigned int kind)
{
	uint64_t bits = kind;
	unsigned int i;

	for (i = 1; i < size; i++)
		bits |= (uint64_t)INSIDE << 2 * i;
	return bits << 2 * page;
}

static unsigned int size_at(uint64_t state, unsigned int page)
{
	unsigned int size = 1;

	while (page + size < nr_pages && page_at(state, page + size) == INSIDE)
		size++;
	return size;
}

static void make_record(struct vmap_area *area, unsigned int size)
{
	*area = (struct vmap_area){ .vm.size = size * PAGE_SIZE,
				    .vm.flags = VM_MAP };
}

static bool is_busy(const struct vmap_area *area)
{
	return vmap_find((unsigned long)area->vm.addr) != area;
}

/* Live or busy: it leaves the window. */
static void take_out(struct vmap_area *area)
{
	vmap_claim((unsigned long)area->vm.addr, 0);
	vmap_remove(area);
}

static void put(struct vmap_area *area, unsigned int page, unsigned int size,
		bool busy)
{
	make_record(area, size);
	if (vmap_insert(area, PAGE_SIZE, page_addr(page),
			page_addr(page + size)) != 0)
		fail(0, "a hole is refused", page, size);
	if (!busy)
		vmap_publish(area);
}

static void restore(uint64_t state)
{
	unsigned int page;

	while (nr_records > 0)
		take_out(&records[--nr_records]);
	for (page = 0; page < nr_pages; page++) {
		unsigned int kind = page_at(state, page);

		if (kind == LIVE || kind == BUSY)
			put(&records[nr_records++], page, size_at(state, page),
			    kind == BUSY);
	}
}

struct reading { uint64_t state; unsigned long end; unsigned int nr; };

/* V1, V2, V4; a list that is damaged ends at the limit of areas. */
static int read_area(const struct vmap_area *area, void *arg)
{
	struct reading *r = arg;
	unsigned long start = (unsigned long)area->vm.addr;
	unsigned long size = area->vm.size;

	if (start < r->end || !IS_ALIGNED(start, PAGE_SIZE) ||
	    start > page_addr(nr_pages) || size > page_addr(nr_pages) - start ||
	    r->nr++ == MAX_RECORDS)
		return 1;
	r->state |= area_bits((unsigned int)((start - WINDOW) / PAGE_SIZE),
			      (unsigned int)(size / PAGE_SIZE),
			      is_busy(area) ? BUSY : LIVE);
	r->end = start + size;
	return 0;
}

static void must_be(uint64_t state, uint64_t from, const char *what,
		    unsigned long a, unsigned long b)
{
	struct reading r = { 0, WINDOW, 0 };

	if (vmap_for_each(read_area, &r) != 0 || r.state != state ||
	    vmap_nr_areas() != r.nr)
		fail(from, what, a, b);
}

/* --- the search ---------------------------------------------------------- */

static void discover(uint64_t state, uint64_t from)
{
	uint32_t at = (uint32_t)((state + 1) * 0x9E3779B97F4A7C15ULL >> 44);
	struct slot *slot;

	while (slots[at].word && slots[at].word != state + 1)
		at = (at + 1) % SLOTS;
	slot = &slots[at];
	if (!slot->word) {
		*slot = (struct slot){ state + 1, from, false };
		queue[nr_queued++] = state;
	} else if (!slot->twice && slot->from != from) {
		slot->twice = true;
		nr_twice++;
	}
}

/* Bit i: the run of @size pages from page i on is free. */
static uint32_t free_runs(uint64_t state, unsigned int size)
{
	uint32_t free = 0, runs;
	unsigned int i;

	for (i = 0; i < nr_pages; i++)
		free |= (uint32_t)(page_at(state, i) == FREE) << i;
	for (runs = free, i = 1; i < size; i++)
		runs &= free >> i;
	return runs;
}

/* Bit i: the address of page i is a multiple of @align pages. */
static uint32_t aligned_pages(unsigned int align)
{
	uint32_t pages = 0;
	unsigned int i;

	for (i = 0; i < nr_pages; i++)
		pages |= (uint32_t)IS_ALIGNED(page_addr(i), align * PAGE_SIZE)
			 << i;
	return pages;
}

static void insert_kind(uint64_t state, unsigned int size, unsigned int kind,
			uint32_t allowed, unsigned int align,
			unsigned int start, unsigned int end)
{
	unsigned int page;
	uint64_t now;

	make_record(&spare, size);
	nr_tried++;
	if (vmap_insert(&spare, align * PAGE_SIZE, page_addr(start),
			page_addr(end)) != 0) {
		if (allowed)
			fail(state, "insert must not be refused", size, align);
		return;
	}
	page = (unsigned int)(((unsigned long)spare.vm.addr - WINDOW) /
			      PAGE_SIZE);
	if (lowest_first ? page != bit_lowest(allowed | 1U << 31)
			 : !(allowed & 1U << page))
		fail(state, "insert must take the lowest, or a hole", size,
		     align);
	if (kind == LIVE)
		vmap_publish(&spare);
	now = state | area_bits(page, size, kind);
	must_be(now, state, "insert", size, align);
	discover(now, state);
	take_out(&spare);
}

/* @runs  where so many pages are free. */
static void try_insert(uint64_t state, uint32_t runs, unsigned int size,
		       unsigned int align, unsigned int start, unsigned int end)
{
	uint32_t fits = end >= size ? (2U << (end - size)) - 1 : 0;
	uint32_t allowed = runs & fits & ~((1U << start) - 1) &
			   (align == 1 ? ~0U : aligned_pages(align));

	insert_kind(state, size, LIVE, allowed, align, start, end);
	if (with_busy)
		insert_kind(state, size, BUSY, allowed, align, start, end);
}

static void try_inserts(uint64_t state)
{
	unsigned int size, align, page;

	for (size = 2; size <= nr_pages + 1; size++) {
		uint32_t runs = free_runs(state, size);

		for (align = 1; align <= 8; align *= 2)
			try_insert(state, runs, size, align, 0, nr_pages);
		for (page = 1; page < nr_pages; page++)
			try_insert(state, runs, size, 1, page, nr_pages);
		for (page = 1; size <= 3 && page < nr_pages; page++)
			try_insert(state, runs, size, 1, 0, page);
	}
}

/* Sums that wrap, and a range whose end comes first. */
static void try_nonsense(uint64_t state)
{
	unsigned long first = page_addr(0), last = page_addr(nr_pages);

	make_record(&spare, 2);
	if (vmap_insert(&spare, PAGE_SIZE, last, first) != -ENOSPC ||
	    vmap_insert(&spare, 1UL << 31, first, last) != -ENOSPC ||
	    vmap_insert(&spare, PAGE_SIZE, ~0UL, last) != -ENOSPC)
		fail(state, "what can never fit must be refused", 0, 0);
	spare.vm.size = 0UL - PAGE_SIZE;
	if (vmap_insert(&spare, PAGE_SIZE, first, last) != -ENOSPC)
		fail(state, "4 GiB less a page must be refused", 0, 0);
	nr_tried += 4;
}

static void remove_claimed(uint64_t state, struct vmap_area *area,
			   unsigned int page)
{
	unsigned int size = size_at(state, page);
	uint64_t bits = area_bits(page, size, INSIDE);

	vmap_remove(area);
	must_be(state & ~bits, state, "remove", page, size);
	discover(state & ~bits, state);
	put(area, page, size, page_at(state, page) == BUSY);
	nr_removed++;
}

/* @expected  the area that begins at page @page and is live, or NULL. */
static void try_claims(uint64_t state, struct vmap_area *expected,
		       unsigned int page)
{
	unsigned long addr = page_addr(page);
	uint64_t claimed = state ^ (uint64_t)(LIVE ^ BUSY) << 2 * page;

	if (vmap_find(addr) != expected || vmap_find(addr + 8) ||
	    vmap_claim(addr + 8, 0) || vmap_claim(addr, OTHER_FLAG))
		fail(state, "found what is not there, or not", page, 0);
	if (vmap_claim(addr, page % 2 ? VM_MAP : 0) != expected)
		fail(state, "claim", page, 0);
	if (expected) {
		if (vmap_find(addr) || vmap_claim(addr, 0))
			fail(state, "claimed areas are not found", page, 0);
		must_be(claimed, state, "claim", page, 0);
		if (with_busy)
			discover(claimed, state);
		remove_claimed(state, expected, page);
	} else {
		must_be(state, state, "a claim that is refused", page, 0);
	}
	nr_tried += 5;
}

static void try_neighbours(uint64_t state, struct vmap_area *below,
			   struct vmap_area *above, unsigned long addr)
{
	struct vmap_area *found_below, *found_above;

	while (below && is_busy(below))			/* only live ones are */
		below = below > records ? below - 1 : NULL;
	while (above && is_busy(above))
		above = above < records + nr_records - 1 ? above + 1 : NULL;
	vmap_neighbours(addr, &found_below, &found_above);
	if (found_below != below || found_above != above)
		fail(state, "neighbours", addr, 0);
	nr_tried++;
}

static unsigned int nr_holes(uint64_t state)
{
	unsigned int page, nr = 0;

	for (page = 0; page < nr_pages; page++)
		nr += page_at(state, page) == FREE &&
		      (page == 0 || page_at(state, page - 1) != FREE);
	return nr;
}

static void expand(uint64_t state)
{
	unsigned int page, kind, i = 0;

	restore(state);
	if (!vmap_index_holds(nr_holes(state)))
		fail(state, "V6", nr_holes(state), 0);
	try_inserts(state);
	try_nonsense(state);
	try_neighbours(state, NULL, nr_records ? records : NULL, WINDOW - 1);
	for (page = 0; page < nr_pages; page++) {
		kind = page_at(state, page);
		if (kind == BUSY) {
			remove_claimed(state, &records[i], page);
			discover(state ^ (uint64_t)(LIVE ^ BUSY) << 2 * page,
				 state);	/* it is published */
		}
		try_claims(state, kind == LIVE ? &records[i] : NULL, page);
		i += kind == LIVE || kind == BUSY;
		try_neighbours(state, i ? &records[i - 1] : NULL,
			       i < nr_records ? &records[i] : NULL,
			       page_addr(page) + page);
	}
	must_be(state, state, "nothing more", 0, 0);
}

/* --- two searches ---------------------------------------------------------- */

/* try_inserts, try_nonsense, and per page a claim's five and neighbours. */
static unsigned int per_state(unsigned int n, unsigned int kinds)
{
	return n * (4 + n - 1) * kinds + 2 * (n - 1) * kinds + 4 + 6 * n + 1;
}

static void search(unsigned int pages, bool busy)
{
	unsigned int kinds = busy ? 2 : 1, i;
	uint64_t states = area_states(pages, kinds);

	nr_pages = pages;
	with_busy = busy;
	nr_queued = nr_twice = 0;
	nr_tried = nr_removed = 0;
	memset(slots, 0, sizeof(slots));
	vmap_init(page_addr(0), page_addr(pages));
	discover(0, ~0ULL);
	for (i = 0; i < nr_queued; i++)
		expand(queue[i]);
	restore(0);

	number("states", nr_queued, states);
	number("of them reached in two ways", nr_twice,
	       busy ? states : states - 4);
	number("transitions", nr_tried, states * per_state(pages, kinds));
	number("areas removed", nr_removed, areas_in_states(pages, kinds));
}

static void search_with(const char *index, unsigned int pages,
			unsigned int busy_pages)
{
	char sentence[80];

	vmap_choose(index);
	lowest_first = strcmp(index, "vmem") != 0;
	search(pages, false);
	snprintf(sentence, sizeof(sentence), "areas keep their word in every "
		 "state of %u pages, by %s", pages, index);
	host_case(sentence);
	search(busy_pages, true);
	snprintf(sentence, sizeof(sentence), "areas keep their word in %u "
		 "pages, also while busy, by %s", busy_pages, index);
	host_case(sentence);
}

/* The default in full; the others as well when ALL=1 is in the environment. */
int main(void)
{
	bool all = getenv("ALL") != NULL;

	pc_boot(MIB(16), 0, 0);
	queue = malloc(SLOTS * sizeof(*queue));
	search_with("vmem", 20, 13);
	search_with("list", all ? 20 : 16, all ? 13 : 10);
	search_with("rbtree", all ? 20 : 16, all ? 13 : 10);
	return host_end();
}
