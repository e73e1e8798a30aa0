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
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
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

/* Every operation of a round must have succeeded, or its cost means nothing. */
static bool failed;

static bool measure(const struct kbench *b)
{
	uint32_t cost, overhead;
	struct books before;

	books_read(&before);
	failed = false;
	if (b->prepare)
		b->prepare();
	overhead = median_cost(empty);
	b->run();
	cost = failed ? 0 : median_cost(b->run);
	if (b->finish)
		b->finish();
	if (failed)
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

/* --- the operations -------------------------------------------------------- */

static struct page *(*volatile alloc_pages_ptr)(gfp_t, unsigned int) = alloc_pages;
static void (*volatile free_pages_ptr)(struct page *, unsigned int) = __free_pages;
static void *(*volatile kmalloc_ptr)(size_t, gfp_t) = kmalloc;
static void (*volatile kfree_ptr)(const void *) = kfree;
static void *(*volatile vmalloc_ptr)(unsigned long) = vmalloc;
static void (*volatile vfree_ptr)(const void *) = vfree;

#define PAGE_PAIR(symbol, name, gfp, order)				\
	static void run_##symbol(void)					\
	{								\
		struct page *page = alloc_pages_ptr(gfp, order);	\
									\
		failed |= !page;					\
		free_pages_ptr(page, order);				\
	}								\
	KBENCH(symbol, name, NULL, run_##symbol, NULL)

PAGE_PAIR(order0, "page.order0.pair", GFP_KERNEL, 0);
PAGE_PAIR(order0_high, "page.order0.highmem.pair", GFP_HIGHUSER, 0);
PAGE_PAIR(order10, "page.order10.pair", GFP_HIGHUSER, MAX_ORDER);

#define KMALLOC_PAIR(size)						\
	static void run_kmalloc_##size(void)				\
	{								\
		void *p = kmalloc_ptr(size, GFP_KERNEL);		\
									\
		failed |= !p;						\
		kfree_ptr(p);						\
	}								\
	KBENCH(kmalloc_##size, "kmalloc." #size ".pair", NULL,		\
	       run_kmalloc_##size, NULL)

KMALLOC_PAIR(64);
KMALLOC_PAIR(1024);

#define VMALLOC_PAIR(pages)						\
	static void run_vmalloc_##pages(void)				\
	{								\
		void *p = vmalloc_ptr(pages * PAGE_SIZE);		\
									\
		failed |= !p;						\
		vfree_ptr(p);						\
	}								\
	KBENCH(vmalloc_##pages, "vmalloc." #pages "p.pair", NULL,	\
	       run_vmalloc_##pages, NULL)

VMALLOC_PAIR(1);
VMALLOC_PAIR(16);
VMALLOC_PAIR(256);
VMALLOC_PAIR(1024);
