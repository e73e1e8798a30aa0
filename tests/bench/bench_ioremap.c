/* SPDX-License-Identifier: MIT */
/*
 * bench_ioremap.c - what an address for a device costs
 */
#include <tests/bench.h>

#include <mm/ioremap.h>

#define LOCAL_APIC	0xFEE00000U	/* every machine has one there */

static void __iomem *(*volatile ioremap_ptr)(phys_addr_t, unsigned long) =
	ioremap;
static void (*volatile iounmap_ptr)(volatile void __iomem *) = iounmap;

static void run_ioremap(void)
{
	void __iomem *p = ioremap_ptr(phys_make(LOCAL_APIC), 4096);

	if (!p)
		bench_failed = true;
	iounmap_ptr(p);
}

KBENCH(ioremap_1, "ioremap.1p.pair", NULL, run_ioremap, NULL);
