/* SPDX-License-Identifier: MIT */
/*
 * div64.c - 64-bit division out of the 32-bit one
 *
 * Problem     i386 divides 64 by 32 bits, and only if the quotient fits in 32.
 *             For everything else gcc calls a function, and libgcc, which has
 *             it, is not linked.
 * Idea        A divisor of one word is school division with two digits in base
 *             2^32: the remainder of the high digit goes before the low one,
 *             and is below the divisor, so the second quotient fits. A longer
 *             divisor leaves a quotient of at most 32 bits: long division in
 *             base 2, a subtraction for each of them.
 * Failure     Division by 0 raises the divide error, as the instruction does.
 * Cost        Two div instructions; with a divisor of 2^32 or more, up to 32
 *             rounds of a compare and a subtraction.
 * Read first  divide_by_word, then __udivmoddi4.
 * See         tests/lib/test_div64.c, tests/host/test_div64.c
 */
#include <lib/div64.h>

#include <lib/bits.h>
#include <lib/export.h>

static uint32_t high_word(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

/* high < d, or the quotient would not fit and the CPU would trap. */
static uint32_t div_instruction(uint32_t high, uint32_t low, uint32_t d,
				uint32_t *remainder)
{
	uint32_t quotient;

	__asm__("divl %4" : "=a"(quotient), "=d"(*remainder)
		: "a"(low), "d"(high), "r"(d) : "cc");
	return quotient;
}

static uint64_t divide_by_word(uint64_t n, uint32_t d, uint64_t *remainder)
{
	uint32_t high, low, rest;

	high = div_instruction(0, high_word(n), d, &rest);
	low = div_instruction(rest, (uint32_t)n, d, &rest);
	*remainder = rest;
	return (uint64_t)high << 32 | low;
}

/* n >= d >= 2^32. Both highest bits are made to meet, then d moves down. */
static uint64_t divide_bitwise(uint64_t n, uint64_t d, uint64_t *remainder)
{
	unsigned int shift = bit_highest(high_word(n)) -
			     bit_highest(high_word(d));
	uint64_t quotient = 0;

	for (d <<= shift++; shift; shift--, d >>= 1) {
		quotient <<= 1;
		if (n >= d) {
			n -= d;
			quotient |= 1;
		}
	}
	*remainder = n;
	return quotient;
}

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *remainder)
{
	if (high_word(d) == 0)
		return divide_by_word(n, (uint32_t)d, remainder);
	if (n >= d)
		return divide_bitwise(n, d, remainder);
	*remainder = n;
	return 0;
}
EXPORT_SYMBOL(__udivmoddi4);

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
	uint64_t remainder;

	return __udivmoddi4(n, d, &remainder);
}
EXPORT_SYMBOL(__udivdi3);

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
	uint64_t remainder;

	__udivmoddi4(n, d, &remainder);
	return remainder;
}
EXPORT_SYMBOL(__umoddi3);

/* Without overflow for INT64_MIN too, whose magnitude only unsigned holds. */
static uint64_t magnitude(int64_t v)
{
	return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

/* C truncates towards 0: the remainder has the sign of the dividend. */
int64_t __divmoddi4(int64_t n, int64_t d, int64_t *remainder)
{
	uint64_t rest;
	uint64_t quotient = __udivmoddi4(magnitude(n), magnitude(d), &rest);

	*remainder = (int64_t)(n < 0 ? -rest : rest);
	return (int64_t)((n < 0) != (d < 0) ? -quotient : quotient);
}
EXPORT_SYMBOL(__divmoddi4);

int64_t __divdi3(int64_t n, int64_t d)
{
	int64_t remainder;

	return __divmoddi4(n, d, &remainder);
}
EXPORT_SYMBOL(__divdi3);

int64_t __moddi3(int64_t n, int64_t d)
{
	int64_t remainder;

	__divmoddi4(n, d, &remainder);
	return remainder;
}
EXPORT_SYMBOL(__moddi3);
