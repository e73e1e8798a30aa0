/* SPDX-License-Identifier: MIT */
/*
 * trace.c - what memory does, told to whoever wants to play it again
 *
 * Problem     What a memory manager has done is gone with its next step. A log of
 *             each step shows it, but the steps that are taken most often have no
 *             instruction to spare for a log that is nearly always off.
 * Idea        Hooks only where the long ways lead. Each short way has a limit that
 *             it asks for anyway - is the stock full, do the entries lie in one
 *             table, are these few pages - and with the limit 0 everything takes
 *             the long way. So a trace is complete, and off it costs nothing
 *             where it would be felt.
 * Picture     __free_pages    stock full? --no--> stock
 *                             yes, or limit 0
 *                              v
 *                             buddy_free: trace(TRACE_FREE, ...)
 * Invariants  TR1 While anything is traced, no frame and no area goes into a stock,
 *                 and entries of the window are set, cleared and flushed on the
 *                 long ways alone.
 * Cost        Traced, everything is as slow as without any stock, and each event
 *             is a line on a serial port: modules/trace/trace.c.
 * Read first  include/mm/trace.h
 * See         tests/mm/test_trace.c, docs/trace.md
 */
#include <mm/trace.h>

#include <mm/pcp.h>
#include <mm/tlb.h>
#include <mm/vm_map_ram.h>
#include <mm/vmap.h>

unsigned int trace_on __ro_after_init;
trace_fn *trace_writer __ro_after_init;
struct short_ways short_ways __ro_after_init = {
	.frames = PCP_CAPACITY,
	.areas = AREA_STOCK_CAPACITY,
	.entries = PTRS_PER_TABLE,
	.flushed = TLB_FLUSH_SINGLY,
	.shared = RAM_SHARE_MAX,
};

void trace_choose(unsigned int events, trace_fn *writer)
{
	static struct short_ways before;

	if (events && !trace_on) {
		before = short_ways;
		short_ways = (struct short_ways){ .frames = 0 };
	} else if (!events && trace_on) {
		short_ways = before;
	}
	trace_writer = writer;
	trace_on = events;
}
