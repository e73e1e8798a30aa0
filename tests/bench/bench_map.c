/* SPDX-License-Identifier: MIT */
/*
 * bench_map.c - what it costs to map frames that one has, and to find one again
 */
#include <tests/bench.h>

#include <mm/page_alloc.h>
#include <mm/vmalloc.h>

#define NR_FRAMES	16U

static void *(*volatile vmap_ptr)(struct page **, unsigned int, unsigned long,
				  pgprot_t) = vmap;
static void (*volatile vunmap_ptr)(const void *) = vunmap;
static struct page *(*volatile to_page_ptr)(const void *) = vmalloc_to_page;

static struct page *frames[NR_FRAMES];
static void *area;

static void give_frames(void)
{
	unsigned int i;

	for (i = 0; i < NR_FRAMES; i++)
		if (frames[i])
			__free_page(frames[i]);
}

static void take_frames(void)
{
	unsigned int i;

	for (i = 0; i < NR_FRAMES; i++) {
		frames[i] = alloc_page(GFP_HIGHUSER);
		if (!frames[i])
			bench_failed = true;
	}
}

static void run_vmap(void)
{
	void *p = vmap_ptr(frames, NR_FRAMES, VM_MAP, PAGE_KERNEL);

	if (!p)
		bench_failed = true;
	vunmap_ptr(p);
}

KBENCH(vmap, "vmap.16p.pair", take_frames, run_vmap, give_frames);

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
