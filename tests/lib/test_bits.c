/* SPDX-License-Identifier: MIT */
/* test_bits.c - powers of two: rounding and logarithms at their borders */
#include <lib/bits.h>

#include <tests/ktest.h>

KTEST(bits, rounding_goes_to_the_next_multiple_or_stays)
{
	EXPECT_EQ(ALIGN_UP(0U, 4096), 0);
	EXPECT_EQ(ALIGN_UP(1U, 4096), 4096);
	EXPECT_EQ(ALIGN_UP(4095U, 4096), 4096);
	EXPECT_EQ(ALIGN_UP(4096U, 4096), 4096);
	EXPECT_EQ(ALIGN_DOWN(4095U, 4096), 0);
	EXPECT_EQ(ALIGN_DOWN(4096U, 4096), 4096);
	EXPECT_EQ(ALIGN_DOWN(0xFFFFFFFFU, 4096), 0xFFFFF000);
	EXPECT(IS_ALIGNED(8192U, 4096) && !IS_ALIGNED(8191U, 4096));
	EXPECT(IS_ALIGNED(5U, 1));
}

/* The mask must have the width of the address, not of the alignment. */
KTEST(bits, physical_addresses_above_four_gib_keep_their_high_word)
{
	uint64_t phys = 0x123456789ULL;

	EXPECT_EQ(ALIGN_DOWN(phys, 4096U), 0x123456000ULL);
	EXPECT_EQ(ALIGN_UP(phys, 4096U), 0x123457000ULL);
	EXPECT_EQ(ALIGN_UP((uint64_t)0xFFFFFFFF, 4096U), 0x100000000ULL);
	EXPECT(IS_ALIGNED((uint64_t)0x100000000ULL, 1U << 31));
	EXPECT_EQ(GIB(64), 0x1000000000ULL);
	EXPECT_EQ(MIB(1), KIB(1024));
}

KTEST(bits, each_single_bit_is_its_own_lowest_and_highest)
{
	unsigned int i;

	for (i = 0; i < 32; i++) {
		EXPECT_EQ(bit_lowest(1U << i), i);
		EXPECT_EQ(bit_highest(1U << i), i);
		EXPECT(is_power_of_2(1U << i));
	}
}

KTEST(bits, bits_in_between_change_neither_lowest_nor_highest)
{
	unsigned int low, high, wrong = 0;
	struct random *r = ktest_random();

	for (high = 1; high < 32; high++)
		for (low = 0; low < high; low++) {
			uint32_t between = (1U << high) - (2U << low);
			uint32_t x = 1U << high | 1U << low |
				     (random_next(r) & between);

			wrong += bit_lowest(x) != low;
			wrong += bit_highest(x) != high;
			wrong += is_power_of_2(x);
		}
	EXPECT_EQ(wrong, 0);
	EXPECT(!is_power_of_2(0));
}

KTEST(bits, logarithm_and_rounding_around_each_power)
{
	unsigned int n;

	EXPECT_EQ(log2_ceil(1), 0);
	EXPECT_EQ(log2_ceil(2), 1);
	for (n = 2; n < 32; n++) {
		EXPECT_EQ(log2_ceil((1U << n) - 1), n);
		EXPECT_EQ(log2_ceil(1U << n), n);
		EXPECT_EQ(log2_ceil((1U << (n - 1)) + 1), n);
		EXPECT_EQ(roundup_pow2((1U << n) - 1), 1U << n);
	}
	EXPECT_EQ(roundup_pow2(1), 1);
}

KTEST(bits, minimum_and_maximum_pick_by_value)
{
	EXPECT_EQ(MIN(3U, 5U), 3);
	EXPECT_EQ(MAX(3U, 5U), 5);
	EXPECT_EQ(MIN(GIB(5), GIB(4)), GIB(4));
	EXPECT(MAX(-3, -5) == -3);
}
