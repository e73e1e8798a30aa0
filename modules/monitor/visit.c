/* SPDX-License-Identifier: MIT */
/*
 * visit.c - what somebody at the prompt took is given back when he leaves
 *
 * Problem     The monitor lets its reader take memory, and he will forget some.
 *             A leak is a mistake of the kernel's, which must not be his fault.
 * Idea        A list of all that he took. In the end it is given back, and three
 *             figures must be as they were in the beginning.
 * Picture     visit_begin   frames 514211, objects 38, areas 0
 *                 vmalloc, alloc, frag ...
 *             visit_end     vfree, __free_pages, crumbs_release; the same figures?
 * Invariants  Page tables of the window are kept by design: they count as free.
 * Read first  visit_give_back, visit_end
 * See         include/modules/visit.h, tests/modules/test_visit.c
 */
#include <modules/visit.h>

#include <lib/assert.h>
#include <lib/bits.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/pgtable.h>
#include <mm/slab.h>
#include <mm/vm_map_ram.h>
#include <mm/vmap.h>
#include <mm/zone.h>

#include "internal.h"

static struct visit *visit;

/* --- the books ------------------------------------------------------------- */

/* Without what is only kept for the next one who asks. */
static struct visit_books read_books(void)
{
	vfree_drain();
	vm_unmap_aliases();
	vmalloc_drain();
	kmap_drain();
	slab_drain();
	pcp_drain();
	return (struct visit_books){
		.frames = nr_free_pages() + pgtable_nr_tables(),
		.objects = slab_nr_used(), .areas = vmap_nr_areas(),
	};
}

static bool compare(const char *what, unsigned long before, unsigned long after)
{
	if (before != after)
		say("  %s: %lu when you came, %lu now\n", what, before, after);
	return before == after;
}

static bool books_balance(const struct visit_books *before)
{
	struct visit_books after = read_books();
	bool good = true;

	good &= compare("free frames", before->frames, after.frames);
	good &= compare("objects", before->objects, after.objects);
	good &= compare("areas", before->areas, after.areas);
	if (good)
		say("The books balance: %lu free frames, %lu objects, %lu "
		    "areas, as when you came.\n", after.frames, after.objects,
		    after.areas);
	else
		say("THE BOOKS DO NOT BALANCE.\n");
	return good;
}

/* --- what he took ---------------------------------------------------------- */

void *visit_keep_area(void *p)
{
	ASSERT(visit);
	if (p && visit->nr_areas == VISIT_AREAS) {
		say("  you have %u areas: give one back first\n", VISIT_AREAS);
		vfree(p);
		return NULL;
	}
	if (p)
		visit->area[visit->nr_areas++] = p;
	return p;
}

static unsigned int area_number(const void *p)
{
	unsigned int i = 0;

	ASSERT(visit);
	while (i < visit->nr_areas && visit->area[i] != p)
		i++;
	return i;
}

bool visit_owns_area(const void *p)
{
	return area_number(p) < visit->nr_areas;
}

bool visit_drop_area(const void *p)
{
	unsigned int i = area_number(p);

	if (i == visit->nr_areas)
		return false;
	visit->area[i] = visit->area[--visit->nr_areas];
	return true;
}

void visit_keep_block(struct page *block)
{
	ASSERT(visit);
	list_add(&block->link, &visit->blocks);
}

bool visit_owns_block(const struct page *block)
{
	const struct page *own;

	ASSERT(visit);
	list_for_each_entry(own, &visit->blocks, link)
		if (own == block)
			return true;
	return false;
}

bool visit_owns_frame(const struct page *page)
{
	const struct page *own;

	ASSERT(visit);
	list_for_each_entry(own, &visit->blocks, link)
		if (page >= own && page < own + (1U << own->order))
			return true;
	return false;
}

/* Nobody's address leads to it any more: it may be somebody else's. */
static void unmap_block(struct page *block)
{
	unsigned int n;

	for (n = 1; n <= KMAP_SLOTS; n++)
		while (kmaps.slot[n].count > 1 && kmaps.slot[n].page >= block &&
		       kmaps.slot[n].page < block + (1U << block->order))
			kunmap(kmaps.slot[n].page);
}

void visit_free_block(struct page *block)
{
	unmap_block(block);
	list_del(&block->link);
	__free_pages(block, block->order);
}

struct crumbs *visit_crumbs(void)
{
	return visit && visit->in_crumbs ? &visit->crumbs : NULL;
}

void visit_make_crumbs(void)
{
	ASSERT(visit);
	crumbs_make(&visit->crumbs);
	visit->in_crumbs = true;
}

void visit_release_crumbs(void)
{
	ASSERT(visit);
	crumbs_release(&visit->crumbs);
	visit->in_crumbs = false;
}

/* --- in and out ------------------------------------------------------------ */

void visit_begin(struct visit *v)
{
	*v = (struct visit){ .outer = visit, .before = read_books() };
	list_init(&v->blocks);
	visit = v;
}

void visit_give_back(void)
{
	unsigned int areas, blocks = 0;
	struct page *block, *next;
	bool crumbs;

	ASSERT(visit);
	crumbs = visit->in_crumbs;
	areas = visit->nr_areas;
	if (crumbs)
		visit_release_crumbs();
	list_for_each_entry_safe(block, next, &visit->blocks, link) {
		visit_free_block(block);
		blocks++;
	}
	while (visit->nr_areas)
		vfree(visit->area[--visit->nr_areas]);
	if (areas || blocks || crumbs)
		say("Given back: %u area%s, %u block%s of frames%s.\n", areas,
		    plural(areas), blocks, plural(blocks),
		    crumbs ? ", and the crumbs" : "");
}

bool visit_end(struct visit *v)
{
	ASSERT(visit == v);
	visit_give_back();
	visit = v->outer;
	return books_balance(&v->before);
}
