/* SPDX-License-Identifier: MIT */
/* test_div64.c - 64-bit division against long division bit by bit */
#include <lib/div64.h>

#include <lib/bits.h>
#include <tests/ktest.h>
#include <x86/trap.h>

#define TRAP_DIVIDE_ERROR 0

/* One bit of the dividend at a time, as one learns it at school. */
static uint64_t model_divide(uint64_t n, uint64_t d, uint64_t *remainder)
{
	uint64_t quotient = 0, rest = 0;
	bool carry;
	int bit;

	for (bit = 63; bit >= 0; bit--) {
		carry = rest >> 63;
		rest = rest << 1 | (n >> bit & 1);
		quotient <<= 1;
		if (carry || rest >= d) {
			rest -= d;
			quotient |= 1;
		}
	}
	*remainder = rest;
	return quotient;
}

static bool division_agrees(uint64_t n, uint64_t d)
{
	uint64_t model_rest, rest;
	uint64_t model = model_divide(n, d, &model_rest);

	return __udivmoddi4(n, d, &rest) == model && rest == model_rest &&
	       __udivdi3(n, d) == model && __umoddi3(n, d) == model_rest;
}

static uint64_t random_u64(struct random *r)
{
	uint64_t value = (uint64_t)random_next(r) << 32 | random_next(r);

	return value >> random_below(r, 64);
}

KTEST(div64, random_operands_of_all_widths_agree_with_the_model)
{
	struct random *r = ktest_random();
	unsigned int round, wrong = 0;

	for (round = 0; round < 4000; round++) {
		uint64_t n = random_u64(r), d = random_u64(r);

		wrong += !division_agrees(n, d ? d : 1);
	}
	EXPECT_EQ(wrong, 0);
}

KTEST(div64, operands_around_the_word_border_agree_with_the_model)
{
	static const uint64_t special[] = {
		1, 2, 3, 10, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF,
		0x100000000, 0x100000001, 0x1FFFFFFFF, 0x200000000,
		0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0x8000000000000001,
		0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF,
	};
	unsigned int i, j, wrong = 0;

	for (i = 0; i < ARRAY_SIZE(special); i++) {
		wrong += !division_agrees(0, special[i]);
		for (j = 0; j < ARRAY_SIZE(special); j++)
			wrong += !division_agrees(special[i], special[j]);
	}
	EXPECT_EQ(wrong, 0);
}

KTEST(div64, signed_quotients_are_cut_towards_zero)
{
	EXPECT_EQ(__divdi3(7, 2), 3);
	EXPECT_EQ(__divdi3(-7, 2), -3);
	EXPECT_EQ(__divdi3(7, -2), -3);
	EXPECT_EQ(__divdi3(-7, -2), 3);
	EXPECT_EQ(__divdi3(-10000000000, 3), -3333333333LL);
	EXPECT_EQ(__divdi3(INT64_MIN, 10), -922337203685477580);
}

KTEST(div64, signed_remainders_follow_the_dividend)
{
	EXPECT_EQ(__moddi3(7, 2), 1);
	EXPECT_EQ(__moddi3(-7, 2), -1);
	EXPECT_EQ(__moddi3(7, -2), 1);
	EXPECT_EQ(__moddi3(-7, -2), -1);
	EXPECT_EQ(__moddi3(-10000000000, 3), -1);
	EXPECT_EQ(__moddi3(INT64_MIN, 10), -8);
}

KTEST(div64, random_signed_operands_put_themselves_together_again)
{
	struct random *r = ktest_random();
	unsigned int round, wrong = 0;

	for (round = 0; round < 2000; round++) {
		int64_t n = (int64_t)random_u64(r), d = (int64_t)random_u64(r);
		int64_t quotient, rest;

		n = random_below(r, 2) ? n : -n;
		d = random_below(r, 2) ? d | 1 : -(d | 1);
		quotient = __divmoddi4(n, d, &rest);
		wrong += (uint64_t)quotient * (uint64_t)d + (uint64_t)rest !=
			 (uint64_t)n;
		wrong += rest && (rest < 0) != (n < 0);
		wrong += (rest < 0 ? -rest : rest) >= (d < 0 ? -d : d);
	}
	EXPECT_EQ(wrong, 0);
}

KTEST(div64, the_one_quotient_that_does_not_fit_wraps)
{
	EXPECT_EQ(__divdi3(INT64_MIN, -1), INT64_MIN);
	EXPECT_EQ(__moddi3(INT64_MIN, -1), 0);
}

KTEST(div64, the_operators_of_c_arrive_here)
{
	volatile uint64_t n = 0xFEDCBA9876543210, d = 1000000007;
	volatile int64_t sn = -0x123456789ABCDEF, sd = 0x100000007;
	uint64_t rest;

	EXPECT_EQ(n / d, model_divide(0xFEDCBA9876543210, 1000000007, &rest));
	EXPECT_EQ(n % d, rest);
	EXPECT_EQ(-(sn / sd), model_divide(0x123456789ABCDEF, 0x100000007,
					   &rest));
	EXPECT_EQ(-(sn % sd), rest);
}

KTEST(div64, division_by_zero_raises_the_divide_error)
{
	EXPECT_FAULT(__udivdi3(1, 0));
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_DIVIDE_ERROR);
	EXPECT_FAULT(__umoddi3(0x100000000, 0));
	EXPECT_FAULT(__divdi3(-1, 0));
}
