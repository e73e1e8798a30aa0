/* SPDX-License-Identifier: MIT */
/*
 * test_canary.c - overruns of local arrays, seen before the return
 *
 * The compiler knows the arrays' sizes and would refuse to write past them: so
 * the bytes are written by a function that it cannot look into. Under KASAN that
 * function is checked, and none of them is written.
 */
#include <kernel/canary.h>

#include <lib/string.h>
#include <mm/kasan.h>
#include <tests/ktest.h>

extern unsigned long __stack_chk_guard;

static void *(*volatile fill)(void *, int, size_t) = memset;

/* 16 bytes, and @size of them written. */
static __noinline char smash(size_t size)
{
	char local[16];

	fill(local, 'X', size);
	return ((volatile char *)local)[0];
}

KTEST(canary, array_filled_to_its_end_is_no_overrun)
{
	EXPECT_NO_FAULT(smash(16));
}

/* The canary lies right behind the array: one byte is enough. */
KTEST(canary, one_byte_past_the_end_is_reported)		/* CN2 */
{
	EXPECT_BAD_ACCESS(KASAN_ON ? "1 byte past the end of local 'local'" :
			  "STACK SMASHED: in smash: ", smash(17));
	EXPECT_EQ(ktest_last_fault()->vector, CAUGHT_BY_CHECK);
	EXPECT(ktest_report_contains("  who     smash+0x"));
	EXPECT(ktest_report_contains(" < ktest_canary_one_byte_past_"));
	EXPECT(ktest_report_contains("kmain"));
}

/* The chain of callers is gone: who did it is known nevertheless. */
KTEST(canary, overrun_across_the_return_address_is_survived)
{
	EXPECT_BAD_ACCESS("  who     smash+0x", smash(16 + 3 * sizeof(long)));
	EXPECT_EQ(ktest_report_contains("kmain"), KASAN_ON);
}

/* A string that is too long brings a 0 only where it ends. */
KTEST(canary, its_lowest_byte_is_0)		/* attacks CN2 */
{
	EXPECT_EQ(__stack_chk_guard & 0xFF, 0);
	EXPECT(__stack_chk_guard >> 8 != 0);
}

KTEST(canary, a_quiet_point_prints_nothing)
{
	uint64_t from = printk_position();

	EXPECT_FAULT(smash(20));
	EXPECT(!printk_contains(from, "SMASHED"));
	EXPECT_EQ(ktest_last_fault()->vector, CAUGHT_BY_CHECK);
}

KTEST(canary, it_cannot_be_changed_after_boot)		/* attacks CN1 */
{
	EXPECT_BAD_ACCESS("in __stack_chk_guard+0x0, read-only since boot",
			  *(volatile unsigned long *)&__stack_chk_guard =
				  __stack_chk_guard);
}

#ifdef DEBUG
/* Says nothing to the compiler but that it is read. */
static __noinline uint32_t never_written(void)
{
	uint32_t local;

	__asm__ volatile("" : "+m"(local));
	return local;
}

KTEST(canary, locals_hold_a_pattern_in_debug_builds)
{
	uint32_t pattern = never_written();

	EXPECT(pattern != 0);
	EXPECT_EQ(pattern, (pattern & 0xFF) * 0x01010101U);
	EXPECT_EQ(never_written(), pattern);
}
#endif
