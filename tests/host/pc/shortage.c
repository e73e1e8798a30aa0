/* SPDX-License-Identifier: MIT */
/*
 * shortage.c - somebody else who wants memory, and is there none left?
 *
 * A request that fails is right only where memory is short. How much is left
 * is known from the zones; that is a bound only, because an area needs more than
 * its pages, in objects of sizes that are the allocator's to choose.
 */
#include "shortage.h"

#include "walk.h"

#include <mm/slab.h>
#include <mm/zone.h>

#define MAX_HOARD	4096U

struct page *hoard[MAX_HOARD];
unsigned int nr_hoard;

/* Others want memory too, in blocks; and give it back. */
void shortage_press(void)
{
	struct page **slot;
	unsigned int nr = host_below(64);

	for (; nr > 0 && nr_hoard < MAX_HOARD; nr--) {
		slot = &hoard[nr_hoard];
		*slot = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN,
				    host_below(4));
		nr_hoard += *slot != NULL;
	}
	walk_note("press", nr_hoard, 0, nr_free_pages());
}

void shortage_ease(void)
{
	unsigned int nr = host_below(96), i;

	for (; nr > 0 && nr_hoard; nr--) {
		i = host_below(nr_hoard);
		__free_pages(hoard[i], hoard[i]->order);
		hoard[i] = hoard[--nr_hoard];
	}
	walk_note("release", nr_hoard, 0, nr_free_pages());
}

static unsigned long available(gfp_t gfp)
{
	unsigned long sum = 0;
	unsigned int id;

	for (id = 0; id <= gfp_zone(gfp); id++) {
		unsigned long floor = zone_floor(&zones[id], gfp_zone(gfp),
						 gfp);

		if (zone_nr_free(&zones[id]) > floor)
			sum += zone_nr_free(&zones[id]) - floor;
	}
	return sum;
}

static bool kmalloc_refuses(size_t size)
{
	void *p = kmalloc(MIN(size, KMALLOC_MAX_CACHE),
			  GFP_KERNEL | __GFP_NOWARN);

	kfree(p);
	return !p;
}

/* Beside its pages an area needs tables, an array and a record. */
bool memory_is_short(gfp_t gfp, unsigned long nr_pages)
{
	unsigned long extra = nr_pages / 256 + 8;

	return available(gfp) < nr_pages + extra ||
	       available(GFP_KERNEL) < extra ||
	       kmalloc_refuses(nr_pages * sizeof(struct page *));
}
