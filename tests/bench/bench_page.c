/* SPDX-License-Identifier: MIT */
/*
 * bench_page.c - what frames cost
 */
#include <tests/bench.h>

#include <mm/page_alloc.h>

static struct page *(*volatile alloc_ptr)(gfp_t, unsigned int) = alloc_pages;
static void (*volatile free_ptr)(struct page *, unsigned int) = __free_pages;

#define PAGE_PAIR(symbol, name, gfp, order)				\
	static void run_##symbol(void)					\
	{								\
		struct page *page = alloc_ptr(gfp, order);		\
									\
		if (!page)						\
			bench_failed = true;				\
		free_ptr(page, order);					\
	}								\
	KBENCH(symbol, name, NULL, run_##symbol, NULL)

PAGE_PAIR(order0, "page.order0.pair", GFP_KERNEL, 0);
PAGE_PAIR(order0_high, "page.order0.highmem.pair", GFP_HIGHUSER, 0);
PAGE_PAIR(order10, "page.order10.pair", GFP_HIGHUSER, MAX_ORDER);
PAGE_PAIR(order3, "page.order3.pair", GFP_KERNEL, 3);
PAGE_PAIR(order9, "page.order9.pair", GFP_KERNEL, 9);

/* --- many frames ------------------------------------------------------------ */

#define MANY	4096U

static struct page *frames[MANY];

static void alloc_each(void)
{
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		frames[i] = alloc_ptr(GFP_KERNEL, 0);
		if (!frames[i])
			bench_failed = true;
	}
}

static void free_each(void)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		free_ptr(frames[i], 0);
}

KBENCH_WITH(alloc_each, "page.order0.bulk4096.alloc_each", .run = alloc_each,
	    .after = free_each, .calls = MANY, .needs_free = 32);
KBENCH_WITH(free_each, "page.order0.bulk4096.free_each", .run = free_each,
	    .before = alloc_each, .calls = MANY, .needs_free = 32);

/* --- as an array ------------------------------------------------------------- */

static unsigned int (*volatile bulk_ptr)(gfp_t, unsigned int, struct page **) =
	alloc_pages_bulk_array;
static void (*volatile release_ptr)(struct page **, unsigned int) =
	release_pages;

#define BULK_PAIR(nr)							\
	static void run_bulk##nr(void)					\
	{								\
		unsigned int got = bulk_ptr(GFP_HIGHUSER, nr, frames);	\
									\
		if (got < nr)						\
			bench_failed = true;				\
		release_ptr(frames, got);				\
	}								\
	KBENCH_WITH(bulk##nr, "page.array" #nr ".pair_each",		\
		    .run = run_bulk##nr, .calls = nr,			\
		    .needs_free = 32)

BULK_PAIR(1);
BULK_PAIR(16);
BULK_PAIR(256);
BULK_PAIR(1024);
