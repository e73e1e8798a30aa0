/* SPDX-License-Identifier: MIT */
/*
 * window.c - questions about the vmalloc window: where, how much, and back
 *
 * Idea        For the question where an area lands, three holes are made whose
 *             sizes belong to different lists of vmap_vmem.c: then each index's
 *             answer follows from its rule in a line.
 * Picture     | spacer | hole 0 | spacer | hole 1 | spacer | hole 2 | spacer | rest
 *               area[0]  [1]      [2]      [3]      [4]      [5]      [6]
 * Read first  quiz_pages, then ask_place
 * See         mm/vmap_vmem.c, mm/vmap_list.c, mm/area_stock.c, mm/vm_area.c
 */
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/vmap.h>

#include "internal.h"

#define NR_HOLES	3U
#define REST		NR_HOLES	/* the choice behind them: what is left */
#define NR_CLASSES	5U		/* holes of 2 to 63 pages               */
#define LARGEST		40U		/* pages asked for                      */

static void remove_area(struct quiz_round *r, unsigned int i)
{
	struct vm_struct *area = r->area[i];

	r->area[i] = NULL;
	if (area && remove_vm_area(area->addr) == area)
		free_vm_struct(area);
}

/* --- where ----------------------------------------------------------------- */

static unsigned long start_of(const struct quiz_round *r, unsigned int i)
{
	return (unsigned long)r->area[i]->addr;
}

static unsigned long end_of(const struct quiz_round *r, unsigned int i)
{
	return start_of(r, i) + r->area[i]->size;
}

/* The areas of the picture, side by side; false: there are other holes. */
static bool lay_out(struct quiz_round *r, const unsigned int *hole_pages)
{
	unsigned int i, pages;

	for (i = 0; i < 2 * NR_HOLES + 1; i++) {
		pages = i % 2 ? hole_pages[i / 2] - 1 : 1;
		r->area[i] = get_vm_area(pages * PAGE_SIZE, VM_MAP);
		if (!r->area[i] || (i && start_of(r, i) != end_of(r, i - 1)))
			return false;
	}
	return true;
}

/* Sizes that belong to three lists, in any order. */
static void draw_holes(struct quiz_round *r, unsigned int *pages)
{
	unsigned int first = random_below(&r->random, NR_CLASSES), i, class;

	for (i = 0; i < NR_HOLES; i++) {
		class = 1 + (first + 2 * i) % NR_CLASSES;
		pages[i] = 1U << class;
		pages[i] += random_below(&r->random, pages[i]);
	}
}

static unsigned int lowest_that_fits(const unsigned int *hole,
				     unsigned int need)
{
	unsigned int i = 0;

	while (i < NR_HOLES && hole[i] < need)
		i++;
	return i;
}

/* Its own list's, if it fits; else of the next list that has one. */
static unsigned int by_lists(const unsigned int *hole, unsigned int need)
{
	unsigned int i, best = REST, own = bit_highest(need);

	for (i = 0; i < NR_HOLES; i++) {
		unsigned int class = bit_highest(hole[i]);

		if (class == own && hole[i] >= need)
			return i;
		if (class > own &&
		    (best == REST || class < bit_highest(hole[best])))
			best = i;
	}
	return best;
}

static void expect_place(struct quiz_round *r, const unsigned int *hole,
			 unsigned int pages)
{
	bool vmem = strcmp(vmap_chosen(), "vmem") == 0;

	if (r->variant && area_stock_nr()) {
		r->expects.answer = REST;
		quiz_why(r, "An area of this size is kept: it is "
			 "taken again, with its addresses.");
		return;
	}
	r->expects.answer = vmem ? by_lists(hole, pages + 1)
				 : lowest_that_fits(hole, pages + 1);
	quiz_why(r, vmem ?
		 "%u pages with the guard: the list of that size, then those "
		 "above." :
		 "The lowest hole that has %u pages, guard included.",
		 pages + 1);
}

static void say_place(struct quiz_round *r, const unsigned int *hole,
		      unsigned int pages)
{
	unsigned int i;

	say("vmap=%s, and holes in the window. Where does vmalloc(%u) begin,\n"
	    "    %u page%s?%s\n", vmap_chosen(), pages * (unsigned int)PAGE_SIZE,
	    pages, plural(pages), r->variant ?
	    " An area of this size has just been freed at d)." : "");
	for (i = 0; i < NR_HOLES; i++)
		quiz_choose(r, "%08lx, a hole of %u pages", start_of(r, 2 * i) +
			    2 * PAGE_SIZE, hole[i]);
	quiz_choose(r, "%08lx, behind them", r->addr);
}

static void give_place(struct quiz_round *r)
{
	unsigned int i;

	vfree(r->p);
	for (i = 0; i < QUIZ_AREAS; i++)
		remove_area(r, i);
}

/* Variant 1: an area of the same size has just been freed, behind the others. */
static bool free_one_behind(struct quiz_round *r)
{
	void *p = vmalloc(r->size);

	vfree(p);
	return (unsigned long)p == r->addr;
}

static bool ask_place(struct quiz_round *r)
{
	unsigned int pages = 1 + random_below(&r->random, LARGEST);
	unsigned int hole[NR_HOLES], i;

	pages >>= random_below(&r->random, 4);
	pages = MAX(pages, 1U);
	r->size = pages * PAGE_SIZE;
	draw_holes(r, hole);
	if (!lay_out(r, hole))
		goto refuse;
	r->addr = end_of(r, 2 * NR_HOLES);
	r->variant = random_below(&r->random, 4) == 0;
	if (r->variant && !free_one_behind(r))
		goto refuse;
	for (i = 0; i < NR_HOLES; i++)
		remove_area(r, 2 * i + 1);
	say_place(r, hole, pages);
	expect_place(r, hole, pages);
	return true;

refuse:
	give_place(r);
	return false;
}

static void show_place(struct quiz_round *r)
{
	unsigned long got, i;

	r->p = vmalloc(r->size);
	got = (unsigned long)r->p;
	for (i = 0; i < NR_HOLES; i++)
		if (got == end_of(r, 2 * (unsigned int)i))
			break;
	r->truth = i < NR_HOLES || got == r->addr ? i : QUIZ_CHOICES;
	quiz_saw(r, "It begins at %08lx.", got);
}

const struct quiz_kind quiz_place = {
	"place", "docs/book/three-indexes.md", ask_place, show_place, give_place
};

/* --- how much -------------------------------------------------------------- */

static bool ask_pages(struct quiz_round *r)
{
	r->size = 1 + random_below(&r->random, 60000);
	r->variant = random_below(&r->random, 2);
	r->p = vmalloc(r->size);
	if (!r->p)
		return false;
	say("p = vmalloc(%lu). How many pages of %s does it take?\n", r->size,
	    r->variant ? "addresses" : "memory");
	r->expects.answer = (r->size + PAGE_SIZE - 1) / PAGE_SIZE + r->variant;
	quiz_why(r, r->variant ?
		 "%lu bytes, rounded up to pages, and the guard behind them." :
		 "%lu bytes, rounded up to pages; the guard is no memory.",
		 r->size);
	return true;
}

static void show_pages(struct quiz_round *r)
{
	const struct vm_struct *vm = find_vm_area(r->p);

	r->truth = r->variant ? vm->size / PAGE_SIZE : vm->nr_pages;
	quiz_saw(r, "%lu: its struct vm_struct has nr_pages %u, "
		 "size %lu.", r->truth, vm->nr_pages, vm->size);
}

static void give_pages(struct quiz_round *r)
{
	vfree(r->p);
}

const struct quiz_kind quiz_pages = {
	"pages", "docs/book/mm/vmalloc.md", ask_pages, show_pages, give_pages
};

/* --- and back -------------------------------------------------------------- */

enum { RIGHT, INSIDE, NEXT_PAGE, TWICE, OF_VMAP, OF_NULL, OVERRUN, NR_WAYS };

static const struct {
	const char	*what, *why;
	unsigned int	answer;
} ways[NR_WAYS] = {
	[RIGHT] = { "vfree(p)", "That is what vmalloc returned.", 0 },
	[INSIDE] = { "vfree(p + 1)",
		     "Areas begin at a page, so this can be none's start.", 1 },
	[NEXT_PAGE] = { "vfree(p + 4096)",
			"A page's start, but no area begins there.", 2 },
	[TWICE] = { "vfree(p), vfree(p) again",
		    "After the first one nothing begins there any more.", 2 },
	[OF_VMAP] = { "vfree(q), where q = vmap(...)",
		      "Its frames are not the area's own: vunmap removes it.",
		      2 },
	[OF_NULL] = { "vfree(NULL)", "As with kfree: NULL is nothing.", 0 },
	[OVERRUN] = { "p[8192] = 'X', vfree(p)",
		      "In the last page, behind what was asked for: the "
		      "pattern there has changed.", 3 },
};

static const char *const says[] = {
	"nothing", "bad address", "nonexistent area",
	"was written past its end",
};

static bool ask_vfree(struct quiz_round *r)
{
	unsigned int i;

	r->variant = random_below(&r->random, NR_WAYS);
	r->page[0] = alloc_page(GFP_KERNEL);
	if (r->variant == OF_VMAP && r->page[0])
		r->p = vmap(r->page, 1, VM_MAP, PAGE_KERNEL);
	else
		r->p = vmalloc(2 * PAGE_SIZE + 1);
	if (!r->page[0] || !r->p) {
		vfree(r->p);
		__free_page(r->page[0]);
		return false;
	}
	say("p = vmalloc(8193). %s: what does vfree say?\n",
	    ways[r->variant].what);
	for (i = 0; i < QUIZ_CHOICES; i++)
		quiz_choose(r, "%s", says[i]);
	r->expects.answer = ways[r->variant].answer;
	quiz_why(r, "%s", ways[r->variant].why);
	return true;
}

/* KASAN would not let it come to vfree; no compiler is to see what we do. */
static __noinline __no_sanitize_address void
free_in_some_way(struct quiz_round *r)
{
	char *volatile p = r->p;

	if (r->variant == OVERRUN)
		((volatile char *)p)[2 * PAGE_SIZE + 1] = 'X';
	if (r->variant == TWICE || r->variant == RIGHT ||
	    r->variant == OVERRUN) {
		r->p = NULL;
		vfree(p);
	}
	if (r->variant == TWICE || r->variant == OF_VMAP)
		vfree(p);
	else if (r->variant == INSIDE)
		vfree(p + 1);
	else if (r->variant == NEXT_PAGE)
		vfree(p + PAGE_SIZE);
	else if (r->variant == OF_NULL)
		vfree(NULL);
}

static void show_vfree(struct quiz_round *r)
{
	uint64_t from = printk_position();

	free_in_some_way(r);
	for (r->truth = QUIZ_CHOICES - 1; r->truth > 0; r->truth--)
		if (printk_contains(from, says[r->truth]))
			break;
	quiz_saw(r, "It says: %s.", says[r->truth]);
}

static void give_vfree(struct quiz_round *r)
{
	if (r->variant == OF_VMAP)
		vunmap(r->p);
	else
		vfree(r->p);
	__free_page(r->page[0]);
}

const struct quiz_kind quiz_vfree = {
	"vfree", "docs/book/mm/vm_area.md", ask_vfree, show_vfree, give_vfree
};
