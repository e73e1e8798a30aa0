/* SPDX-License-Identifier: MIT */
/*
 * testing.c - the monitor's commands that run self-tests and benchmarks
 *
 * Idea        They stand here because what they call does: nothing below tests/
 *             may know of it, and the linker gathers commands from anywhere.
 * Failure     Cases and figures are about memory that nobody else has taken: what
 *             the visitor holds goes back first.
 * See         tests/modules/test_testing.c
 */
#include <kernel/monitor.h>

#include <kernel/cmdline.h>
#include <lib/parse.h>
#include <modules/visit.h>
#include <tests/bench.h>
#include <tests/ktest.h>

MONITOR_COMMAND(test, "GLOB", "give back what you took, then run self-tests",
		"test vmalloc.*")
{
	visit_give_back();
	ktest_run(parse_word(&words), false, options.seed);
	return true;
}

MONITOR_COMMAND(bench, "GLOB", "the same with benchmarks; in ticks of the TSC",
		"bench page.order0.*")
{
	visit_give_back();
	if (!bench_run(parse_word(&words)))
		console_printf("  no figure, or not each\n");
	return true;
}
