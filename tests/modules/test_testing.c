/* SPDX-License-Identifier: MIT */
/*
 * test_testing.c - the monitor's test and bench
 *
 * A self-test inside of a self-test would have the machinery forget what it was
 * about; so only what is refused is asked here, tests/machine/test_monitor.py asks
 * for the rest.
 */
#include <tests/ktest.h>

#include "ask.h"

KTEST(testing, names_are_demanded)
{
	EXPECT(ask("test") && answered("usage: test GLOB"));
	EXPECT(ask("test list.* vmap.*") && answered("usage: test GLOB"));
	EXPECT(ask("bench") && answered("usage: bench GLOB"));
}
