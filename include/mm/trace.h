/* SPDX-License-Identifier: MIT */
/*
 * trace.h - what memory does, told to whoever wants to play it again
 *
 * A hook is one line, in a place that everything of its kind passes:
 *
 *	trace(TRACE_SPLIT, head, order);
 *
 * Off, it costs a test of one word and a branch that is never taken. The short
 * ways around such places have no hook; instead what limits them anyway,
 * short_ways, is 0 while there is a trace.
 */
#ifndef MM_TRACE_H
#define MM_TRACE_H

#include <lib/compiler.h>
#include <lib/types.h>

/* What happened, and what the hook says of it: @what, @n. docs/trace.md */
enum trace_event {
	TRACE_MACHINE,			/* zones and window are known         */
	TRACE_SPLIT, TRACE_MERGE,	/* lower block, order of the larger   */
	TRACE_TAKE, TRACE_FREE,		/* block, order: from, to the buddy   */
	TRACE_AREA_TAKE, TRACE_AREA_FREE, /* struct vmap_area                 */
	TRACE_AREA_ASKED,		/* the same: vrealloc, where it is    */
	TRACE_MAP, TRACE_UNMAP,		/* address, pages: done; about to be  */
	TRACE_FLUSH,			/* address, pages; of 0: everything   */
	TRACE_SLAB_GROW, TRACE_SLAB_SHRINK, /* the cache's name, first frame  */
	TRACE_KMAP, TRACE_KUNMAP,	/* the slot's address; its frame, -   */
	TRACE_BEGIN, TRACE_END,		/* name of a self-test, of a scene    */
	NR_TRACE_EVENTS
};
#define TRACE_BIT(event)	(1U << (event))

typedef void trace_fn(enum trace_event, const void *what, unsigned long n);

/* [I] Which events are written, a bit for each, and who writes them. */
extern unsigned int trace_on;
extern trace_fn *trace_writer;

/* [I] How much passes by the hooks: frames and areas of a size kept in stock,
 * page-table entries set or cleared at a time, bytes flushed page by page, pages
 * of a shared block. */
extern struct short_ways {
	unsigned int	frames, areas, entries, flushed, shared;
} short_ways;

/*
 * trace_choose - from now on let @writer have these events
 *
 * It is called in any context, under any lock but its own, and must not allocate.
 * Context  boot, or a self-test with empty stocks; vmap_choose comes after it.
 */
void trace_choose(unsigned int events, trace_fn *writer);

static inline void trace(enum trace_event event, const void *what,
			 unsigned long n)
{
	if (unlikely(trace_on & TRACE_BIT(event)))
		trace_writer(event, what, n);
}

#endif
