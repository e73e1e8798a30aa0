/* SPDX-License-Identifier: MIT */
/*
 * bench_family.c - what the relatives of vmalloc cost
 */
#include <tests/bench.h>

#include <mm/kvmalloc.h>
#include <mm/page_alloc.h>
#include <mm/vm_map_ram.h>
#include <mm/vmalloc.h>

static void *(*volatile map_ram_ptr)(struct page **, unsigned int, int) =
	vm_map_ram;
static void (*volatile unmap_ram_ptr)(const void *, unsigned int) =
	vm_unmap_ram;
static void *(*volatile kvmalloc_ptr)(size_t, gfp_t) = kvmalloc;
static void *(*volatile vrealloc_ptr)(const void *, size_t, gfp_t) = vrealloc;

/* --- vm_map_ram ------------------------------------------------------------ */

static struct page *pages[16];

static void take_pages(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_page(GFP_HIGHUSER);
		if (!pages[i])
			bench_failed = true;
	}
}

static void give_pages(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		__free_page(pages[i]);
}

#define MAP_RAM_PAIR(nr)						\
	static void run_map_ram_##nr(void)				\
	{								\
		void *p = map_ram_ptr(pages, nr, 0);			\
									\
		if (!p)							\
			bench_failed = true;				\
		unmap_ram_ptr(p, nr);					\
	}								\
	KBENCH(map_ram_##nr, "vm_map_ram." #nr "p.pair", take_pages,	\
	       run_map_ram_##nr, give_pages)

MAP_RAM_PAIR(1);
MAP_RAM_PAIR(16);
KBENCH_WITH(map_ram_mean, "vm_map_ram.1p.pair.amortised",
	    .prepare = take_pages, .run = run_map_ram_1, .finish = give_pages,
	    .settle = vm_unmap_aliases);

/* --- kvmalloc, vrealloc ------------------------------------------------------ */

/* kvfree is put in place wherever it is called. */
#define KVMALLOC_PAIR(size)						\
	static void run_kvmalloc_##size(void)				\
	{								\
		void *p = kvmalloc_ptr(size, GFP_KERNEL);		\
									\
		if (!p)							\
			bench_failed = true;				\
		kvfree(p);						\
	}								\
	KBENCH(kvmalloc_##size, "kvmalloc." #size ".pair", NULL,	\
	       run_kvmalloc_##size, NULL)

KVMALLOC_PAIR(64);
KVMALLOC_PAIR(8192);

static void *buffer;

static void take_buffer(void)
{
	buffer = vmalloc(PAGE_SIZE);
	if (!buffer)
		bench_failed = true;
}

static void give_buffer(void)
{
	vfree(buffer);
}

/* 64 bytes less and more again, within its page. */
static void run_vrealloc(void)
{
	vrealloc_ptr(buffer, PAGE_SIZE - 64, GFP_KERNEL);
	vrealloc_ptr(buffer, PAGE_SIZE, GFP_KERNEL);
}
KBENCH(vrealloc_stays, "vrealloc.stays.pair", take_buffer, run_vrealloc,
       give_buffer);

/* --- vmalloc_huge ------------------------------------------------------------ */

static void *(*volatile huge_ptr)(unsigned long, gfp_t) = vmalloc_huge;
static void (*volatile vfree_ptr)(const void *) = vfree;

static void run_huge(void)
{
	void *p = huge_ptr(512 * PAGE_SIZE, GFP_KERNEL);

	if (!p)
		bench_failed = true;
	vfree_ptr(p);
}
KBENCH(huge_512, "vmalloc_huge.512p.pair", NULL, run_huge, NULL);

/* --- vfree_atomic ------------------------------------------------------------ */

static void (*volatile vfree_atomic_ptr)(const void *) = vfree_atomic;
static void *(*volatile vmalloc_ptr)(unsigned long) = vmalloc;

/* The area before is freed by the vmalloc of the next one. */
static void run_atomic(void)
{
	void *p = vmalloc_ptr(PAGE_SIZE);

	if (!p)
		bench_failed = true;
	vfree_atomic_ptr(p);
}
KBENCH(vfree_atomic, "vfree_atomic.1p.pair", NULL, run_atomic, vfree_drain);
