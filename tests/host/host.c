/* SPDX-License-Identifier: MIT */
/*
 * host.c - counts what the test programs check, and stands in for the kernel
 *
 * Each failed check is described in a "# " line, up to ten for a case; each
 * case ends in one line "ok - sentence" or "not ok - sentence".
 */
#include "host.h"

#include <lib/assert.h>

#define MAX_SHOWN 10

static unsigned long nr_checks, nr_failures, nr_failed_cases;

void host_check(bool ok, const char *file, int line, const char *cond)
{
	nr_checks++;
	if (!ok && nr_failures++ < MAX_SHOWN)
		printf("# %s:%d: %s\n", file, line, cond);
}

void host_case(const char *sentence)
{
	bool ok = nr_checks > 0 && nr_failures == 0;

	printf("%s - %s\n", ok ? "ok" : "not ok", sentence);
	fflush(stdout);
	nr_failed_cases += !ok;
	nr_checks = nr_failures = 0;
}

int host_end(void)
{
	return nr_failed_cases ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* xorshift64*: not the kernel's generator, which may be what is wrong. */
uint32_t host_random(void)
{
	static uint64_t state;

	if (!state) {
		const char *seed = getenv("SEED");

		state = (seed ? strtoull(seed, NULL, 0) : 1) * 2 + 1;
		printf("# SEED=%s\n", seed ? seed : "1");
	}
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * 0x2545F4914F6CDD1DULL >> 32);
}

uint64_t host_random64(void)
{
	uint64_t value = (uint64_t)host_random() << 32 | host_random();

	return value >> host_below(64);
}

uint32_t host_below(uint32_t bound)
{
	return (uint32_t)((uint64_t)host_random() * bound >> 32);
}

/* The kernel's ASSERT ends here: the program ends with a status of its own. */
void assert_failed(const char *cond, const char *file, int line)
{
	printf("# assertion failed: %s, %s:%d\n", cond, file, line);
	fflush(stdout);
	abort();
}
