/* SPDX-License-Identifier: MIT */
/*
 * bench_empty.c - the scale on the scale: costs that are known beforehand
 *
 * A call of nothing through a pointer is the floor below every other figure:
 * `empty` is what an empty run costs when an empty run is taken off, `empty.call`
 * has the call as well. The others are a thousand instructions each, spent
 * where each kind of benchmark spends them.
 * See         tests/machine/test_bench.py
 */
#include <tests/bench.h>

#include <mm/page_alloc.h>

static void nothing(void)
{
}

static void (*volatile nothing_ptr)(void) = nothing;

static void run_call(void)
{
	nothing_ptr();
}

KBENCH(empty, "empty", NULL, nothing, NULL);
KBENCH(empty_call, "empty.call", NULL, run_call, NULL);
KBENCH(empty_call_many, "empty.call.amortised", NULL, run_call, NULL);

static void run_1000(void)
{
	__asm__ volatile("mov $499, %%ecx\n"
			 "1: dec %%ecx\n"
			 "jnz 1b\n"
			 "nop" ::: "ecx", "cc");
}

KBENCH(thousand, "empty.1000", NULL, run_1000, NULL);
KBENCH_WITH(thousand_calls, "empty.1000.each", .run = run_1000, .calls = 10,
	    .before = run_1000, .after = run_1000);
KBENCH_WITH(thousand_late, "empty.1000.amortised", .run = nothing,
	    .settle = run_1000);

static void run_leak(void)
{
	alloc_page(GFP_KERNEL);
}

static void run_failure(void)
{
	bench_failed = true;
}

/* Must fail: only when named exactly. */
KBENCH(leak, "planted.leak", NULL, run_leak, NULL);
KBENCH(failure, "planted.failure", NULL, run_failure, NULL);
KBENCH_WITH(needy, "planted.needy", .run = nothing, .needs_free = 70000);
