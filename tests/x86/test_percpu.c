/* SPDX-License-Identifier: MIT */
/* test_percpu.c - %fs finds this CPU's own data */
#include <x86/percpu.h>

#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/layout.h>

KTEST(percpu, self_is_where_fs_points)
{
	struct cpu *self = this_cpu->self;

	REQUIRE(addr_in_direct_map((unsigned long)self));
	EXPECT_EQ((unsigned long)self->self, (unsigned long)self);
	EXPECT_EQ(self->id, 0);
}

KTEST(percpu, fs_and_the_pointer_reach_the_same_field)
{
	volatile unsigned int *depth = &this_cpu->self->oops_depth;
	unsigned long flags = irq_local_save();
	unsigned int saved = this_cpu->oops_depth, seen;

	this_cpu->oops_depth = saved + 7;
	barrier();
	seen = *depth;
	this_cpu->oops_depth = saved;
	irq_local_restore(flags);
	EXPECT_EQ(seen, saved + 7);
}

KTEST(percpu, counters_rest_outside_of_what_they_count)
{
	EXPECT_EQ(this_cpu->lock_rank, 0);
	EXPECT_EQ(this_cpu->irq_depth, 0);
	EXPECT_EQ(this_cpu->oops_depth, 0);
	EXPECT(!in_interrupt());
}
