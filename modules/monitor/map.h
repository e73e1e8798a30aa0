/* SPDX-License-Identifier: MIT */
/*
 * map.h - memory as a picture of characters: what the parts of it share
 *
 *	  f8800000 |AAA#BBBBBBBB#...............................................|
 *
 * A row has a label, and MAP_CELLS cells between two bars; a line has at most 80
 * columns, a picture at most MAP_LINES lines: the screen of a serial terminal.
 */
#ifndef MODULES_MONITOR_MAP_H
#define MODULES_MONITOR_MAP_H

#include <lib/format.h>
#include <mm/page.h>

#define MAP_LINES	24U
#define MAP_CELLS	64U		/* of a row                            */
#define MAP_ROWS	4U		/* of a zone, at most; of DMA one      */
#define MAP_WINDOW_ROWS	3U
#define MAP_ZOOM_ROWS	16U

/* What a frame is used for, as far as a picture tells. */
enum map_kind {
	MAP_LARGE,	/* free, in a block of 2 MiB or more           */
	MAP_SMALL,	/* free, in a block of two frames or more      */
	MAP_CRUMB,	/* free, alone                                 */
	MAP_STOCK,	/* free, in a CPU's stock                      */
	MAP_PAGES,	/* somebody's, from alloc_pages                */
	MAP_SLAB,	/* of an object cache                          */
	MAP_TABLE,	/* a page table of kernel space                */
	MAP_VMALLOC,	/* of an area of vmalloc's                     */
	MAP_IMAGE,	/* the kernel itself                           */
	MAP_RESERVED,	/* kept from the allocator at boot             */
	MAP_ABSENT,	/* no RAM                                      */
	NR_MAP_KINDS
};
extern const char map_kind_letters[NR_MAP_KINDS + 1];

/* The pages of the window by what they are for; with what is free, all of it. */
struct map_window { unsigned long pages, guards, kept, free; };

/*
 * map_count_frames - how many frames of [@first, @end) are of each kind
 * map_count_window - the same of the pages in the window
 *
 * They read mem_map without a lock, and the areas under vmap_lock. Context  a plain
 * thread, one at a time: what is counted stands in a variable.
 */
void map_count_frames(pfn_t first, pfn_t end,
		      unsigned long count[NR_MAP_KINDS]);
void map_count_window(struct map_window *sum);

/* The parts of the picture: the address map, the zones, the window. */
void map_print_zones(print_fn *print);
void map_print_window(print_fn *print);
void map_print(print_fn *print);

/*
 * map_zoom_window, map_zoom_frames - a cell for each of @nr pages, or frames
 *
 * @nr is rounded up to rows, at most MAP_ZOOM_ROWS; @addr, or @pfn, is marked.
 */
void map_zoom_window(unsigned long addr, unsigned long nr, print_fn *print);
void map_zoom_frames(pfn_t pfn, unsigned long nr, print_fn *print);

/* map_print_cells - one row, and a mark below cell @mark when it has that one */
#define MAP_NO_MARK	MAP_CELLS
void map_print_cells(unsigned long label, const char *cells, unsigned int nr,
		     unsigned long mark, print_fn *print);

/* map_shift - each of so few cells stands for 2^this of @nr things */
static inline unsigned int map_shift(unsigned long nr, unsigned int cells)
{
	unsigned int shift = 0;

	while (nr > (unsigned long)cells << shift)
		shift++;
	return shift;
}

/* map_zoom_rows - the rows that show @nr cells
 * map_zoom_start - the first cell, where the row of cell @n is in the middle */
static inline unsigned int map_zoom_rows(unsigned long nr)
{
	unsigned long rows = nr / MAP_CELLS + (nr % MAP_CELLS != 0);

	return (unsigned int)MIN(MAX(rows, 1UL), (unsigned long)MAP_ZOOM_ROWS);
}

static inline unsigned long map_zoom_start(unsigned long n, unsigned int rows)
{
	unsigned long before = (rows - 1) / 2 * MAP_CELLS;

	n = ALIGN_DOWN(n, MAP_CELLS);
	return n > before ? n - before : 0;
}

#endif
