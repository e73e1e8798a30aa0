/* SPDX-License-Identifier: MIT */
/*
 * test_double_fault.c - a used-up stack is reported and survived, every time
 */
#include <x86/trap.h>

#include <tests/ktest.h>
#include <tests/sealed.h>
#include <x86/backtrace.h>
#include <x86/clock.h>
#include <x86/cpu.h>
#include <x86/kstack.h>
#include <x86/percpu.h>

#define EFLAGS_NT	(1UL << 14)
#define FRAME_SIZE	64U
#define PATIENCE_NS	5000000000ULL

static bool in_guard(unsigned long addr)
{
	return addr - (unsigned long)boot_stack.guard < PAGE_SIZE;
}

/*
 * Takes at least @depth * FRAME_SIZE bytes of stack. What comes back is stored,
 * or a compiler makes a loop of it, in one frame; and nobody but @depth knows
 * where, or it keeps only that byte of the frame.
 */
static unsigned int __noinline use_stack(unsigned int depth)
{
	volatile unsigned char frame[FRAME_SIZE];

	frame[depth % FRAME_SIZE] = (unsigned char)depth;
	if (depth > 0)
		frame[depth % FRAME_SIZE] = (unsigned char)use_stack(depth - 1);
	return frame[depth % FRAME_SIZE];
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

static uint16_t current_task(void)
{
	uint16_t task;

	__asm__ volatile("str %0" : "=r"(task));
	return task;
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

	require_boot_stack();
	EXPECT_FAULT(overflow_stack());
	EXPECT_EQ(current_task(), SEL_TSS);
	EXPECT(!(read_eflags() & EFLAGS_NT));
	EXPECT(!(read_cr0() & CR0_TS));
	EXPECT(!in_interrupt());
	EXPECT_EQ(this_cpu->lock_rank, 0);

	EXPECT(read_eflags() & EFLAGS_IF);
	deadline = clock_ns() + PATIENCE_NS;
	while (clock_ticks() == ticks && clock_ns() < deadline)
		cpu_relax();
	EXPECT(clock_ticks() != ticks);
}

/* F3. Room for eflags and cs, but not for eip; the tick that comes is lost. */
KTEST(double_fault, interrupt_that_finds_no_stack_does_not_block_the_next)
{
	unsigned long ticks, ticks_after;
	uint64_t deadline;

	require_boot_stack();
	irq_local_disable();
	ticks = clock_ticks();
	EXPECT_FAULT(__asm__ volatile("mov %0, %%esp; sti\n"
				      "1: jmp 1b"
				      : : "r"(boot_stack.bytes + 8)));
	ticks_after = clock_ticks();
	irq_local_enable();
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_DOUBLE_FAULT);
	EXPECT(in_guard(ktest_last_fault()->addr));
	EXPECT_EQ(ticks_after, ticks);

	deadline = clock_ns() + PATIENCE_NS;
	while (clock_ticks() == ticks && clock_ns() < deadline)
		cpu_relax();
	EXPECT(clock_ticks() != ticks);
}

/*
 * What the first report of a case does before it reports: it runs in the
 * double-fault task, on that task's stack, and so do its own faults.
 */
static oops_fn *reporter;
static void (*in_report)(void);
static struct trap_frame seen;
static unsigned long seen_address;

static void report_after_action(struct trap_frame *frame,
				unsigned long fault_addr)
{
	void (*action)(void) = in_report;

	in_report = NULL;
	if (action) {
		seen = *frame;
		seen_address = fault_addr;
		action();
	}
	reporter(frame, fault_addr);
}

/* Overflows the stack; @action runs in the report. */
static void overflow_with(void (*action)(void))
{
	require_boot_stack();
	in_report = action;
	UNSEALED(reporter = trap_register_oops(report_after_action));
	EXPECT_FAULT(overflow_stack());
	UNSEALED(trap_register_oops(reporter));
}

static void do_nothing(void)
{
}

KTEST(double_fault, frame_is_that_of_the_interrupted_task)
{
	overflow_with(do_nothing);
	EXPECT_EQ(seen.vector, TRAP_DOUBLE_FAULT);
	EXPECT_EQ(seen.cs, SEL_KERNEL_CODE);
	EXPECT_EQ(seen.fs, SEL_PERCPU);
	EXPECT_EQ(seen.user_ss, SEL_KERNEL_DATA);
	EXPECT(seen.eflags & EFLAGS_IF);
	EXPECT(seen_address < trap_frame_esp(&seen));
	EXPECT(trap_frame_esp(&seen) - seen_address < 256);
	EXPECT(seen.ebp >= trap_frame_esp(&seen));
}

static uint16_t task_after;
static unsigned long vector_after;

static void fault_and_recover(void)
{
	struct recovery inner;

	if (recovery_set(&inner) == 0) {
		inner.quiet = true;
		__asm__ volatile("ud2");
	}
	vector_after = inner.fault.vector;
	task_after = current_task();
}

KTEST(double_fault, report_may_recover_from_a_fault_of_its_own)
{
	task_after = 0;
	overflow_with(fault_and_recover);
	EXPECT_EQ(vector_after, 6);
	EXPECT_EQ(task_after, SEL_TSS_DF);
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_DOUBLE_FAULT);
}

/* Without a trap in between NT is set, and iret would leave the task. */
static void resume_without_a_fault(void)
{
	const struct recovery_fault fault = { .vector = 77 };
	struct recovery inner;

	if (recovery_set(&inner) == 0)
		recovery_resume(&fault);
	vector_after = inner.fault.vector;
	task_after = current_task();
}

KTEST(double_fault, report_may_leave_a_point_of_its_own)
{
	task_after = 0;
	overflow_with(resume_without_a_fault);
	EXPECT_EQ(vector_after, 77);
	EXPECT_EQ(task_after, SEL_TSS_DF);
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_DOUBLE_FAULT);
}

static void fault(void)
{
	__asm__ volatile("ud2");
}

/* The handler of the second fault leaves both: there NT is clear. */
KTEST(double_fault, fault_in_the_report_ends_at_the_outer_point)
{
	overflow_with(fault);
	EXPECT_EQ(ktest_last_fault()->vector, 6);
	EXPECT_EQ(current_task(), SEL_TSS);
	overflow_with(do_nothing);
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_DOUBLE_FAULT);
}
