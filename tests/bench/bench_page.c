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
