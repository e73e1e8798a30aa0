/* SPDX-License-Identifier: MIT */
/*
 * recovery.c - points to which a bad access returns instead of panicking
 *
 * Problem     Self-tests, the demonstration and the monitor provoke faults on
 *             purpose and must live on.
 * Idea        setjmp and longjmp for faults. A point records the registers and
 *             this CPU's counters; after the report the oops handler loads
 *             them again, and recovery_set returns a second time.
 * Invariants  R1  this_cpu->recovery heads the list of points, innermost first;
 *                 each lies in a stack frame that has not returned yet.
 *             R2  No lock and no interrupt is abandoned: a point may only be
 *                 taken at the lock rank and interrupt depth it was set at.
 * Failure     recovery_possible says no; the oops handler then panics.
 * See         tests/x86/test_recovery.c, kernel/x86/recovery_jump.S
 */
#include <x86/recovery.h>

#include <lib/assert.h>
#include <x86/percpu.h>

#include "internal.h"

_Static_assert(offsetof(struct recovery, ebx) == 0 &&
	       offsetof(struct recovery, esp) == 16 &&
	       offsetof(struct recovery, eip) == 20 &&
	       offsetof(struct recovery, eflags) == 24,
	       "recovery_jump.S knows the offsets");

void recovery_link(struct recovery *r)
{
	r->lock_rank = this_cpu->lock_rank;
	r->irq_depth = this_cpu->irq_depth;
	r->kmap_next = this_cpu->kmap_next;
	r->quiet = false;
	r->outer = this_cpu->recovery;
	this_cpu->recovery = r;
}

void recovery_clear(struct recovery *r)
{
	ASSERT(this_cpu->recovery == r);
	this_cpu->recovery = r->outer;
}

bool recovery_possible(void)
{
	const struct recovery *r = this_cpu->recovery;

	return r && r->lock_rank == this_cpu->lock_rank &&
	       r->irq_depth == this_cpu->irq_depth;
}

void recovery_resume(const struct recovery_fault *fault)
{
	struct recovery *r = this_cpu->recovery;

	ASSERT(recovery_possible());
	r->fault = *fault;
	this_cpu->recovery = r->outer;
	this_cpu->kmap_next = r->kmap_next;
	this_cpu->oops_depth = 0;

	if (double_fault_task_runs())
		double_fault_resume(r);
	recovery_jump(r);
}
