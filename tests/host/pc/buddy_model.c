/* SPDX-License-Identifier: MIT */
/* buddy_model.c - what a buddy of 16 frames must look like, by plain arithmetic */
#include "buddy_model.h"

#include <lib/bits.h>

uint32_t free_frames(uint64_t map)
{
	uint32_t free = 0;
	unsigned int i;

	for (i = 0; i < FRAMES; i++) {
		unsigned int value = nibble(map, i);

		if (value >= FREE && value < USED)
			free |= ((1U << (1U << (value - FREE))) - 1) << i;
	}
	return free;
}

bool run_is_free(uint32_t free, unsigned int at, unsigned int order)
{
	uint32_t run = ((1U << (1U << order)) - 1) << at;

	return IS_ALIGNED(at, 1U << order) && at + (1U << order) <= FRAMES &&
	       (free & run) == run;
}

uint64_t map_of(uint64_t used, uint32_t free)
{
	uint64_t map = used;
	unsigned int i = 0, order;

	while (i < FRAMES) {
		order = 0;
		if (free >> i & 1) {
			while (run_is_free(free, i, order + 1))
				order++;
			map |= (uint64_t)(FREE + order) << 4 * i;
		}
		i += 1U << order;
	}
	return map;
}

uint64_t used_heads(uint64_t map)
{
	uint64_t used = 0;
	unsigned int i;

	for (i = 0; i < FRAMES; i++)
		if (nibble(map, i) >= USED)
			used |= map & (15ULL << 4 * i);
	return used;
}

unsigned int best_order(uint64_t map, unsigned int order)
{
	unsigned int i, best = ORDERS;

	for (i = 0; i < FRAMES; i++) {
		unsigned int value = nibble(map, i);

		if (value >= FREE + order && value < USED)
			best = MIN(best, value - FREE);
	}
	return best;
}
