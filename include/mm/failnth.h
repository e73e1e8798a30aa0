/* SPDX-License-Identifier: MIT */
/*
 * failnth.h - let the n-th allocation from now on fail, on purpose
 *
 * For the self-tests: what undoes a half-made thing runs only when memory is
 * short, in the one place where it happens to be short. Off, a hook costs a load,
 * a compare and a branch that is never taken.
 */
#ifndef MM_FAILNTH_H
#define MM_FAILNTH_H

#include <lib/compiler.h>
#include <lib/types.h>

enum fail_kind {
	FAIL_PAGE,			/* a block of frames: page_alloc.c    */
	FAIL_OBJECT,			/* an object of a cache: slab.c       */
	FAIL_AREA,			/* a range of the window: vm_area.c   */
	FAIL_TABLE,			/* a page table: pgtable.c            */
	NR_FAIL_KINDS
};
#define FAIL_ANY	((1U << NR_FAIL_KINDS) - 1)

/* Which kinds count, a bit for each; 0: off. Set by failnth_arm alone. */
extern unsigned int failnth_kinds;

/*
 * failnth_arm - let the @n-th allocation of @kinds fail, and only that one
 *
 * @kinds  bits 1 << FAIL_..., or FAIL_ANY. To its caller it looks like any other
 *         shortage. One CPU, and no interrupt handler that allocates.
 */
void failnth_arm(unsigned int kinds, unsigned long n);

/* failnth_disarm - off; returns how many of the kinds were asked for since then:
 * fewer than n when none was refused. */
unsigned long failnth_disarm(void);

/* mm/failnth.c: count one more, and say whether it is the one. */
bool failnth_hits(enum fail_kind kind);

/* The hook of the allocators. */
static inline bool fail_now(enum fail_kind kind)
{
	return unlikely(failnth_kinds) && failnth_hits(kind);
}

#endif
