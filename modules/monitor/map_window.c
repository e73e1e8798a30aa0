/* SPDX-License-Identifier: MIT */
/*
 * map_window.c - the vmalloc window as rows of cells: areas, guards, holes
 *
 * Idea        One walk along the list of areas: each puts its pages and its guard
 *             into the cells they fall into; what nobody puts anything into is a
 *             hole. From afar a cell has many pages and shows how full it is; from
 *             nearby it is one page, and each area has a letter.
 * Picture     f8800000 |AAA#BBBBBBBB#,,,,.....................|
 *                       area A, its guard, area B, its guard, kept, hole
 * Invariants  MP4 Pages, guards, kept and free add up to the window's pages.
 *             MP5 Behind the last page of an area's letter is a #.
 * Locks       vmap_lock, through vmap_for_each.
 * Read first  paint, then map_zoom_window
 * See         modules/monitor/map.c, tests/modules/test_map.c
 */
#include "map.h"

#include <lib/string.h>
#include <mm/lookup.h>
#include <mm/vmap.h>

/* The letters of areas: begun again when they are used up. */
static const char letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* What a cell of the window is filled with, in pages. */
struct cell { uint16_t pages, guards, kept; };

/*
 * The part that is being counted: nr_cells of 2^shift pages from start on. From
 * nearby, as letters; and those areas are then listed, at most nr_lines.
 */
static struct {
	unsigned long	start, end;
	unsigned int	shift, nr_cells, nr_areas, nr_lines;
	print_fn	*print;
	union {
		struct cell cell[MAP_WINDOW_ROWS * MAP_CELLS];
		char	letter[MAP_ZOOM_ROWS * MAP_CELLS];
	};
} view;

static unsigned long start_of(const struct vmap_area *area)
{
	return (unsigned long)area->vm.addr;
}

/* Behind its pages; from there to its end nothing is ever mapped. */
static unsigned long guard_of(const struct vmap_area *area)
{
	return start_of(area) + area->mapped;
}

static unsigned long end_of(const struct vmap_area *area)
{
	return start_of(area) + area->vm.size;
}

/* Busy ones, which are found by nobody, are like those that are kept. */
static bool is_live(const struct vmap_area *area)
{
	return !(area->vm.flags & VM_KEPT) &&
	       vmap_find(start_of(area)) == area;
}

/* Does any page of it, the guard too, lie in the view? */
static bool is_in_view(const struct vmap_area *area)
{
	return start_of(area) < view.end && end_of(area) > view.start;
}

/* --- from afar --------------------------------------------------------------- */

static int paint(const struct vmap_area *area, void *arg __unused)
{
	unsigned long addr = start_of(area);

	if (!lookup_is_area(area))
		return 0;		/* damaged: it leads out of the window */
	for (; addr < end_of(area); addr += PAGE_SIZE) {
		struct cell *cell = &view.cell[(addr - view.start) >>
					       (view.shift + PAGE_SHIFT)];

		if (!is_live(area))
			cell->kept++;
		else if (addr >= guard_of(area))
			cell->guards++;
		else
			cell->pages++;
	}
	return 0;
}

static void paint_window(struct map_window *sum)
{
	unsigned long nr = (VMALLOC_END - VMALLOC_START) >> PAGE_SHIFT;
	unsigned int i;

	memset(&view, 0, sizeof(view));
	view.start = VMALLOC_START;
	view.end = VMALLOC_END;
	view.shift = map_shift(nr, MAP_WINDOW_ROWS * MAP_CELLS);
	view.nr_cells = (unsigned int)((nr + (1U << view.shift) - 1) >>
				       view.shift);
	vmap_for_each(paint, NULL);
	*sum = (struct map_window){ .free = nr };
	for (i = 0; i < view.nr_cells; i++) {
		const struct cell *cell = &view.cell[i];

		sum->pages += cell->pages;
		sum->guards += cell->guards;
		sum->kept += cell->kept;
		sum->free -= (unsigned long)cell->pages + cell->guards +
			     cell->kept;
	}
}

void map_count_window(struct map_window *sum)
{
	paint_window(sum);
}

static char cell_letter(const struct cell *cell)
{
	unsigned int taken = cell->pages + cell->guards;

	if (taken == 0)
		return cell->kept ? ',' : '.';
	if (2 * taken < 1U << view.shift)
		return 'a';
	return cell->guards >= cell->pages ? '#' : 'A';
}

void map_print_window(print_fn *print)
{
	char cells[MAP_CELLS];
	struct map_window sum;
	unsigned int first, i, nr;

	paint_window(&sum);
	print("window: pages %lu, guards %lu, kept %lu, free %lu; a cell is %u "
	      "KiB\n", sum.pages, sum.guards, sum.kept, sum.free,
	      4U << view.shift);
	for (first = 0; first < view.nr_cells; first += nr) {
		nr = MIN(MAP_CELLS, view.nr_cells - first);
		for (i = 0; i < nr; i++)
			cells[i] = cell_letter(&view.cell[first + i]);
		map_print_cells(view.start + ((unsigned long)first <<
					      (view.shift + PAGE_SHIFT)),
				cells, nr, MAP_NO_MARK, print);
	}
	print("  . free  a areas  A half full or more  # as many guards as pages"
	      "  , kept, busy\n");
}

/* --- from nearby ------------------------------------------------------------- */

static char letter(unsigned int number)
{
	return letters[number % (sizeof(letters) - 1)];
}

/* Of [@start, @end) what is in the view. */
static void fill(unsigned long start, unsigned long end, char with)
{
	start = MAX(start, view.start);
	end = MIN(end, view.end);
	if (start < end)
		memset(&view.letter[(start - view.start) >> PAGE_SHIFT], with,
		       (end - start) >> PAGE_SHIFT);
}

static int paint_letters(const struct vmap_area *area, void *arg __unused)
{
	if (!is_in_view(area))
		return 0;
	if (is_live(area)) {
		fill(start_of(area), guard_of(area), letter(view.nr_areas++));
		fill(guard_of(area), end_of(area), '#');
	} else {
		fill(start_of(area), end_of(area), ',');
	}
	return 0;
}

/* A caller's name may be of any length. */
static int list_area(const struct vmap_area *area, void *arg __unused)
{
	char line[80];

	if (!is_in_view(area) || !is_live(area))
		return 0;
	if (view.nr_areas < view.nr_lines) {
		snprintf(line, sizeof(line),
			 "  %c %08lx  %08lx  %9lu  %6u  %pB",
			 letter(view.nr_areas), start_of(area), guard_of(area),
			 area->requested, area->vm.nr_pages,
			 (void *)area->caller);
		view.print("%s\n", line);
	}
	view.nr_areas++;
	return 0;
}

static void list_areas(print_fn *print)
{
	if (view.nr_areas == 0)
		return;
	print("    start     guard         asked   pages  caller\n");
	view.nr_areas = 0;
	vmap_for_each(list_area, NULL);
	if (view.nr_areas > view.nr_lines)
		print("  and %u more: vmlist\n", view.nr_areas - view.nr_lines);
}

void map_zoom_window(unsigned long addr, unsigned long nr, print_fn *print)
{
	unsigned long base = VMALLOC_START >> PAGE_SHIFT, offset;
	unsigned int rows = map_zoom_rows(nr), first;

	memset(&view, 0, sizeof(view));
	memset(view.letter, '.', sizeof(view.letter));
	addr = ALIGN_DOWN(addr, PAGE_SIZE);
	offset = map_zoom_start((addr >> PAGE_SHIFT) - base, rows);
	view.start = (base + offset) << PAGE_SHIFT;
	view.nr_cells = (unsigned int)MIN((unsigned long)rows * MAP_CELLS,
			(VMALLOC_END >> PAGE_SHIFT) - base - offset);
	view.end = view.start + ((unsigned long)view.nr_cells << PAGE_SHIFT);
	view.print = print;
	view.nr_lines = MAP_LINES - rows - 5;
	vmap_for_each(paint_letters, NULL);
	print("window around %08lx: a cell is a page, 4 KiB\n", addr);
	for (first = 0; first < view.nr_cells; first += MAP_CELLS) {
		unsigned long begin = view.start +
				      ((unsigned long)first << PAGE_SHIFT);

		map_print_cells(begin, &view.letter[first],
				MIN(MAP_CELLS, view.nr_cells - first),
				addr >= begin ? (addr - begin) >> PAGE_SHIFT :
				MAP_NO_MARK, print);
	}
	print("  A to z areas, in this order  # guard  , kept or busy  . hole\n");
	list_areas(print);
}
