/* SPDX-License-Identifier: MIT */
/*
 * map_frames.c - what the frames of a zone are used for, as rows of cells
 *
 * Problem     A cell stands for up to 65,536 frames, a machine has up to 16
 *             million, and a struct page says only that a frame is used.
 * Idea        Count by blocks: one look at the head of a free block of 4 MiB is
 *             1024 frames. Who uses a frame is found from the other end: the areas
 *             have lists of their frames, the page tables a list of themselves;
 *             each such frame is moved from one count to another.
 * Picture     mem_map  |FREE 10      |FREE 3|USED|USED|FREE 0|SLAB| ...
 *             cells    |   cell 0         |   cell 1               |
 *             count[0] large 1024, small 8     count[1] pages 2, crumb 1 ...
 * Invariants  MP2 The counts of a cell add up to its frames.
 *             MP3 A cell shows crumbs if a third of it or more is free in single
 *                 frames, else what most of its frames are.
 * Locks       vmap_lock while the areas are walked; mem_map is read without: a
 *             figure may be one allocation old.
 * Cost        A look at each block, and for each row one at each frame of vmalloc.
 * Read first  count_row, then cell_letter
 * See         modules/monitor/map.c, tests/modules/test_map.c
 */
#include "map.h"

#include <lib/string.h>
#include <mm/pgtable.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <modules/page_head.h>

#define LARGE_ORDER	(LARGE_SHIFT - PAGE_SHIFT)

const char map_kind_letters[NR_MAP_KINDS + 1] = ".-:+astvKr_";

/* The row that is being counted: cells of 2^shift frames from first on. */
static struct {
	pfn_t		first, end;
	unsigned int	shift;
	uint32_t	count[MAP_CELLS][NR_MAP_KINDS];
} row;

/* --- what a frame is --------------------------------------------------------- */

static enum map_kind free_kind(unsigned int order)
{
	if (order >= LARGE_ORDER)
		return MAP_LARGE;
	return order > 0 ? MAP_SMALL : MAP_CRUMB;
}

/* How many frames, from the head of a block on: one where that is damaged. */
static pfn_t nr_frames(const struct page *head)
{
	return head->order <= MAX_ORDER ? 1U << head->order : 1;
}

static bool is_in_image(pfn_t pfn)
{
	return pfn >= virt_to_pfn(kernel_start) && pfn < PFN_UP(image_end());
}

/* *@next: the first frame behind those that are here of the same kind. */
static enum map_kind kind_of(pfn_t pfn, pfn_t *next)
{
	const struct page *page = pfn_to_page(pfn);
	const struct page *head = page->state == PAGE_TAIL ? page_head(pfn) :
				  page;

	*next = pfn + 1;
	if (!head)
		return MAP_PAGES;	/* a tail of nothing: damaged */
	switch ((enum page_state)head->state) {
	case PAGE_FREE:
		*next = page_to_pfn(head) + nr_frames(head);
		return free_kind(head->order);
	case PAGE_USED:
		*next = page_to_pfn(head) + nr_frames(head);
		return MAP_PAGES;
	case PAGE_STOCK:
		return MAP_STOCK;
	case PAGE_SLAB:
		return MAP_SLAB;
	case PAGE_RESERVED:
		return is_in_image(pfn) ? MAP_IMAGE : MAP_RESERVED;
	case PAGE_ABSENT:
		return MAP_ABSENT;
	default:
		return MAP_PAGES;	/* of no state at all: damaged */
	}
}

/* --- counting ---------------------------------------------------------------- */

static void count_range(pfn_t pfn, pfn_t end, enum map_kind kind)
{
	pfn_t border;
	unsigned int cell;

	for (; pfn < end; pfn = border) {
		cell = (pfn - row.first) >> row.shift;
		border = MIN(end, row.first + ((cell + 1) << row.shift));
		row.count[cell][kind] += border - pfn;
	}
}

/* A frame that is known better now. What lies in the image stays there. */
static void move_frame(pfn_t pfn, enum map_kind to)
{
	enum map_kind from;
	uint32_t *count;
	pfn_t next;

	if (pfn < row.first || pfn >= row.end)
		return;
	count = row.count[(pfn - row.first) >> row.shift];
	from = kind_of(pfn, &next);
	if ((from != MAP_PAGES && from != MAP_RESERVED) || count[from] == 0)
		return;
	count[from]--;
	count[to]++;
}

static void move_tables(void)
{
	unsigned int i;

	for (i = 0; i < PTRS_PER_TABLE; i++)
		if (kernel_tables[i])
			move_frame(virt_to_pfn(kernel_tables[i]), MAP_TABLE);
}

static int move_area(const struct vmap_area *area, void *arg __unused)
{
	const struct vm_struct *vm = &area->vm;
	unsigned int i;

	if (!(vm->flags & VM_ALLOC) || (vm->flags & VM_KEPT) || !vm->pages)
		return 0;
	for (i = 0; i < vm->nr_pages; i++)
		if (page_pointer_valid(vm->pages[i]))
			move_frame(page_to_pfn(vm->pages[i]), MAP_VMALLOC);
	return 0;
}

/* As many cells of 2^@shift frames as fit into a row. */
static void count_row(pfn_t first, pfn_t end, unsigned int shift)
{
	pfn_t pfn, next;

	memset(&row, 0, sizeof(row));
	row.first = first;
	row.end = MIN(end, first + ((pfn_t)MAP_CELLS << shift));
	row.shift = shift;
	for (pfn = first; pfn < row.end; pfn = next) {
		enum map_kind kind = kind_of(pfn, &next);

		count_range(pfn, MIN(next, row.end), kind);
	}
	move_tables();
	vmap_for_each(move_area, NULL);
}

void map_count_frames(pfn_t first, pfn_t end,
		      unsigned long count[NR_MAP_KINDS])
{
	unsigned int shift = map_shift(end - first, MAP_CELLS), cell, kind;

	memset(count, 0, NR_MAP_KINDS * sizeof(count[0]));
	count_row(first, end, shift);
	for (cell = 0; cell < MAP_CELLS; cell++)
		for (kind = 0; kind < NR_MAP_KINDS; kind++)
			count[kind] += row.count[cell][kind];
}

/* --- drawing ----------------------------------------------------------------- */

static char cell_letter(const uint32_t *count)
{
	unsigned int kind, most = 0;
	uint32_t all = 0;

	for (kind = 0; kind < NR_MAP_KINDS; kind++) {
		all += count[kind];
		if (count[kind] > count[most])
			most = kind;
	}
	return map_kind_letters[3 * count[MAP_CRUMB] >= all ? MAP_CRUMB : most];
}

static void print_rows(pfn_t first, pfn_t end, unsigned int shift, pfn_t mark,
		       print_fn *print)
{
	char cells[MAP_CELLS];
	unsigned int i, nr;

	for (; first < end; first = row.end) {
		count_row(first, end, shift);
		nr = (row.end - first + (1U << shift) - 1) >> shift;
		for (i = 0; i < nr; i++)
			cells[i] = cell_letter(row.count[i]);
		map_print_cells(first, cells, nr,
				mark >= first ? mark - first : MAP_NO_MARK,
				print);
	}
}

static void print_legend(print_fn *print)
{
	print("  . free in blocks of 2 MiB or more  - in smaller ones  : in "
	      "crumbs  + in stock\n");
	print("  a alloc_pages  s slab  t page table  v vmalloc  K image  "
	      "r reserved  _ no RAM\n");
}

/* Tenths of a MiB, cut off. */
#define TENTHS(frames)	((frames) * 5 / 128)

static void print_zone(const struct zone *zone, print_fn *print)
{
	pfn_t end = MIN(zone->end, mem_map_end);
	unsigned int rows = zone == &zones[ZONE_DMA] ? 1 : MAP_ROWS;
	unsigned int shift = map_shift(end - zone->start, rows * MAP_CELLS);
	unsigned long ram = TENTHS(zone->nr_present);
	unsigned long nr_free = TENTHS(zone_nr_free(zone));
	int largest = buddy_largest(&zone->buddy);

	print("%s: %lu.%lu MiB, %lu.%lu free, largest block %u KiB; a cell is "
	      "%u KiB\n", zone->name, ram / 10, ram % 10, nr_free / 10,
	      nr_free % 10, largest < 0 ? 0 : 4U << largest, 4U << shift);
	print_rows(zone->start, end, shift, ~0U, print);
}

void map_print_zones(print_fn *print)
{
	const struct zone *zone;

	for (zone = zones; zone < zones + NR_ZONES; zone++)
		if (zone->nr_present)
			print_zone(zone, print);
		else
			print("%s: no RAM\n", zone->name);
	print_legend(print);
}

void map_zoom_frames(pfn_t pfn, unsigned long nr, print_fn *print)
{
	unsigned int rows = map_zoom_rows(nr);
	pfn_t first = (pfn_t)map_zoom_start(pfn, rows);
	pfn_t end = MIN(first + rows * MAP_CELLS, mem_map_end);

	print("frames around %x: a cell is one, 4 KiB; the rows begin with "
	      "their numbers\n", pfn);
	print_rows(first, end, 0, pfn, print);
	print_legend(print);
}
