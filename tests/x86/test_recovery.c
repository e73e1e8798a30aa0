/* SPDX-License-Identifier: MIT */
/* test_recovery.c - faults return to their points, and everything with them */
#include <x86/recovery.h>

#include <kernel/lockrank.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/irq.h>
#include <x86/spinlock.h>

#define TEST_IRQ	5
#define MAX_POINTS	20U

static void __noinline fault_at(unsigned long addr)
{
	*(volatile char *)addr = 1;
}

/* How often recovery_set returned, and what. */
KTEST(recovery, set_returns_0_and_after_a_fault_1)
{
	volatile unsigned int zeros = 0, ones = 0;
	struct recovery r;

	if (recovery_set(&r) == 0) {
		r.quiet = true;
		zeros++;
		fault_at(16);
		zeros++;
	} else {
		ones++;
	}
	EXPECT_EQ(zeros, 1);
	EXPECT_EQ(ones, 1);
}

KTEST(recovery, fault_is_described_in_the_point)
{
	unsigned long start = (unsigned long)fault_at;
	struct recovery r;

	if (recovery_set(&r) == 0) {
		r.quiet = true;
		fault_at(0x234);
	}
	EXPECT_EQ(r.fault.vector, 14);
	EXPECT_EQ(r.fault.error, 2);
	EXPECT_EQ(r.fault.addr, 0x234);
	EXPECT(r.fault.eip - start < 64);
}

KTEST(recovery, inner_point_takes_the_fault_and_the_outer_the_next)
{
	volatile unsigned int inner_faults = 0, outer_faults = 0;
	struct recovery outer = { 0 }, inner = { 0 };

	if (recovery_set(&outer) == 0) {
		outer.quiet = true;
		if (recovery_set(&inner) == 0) {
			inner.quiet = true;
			fault_at(16);
		}
		inner_faults++;
		fault_at(32);
	} else {
		outer_faults++;
	}
	EXPECT_EQ(inner_faults, 1);
	EXPECT_EQ(outer_faults, 1);
	EXPECT_EQ(inner.fault.addr, 16);
	EXPECT_EQ(outer.fault.addr, 32);
}

KTEST(recovery, cleared_point_is_passed_over)
{
	volatile bool inner_hit = false, outer_hit = false;
	struct recovery outer, inner;

	if (recovery_set(&outer) == 0) {
		outer.quiet = true;
		if (recovery_set(&inner) == 0)
			recovery_clear(&inner);
		else
			inner_hit = true;
		fault_at(16);
	} else {
		outer_hit = true;
	}
	EXPECT(!inner_hit);
	EXPECT(outer_hit);
}

KTEST(recovery, point_is_gone_after_either_end)
{
	struct recovery *const before = this_cpu->recovery;
	struct recovery r;

	if (recovery_set(&r) == 0) {
		EXPECT(this_cpu->recovery == &r);
		recovery_clear(&r);
	}
	EXPECT(this_cpu->recovery == before);
	EXPECT_FAULT(fault_at(16));
	EXPECT(this_cpu->recovery == before);
}

/* In assembly, so that no compiler saves what recovery_jump should restore. */
KTEST(recovery, saved_registers_survive)
{
	struct recovery r = { 0 }, *point = &r;
	uint32_t wrong;

	r.quiet = false;
	__asm__ volatile(
		"push %%ebp\n\t"
		"push %%eax\n\t"
		"mov $0xB1B1B1B1, %%ebx; mov $0x51515151, %%esi\n\t"
		"mov $0xD1D1D1D1, %%edi; mov %%esp, %%ebp\n\t"
		"call recovery_set\n\t"
		"test %%eax, %%eax; jnz 1f\n\t"
		"mov (%%esp), %%eax; movb $1, %c[quiet](%%eax)\n\t"
		"xor %%ebx, %%ebx; xor %%esi, %%esi; xor %%edi, %%edi\n\t"
		"xor %%ebp, %%ebp; sub $64, %%esp\n\t"
		"ud2\n"
		"1:\n\t"
		"xor $0xB1B1B1B1, %%ebx; xor $0x51515151, %%esi\n\t"
		"xor $0xD1D1D1D1, %%edi; xor %%esp, %%ebp\n\t"
		"or %%esi, %%ebx; or %%edi, %%ebx; or %%ebp, %%ebx\n\t"
		"pop %%eax\n\t"
		"pop %%ebp"
		: "=b"(wrong), "+a"(point)
		: [quiet] "i"(offsetof(struct recovery, quiet))
		: "ecx", "edx", "esi", "edi", "memory", "cc");
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(r.fault.vector, 6);
}

KTEST(recovery, interrupt_flag_is_that_of_the_point)
{
	unsigned long flags;

	REQUIRE(read_eflags() & EFLAGS_IF);
	EXPECT_FAULT(irq_local_disable(); fault_at(16));
	EXPECT(read_eflags() & EFLAGS_IF);

	flags = irq_local_save();
	EXPECT_FAULT(irq_local_enable(); fault_at(16));
	EXPECT(!(read_eflags() & EFLAGS_IF));
	irq_local_restore(flags);
}

KTEST(recovery, kmap_and_oops_depths_come_back)
{
	const unsigned long kmap_next = this_cpu->kmap_next;

	EXPECT_FAULT(this_cpu->kmap_next += 8; fault_at(16));
	EXPECT_EQ(this_cpu->kmap_next, kmap_next);
	EXPECT_EQ(this_cpu->oops_depth, 0);
}

KTEST(recovery, resume_may_be_called_without_a_fault)
{
	const struct recovery_fault fault = { 77, 5, 0x1234, 0x5678 };
	struct recovery r;

	if (recovery_set(&r) == 0)
		recovery_resume(&fault);
	EXPECT_EQ(r.fault.vector, 77);
	EXPECT_EQ(r.fault.error, 5);
	EXPECT_EQ(r.fault.addr, 0x1234);
	EXPECT_EQ(r.fault.eip, 0x5678);
}

/* R2. */
KTEST(recovery, a_lock_taken_since_makes_it_impossible)
{
	struct spinlock lock = SPINLOCK_INIT(RANK_ZONE);
	bool under_lock, after;
	struct recovery r;

	if (recovery_set(&r) == 0) {
		spin_lock(&lock);
		under_lock = recovery_possible();
		spin_unlock(&lock);
		after = recovery_possible();
		recovery_clear(&r);
		EXPECT(!under_lock);
		EXPECT(after);
	}
}

KTEST(recovery, a_lock_held_already_does_not)
{
	struct spinlock lock = SPINLOCK_INIT(RANK_ZONE);
	volatile unsigned int rank = 0;

	spin_lock(&lock);
	EXPECT_FAULT(fault_at(16));
	rank = this_cpu->lock_rank;
	spin_unlock(&lock);
	EXPECT_EQ(rank, RANK_ZONE);
	EXPECT_EQ(ktest_last_fault()->addr, 16);
}

KTEST(recovery, without_a_point_it_is_impossible)
{
	struct recovery *saved = this_cpu->recovery;
	bool possible;

	this_cpu->recovery = NULL;
	possible = recovery_possible();
	this_cpu->recovery = saved;
	EXPECT(!possible);
}

static void note_possible(void *arg)
{
	*(bool *)arg = recovery_possible();
}

/* R2. The interrupted code must not be abandoned by what interrupts it. */
KTEST(recovery, in_an_interrupt_a_point_from_outside_is_out_of_reach)
{
	bool in_handler = true;
	struct recovery r;

	REQUIRE(irq_register(TEST_IRQ, note_possible, &in_handler) == 0);
	if (recovery_set(&r) == 0) {
		__asm__ volatile("int $37" : : : "memory");
		recovery_clear(&r);
	}
	irq_unregister(TEST_IRQ);
	EXPECT(!in_handler);
}

static void fault_and_recover(void *arg)
{
	struct recovery r;

	if (recovery_set(&r) == 0) {
		r.quiet = true;
		fault_at(48);
	}
	*(unsigned long *)arg = r.fault.addr;
}

KTEST(recovery, an_interrupt_handler_may_have_a_point_of_its_own)
{
	unsigned long addr = 0;

	REQUIRE(irq_register(TEST_IRQ, fault_and_recover, &addr) == 0);
	__asm__ volatile("int $37" : : : "memory");
	irq_unregister(TEST_IRQ);
	EXPECT_EQ(addr, 48);
	EXPECT(!in_interrupt());
}

/*
 * A tower of @height points. A bit of @plan per storey says whether it faults;
 * the model is that each storey catches its own fault, once, and no other.
 */
static unsigned int __noinline climb(volatile unsigned int height,
				   volatile uint32_t plan)
{
	volatile unsigned int caught = 0;
	struct recovery r;

	if (height == 0)
		return 0;
	if (recovery_set(&r) == 0) {
		r.quiet = true;
		caught += climb(height - 1, plan >> 1);
		if (plan & 1)
			fault_at(16 + height);
		recovery_clear(&r);
	} else if (r.fault.addr == 16 + height) {
		caught++;
	}
	return caught;
}

static unsigned int bits_set(uint32_t x)
{
	unsigned int nr;

	for (nr = 0; x; x &= x - 1)
		nr++;
	return nr;
}

KTEST(recovery, random_towers_catch_each_fault_where_it_belongs)
{
	struct recovery *const before = this_cpu->recovery;
	unsigned int round;

	for (round = 0; round < 200; round++) {
		unsigned int height = random_below(ktest_random(),
						   MAX_POINTS) + 1;
		uint32_t plan = random_next(ktest_random()) &
				((1U << height) - 1);

		EXPECT_EQ(climb(height, plan), bits_set(plan));
		EXPECT(this_cpu->recovery == before);
	}
}
