/* SPDX-License-Identifier: MIT */
/*
 * long.c - all that is known of an address, for who asks by hand
 *
 * Problem     The report of a bad access must be short. Who sits at the prompt
 *             wants to see everything: region, area, entries, frame, owner.
 * Idea        The report's own lines, and between them one kind after the other
 *             adds what it knows. The debugger's `lacuna explain` prints the same
 *             lines (tools/gdb/explain*.py).
 * Read first  run_explain, then lines.h
 * See         docs/explain.md, tests/modules/test_explain_kinds.c
 */
#include <kernel/monitor.h>
#include <kernel/printk.h>

#include "lines.h"

/* The lines of `map`, and what lies below and above them. */
static void print_region(unsigned long addr, print_fn *print)
{
	const struct { unsigned long last; const char *what; } regions[] = {
		{ PAGE_SIZE - 1, "page 0, never mapped" },
		{ PAGE_OFFSET - 1, "user space" },
		{ layout.high_memory - 1, "direct map" },
		{ VMALLOC_START - 1, "hole, never mapped" },
		{ VMALLOC_END - 1, "vmalloc window" },
		{ KASAN_SHADOW_START - 1, "hole" },
		{ KASAN_SHADOW_END - 1, "KASAN's shadow" },
		{ PKMAP_BASE - 1, "hole" },
		{ PKMAP_END - 1, "kmap slots" },
		{ FIXADDR_START - 1, "hole" },
		{ FIXADDR_END - 1, "fixed slots" },
		{ UINT32_MAX, "hole" },
	};
	unsigned long start = 0, size;
	unsigned int i = 0;

	while (addr > regions[i].last)
		start = regions[i++].last + 1;
	size = (regions[i].last - start) / 1024 + 1;
	print("  region  [%08lx, %08llx)  %lu %s  %s\n", start,
	      regions[i].last + 1ULL, size < 1024 ? size : (size + 512) / 1024,
	      size < 1024 ? "KiB" : "MiB", regions[i].what);
}

static void print_more(const struct explain_spot *spot, print_fn *print)
{
	explain_area(spot, print);
	explain_slot(spot, print);
	explain_image(spot, print);
	explain_object(spot, print);
	explain_frame(spot, print);
	explain_entries(spot, print);
}

void explain_long(unsigned long addr, print_fn *print)
{
	char place[80];

	explain_place(addr, place, sizeof(place));
	print("  %08lx: %s\n", addr, place);
	print_region(addr, print);
	explain_details(addr, print_more, print);
}

MONITOR_COMMAND(explain, "ADDR", "what lies at an address, in words",
		"explain c0100000")
{
	unsigned long addr;

	if (!monitor_address(&words, &addr))
		return false;
	explain_long(addr, console_printf);
	return true;
}
