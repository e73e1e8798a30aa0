/* SPDX-License-Identifier: MIT */
/* explain.h - what lies at an address, in words */
#ifndef KERNEL_EXPLAIN_H
#define KERNEL_EXPLAIN_H

#include <lib/format.h>
#include <mm/lookup.h>

enum region {
	REGION_NULL, REGION_USER, REGION_DIRECT, REGION_STACK_GUARD,
	REGION_WINDOW, REGION_SHADOW, REGION_PKMAP, REGION_FIXMAP, REGION_HOLE,
};

/* Where an address of the window lies relative to the nearest areas. */
enum relation {
	REL_NONE, REL_INSIDE, REL_BUSY, REL_GUARD, REL_FREED, REL_GAP,
};

struct explain_spot {
	unsigned long	addr;
	enum region	region;
	enum relation	relation;
	struct lookup_areas areas;	/* of the window; if REL_FREED, before
					 * is the freed one */
};

struct explain_spot explain_find(unsigned long addr);

/*
 * explain_place - one phrase: "past the end of vmalloc area F8800000"
 *
 * Returns  the length, as snprintf. Takes no lock, allocates nothing.
 */
int explain_place(unsigned long addr, char *buf, size_t size);

/*
 * explain_details - the lines "where", "owner", "saved", "why" and the picture
 *
 * As many of them as there is something to say. @more adds to them, or is NULL.
 * Takes no lock, allocates nothing.
 */
typedef void explain_more_fn(const struct explain_spot *spot, print_fn *print);
void explain_details(unsigned long addr, explain_more_fn *more, print_fn *print);

/* explain_long - place and details, and all else that is known:
 * modules/explain/long.c */
void explain_long(unsigned long addr, print_fn *print);

/* The pages around it: modules/explain/picture.c, or NULL in a kernel without. */
explain_more_fn explain_picture __attribute__((weak));

#endif
