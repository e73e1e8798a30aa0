/* SPDX-License-Identifier: MIT */
/*
 * bench_vmalloc.c - what areas of frames cost
 */
#include <tests/bench.h>

#include <mm/vmalloc.h>

static void *(*volatile vmalloc_ptr)(unsigned long) = vmalloc;
static void (*volatile vfree_ptr)(const void *) = vfree;

#define VMALLOC_PAIR(pages)						\
	static void run_vmalloc_##pages(void)				\
	{								\
		void *p = vmalloc_ptr(pages * PAGE_SIZE);		\
									\
		if (!p)							\
			bench_failed = true;				\
		vfree_ptr(p);						\
	}								\
	KBENCH(vmalloc_##pages, "vmalloc." #pages "p.pair", NULL,	\
	       run_vmalloc_##pages, NULL)

VMALLOC_PAIR(1);
VMALLOC_PAIR(16);
VMALLOC_PAIR(256);
VMALLOC_PAIR(1024);
