/* SPDX-License-Identifier: MIT */
/*
 * sweep.h - operations of the kernel, each to be run with every allocation failing
 *
 * A row is an operation with its arguments. run() does it, proves that what was
 * given is what was asked for, undoes it, and returns whether it succeeded; when
 * it was refused it proves, as far as anybody could see a difference, that
 * nothing has changed. sweep() runs it with allocation n = 1, 2, 3 ... refused,
 * until none is; the books must balance after each.
 */
#ifndef TESTS_MM_SWEEP_H
#define TESTS_MM_SWEEP_H

#include <lib/compiler.h>
#include <mm/gfp.h>

struct operation {
	const char	*name;
	bool		(*run)(const struct operation *op);
	unsigned long	size;		/* bytes, frames or order: run() knows */
	gfp_t		gfp;		/* __GFP_NOWARN: a refusal prints nothing */
	unsigned int	flags;
	unsigned int	points;		/* so many allocations at least        */
};

#define SWEEP_ANY_LINES	0x1U	/* some of its refusals print a line           */
#define SWEEP_SURVIVES	0x2U	/* it does with less, and need not fail        */
#define SWEEP_ARMS	0x4U	/* it calls sweep_arm when it is prepared      */
#define SWEEP_END	{ NULL, NULL, 0, 0, 0, 0 }	/* of a table */

/* sweep - returns how many allocations of @op were refused, one in each run */
unsigned long sweep(const struct operation *op);

/* sweep_arm, sweep_disarm - from here to there allocations count */
void sweep_arm(void);
void sweep_disarm(void);

/* The tables: sweep_objects.c, sweep_areas.c, sweep_family.c. */
extern const struct operation sweep_frames[], sweep_objects[], sweep_areas[],
			      sweep_tables[], sweep_family[], sweep_rest[];

#endif
