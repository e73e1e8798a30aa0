/* SPDX-License-Identifier: MIT */
/*
 * aids.h - for cases that count on what an aid takes away
 *
 * Each skips the case, with the reason, while such an aid is on (docs/guards.md).
 */
#ifndef TESTS_AIDS_H
#define TESTS_AIDS_H

#include <mm/page_watch.h>
#include <mm/trace.h>
#include <mm/vmap.h>
#include <tests/ktest.h>

/* quarantine_check - verify QU1 and QU2 (mm/quarantine.c); 0 or the number */
int quarantine_check(void);

/* needs_page_starts - what vmalloc returns is the first byte of its pages */
static inline void needs_page_starts(void)
{
	if (memory_aids.guard[0] == 'r')
		ktest_skip("guard=right: areas do not begin with their pages");
}

/* needs_one_guard - so many addresses lie between two areas, and no more */
static inline void needs_one_guard(void)
{
	if (VM_GUARD_SIZE != PAGE_SIZE)
		ktest_skip("guard=both: two pages lie between two areas");
}

/* needs_stock - single frames come from the CPU's stock (mm/pcp.c) */
static inline void needs_stock(void)
{
	if (page_watch & (WATCH_OWNER | WATCH_POISON))
		ktest_skip("page_owner, page_poison: the stock is passed by");
}

/* needs_kept_areas - the next area of its size is the one that was freed last */
static inline void needs_kept_areas(void)
{
	if (!area_stock_limit)
		ktest_skip("no freed area is kept for the next of its size");
}

/* needs_short_ways - what a trace would not see is allowed (mm/trace.c) */
static inline void needs_short_ways(void)
{
	if (trace_on)
		ktest_skip("a trace: no stocks, and vm_map_ram has no blocks");
}

/* needs_gaps - what was freed is a gap at once, and nobody remembers it */
static inline void needs_gaps(void)
{
	if (memory_aids.quarantine)
		ktest_skip("quarantine=: what was freed is no gap yet");
}

/* needs_no_aid - the kernel as it is */
static inline void needs_no_aid(void)
{
	if (memory_aids.guard[0] != 'a' || memory_aids.quarantine ||
	    memory_aids.page_poison || memory_aids.page_owner)
		ktest_skip("an option of the guard menu is on");
}

#endif
