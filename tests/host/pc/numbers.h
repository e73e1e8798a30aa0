/* SPDX-License-Identifier: MIT */
/* numbers.h - how many states there must be, by counting instead of searching */
#ifndef TESTS_HOST_NUMBERS_H
#define TESTS_HOST_NUMBERS_H

#include "../host.h"

#include <lib/types.h>

/* Of a buddy whose largest block has order @top and is all there is. */
uint64_t buddy_states(unsigned int top);
uint64_t buddy_single(unsigned int top);	/* with one history only      */
uint64_t buddy_frees(unsigned int top);		/* used blocks in all states  */
uint64_t buddy_served(unsigned int top, unsigned int order);

/* Of a window of @n pages when an area can be of @kinds kinds; at most 20. */
uint64_t area_states(unsigned int n, unsigned int kinds);
uint64_t areas_in_states(unsigned int n, unsigned int kinds);

#endif
