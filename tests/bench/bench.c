/* SPDX-License-Identifier: MIT */
/*
 * bench.c - what an operation costs, in ticks of the TSC
 *
 * Idea        Read the TSC around one call through a pointer, many times, and take
 *             the median: whatever an interrupt or a first use adds falls away.
 *             What reading the TSC and an empty call cost is taken off.
 * See         docs/testing.md
 */
#include <tests/bench.h>

#include <kernel/printk.h>
#include <lib/glob.h>
#include <tests/ktest.h>
#include <x86/cpu.h>

#define WARM_UPS	64U
#define ROUNDS		201U

extern const struct kbench kbenches_start[], kbenches_end[];

static void report(const char *name, uint64_t value)
{
	report_printf("bench: %s %llu ticks\n", name, value);
}

static void sort(uint32_t *v, unsigned int n)
{
	unsigned int i, j;

	for (i = 1; i < n; i++) {
		uint32_t x = v[i];

		for (j = i; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

static uint32_t median_cost(void (*run)(void))
{
	static uint32_t cost[ROUNDS];
	unsigned int i;

	for (i = 0; i < WARM_UPS; i++)
		run();
	for (i = 0; i < ROUNDS; i++) {
		uint64_t begin = rdtsc();

		run();
		cost[i] = (uint32_t)(rdtsc() - begin);
	}
	sort(cost, ROUNDS);
	return cost[ROUNDS / 2];
}

static void empty(void)
{
}

bool bench_failed;

static bool measure(const struct kbench *b)
{
	uint32_t cost, overhead;
	struct books before;

	books_read(&before);
	bench_failed = false;
	if (b->prepare)
		b->prepare();
	overhead = median_cost(empty);
	b->run();
	cost = bench_failed ? 0 : median_cost(b->run);
	if (b->finish)
		b->finish();
	if (bench_failed)
		report_printf("# bench: %s: this machine is too small\n",
			       b->name);
	else
		report(b->name, cost > overhead ? cost - overhead : 0);
	return books_compare(&before, report_printf);
}

bool bench_run(const char *globs)
{
	const struct kbench *b;
	unsigned int n = 0;
	bool good = true;

	for (b = kbenches_start; b < kbenches_end; b++) {
		if (!glob_list_match(globs, b->name))
			continue;
		good &= measure(b);
		n++;
	}
	if (n == 0)
		printk(KERN_WARNING "bench: nothing matches '%s'\n", globs);
	return n > 0 && good;
}

void bench_report_boot(void)
{
	report("boot.instructions", rdtsc());
}
