/* SPDX-License-Identifier: MIT */
/*
 * random.c - a small generator that repeats bit for bit from its seed
 *
 * Problem     A random test that failed must fail again when somebody looks.
 * Idea        xorshift32: three shifts and exclusive ors walk through all
 *             2^32 - 1 states but 0, in an order that looks like chance.
 * Invariants  R1  The state is never 0, or it would stay 0 for ever.
 * See         tests/lib/test_random.c
 */
#include <lib/random.h>

/*
 * An odd factor is a bijection of 32-bit numbers and spreads the small seeds
 * that people type: 1 and 2 would else begin with almost the same numbers.
 */
#define SEED_FACTOR	0x9E3779B1U
#define SEED_ZERO	0x6C61637EU

void random_init(struct random *r, uint32_t seed)
{
	r->state = seed ? seed * SEED_FACTOR : SEED_ZERO;
}

uint32_t random_next(struct random *r)
{
	uint32_t x = r->state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	r->state = x;
	return x;
}

/* The high bits of a product: no division, and the low bits are the weakest. */
uint32_t random_below(struct random *r, uint32_t bound)
{
	return (uint32_t)((uint64_t)random_next(r) * bound >> 32);
}
