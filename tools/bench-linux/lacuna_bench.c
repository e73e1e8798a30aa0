/* SPDX-License-Identifier: MIT */
/*
 * lacuna_bench.c - what the same operations cost in Linux
 *
 * Problem     Two figures can be compared only if they were measured alike.
 * Idea        A module that does in Linux what tests/bench/bench.c does in
 *             Lacuna: the TSC before and after one call through a pointer, the
 *             median of 201 after 64 warm-ups, less that of an empty run. The
 *             benchmarks have the same names.
 * Output      "bench: <name> <value> <unit>" on the console, then the end by
 *             isa-debug-exit, 0x10 as Lacuna does when all is well.
 * See         tools/bench_linux.py, docs/book/bench.md
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include <asm/tsc.h>

#define WARM_UPS	64
#define ROUNDS		201
#define NR_BULK		4096
#define NR_MAPPED	16
#define NR_FRAG		4000
#define MAX_LIVE	40000
#define TRACED		5
#define VGA_MEMORY	0xfd000000UL
#define EXIT_PORT	0xf4
#define EXIT_PASS	0x10

/* wide=1: only what needs vmalloc=512M. trace=<name>: that one alone, some more
 * runs of it between two calls of report(), and at first a wait for somebody
 * with a debugger, who ends it. */
static bool wide;
module_param(wide, bool, 0);
static char *trace = "";
module_param(trace, charp, 0);
static volatile int wait = 1;

static bool failed;

struct bench {
	const char *name;
	void (*run)(void);
	void (*before)(void);
	void (*after)(void);
	unsigned int calls;
};

/* --- rounds ------------------------------------------------------------------ */

static noinline u32 round_cost(const struct bench *b)
{
	u64 begin;
	u32 cost;

	if (b->before)
		b->before();
	begin = rdtsc();
	b->run();
	cost = (u32)(rdtsc() - begin);
	if (b->after)
		b->after();
	return cost;
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static noinline void report(const char *name, unsigned long value,
			    const char *unit)
{
	printk(KERN_ALERT "bench: %s %lu %s\n", name, value, unit);
}

static u32 median_cost(const struct bench *b)
{
	static u32 cost[ROUNDS];
	int i;

	for (i = 0; i < WARM_UPS; i++)
		round_cost(b);
	for (i = 0; i < ROUNDS; i++)
		cost[i] = round_cost(b);
	sort(cost, ROUNDS, sizeof(cost[0]), compare, NULL);
	return cost[ROUNDS / 2];
}

static void empty(void)
{
}

static const struct bench empty_run = { "empty", empty };

static void measure(const struct bench *b)
{
	u32 calls = b->calls ? b->calls : 1;
	u32 floor, cost;

	if (*trace && strcmp(trace, b->name))
		return;
	failed = false;
	floor = median_cost(&empty_run);
	round_cost(b);
	cost = failed ? 0 : median_cost(b) - floor;
	if (failed)
		printk(KERN_ALERT "# bench: %s: it fails here: no figure\n", b->name);
	else
		report(b->name, (cost + calls - 1) / calls, "ticks");
	if (*trace) {
		report("trace.begins", 0, "runs");
		for (calls = 0; calls < TRACED; calls++)
			b->run();
		report("trace.ends", calls, "runs");
	}
}

/* --- frames ------------------------------------------------------------------ */

static struct page *(*volatile alloc_ptr)(gfp_t, unsigned int, int,
					  nodemask_t *) = __alloc_pages;
static void (*volatile free_ptr)(struct page *, unsigned int) = __free_pages;

#define PAGE_PAIR(symbol, gfp, order)					\
	static noinline void run_##symbol(void)				\
	{								\
		struct page *page = alloc_ptr(gfp, order, 0, NULL);	\
									\
		if (!page)						\
			failed = true;					\
		free_ptr(page, order);					\
	}

PAGE_PAIR(order0, GFP_KERNEL, 0)
PAGE_PAIR(order0_high, GFP_HIGHUSER, 0)
PAGE_PAIR(order3, GFP_KERNEL, 3)
PAGE_PAIR(order9, GFP_KERNEL, 9)
PAGE_PAIR(order10, GFP_KERNEL, 10)

static struct page *bulk[NR_BULK];

static void bulk_alloc(void)
{
	int i;

	for (i = 0; i < NR_BULK; i++) {
		bulk[i] = alloc_ptr(GFP_KERNEL, 0, 0, NULL);
		if (!bulk[i])
			failed = true;
	}
}

static void bulk_free(void)
{
	int i;

	for (i = 0; i < NR_BULK; i++)
		free_ptr(bulk[i], 0);
}

/* --- objects ----------------------------------------------------------------- */

static void (*volatile kfree_ptr)(const void *) = kfree;

#define KMALLOC_PAIR(size)						\
	static noinline void run_kmalloc_##size(void)			\
	{								\
		void *p = kmalloc(size, GFP_KERNEL);			\
									\
		if (!p)							\
			failed = true;					\
		kfree_ptr(p);						\
	}

KMALLOC_PAIR(64)
KMALLOC_PAIR(1024)

/* --- areas ------------------------------------------------------------------- */

static void *(*volatile vmalloc_ptr)(unsigned long) = vmalloc;
static void (*volatile vfree_ptr)(const void *) = vfree;
static void (*volatile purge_ptr)(void) = vm_unmap_aliases;

#define VMALLOC_PAIR(pages)						\
	static noinline void run_vmalloc_##pages(void)			\
	{								\
		void *p = vmalloc_ptr(pages * PAGE_SIZE);		\
									\
		if (!p)							\
			failed = true;					\
		vfree_ptr(p);						\
	}

VMALLOC_PAIR(1)
VMALLOC_PAIR(4)
VMALLOC_PAIR(16)
VMALLOC_PAIR(256)
VMALLOC_PAIR(1024)

/* The address can be used again at once, as Lacuna has it. */
static noinline void run_vmalloc_eager(void)
{
	void *p = vmalloc_ptr(PAGE_SIZE);

	if (!p)
		failed = true;
	vfree_ptr(p);
	purge_ptr();
}

static void *made;
static unsigned long made_size;

static noinline void run_vmalloc_alloc(void)
{
	made = vmalloc_ptr(made_size);
	if (!made)
		failed = true;
}

static void unmake(void)
{
	vfree(made);
}

static void unmake_at_once(void)
{
	vfree(made);
	vm_unmap_aliases();
}

/* One after the other, all kept: each takes its pages from the buddy's blocks. */
static void *kept[1 + WARM_UPS + ROUNDS];
static unsigned int nr_kept;

static void keep(void)
{
	kept[nr_kept++] = made;
}

static void free_kept(void)
{
	while (nr_kept > 0)
		vfree(kept[--nr_kept]);
	vm_unmap_aliases();
}

static void *live[MAX_LIVE];

static bool make_areas(unsigned int from, unsigned int to, unsigned long size)
{
	for (; from < to; from++) {
		live[from] = vmalloc(size);
		if (!live[from])
			return false;
	}
	return true;
}

static void free_areas(unsigned int step)
{
	unsigned int i;

	for (i = 0; i < MAX_LIVE; i += step) {
		vfree(live[i]);
		live[i] = NULL;
	}
}

static void bench_live(void)
{
	static const struct { const char *name; unsigned int nr; } steps[] = {
		{ "vmalloc.1p.live0.alloc", 0 },
		{ "vmalloc.1p.live100.alloc", 100 },
		{ "vmalloc.1p.live1000.alloc", 1000 },
		{ "vmalloc.1p.live10000.alloc", 10000 },
		{ "vmalloc.1p.live40000.alloc", 40000 },
	};
	struct bench b = { .run = run_vmalloc_alloc, .after = unmake };
	unsigned int i, nr = 0;

	made_size = PAGE_SIZE;
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		if (!make_areas(nr, steps[i].nr, PAGE_SIZE))
			break;
		nr = steps[i].nr;
		b.name = steps[i].name;
		measure(&b);
	}
	free_areas(1);
}

/* As figures.txt quotes it, and freeing each before the next, as Lacuna does. */
static void measure_in_holes(const char *name, const char *name_freed,
			     unsigned long size)
{
	struct bench b = { .name = name, .run = run_vmalloc_alloc,
			   .after = keep };
	struct bench freed = { .name = name_freed, .run = run_vmalloc_alloc,
			       .after = unmake_at_once };

	made_size = size;
	measure(&b);
	free_kept();
	measure(&freed);
}

static void bench_frag(void)
{
	if (make_areas(0, NR_FRAG, 4 * PAGE_SIZE)) {
		free_areas(2);
		vm_unmap_aliases();
		measure_in_holes("vmalloc.frag.same4p.kept.alloc",
				 "vmalloc.frag.same4p.alloc",
				 4 * PAGE_SIZE);
		measure_in_holes("vmalloc.frag.bigger16p.kept.alloc",
				 "vmalloc.frag.bigger16p.alloc",
				 16 * PAGE_SIZE);
	}
	free_areas(1);
}

/* --- mappings ---------------------------------------------------------------- */

static void *(*volatile vmap_ptr)(struct page **, unsigned int, unsigned long,
				  pgprot_t) = vmap;
static void (*volatile vunmap_ptr)(const void *) = vunmap;
static void *(*volatile map_ram_ptr)(struct page **, unsigned int,
				     int) = vm_map_ram;
static void (*volatile unmap_ram_ptr)(const void *,
				      unsigned int) = vm_unmap_ram;
static struct page *(*volatile to_page_ptr)(const void *) = vmalloc_to_page;
static void __iomem *(*volatile ioremap_ptr)(resource_size_t,
					     unsigned long) = ioremap;
static void (*volatile iounmap_ptr)(volatile void __iomem *) = iounmap;

static struct page *mapped[NR_MAPPED];
static struct page *high;

static noinline void run_vmap(void)
{
	vunmap_ptr(vmap_ptr(mapped, NR_MAPPED, VM_MAP, PAGE_KERNEL));
}

#define MAP_RAM(pages)							\
	static noinline void run_map_ram_##pages(void)			\
	{								\
		void *p = map_ram_ptr(mapped, pages, NUMA_NO_NODE);	\
									\
		if (!p)							\
			failed = true;					\
		unmap_ram_ptr(p, pages);				\
	}

MAP_RAM(1)
MAP_RAM(16)

static noinline void run_ioremap(void)
{
	iounmap_ptr(ioremap_ptr(VGA_MEMORY, PAGE_SIZE));
}

static noinline void run_to_page(void)
{
	if (!to_page_ptr(made))
		failed = true;
}

/* Inline functions here, so no pointer: as any caller has them. */
static noinline void run_kmap(void)
{
	if (!kmap(high))
		failed = true;
	kunmap(high);
}

static noinline void run_kmap_local(void)
{
	void *p = kmap_local_page(high);

	if (!p)
		failed = true;
	kunmap_local(p);
}

/* --- all --------------------------------------------------------------------- */

static const struct bench benches[] = {
	{ "empty", empty },
	{ "page.order0.pair", run_order0 },
	{ "page.order0.highmem.pair", run_order0_high },
	{ "page.order3.pair", run_order3 },
	{ "page.order9.pair", run_order9 },
	{ "page.order10.pair", run_order10 },
	{ "page.order0.bulk4096.alloc_each", bulk_alloc, NULL, bulk_free,
	  NR_BULK },
	{ "page.order0.bulk4096.free_each", bulk_free, bulk_alloc, NULL,
	  NR_BULK },
	{ "kmalloc.64.pair", run_kmalloc_64 },
	{ "kmalloc.1024.pair", run_kmalloc_1024 },
	{ "vmalloc.1p.lazy.pair", run_vmalloc_1 },
	{ "vmalloc.1p.pair", run_vmalloc_eager },
	{ "vmalloc.4p.pair", run_vmalloc_4 },
	{ "vmalloc.16p.pair", run_vmalloc_16 },
	{ "vmalloc.256p.pair", run_vmalloc_256 },
	{ "vmalloc.1024p.pair", run_vmalloc_1024 },
	{ "vmap.16p.pair", run_vmap },
	{ "vm_map_ram.1p.pair", run_map_ram_1 },
	{ "vm_map_ram.16p.pair", run_map_ram_16 },
	{ "kmap.highmem.pair", run_kmap },
	{ "kmap_local.highmem.pair", run_kmap_local },
	{ "ioremap.1p.pair", run_ioremap },
	{ "vmalloc_to_page", run_to_page },
};

static void wait_for_debugger(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(benches); i++)
		if (strcmp(trace, benches[i].name) == 0)
			printk(KERN_ALERT "at run %lx\n",
			       (unsigned long)benches[i].run);
	printk(KERN_ALERT "at report %lx\n", (unsigned long)report);
	printk(KERN_ALERT "at wait %lx\n", (unsigned long)&wait);
	while (wait)
		cpu_relax();
}

static void bench_memory(void)
{
	struct sysinfo info;

	si_meminfo(&info);
	report("boot.lowmem.free", (info.freeram - info.freehigh) *
	       (PAGE_SIZE / 1024), "KiB");
}

static int __init lacuna_bench_init(void)
{
	unsigned int i;

	bench_memory();
	for (i = 0; i < NR_MAPPED; i++)
		mapped[i] = alloc_page(GFP_KERNEL);
	high = alloc_page(GFP_HIGHUSER);
	made = vmalloc(PAGE_SIZE);
	if (*trace)
		wait_for_debugger();
	for (i = 0; i < ARRAY_SIZE(benches) && !wide; i++)
		measure(&benches[i]);
	vfree(made);
	if (wide) {
		bench_live();
		bench_frag();
	}
	outb(EXIT_PASS, EXIT_PORT);
	return 0;
}
module_init(lacuna_bench_init);

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("what memory operations cost, in ticks of the TSC");
