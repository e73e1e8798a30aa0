/* SPDX-License-Identifier: MIT */
/*
 * test_panic.c - the backtrace of a panic
 *
 * A panic itself ends the machine: tests/machine provokes one from outside.
 */
#include <kernel/panic.h>

#include <tests/ktest.h>
#include <x86/backtrace.h>

static void __noinline panic_test_inner(void)
{
	panic_print_backtrace(FRAME_POINTER());
	barrier();
}

static void __noinline panic_test_outer(void)
{
	panic_test_inner();
	barrier();
}

KTEST(panic, a_backtrace_names_the_callers_innermost_first)
{
	uint64_t from = printk_position();

	panic_test_outer();
	EXPECT(printk_contains(from, "  panic_test_outer+0x"));
	EXPECT(printk_contains(from, "  ktest_panic_a_backtrace_names_the_"
				     "callers_innermost_first+0x"));
	EXPECT(!printk_contains(from, "panic_test_inner"));
}

KTEST(panic, a_backtrace_of_nonsense_prints_nothing)
{
	uint64_t from = printk_position();

	panic_print_backtrace(0);
	panic_print_backtrace(0x1003);
	EXPECT_EQ(printk_position() - from, 0);
}
