/* SPDX-License-Identifier: MIT */
/*
 * bench_map.c - what it costs to find the frame behind an address
 */
#include <tests/bench.h>

#include <mm/vmalloc.h>

static struct page *(*volatile to_page_ptr)(const void *) = vmalloc_to_page;

static void *area;

static void take_area(void)
{
	area = vmalloc(PAGE_SIZE);
	if (!area)
		bench_failed = true;
}

static void run_to_page(void)
{
	to_page_ptr(area);
}

static void give_area(void)
{
	vfree(area);
}

KBENCH(vmalloc_to_page, "vmalloc_to_page", take_area, run_to_page, give_area);
