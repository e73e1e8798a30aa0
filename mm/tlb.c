/* SPDX-License-Identifier: MIT */
/*
 * tlb.c - which flush when
 *
 * Problem     The CPU remembers translations. After an entry has changed, the old
 *             one still works until it is flushed: a use after free that no test
 *             on the page tables can see.
 * Idea        One place that knows the rules. A few pages: invlpg each. Many:
 *             everything. Kernel pages are global, and a CR3 reload keeps global
 *             entries, so everything means toggling CR4.PGE (SDM vol. 3, 4.10.4).
 *             Permission changes flush each 4 KiB page: an invlpg of another
 *             address in the same former 2 MiB page may miss.
 * Invariants  F1  No spinlock is held: on several CPUs a flush waits for answers.
 * Cost        invlpg about 100 cycles each; a full flush costs every later miss.
 *             32 pages is where the two are about equal (Linux: 33).
 * See         tests/mm/test_tlb.c
 */
#include <mm/tlb.h>

#include <mm/trace.h>
#include <x86/cpu.h>
#include <x86/layout.h>
#include <x86/spinlock.h>

struct tlb_stats tlb_stats;
bool tlb_drop_next;

void tlb_flush_all(void)
{
	unsigned long cr4 = read_cr4();

	lock_assert_none_held();
	if (unlikely(tlb_drop_next)) {
		tlb_drop_next = false;
		return;
	}
	if (cr4 & CR4_PGE) {
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
	tlb_stats.full++;
	trace(TRACE_FLUSH, NULL, 0);
}

static __always_inline void flush_singly(unsigned long start, unsigned long end)
{
	unsigned long nr = (end - start) / PAGE_SIZE, i;

	tlb_stats.pages += nr;
	for (; nr % 4 != 0; nr--, start += PAGE_SIZE)
		invlpg(start);
	for (; start != end; start += 4 * PAGE_SIZE)
		UNROLL_4
		for (i = 0; i < 4; i++)
			invlpg(start + i * PAGE_SIZE);
}

/* Of many pages, or one that is traced. */
static __noinline void flush_long(unsigned long start, unsigned long end)
{
	if (end - start > TLB_FLUSH_SINGLY) {
		tlb_flush_all();
		return;
	}
	flush_singly(start, end);
	trace(TRACE_FLUSH, (void *)start, (end - start) / PAGE_SIZE);
}

void tlb_flush_kernel_range(unsigned long start, unsigned long end)
{
	unsigned long size = end - start;

	lock_assert_none_held();
	if (unlikely(size > short_ways.flushed))
		flush_long(start, end);
	else
		flush_singly(start, end);
}
