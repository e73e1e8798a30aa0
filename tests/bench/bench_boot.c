/* SPDX-License-Identifier: MIT */
/*
 * bench_boot.c - what booting costs, and how much low memory it leaves
 */
#include <tests/bench.h>

#include <kernel/printk.h>
#include <mm/zone.h>
#include <x86/cpu.h>

static uint64_t mm_was_up;		/* ticks */
static uint64_t lowmem_was_free;	/* KiB   */

void bench_mm_is_up(void)
{
	mm_was_up = rdtsc();
}

void bench_report_boot(void)
{
	report_printf("bench: boot.instructions %llu ticks\n", rdtsc());
	lowmem_was_free = (nr_free_pages() -
			   zones[ZONE_HIGHMEM].buddy.nr_free) *
			  (PAGE_SIZE / 1024);
}

static uint64_t mm_up(void)
{
	return mm_was_up;
}

static uint64_t lowmem_free(void)
{
	return lowmem_was_free;
}

KBENCH_WITH(mm_up, "boot.mm_init", .value = mm_up, .unit = "ticks");
KBENCH_WITH(lowmem, "boot.lowmem.free", .value = lowmem_free, .unit = "KiB");
