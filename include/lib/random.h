/* SPDX-License-Identifier: MIT */
/*
 * random.h - a small generator that repeats bit for bit from its seed
 *
 * xorshift32 (Marsaglia, "Xorshift RNGs", 2003): period 2^32 - 1. For tests and
 * the demonstration; nothing here is a secret.
 */
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include <lib/types.h>

struct random {
	uint32_t state;		/* never 0 */
};

void random_init(struct random *r, uint32_t seed);
uint32_t random_next(struct random *r);

/* A number in [0, @bound); 0 when @bound is 0. */
uint32_t random_below(struct random *r, uint32_t bound);

#endif
