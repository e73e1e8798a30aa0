/* SPDX-License-Identifier: MIT */
/* buddy_model.h - 16 frames in one word: whose they are, and what must follow */
#ifndef TESTS_HOST_BUDDY_MODEL_H
#define TESTS_HOST_BUDDY_MODEL_H

#include "../host.h"

#include <lib/types.h>

#define FRAMES		16U
#define ORDERS		5U		/* 0 to 4 */

/* Nibble i of a map is frame i: TAIL, or FREE or USED + the order of its block. */
enum { TAIL, FREE, USED = FREE + ORDERS };

static inline unsigned int nibble(uint64_t map, unsigned int i)
{
	return map >> 4 * i & 15;
}

/* Which frames are free, bit by bit; and are all of an aligned run? */
uint32_t free_frames(uint64_t map);
bool run_is_free(uint32_t free, unsigned int at, unsigned int order);

/* The nibbles of used heads alone. */
uint64_t used_heads(uint64_t map);

/* B2, B3: used blocks as they are, free frames in blocks as large as can be. */
uint64_t map_of(uint64_t used, uint32_t free);

/* The smallest free block that has 2^order frames, or ORDERS. */
unsigned int best_order(uint64_t map, unsigned int order);

#endif
