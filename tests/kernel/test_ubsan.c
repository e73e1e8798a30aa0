/* SPDX-License-Identifier: MIT */
/* test_ubsan.c - each kind of undefined behaviour is caught, in words */
#include <kernel/caught.h>
#include <tests/ktest.h>

/* Values that the compiler cannot know. */
static volatile int minus_one = -1, zero, one = 1, most = INT32_MAX;
static volatile int64_t most64 = INT64_MAX;
static volatile int result;
static char *volatile nowhere;

#define CAUGHT(what, statement)						\
	do {								\
		EXPECT_BAD_ACCESS("UNDEFINED BEHAVIOUR CAUGHT: " what,	\
				  statement);				\
		EXPECT_EQ(ktest_last_fault()->vector, CAUGHT_BY_CHECK);	\
	} while (0)

KTEST(ubsan, sums_differences_and_products_that_do_not_fit)
{
	CAUGHT("2147483647 + 1 does not fit in 'int'", result = most + one);
	CAUGHT("-2147483647 - 2147483647 does not fit",
	       result = -most - most);
	CAUGHT("2147483647 * 2147483647 does not fit", result = most * most);
}

KTEST(ubsan, values_of_64_bits_are_said_in_full)
{
	CAUGHT("9223372036854775807 + 9223372036854775807 does not fit",
	       most64 = most64 + most64);
	EXPECT_EQ(most64, INT64_MAX);
}

KTEST(ubsan, negation_of_the_least_number)
{
	volatile int least = INT32_MIN;

	CAUGHT("-(-2147483648) does not fit", result = -least);
}

KTEST(ubsan, division_by_zero_and_by_minus_one)
{
	volatile int least = INT32_MIN;

	CAUGHT("1 / 0 has no value", result = one / zero);
	CAUGHT("-2147483648 / -1 has no value", result = least / minus_one);
}

KTEST(ubsan, shifts_by_too_much_and_by_too_little)
{
	volatile unsigned int bits = 32;

	CAUGHT("shift of 1 by 32 in 'int'", result = one << bits);
	CAUGHT("shift of 1 by -1 in 'int'", result = one >> minus_one);
}

KTEST(ubsan, index_outside_of_an_array)
{
	static int numbers[4];
	volatile unsigned int index = 4;

	CAUGHT("index 4 is outside of 'int [4]'", result = numbers[index]);
	CAUGHT("index -1 is outside of 'int [4]'",
	       result = numbers[minus_one]);
}

KTEST(ubsan, array_of_no_elements)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvla"
	CAUGHT("an array of -1 elements",
	       char bytes[minus_one];
	       __asm__ volatile("" : : "r"(bytes)));
#pragma GCC diagnostic pop
}

KTEST(ubsan, pointer_past_the_end_of_memory)
{
	char *volatile high = (char *)0xFFFFFFF0;
	volatile unsigned int far = 0x20;

	CAUGHT("pointer fffffff0 moved to 00000010", high = high + far);
}

KTEST(ubsan, null_pointer)
{
	CAUGHT("store to a NULL pointer to 'char'", *nowhere = 1);
	EXPECT(ktest_report_contains("  who     ktest_ubsan_null_pointer"));
	EXPECT(ktest_report_contains("A recovery point resumes"));
}

KTEST(ubsan, pointer_that_is_not_aligned)
{
	static int numbers[2];
	char *volatile odd = (char *)numbers + 1;

	CAUGHT("load of 'int' at ", result = *(int *)(void *)odd);
	EXPECT(ktest_report_contains("which is no multiple of 4"));
}

KTEST(ubsan, access_where_there_is_too_little_room)
{
	static int small;
	struct { int one, two; } *large = (void *)&small;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"
	CAUGHT("load of 'int' at ", result = large->two);
#pragma GCC diagnostic pop
	EXPECT(ktest_report_contains("where there is too little room"));
}

KTEST(ubsan, truth_value_that_is_neither)
{
	volatile unsigned char byte = 2;
	bool *truth = (bool *)(unsigned long)&byte;

	CAUGHT("2 is no value of '_Bool'",
	       result = *(volatile bool *)truth);
}

KTEST(ubsan, zero_bits_of_zero)
{
	CAUGHT("the leading zero bits of 0 are counted",
	       result = __builtin_clz((unsigned int)zero));
	CAUGHT("the trailing zero bits of 0 are counted",
	       result = __builtin_ctz((unsigned int)zero));
}

static __noinline __attribute__((nonnull)) char *
same(char *p)
{
	__asm__ volatile("");
	return p;
}

static __noinline __attribute__((returns_nonnull)) char *given(void)
{
	return nowhere;
}

KTEST(ubsan, null_where_a_contract_excludes_it)
{
	CAUGHT("argument 1 is NULL and must not be", same(nowhere));
	CAUGHT("NULL is returned and must not be", given());
}

KTEST(ubsan, place_that_cannot_be_reached)
{
	CAUGHT("a place is reached that cannot be",
	       if (!zero)
		       __builtin_unreachable());
}

KTEST(ubsan, quiet_point_prints_nothing)
{
	uint64_t from = printk_position();

	EXPECT_FAULT(result = most + one);
	EXPECT(!printk_contains(from, "UNDEFINED"));
	EXPECT_EQ(ktest_last_fault()->vector, CAUGHT_BY_CHECK);
}

KTEST(ubsan, numbers_without_sign_may_wrap)
{
	volatile unsigned int all = UINT32_MAX;

	EXPECT_NO_FAULT(all = all + 1);
	EXPECT_EQ(all, 0);
}
