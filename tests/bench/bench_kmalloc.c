/* SPDX-License-Identifier: MIT */
/*
 * bench_kmalloc.c - what small objects cost
 */
#include <tests/bench.h>

#include <mm/slab.h>

static void *(*volatile kmalloc_ptr)(size_t, gfp_t) = kmalloc;
static void (*volatile kfree_ptr)(const void *) = kfree;

#define KMALLOC_PAIR(size)						\
	static void run_kmalloc_##size(void)				\
	{								\
		void *p = kmalloc_ptr(size, GFP_KERNEL);		\
									\
		if (!p)							\
			bench_failed = true;				\
		kfree_ptr(p);						\
	}								\
	KBENCH(kmalloc_##size, "kmalloc." #size ".pair", NULL,		\
	       run_kmalloc_##size, NULL)

KMALLOC_PAIR(64);
KMALLOC_PAIR(1024);
