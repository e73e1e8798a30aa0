/* SPDX-License-Identifier: MIT */
/* bits.h - powers of two: rounding, logarithms, minima */
#ifndef LIB_BITS_H
#define LIB_BITS_H

#include <lib/types.h>

#define KIB(n)		((unsigned long)(n) << 10)
#define MIB(n)		((unsigned long)(n) << 20)
#define GIB(n)		((unsigned long long)(n) << 30)

/* @a is a power of two; the result has the type of @x. */
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define ALIGN_UP(x, a)	ALIGN_DOWN((x) + ((__typeof__(x))(a) - 1), a)
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)

#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))

/* Index of the lowest and of the highest set bit; @x must not be 0. */
static inline unsigned int bit_lowest(uint32_t x)
{
	return (unsigned int)__builtin_ctz(x);
}

static inline unsigned int bit_highest(uint32_t x)
{
	return 31U ^ (unsigned int)__builtin_clz(x);
}

static inline bool is_power_of_2(uint32_t x)
{
	return x && (x & (x - 1)) == 0;
}

/* The smallest n with 2^n >= @x, for @x from 1 to 2^31. */
static inline unsigned int log2_ceil(uint32_t x)
{
	return x <= 1 ? 0 : bit_highest(x - 1) + 1;
}

static inline uint32_t roundup_pow2(uint32_t x)
{
	return 1U << log2_ceil(x);
}

/* The product, or what no memory has room for if that is more than 32 bits. */
static inline size_t size_mul(size_t a, size_t b)
{
	size_t product;

	return __builtin_mul_overflow(a, b, &product) ? ~(size_t)0 : product;
}

#endif
