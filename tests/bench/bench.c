/* SPDX-License-Identifier: MIT */
/*
 * bench.c - what an operation costs, in ticks of the TSC
 *
 * Problem     A cost must not depend on what ran before, on an interrupt, or on
 *             how reading the clock costs; and under -icount it hides what is
 *             dear on hardware: flushes, page-table writes, locks.
 * Idea        Read the TSC around one call through a pointer, many times, and take
 *             the median: whatever an interrupt or a first use adds falls away.
 *             What an empty run costs is taken off. What an operation puts off
 *             for later does not show in a median, so a name in .amortised asks
 *             for the mean of very many, the putting off undone. A kernel that
 *             was built with COUNT=1 counts instead (<lib/count.h>).
 * Picture     before | rdtsc  run  rdtsc | after        64 + 201 times
 *             rdtsc  run run run ... settle  rdtsc      .amortised
 * Invariants  B1  What is between the two readings is the same for every
 *                 benchmark, and for the empty one.
 *             B2  After each the books balance.
 * Read first  round_cost, then measure.
 * See         docs/book/bench.md, tools/bench.py, tests/machine/test_bench.py
 */
#include <tests/bench.h>

#include <kernel/printk.h>
#include <lib/count.h>
#include <lib/glob.h>
#include <lib/string.h>
#include <mm/tlb.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/layout.h>

#define WARM_UPS	64U
#define ROUNDS		201U
#define MANY_ROUNDS	10000U
#define AMORTISED	".amortised"

extern const struct kbench kbenches_start[], kbenches_end[];

bool bench_failed;

static void report(const char *name, uint64_t value, const char *unit)
{
	report_printf("bench: %s %llu %s\n", name, value, unit);
}

/* --- what happened beside the instructions, with COUNT=1 -------------------- */

enum { PAGE_FLUSHES, FULL_FLUSHES, PTE_WRITES, SPINLOCKS, NR_EVENTS };

static const char *const event_names[NR_EVENTS] = {
	"page_flushes", "full_flushes", "pte_writes", "spinlocks"
};
static uint64_t events[NR_EVENTS];		/* of the runs measured */

/* Add @sign times what was counted since boot. */
static void add_events(uint64_t sign)
{
	events[PAGE_FLUSHES] += sign * tlb_stats.pages;
	events[FULL_FLUSHES] += sign * tlb_stats.full;
	events[PTE_WRITES] += sign * count_so_far(COUNT_PTE_WRITE);
	events[SPINLOCKS] += sign * count_so_far(COUNT_SPINLOCK);
}

static void report_events(const struct kbench *b, unsigned int nr_calls)
{
	unsigned int i;

	for (i = 0; i < NR_EVENTS; i++)
		report_printf("bench: %s.%s %llu thousandths\n", b->name,
			      event_names[i],
			      (events[i] * 1000 + nr_calls / 2) / nr_calls);
}

/* --- rounds ------------------------------------------------------------------ */

static void call(void (*function)(void))
{
	if (function)
		function();
}

static __noinline uint32_t round_cost(const struct kbench *b)
{
	uint64_t begin;
	uint32_t cost;

	call(b->before);
	add_events(-1ULL);
	begin = rdtsc();
	b->run();
	cost = (uint32_t)(rdtsc() - begin);
	add_events(1);
	call(b->after);
	return cost;
}

static __noinline uint64_t cost_of_many(const struct kbench *b)
{
	uint64_t begin;
	unsigned int i;

	add_events(-1ULL);
	begin = rdtsc();
	for (i = 0; i < MANY_ROUNDS; i++)
		b->run();
	call(b->settle);
	begin = rdtsc() - begin;
	add_events(1);
	return begin;
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

static uint32_t median_cost(const struct kbench *b)
{
	static uint32_t cost[ROUNDS];
	unsigned int i;

	for (i = 0; i < WARM_UPS; i++)
		round_cost(b);
	memset(events, 0, sizeof(events));
	for (i = 0; i < ROUNDS; i++)
		cost[i] = round_cost(b);
	sort(cost, ROUNDS);
	return cost[ROUNDS / 2];
}

/* --- one benchmark ----------------------------------------------------------- */

static void empty(void)
{
}

static const struct kbench empty_run = { .name = "empty", .run = empty };

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), skipped = length - strlen(end);

	return skipped < length && strcmp(name + skipped, end) == 0;
}

/* Ticks of all runs whose mean is the figure, and how many calls those were. */
static uint64_t total_cost(const struct kbench *b, unsigned int *nr_calls)
{
	uint64_t floor, cost;

	if (ends_in(b->name, AMORTISED)) {
		*nr_calls *= MANY_ROUNDS;
		floor = cost_of_many(&empty_run);
		round_cost(b);
		memset(events, 0, sizeof(events));
		cost = cost_of_many(b);
	} else {
		floor = median_cost(&empty_run);
		cost = median_cost(b);
	}
	return cost > floor ? cost - floor : 0;
}

static void report_cost(const struct kbench *b)
{
	unsigned int nr_calls = b->calls ? b->calls : 1;
	uint64_t cost = total_cost(b, &nr_calls);

	if (bench_failed)
		return;
	if (!COUNTING)
		report(b->name, (cost + nr_calls - 1) / nr_calls, "ticks");
	else if (ends_in(b->name, AMORTISED))
		report_events(b, nr_calls);
	else
		report_events(b, nr_calls * ROUNDS);
}

/* Cannot be measured here: a failure for who asked for just this one. */
static bool __printf(3, 4) give_up(const struct kbench *b, const char *globs,
				   const char *fmt, ...)
{
	char why[60];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	report_printf("# bench: %s: %s\n", b->name, why);
	return !glob_list_names(globs, b->name);
}

static bool measure(const struct kbench *b, const char *globs)
{
	struct books before;
	bool good = true;

	books_read(&before);
	bench_failed = false;
	call(b->prepare);
	if (!bench_failed)
		round_cost(b);
	if (!bench_failed)
		report_cost(b);
	call(b->finish);
	if (bench_failed)
		good = give_up(b, globs, "it fails here: no figure");
	return books_compare(&before, report_printf) && good;
}

static unsigned long highmem_free(void)
{
	return zones[ZONE_HIGHMEM].buddy.nr_free;
}

/* The window has some MiB less than vmalloc= says: holes, slots (layout.h). */
#define WINDOW_LACKS	(32U << 20)

static bool run_one(const struct kbench *b, const char *globs)
{
	if (b->value) {
		report(b->name, b->value(), b->unit);
		return true;
	}
	if (nr_free_pages() >> (20 - PAGE_SHIFT) < b->needs_free)
		return give_up(b, globs, "needs %u MiB of free memory",
			       b->needs_free);
	if (highmem_free() >> (20 - PAGE_SHIFT) < b->needs_highmem)
		return give_up(b, globs, "needs %u MiB of HIGHMEM",
			       b->needs_highmem);
	if ((VMALLOC_END - VMALLOC_START + WINDOW_LACKS) >> 20 <
	    b->needs_vmalloc)
		return give_up(b, globs, "needs vmalloc=%uM", b->needs_vmalloc);
	return measure(b, globs);
}

/* What is planted to fail must be named itself. */
static bool is_wanted(const struct kbench *b, const char *globs)
{
	if (glob_match("planted.*", b->name))
		return glob_list_names(globs, b->name);
	return glob_list_match(globs, b->name);
}

bool bench_run(const char *globs)
{
	const struct kbench *b;
	unsigned int n = 0;
	bool good = true;

	report_printf("# bench: areas are found by %s\n", vmap_chosen());
	for (b = kbenches_start; b < kbenches_end; b++) {
		if (!is_wanted(b, globs))
			continue;
		good &= run_one(b, globs);
		n++;
	}
	if (n == 0)
		printk(KERN_WARNING "bench: nothing matches '%s'\n", globs);
	return n > 0 && good;
}
