/* SPDX-License-Identifier: MIT */
/*
 * count.h - events that an emulator executes for nothing and a CPU does not
 *
 * Under -icount a lock is a few instructions and a page-table write is two; on
 * hardware the one is a bus transaction and the other costs a miss later.
 * count_event() counts them in a kernel built with COUNT=1, which is never the
 * one whose instructions are measured, and is nothing in all others. Flushes
 * are counted always (<mm/tlb.h>).
 */
#ifndef LIB_COUNT_H
#define LIB_COUNT_H

enum count_event { COUNT_PTE_WRITE, COUNT_SPINLOCK, NR_COUNT_EVENTS };

#ifdef COUNT_EVENTS
#define COUNTING	1
extern unsigned long event_counts[NR_COUNT_EVENTS];
#define count_event(what)	((void)event_counts[what]++)
#define count_so_far(what)	(event_counts[what])
#else
#define COUNTING	0
#define count_event(what)	((void)0)
#define count_so_far(what)	0UL
#endif

#endif
