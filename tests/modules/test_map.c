/* SPDX-License-Identifier: MIT */
/* test_map.c - the picture of memory: what is drawn is what is there */
#include "../../modules/monitor/map.h"

#include <kernel/monitor.h>
#include <lib/string.h>
#include <mm/crumbs.h>
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/capture.h>
#include <tests/ktest.h>

#define COLUMNS		80U
#define MAX_AREAS	2048U		/* so many pages has a cell, at most */

static const char *picture(void)
{
	capture_begin();
	map_print(capture);
	return captured;
}

static const char *zoom(unsigned long addr, unsigned long nr)
{
	capture_begin();
	map_zoom_window(addr, nr, capture);
	return captured;
}

static const char *zoom_pfn(pfn_t pfn, unsigned long nr)
{
	capture_begin();
	map_zoom_frames(pfn, nr, capture);
	return captured;
}

/* MP1, and that there is a picture at all. */
static void expect_fits(const char *text)
{
	unsigned int lines = 0;

	EXPECT(captured_length < sizeof(captured) - 1);
	for (; *text; lines++) {
		const char *end = strchr(text, '\n');

		REQUIRE(end);
		EXPECT((size_t)(end - text) <= COLUMNS);
		text = end + 1;
	}
	EXPECT(lines > 3 && lines <= MAP_LINES);
}

/* The cells of the row that begins with @label; up to the second bar. */
static const char *row_of(const char *text, unsigned long label)
{
	char want[20];
	const char *row;

	snprintf(want, sizeof(want), "\n  %8lx |", label);
	row = strstr(text, want);
	REQUIRE(row);
	return row + strlen(want);
}

/* In a picture of single pages, the cell of this one. */
static char page_cell(const char *text, const void *addr)
{
	unsigned long n = ((unsigned long)addr - VMALLOC_START) >> PAGE_SHIFT;
	unsigned long first = ALIGN_DOWN(n, MAP_CELLS);

	return row_of(text, VMALLOC_START + (first << PAGE_SHIFT))[n - first];
}

static char frame_cell(pfn_t pfn)
{
	pfn_t first = ALIGN_DOWN(pfn, MAP_CELLS);

	return row_of(zoom_pfn(pfn, 1), first)[pfn - first];
}

/* The letter that the list below the picture gives the area at @addr. */
static char listed_letter(const char *text, const void *addr)
{
	char want[16];
	const char *line;

	snprintf(want, sizeof(want), " %08lx  ",
		 ALIGN_DOWN((unsigned long)addr, PAGE_SIZE));
	line = strstr(text, want);
	REQUIRE(line);
	return line[-1];
}

static unsigned long nr_cells(const char *text)
{
	unsigned long n = 0;
	const char *end;

	while ((text = strchr(text, '|'))) {
		end = strchr(text + 1, '|');
		REQUIRE(end);
		n += (unsigned long)(end - text) - 1;
		text = end + 1;
	}
	return n;
}

/* --- the whole ----------------------------------------------------------------- */

KTEST(map, example_shows_regions_zones_and_window)
{
	const char *text = picture();

	expect_fits(text);
	EXPECT(row_of(text, PAGE_OFFSET)[0] == 'D');
	EXPECT(row_of(text, PAGE_OFFSET)[MAP_CELLS - 1] == 'W' || KASAN_ON);
	EXPECT(row_of(text, 0xf8000000)[MAP_CELLS - 3] == 'K');
	EXPECT(row_of(text, 0xf8000000)[MAP_CELLS - 2] == '.');
	EXPECT(row_of(text, 0xf8000000)[MAP_CELLS - 1] == 'F');
	EXPECT(row_of(text, 0)[0] == 'r');
	EXPECT(strstr(text, "\nDMA: ") && strstr(text, "\nwindow: "));
}

KTEST(map, each_picture_fits_the_screen)		/* attacks MP1 */
{
	static const unsigned long nr[] = { 0, 1, 64, 65, 256, 1024, ~0UL };
	const struct zone *z;
	unsigned int i;

	expect_fits(picture());
	for (i = 0; i < ARRAY_SIZE(nr); i++) {
		expect_fits(zoom(VMALLOC_START, nr[i]));
		expect_fits(zoom(VMALLOC_START + MIB(5), nr[i]));
		expect_fits(zoom(VMALLOC_END - 1, nr[i]));
		for (z = zones; z < zones + NR_ZONES; z++)
			if (z->nr_present)
				expect_fits(zoom_pfn(z->start, nr[i]));
		expect_fits(zoom_pfn(mem_map_end - 1, nr[i]));
	}
}

KTEST(map, zones_and_window_have_all_their_cells)
{
	unsigned long pages = (VMALLOC_END - VMALLOC_START) >> PAGE_SHIFT;
	unsigned int shift = map_shift(pages, MAP_WINDOW_ROWS * MAP_CELLS);
	unsigned long want = 2 * MAP_CELLS;
	const struct zone *z;

	want += (pages + (1UL << shift) - 1) >> shift;
	for (z = zones; z < zones + NR_ZONES; z++) {
		unsigned int rows = z == zones ? 1 : MAP_ROWS;

		if (z->nr_present == 0)
			continue;
		pages = MIN(z->end, mem_map_end) - z->start;
		shift = map_shift(pages, rows * MAP_CELLS);
		want += (pages + (1UL << shift) - 1) >> shift;
	}
	EXPECT_EQ(nr_cells(picture()), want);
}

/* --- frames -------------------------------------------------------------------- */

static unsigned long image_frames(void)
{
	return PFN_UP(image_end()) - virt_to_pfn(kernel_start);
}

KTEST(map, counts_add_up_to_the_zones)			/* attacks MP2 */
{
	char *p = vmalloc(5 * PAGE_SIZE);
	unsigned long count[NR_MAP_KINDS], image = 0, vmalloced = 0, tables = 0;
	const struct zone *z;
	unsigned int kind;

	REQUIRE(p);
	for (z = zones; z < zones + NR_ZONES; z++) {
		pfn_t end = MIN(z->end, mem_map_end);
		unsigned long sum = 0;

		if (z->nr_present == 0)
			continue;
		map_count_frames(z->start, end, count);
		for (kind = 0; kind < NR_MAP_KINDS; kind++)
			sum += count[kind];
		EXPECT_EQ(sum, end - z->start);
		EXPECT_EQ(count[MAP_ABSENT], sum - z->nr_present);
		EXPECT_EQ(count[MAP_LARGE] + count[MAP_SMALL] +
			  count[MAP_CRUMB], z->buddy.nr_free);
		EXPECT_EQ(count[MAP_CRUMB], z->buddy.nr_blocks[0]);
		EXPECT_EQ(count[MAP_STOCK], pcp_nr_frames(z));
		image += count[MAP_IMAGE];
		vmalloced += count[MAP_VMALLOC];
		tables += count[MAP_TABLE];
	}
	EXPECT_EQ(image, image_frames());
	EXPECT_EQ(vmalloced, vmalloc_nr_pages());
	EXPECT(tables > 0 && tables <= pgtable_nr_tables());
	vfree(p);
}

KTEST(map, each_frame_has_the_letter_of_its_owner)
{
	struct page *block = alloc_pages(GFP_KERNEL, 3);
	char *p = vmalloc(PAGE_SIZE), *object = kmalloc(100, GFP_KERNEL);
	unsigned int i;

	REQUIRE(block && p && object);
	for (i = 0; i < 8; i++)
		EXPECT(frame_cell(page_to_pfn(block) + i) == 'a');
	EXPECT(frame_cell((pfn_t)vmalloc_to_pfn(p)) == 'v');
	EXPECT(frame_cell(virt_to_pfn(object)) == 's');
	EXPECT(frame_cell(virt_to_pfn(kernel_pte((unsigned long)p))) == 't');
	EXPECT(frame_cell(virt_to_pfn(text_start)) == 'K');
	EXPECT(frame_cell(virt_to_pfn(mem_map)) == 'r');
	EXPECT(frame_cell(LEGACY_END / PAGE_SIZE - 1) == '_');
	kfree(object);
	vfree(p);
	__free_pages(block, 3);
	EXPECT(strchr(".-:+", frame_cell(page_to_pfn(block))));
}

/* Larger than any block: whoever believes it goes nowhere, or round and round. */
static void expect_survived(struct page *head)
{
	static const uint8_t wild[] = { MAX_ORDER + 1, 0x1F, 0x20, 0x3F, 0xFF };
	uint8_t order = head->order;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wild); i++) {
		head->order = wild[i];
		expect_fits(picture());
		EXPECT(frame_cell(page_to_pfn(head) + 1) == 'a');
		head->order = order;
	}
}

KTEST(map, a_damaged_order_is_survived)			/* attacks MP2 */
{
	struct page *block = alloc_pages(GFP_KERNEL, MAX_ORDER - 1);

	REQUIRE(block);
	expect_survived(block);
	__free_pages(block, MAX_ORDER - 1);
	while (block->state == PAGE_TAIL)	/* it has become part of one */
		block--;
	REQUIRE(block->state == PAGE_FREE);
	expect_survived(block);
}

KTEST(map, a_frame_in_stock_is_told_from_one_that_is_free)
{
	struct page *page = alloc_page(GFP_KERNEL);

	REQUIRE(page);
	__free_page(page);
	if (page->state != PAGE_STOCK)
		ktest_skip("this build keeps no stock");
	EXPECT(frame_cell(page_to_pfn(page)) == '+');
	pcp_drain();
	EXPECT(strchr(".-:", frame_cell(page_to_pfn(page))));
}

KTEST(map, the_frame_asked_for_is_marked)
{
	pfn_t pfn = MAP_CELLS + 5;
	const char *row = row_of(zoom_pfn(pfn, 1), MAP_CELLS);
	const char *mark = strchr(row, '^');

	REQUIRE(mark);
	EXPECT_EQ(mark - strchr(row, '\n') - 1, row + 5 -
		  (strstr(captured, "\n  ") + 1));
	EXPECT(!strchr(mark + 1, '^'));
}

KTEST(map, crumbs_look_different_from_a_large_block)	/* attacks MP3 */
{
	unsigned long count[NR_MAP_KINDS], large = 0;
	const struct zone *z;
	struct crumbs crumbs;
	const char *text;

	crumbs_make(&crumbs);
	for (z = zones; z < zones + NR_ZONES; z++)
		if (z->nr_present) {
			map_count_frames(z->start, MIN(z->end, mem_map_end),
					 count);
			large += count[MAP_LARGE] + count[MAP_SMALL];
		}
	text = picture();
	EXPECT_EQ(large, 0);
	EXPECT(strstr(row_of(text, 0), "::::::::"));
	crumbs_release(&crumbs);
	EXPECT(!strstr(picture(), "::::::::"));
}

/* Two of five frames are free, none beside another. */
KTEST(map, crumbs_show_where_most_frames_are_used)	/* attacks MP3 */
{
	pfn_t end = MIN(zones[ZONE_DMA].end, mem_map_end), first;
	unsigned int shift = map_shift(end, MAP_CELLS), i;
	char *p = alloc_pages_exact(PAGE_SIZE << shift, GFP_KERNEL | GFP_DMA);

	REQUIRE(p);
	first = virt_to_pfn(p) >> shift;
	EXPECT(row_of(picture(), 0)[first] == 'a');
	for (i = 0; i < 1U << shift; i++)
		if (i % 5 == 0 || i % 5 == 2)
			__free_page(virt_to_page(p + i * PAGE_SIZE));
	pcp_drain();
	EXPECT(row_of(picture(), 0)[first] == ':');
	for (i = 0; i < 1U << shift; i++)
		if (i % 5 != 0 && i % 5 != 2)
			__free_page(virt_to_page(p + i * PAGE_SIZE));
}

/* --- the window ---------------------------------------------------------------- */

KTEST(map, known_areas_have_letters_and_guards)		/* attacks MP5 */
{
	needs_page_starts();
	char *p = vmalloc(10000), *q = vmalloc(1);
	const char *text;
	char mine;
	unsigned int i;

	REQUIRE(p && q);
	text = zoom((unsigned long)p, 1024);
	mine = listed_letter(text, p);
	for (i = 0; i < 3; i++)
		EXPECT(page_cell(text, p + i * PAGE_SIZE) == mine);
	EXPECT(page_cell(text, p + 3 * PAGE_SIZE) == '#');
	text = zoom((unsigned long)q, 1);
	EXPECT(page_cell(text, q) == listed_letter(text, q));
	EXPECT(page_cell(text, q + PAGE_SIZE) == '#');
	EXPECT(strstr(text, "ktest_map_known_areas"));
	vfree(q);
	vfree(p);
}

KTEST(map, what_is_freed_is_kept_or_a_hole)
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	vfree(p);
	EXPECT(page_cell(zoom((unsigned long)p, 1), p) ==
	       (area_stock_nr() || vmap_lazy ? ',' : '.'));
	vmalloc_drain();
	EXPECT(page_cell(zoom((unsigned long)p, 1), p) == '.');
	EXPECT(page_cell(captured, p + PAGE_SIZE) == '.');
}

KTEST(map, pages_guards_and_holes_add_up)		/* attacks MP4 */
{
	unsigned long guard_pages = VM_GUARD_SIZE >> PAGE_SHIFT;
	struct map_window before, after;
	char *p, *q;

	vmalloc_drain();
	map_count_window(&before);
	EXPECT_EQ(before.pages + before.guards + before.kept + before.free,
		  (VMALLOC_END - VMALLOC_START) >> PAGE_SHIFT);
	EXPECT_EQ(before.kept, 0);
	EXPECT_EQ(before.guards, vmap_nr_areas() * guard_pages);
	p = vmalloc(5 * PAGE_SIZE);
	q = vmalloc(1);
	REQUIRE(p && q);
	map_count_window(&after);
	EXPECT_EQ(after.pages, before.pages + 6);
	EXPECT_EQ(after.guards, before.guards + 2 * guard_pages);
	EXPECT_EQ(after.free, before.free - 6 - 2 * guard_pages);
	vfree(q);
	vfree(p);
}

/* The row and cell of the whole window's picture where @addr lies. */
static char window_cell(const void *addr, unsigned int shift)
{
	unsigned long n = ((unsigned long)addr - VMALLOC_START) >>
			  (shift + PAGE_SHIFT);
	unsigned long first = ALIGN_DOWN(n, MAP_CELLS);
	unsigned long label = VMALLOC_START + (first << (shift + PAGE_SHIFT));

	return row_of(strstr(picture(), "\nwindow: "), label)[n - first];
}

static void give_back(struct vm_struct *area)
{
	EXPECT(remove_vm_area(area->addr) == area);
	free_vm_struct(area);
}

KTEST(map, from_afar_a_cell_says_how_full_it_is)
{
	enum { SOME = 8 };	/* of so many areas one is drawn: that takes long */
	static struct vm_struct *small[MAX_AREAS];
	unsigned int shift = map_shift((VMALLOC_END - VMALLOC_START) >>
			PAGE_SHIFT, MAP_WINDOW_ROWS * MAP_CELLS), i, guards;
	unsigned long cell = PAGE_SIZE << shift;
	struct vm_struct *large = get_vm_area(2 * cell, VM_MAP);
	const char *end = (const char *)VMALLOC_END - 1;

	REQUIRE(large && 1U << shift <= MAX_AREAS);
	EXPECT(window_cell(end, shift) == '.');
	EXPECT(window_cell((char *)large->addr + cell, shift) == 'A');
	for (i = 0; i < 1U << shift; i++)
		small[i] = get_vm_area(PAGE_SIZE, VM_MAP);
	for (i = guards = 0; i < 1U << shift; i += SOME)
		guards += window_cell(small[i]->addr, shift) == '#';
	EXPECT(2 * SOME * guards >= 1U << shift);
	expect_fits(zoom((unsigned long)small[1]->addr, 1));
	EXPECT(strstr(captured, "  and "));
	while (i-- > 0)
		give_back(small[i]);
	EXPECT(window_cell(large->addr, shift) != '.');
	give_back(large);
}

/* --- what is typed ------------------------------------------------------------- */

static bool answers(const char *line, const char *words)
{
	uint64_t position = printk_position();
	char buf[COLUMNS];

	strscpy(buf, line, sizeof(buf));
	return monitor_execute(buf) && printk_contains(position, words);
}

KTEST(map, takes_an_address_a_frame_or_nothing)
{
	char line[40];

	EXPECT(answers("map", "addresses: a cell is 16 MiB"));
	snprintf(line, sizeof(line), "map %lx 40", VMALLOC_START);
	EXPECT(answers(line, "window around"));
	EXPECT(answers("map c0100000", "frames around 100:"));
	EXPECT(answers("map 100 1", "frames around 100:"));
	EXPECT(answers("map fffffff", "has no struct page"));
	EXPECT(answers("map fffff000", "neither in the direct map nor in"));
	EXPECT(answers("map xyz", "usage: map [ADDR"));
	EXPECT(answers("map 100 xyz", "usage: map [ADDR"));
	EXPECT(answers("map live 5", "usage: map [ADDR"));
}
