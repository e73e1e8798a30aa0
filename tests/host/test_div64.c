/* SPDX-License-Identifier: MIT */
/* test_div64.c - the kernel's division against this machine's */
#include "host.h"

#include <lib/div64.h>

#define ROUNDS	1000000

/* Every other one a multiple of @d or one less: there the borders are. */
static uint64_t random_dividend(uint64_t d)
{
	if (host_below(2))
		return host_random64();
	return d * (1 + host_random64() % (UINT64_MAX / d)) - host_below(2);
}

static void check_unsigned(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		uint64_t d = host_random64(), n, rest;

		d = d ? d : UINT64_MAX;
		n = random_dividend(d);
		CHECK(__udivmoddi4(n, d, &rest) == n / d);
		CHECK(rest == n % d);
		CHECK(__udivdi3(n, d) == n / d);
		CHECK(__umoddi3(n, d) == n % d);
	}
}

static void check_signed(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		int64_t n = (int64_t)host_random64(), d, rest;

		d = (int64_t)host_random64() | 1;
		if (host_below(2) && n != INT64_MIN)
			n = -n;
		if (host_below(2) && d != INT64_MIN)
			d = -d;
		if (n == INT64_MIN && d == -1)
			continue;
		CHECK(__divmoddi4(n, d, &rest) == n / d);
		CHECK(rest == n % d);
		CHECK(__divdi3(n, d) == n / d);
		CHECK(__moddi3(n, d) == n % d);
	}
}

int main(void)
{
	check_unsigned();
	host_case("unsigned division agrees on 1000000 random operands");
	check_signed();
	host_case("signed division agrees on 1000000 random operands");
	return host_end();
}
