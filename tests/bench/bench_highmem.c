/* SPDX-License-Identifier: MIT */
/*
 * bench_highmem.c - what an address costs for a frame that has none
 */
#include <tests/bench.h>

#include <mm/highmem.h>
#include <mm/page_alloc.h>

static void *(*volatile kmap_local_ptr)(struct page *) = kmap_local_page;
static void (*volatile kunmap_local_ptr)(const void *) = kunmap_local;
static void (*volatile clear_ptr)(struct page *) = clear_highpage;
static void (*volatile copy_ptr)(struct page *, struct page *) = copy_highpage;

static struct page *frame, *other;

static void take_frames(void)
{
	frame = alloc_page(GFP_HIGHUSER);
	other = alloc_page(GFP_HIGHUSER);
	if (!frame || !other || !page_is_highmem(frame) ||
	    !page_is_highmem(other))
		bench_failed = true;
}

static void give_frames(void)
{
	if (frame)
		__free_page(frame);
	if (other)
		__free_page(other);
}

static void *(*volatile kmap_ptr)(struct page *) = kmap;
static void (*volatile kunmap_ptr)(struct page *) = kunmap;

#define HIGHMEM_BENCH(symbol, name)					\
	KBENCH_WITH(symbol, name, .prepare = take_frames,		\
		    .run = run_##symbol, .finish = give_frames,		\
		    .needs_highmem = 2)

static void run_kmap(void)
{
	kmap_ptr(frame);
	kunmap_ptr(frame);
}

HIGHMEM_BENCH(kmap, "kmap.highmem.pair");

static void run_local(void)
{
	void *p = kmap_local_ptr(frame);

	kunmap_local_ptr(p);
}

HIGHMEM_BENCH(local, "kmap_local.highmem.pair");

static void run_clear(void)
{
	clear_ptr(frame);
}

HIGHMEM_BENCH(clear, "clear_highpage");

static void run_copy(void)
{
	copy_ptr(frame, other);
}

HIGHMEM_BENCH(copy, "copy_highpage");
