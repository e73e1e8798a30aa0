/* SPDX-License-Identifier: MIT */
/*
 * map.c - all of memory on one screen: the command `map`
 *
 * Problem     Tables say how much. Where it lies, and whether what is free lies
 *             together or in crumbs, is seen at once in a picture only.
 * Idea        Rows of cells. A cell stands for a range and shows, as one letter,
 *             what is in it: the address map to scale, each zone by what its
 *             frames are used for (map_frames.c), the window by its areas and
 *             guards (map_window.c). With an address: a cell for each page.
 * Picture     c0000000 |DDDDDDDDDDDDDDDDDDDDDDD ... DDDDDDDDDDWWWWWWWW|  16 MiB
 *             f8000000 |....WWWWWWWWWWWWWWWWWWW ... WWWWWWWWWWWWWWK.F|   2 MiB
 * Invariants  MP1 A line has at most 80 columns, a picture MAP_LINES lines.
 * Cost        Of the order of the blocks in mem_map: 16 million single frames at
 *             64 GiB are about a second, free memory costs next to nothing.
 * Read first  map_print, then map_frames.c
 * See         tools/gdb/cells.py draws the same in GDB, docs/map.md
 */
#include "map.h"

#include <kernel/monitor.h>
#include <kernel/printk.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/kasan.h>
#include <mm/memblock.h>
#include <mm/meminfo.h>
#include <modules/prompt.h>

#define ZOOM_PAGES	256UL
#define LINE_SIZE	128U		/* MP1, and some */
#define UPPER_CELL	MIB(16)		/* 64 of them are the gigabyte         */
#define LOWER_CELL	MIB(2)		/* and 64 of these its last 128 MiB    */
#define LOWER_START	(0UL - MAP_CELLS * LOWER_CELL)
_Static_assert(PAGE_OFFSET + MAP_CELLS * UPPER_CELL == 0, "to 4 GiB");

void map_print_cells(unsigned long label, const char *cells, unsigned int nr,
		     unsigned long mark, print_fn *print)
{
	print("  %8lx |%.*s|\n", label, (int)nr, cells);
	if (mark < nr)
		print("  %8s  %*s\n", "", (int)mark + 1, "^");
}

static char region_letter(unsigned long addr)
{
	if (addr_in_direct_map(addr))
		return 'D';
	if (addr_in_vmalloc(addr))
		return 'W';
	if (addr_in_shadow(addr))
		return 'S';
	if (addr >= PKMAP_BASE && addr < PKMAP_END)
		return 'K';
	return addr >= FIXADDR_START && addr < FIXADDR_END ? 'F' : '.';
}

/* A cell shows what lies at its first byte. */
static void print_regions(unsigned long start, unsigned long cell,
			  print_fn *print)
{
	char cells[MAP_CELLS];
	unsigned int i;

	for (i = 0; i < MAP_CELLS; i++)
		cells[i] = region_letter(start + i * cell);
	map_print_cells(start, cells, MAP_CELLS, MAP_NO_MARK, print);
}

void map_print(print_fn *print)
{
	print("addresses: a cell is 16 MiB; below it the last 128 MiB, a cell "
	      "is 2 MiB\n");
	print_regions(PAGE_OFFSET, UPPER_CELL, print);
	print_regions(LOWER_START, LOWER_CELL, print);
	print("  D direct map  W window at %08lx  K kmap  F fixed slots%s  "
	      ". hole\n", VMALLOC_START, KASAN_ON ? "  S shadow" : "");
	map_print_zones(print);
	map_print_window(print);
}

/* --- the commands ------------------------------------------------------------ */

MONITOR_COMMAND(layout, NULL, "the address map, RAM, what boot reserved",
		"layout")
{
	meminfo_map(console_printf);
	memblock_report(console_printf);
	return true;
}

/* For the screen only: picture by picture the log would forget all else. */
static void __printf(1, 2) draw(const char *fmt, ...)
{
	char text[LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	console_type(text, "");
}

/* The same place on the screen again: a VT100 goes home and clears. */
static void print_live(void)
{
	int key = KEY_NONE;

	while (key != 'q' && key != KEY_DROP) {
		draw("\033[H\033[J");
		map_print(draw);
		draw("any key: look again, q or Ctrl-C: leave");
		key = prompt_key();
	}
	draw("\n");
}

static void zoom(unsigned long value, unsigned long nr)
{
	if (value < PAGE_OFFSET && pfn_valid((pfn_t)value))
		map_zoom_frames((pfn_t)value, nr, console_printf);
	else if (value < PAGE_OFFSET)
		console_printf("  frame %lx has no struct page; the last is "
			       "%x\n", value, mem_map_end - 1);
	else if (addr_in_direct_map(value))
		map_zoom_frames(virt_to_pfn((void *)value), nr, console_printf);
	else if (addr_in_vmalloc(value))
		map_zoom_window(value, nr, console_printf);
	else
		console_printf("  %08lx is neither in the direct map nor in "
			       "the window; try: explain %lx\n", value, value);
}

MONITOR_COMMAND(map, "[ADDR|PFN [PAGES]]|live", "memory as a picture",
		"map f8800000")
{
	unsigned long value, nr = ZOOM_PAGES;
	char *where = parse_word(&words), *pages = parse_word(&words);

	if (!where)
		map_print(console_printf);
	else if (strcmp(where, "live") == 0 && !pages)
		print_live();
	else if (monitor_address(&where, &value) &&
		 (!pages || monitor_hex(&pages, &nr)))
		zoom(value, nr);
	else
		return false;
	return true;
}
