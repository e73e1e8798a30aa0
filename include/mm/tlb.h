/* SPDX-License-Identifier: MIT */
/*
 * tlb.h - making the CPU forget translations
 *
 * The only place that flushes. Called after the entries have changed and before
 * frames or addresses are used again; never under a spinlock, because one day
 * it waits for other CPUs.
 */
#ifndef MM_TLB_H
#define MM_TLB_H

#include <x86/cpu.h>
#include <x86/layout.h>

/* The pages of so many bytes are worth an invlpg each; of more, they are not. */
#define TLB_FLUSH_SINGLY	(32 * PAGE_SIZE)

/* tlb_flush_kernel_range - [@start, @end) of kernel addresses, global or not */
void tlb_flush_kernel_range(unsigned long start, unsigned long end);

/* tlb_flush_all - everything, global entries included */
void tlb_flush_all(void);

/* Leave out the next flush of everything, or of more pages than are flushed one
 * by one: for the laboratory (modules/lab/tlb.c), to see what comes of that. */
extern bool tlb_drop_next;

/* How many flushes of each kind so far; what they cost on hardware. */
struct tlb_stats { unsigned long pages, full; };
extern struct tlb_stats tlb_stats;

/* tlb_flush_local_page - one page that only this CPU uses (fixmap, kmap_local) */
static inline void tlb_flush_local_page(unsigned long addr)
{
	invlpg(addr);
	tlb_stats.pages++;
}

#endif
