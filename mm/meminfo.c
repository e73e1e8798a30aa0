/* SPDX-License-Identifier: MIT */
/*
 * meminfo.c - what memory looks like now, in tables
 *
 * Idea        Reports take the function to print with, so that the console, the
 *             tests and the monitor share them. They read without locks: a figure
 *             may be one allocation old.
 */
#include <mm/meminfo.h>

#include <mm/memblock.h>
#include <mm/pcp.h>
#include <mm/vmap.h>
#include <mm/zone.h>

struct map_line { unsigned long start, end; const char *what; };

static void print_map_line(const struct map_line *line, print_fn *print)
{
	unsigned long size = line->end - line->start;
	bool small = size < MIB(1);

	print("  [%08lx, %08lx)  %5lu %s  %s\n", line->start, line->end,
	      small ? size / 1024 :
	      (size + MIB(1) / 2) / MIB(1), small ? "KiB" : "MiB",
	      line->what);
}

void meminfo_map(print_fn *print)
{
	const struct map_line lines[] = {
		{ PAGE_OFFSET, layout.high_memory, "direct map" },
		{ layout.high_memory, VMALLOC_START, "hole, never mapped" },
		{ VMALLOC_START, VMALLOC_END, "vmalloc window" },
		{ VMALLOC_END, KASAN_SHADOW_START, "hole" },
		{ KASAN_SHADOW_START, KASAN_SHADOW_END, "KASAN's shadow" },
		{ KASAN_SHADOW_END, PKMAP_BASE, "hole" },
		{ PKMAP_BASE, PKMAP_END, "kmap slots" },
		{ PKMAP_END, FIXADDR_START, "hole" },
		{ FIXADDR_START, FIXADDR_END, "fixed slots" },
	};
	unsigned int i;

	print("map: kernel addresses\n");
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].start < lines[i].end)
			print_map_line(&lines[i], print);
	print("  page tables of kernel space: %lu pages; areas: %lu\n",
	      pgtable_nr_tables(), vmap_nr_areas());
}

void zoneinfo(print_fn *print)
{
	const struct zone *z;

	print("zones: in pages of 4 KiB; free: with those in stock; @NORMAL, "
	      "@HIGHMEM: kept\n  from requests for these\n");
	print("  zone     first     end present managed    free stock   "
	      "min @NORMAL @HIGHMEM\n");
	for (z = zones; z < zones + NR_ZONES; z++)
		print("  %-8s %5x %7x %7lu %7lu %7lu %5u %5lu %7lu %8lu\n",
		      z->name, z->start, z->end, z->nr_present, z->nr_managed,
		      zone_nr_free(z), pcp_nr_frames(z), z->min,
		      z->reserve[ZONE_NORMAL], z->reserve[ZONE_HIGHMEM]);
}

void buddyinfo(print_fn *print)
{
	const struct zone *z;
	unsigned int order;

	print("buddy: free blocks of 2^order pages; what is in stock is in "
	      "none\n  order   ");
	for (order = 0; order < NR_ORDERS; order++)
		print(" %5u", order);
	print("\n");
	for (z = zones; z < zones + NR_ZONES; z++) {
		print("  %-8s", z->name);
		for (order = 0; order < NR_ORDERS; order++)
			print(" %5lu", z->buddy.nr_blocks[order]);
		print("\n");
	}
}

static void list_report(const struct memblock_list *list, print_fn *print)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		print("  [%09llx, %09llx)  %9llu KiB  %s\n",
		      list->range[i].start, list->range[i].end,
		      (list->range[i].end - list->range[i].start + 1023) / 1024,
		      list->range[i].owner);
}

void memblock_report(print_fn *print)
{
	print("RAM\n");
	list_report(&memblock.ram, print);
	print("Reserved at boot\n");
	list_report(&memblock.reserved, print);
}
