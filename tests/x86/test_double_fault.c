/* SPDX-License-Identifier: MIT */
/*
 * test_double_fault.c - a used-up stack is reported and survived, every time
 */
#include <x86/trap.h>

#include <tests/ktest.h>
#include <x86/backtrace.h>
#include <x86/clock.h>
#include <x86/cpu.h>
#include <x86/kstack.h>
#include <x86/percpu.h>

#define EFLAGS_NT	(1UL << 14)
#define FRAME_SIZE	64U
#define SECOND_NS	1000000000ULL

static bool in_guard(unsigned long addr)
{
	return addr - (unsigned long)boot_stack.guard < PAGE_SIZE;
}

/* Takes at least @depth * FRAME_SIZE bytes of stack. */
static unsigned int __noinline use_stack(unsigned int depth)
{
	volatile unsigned char frame[FRAME_SIZE];

	frame[0] = (unsigned char)depth;
	return depth == 0 ? 0 : use_stack(depth - 1) + frame[0];
}

static void overflow_stack(void)
{
	use_stack(KSTACK_SIZE / FRAME_SIZE);
}

static void require_boot_stack(void)
{
	unsigned long here = FRAME_POINTER();

	REQUIRE(here > (unsigned long)&boot_stack);
	REQUIRE(here < kstack_top(&boot_stack));
}

/* F1. The second would reset the machine, were the task not ready again. */
KTEST(double_fault, stack_overflow_arrives_twice_in_a_row)
{
	volatile unsigned int i;

	require_boot_stack();
	for (i = 0; i < 2; i++) {
		EXPECT_FAULT(overflow_stack());
		EXPECT_EQ(ktest_last_fault()->vector, TRAP_DOUBLE_FAULT);
		EXPECT_EQ(ktest_last_fault()->error, 0);
		EXPECT(in_guard(ktest_last_fault()->addr));
	}
}

KTEST(double_fault, report_says_stack_and_where)
{
	require_boot_stack();
	EXPECT_BAD_ACCESS("STACK OVERFLOW", overflow_stack());
	EXPECT(ktest_report_contains("use_stack"));
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_DOUBLE_FAULT);
}

KTEST(double_fault, a_hundred_are_survived)
{
	volatile unsigned int i, survived = 0;

	require_boot_stack();
	for (i = 0; i < 100; i++) {
		EXPECT_FAULT(overflow_stack());
		if (ktest_last_fault()->vector == TRAP_DOUBLE_FAULT)
			survived++;
	}
	EXPECT_EQ(survived, 100);
}

KTEST(double_fault, main_task_runs_again_as_before)
{
	unsigned long ticks = clock_ticks();
	uint64_t deadline;
	uint16_t task;

	require_boot_stack();
	EXPECT_FAULT(overflow_stack());
	__asm__("str %0" : "=r"(task));
	EXPECT_EQ(task, SEL_TSS);
	EXPECT(!(read_eflags() & EFLAGS_NT));
	EXPECT(!(read_cr0() & CR0_TS));
	EXPECT(!in_interrupt());
	EXPECT_EQ(this_cpu->lock_rank, 0);

	EXPECT(read_eflags() & EFLAGS_IF);
	deadline = clock_ns() + SECOND_NS;
	while (clock_ticks() == ticks && clock_ns() < deadline)
		cpu_relax();
	EXPECT(clock_ticks() != ticks);
}

static oops_fn *reporter;
static struct trap_frame seen;
static unsigned long seen_address, inner_vector;

/* The report of a double fault faults itself, on the task's own stack. */
static void fault_in_report(struct trap_frame *frame, unsigned long fault_addr)
{
	struct recovery inner;

	if (frame->vector == TRAP_DOUBLE_FAULT && seen.vector == 0) {
		seen = *frame;
		seen_address = fault_addr;
		if (recovery_set(&inner) == 0) {
			inner.quiet = true;
			__asm__ volatile("ud2");
		}
		inner_vector = inner.fault.vector;
	}
	reporter(frame, fault_addr);
}

KTEST(double_fault, a_fault_inside_the_report_is_survived)
{
	require_boot_stack();
	seen.vector = 0;
	inner_vector = 0;
	reporter = trap_register_oops(fault_in_report);
	EXPECT_FAULT(overflow_stack());
	trap_register_oops(reporter);
	EXPECT_EQ(inner_vector, 6);
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_DOUBLE_FAULT);
}

KTEST(double_fault, frame_is_that_of_the_interrupted_task)
{
	require_boot_stack();
	seen.vector = 0;
	reporter = trap_register_oops(fault_in_report);
	EXPECT_FAULT(overflow_stack());
	trap_register_oops(reporter);
	EXPECT_EQ(seen.cs, SEL_KERNEL_CODE);
	EXPECT_EQ(seen.fs, SEL_PERCPU);
	EXPECT_EQ(seen.user_ss, SEL_KERNEL_DATA);
	EXPECT(seen.eflags & EFLAGS_IF);
	EXPECT(seen_address < trap_frame_esp(&seen));
	EXPECT(trap_frame_esp(&seen) - seen_address < 256);
	EXPECT(seen.ebp > trap_frame_esp(&seen) - 1);
}
