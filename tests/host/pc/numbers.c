/* SPDX-License-Identifier: MIT */
/*
 * numbers.c - how many states there must be, by counting instead of searching
 *
 * Idea     What a search has found proves little as long as nobody knows what it
 *          has not found. These numbers come from how states are composed, not
 *          from the code that is searched: if they are the same, none is missing.
 * See      exhaust_buddy.c and exhaust_areas.c, where the sums are explained
 */
#include "numbers.h"

#define MAX_TOP		4U
#define MAX_PAGES	20U

/* T(n) = T(n-1)^2 + 1 */
uint64_t buddy_states(unsigned int top)
{
	uint64_t states = 2;

	while (top-- > 0)
		states = states * states + 1;
	return states;
}

/* Used blocks in all states: of a whole 1, else of either half in turn. */
uint64_t buddy_frees(unsigned int top)
{
	uint64_t used = 1;
	unsigned int n;

	for (n = 1; n <= top; n++)
		used = 2 * buddy_states(n - 1) * used + 1;
	return used;
}

/*
 * All states but those with no free block of @order or more: of that order
 * itself, used as a whole or two halves that do not merge; above it, used as a
 * whole or two such halves.
 */
uint64_t buddy_served(unsigned int top, unsigned int order)
{
	uint64_t half = order ? buddy_states(order - 1) : 1;
	uint64_t none = half * half;
	unsigned int n;

	for (n = order; n < top; n++)
		none = none * none + 1;
	return buddy_states(top) - none;
}

/*
 * States with at most one free block of each order, by the set of those orders:
 * two halves have disjoint sets. Nothing tells in which sequence they were freed.
 */
uint64_t buddy_single(unsigned int top)
{
	uint64_t nr[2U << MAX_TOP] = { 1, 1 }, sum = 0;
	unsigned int n, a, b;

	for (n = 1; n <= top; n++) {
		uint64_t next[2U << MAX_TOP] = { 1 };

		next[1U << n]++;
		for (a = 0; a < 1U << n; a++)
			for (b = 0; b < 1U << n; b++)
				if (!(a & b))
					next[a | b] += nr[a] * nr[b];
		memcpy(nr, next, sizeof(nr));
	}
	for (a = 0; a < 2U << top; a++)
		sum += nr[a];
	return sum;
}

/* States of @n pages, when an area can be of @kinds kinds. */
uint64_t area_states(unsigned int n, unsigned int kinds)
{
	uint64_t nr[MAX_PAGES + 1], areas = 0;
	unsigned int i;

	for (i = 0; i <= n; i++) {
		nr[i] = i ? nr[i - 1] + kinds * areas : 1;
		areas += i ? nr[i - 1] : 0;
	}
	return nr[n];
}

/* Areas in all states: one of @size from page @at on, and any state beside. */
uint64_t areas_in_states(unsigned int n, unsigned int kinds)
{
	unsigned int at, size;
	uint64_t sum = 0;

	for (size = 2; size <= n; size++)
		for (at = 0; at + size <= n; at++)
			sum += kinds * area_states(at, kinds) *
			       area_states(n - at - size, kinds);
	return sum;
}
