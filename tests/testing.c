/* SPDX-License-Identifier: MIT */
/*
 * testing.c - the monitor's commands that run self-tests and benchmarks
 *
 * Idea        They stand here because what they call does: nothing below tests/
 *             may know of it, and the linker gathers commands from anywhere.
 * Failure     In crumbs most cases could not have what they need, and would say
 *             so at length: they are not begun.
 * See         tests/modules/test_testing.c
 */
#include <kernel/monitor.h>

#include <kernel/cmdline.h>
#include <lib/parse.h>
#include <modules/visit.h>
#include <tests/bench.h>
#include <tests/ktest.h>

static bool memory_is_whole(void)
{
	if (visit_crumbs())
		console_printf("  memory is in crumbs: `frag` gives it back\n");
	return !visit_crumbs();
}

MONITOR_COMMAND(test, "GLOB", "run self-tests; one named exactly may be slow",
		"test vmalloc.*")
{
	if (memory_is_whole())
		ktest_run(parse_word(&words), false, options.seed);
	return true;
}

MONITOR_COMMAND(bench, "GLOB", "run benchmarks; in ticks of the TSC",
		"bench page.*")
{
	if (memory_is_whole() && !bench_run(parse_word(&words)))
		console_printf("  no figure, or not each\n");
	return true;
}
