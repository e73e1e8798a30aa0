/* SPDX-License-Identifier: MIT */
/* test_shortage.c - what is said when there is no block, and whether it is true */
#include <mm/shortage.h>

#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/crumbs.h>
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#include "hoard.h"

/* --- the index ------------------------------------------------------------------ */

static int index_of(unsigned int small, unsigned int of_order,
		    unsigned int asked)
{
	struct buddy b = { .nr_free = (unsigned long)small << of_order };

	b.nr_blocks[of_order] = small;
	b.nonempty = small ? 1U << of_order : 0;
	return fragmentation_index(&b, asked);
}

/* 1000 - (1000 + 1000 * frames / asked) / blocks, by hand. */
KTEST(shortage, index_is_linuxs)
{
	EXPECT_EQ(index_of(4096, 0, 3), 875);
	EXPECT_EQ(index_of(1000000, 0, 9), 999);
	EXPECT_EQ(index_of(1000000, 0, 10), 1000);
	EXPECT_EQ(index_of(16, 0, 4), 875);
	EXPECT_EQ(index_of(8, 1, 4), 750);
	EXPECT_EQ(index_of(2, 2, 3), 0);
	EXPECT_EQ(index_of(100000, 5, 6), 500);
}

KTEST(shortage, index_is_0_for_too_few_and_never_less)
{
	EXPECT_EQ(index_of(0, 0, 0), 0);
	EXPECT_EQ(index_of(0, 0, 10), 0);
	EXPECT_EQ(index_of(1, 0, 1), 0);
	EXPECT_EQ(index_of(1, 8, 9), 0);	/* Linux: -500 */
}

KTEST(shortage, index_says_when_a_block_fits)
{
	EXPECT_EQ(index_of(1, 3, 3), -1000);
	EXPECT_EQ(index_of(1, 10, 0), -1000);
	EXPECT(index_of(1, 3, 4) != -1000);
}

/* --- the table ------------------------------------------------------------------ */

static char text[2048];

static unsigned int lines_since(uint64_t position, unsigned int *widest)
{
	unsigned int nr = 0, width = 0;
	const char *p;

	printk_copy(position, text, sizeof(text));
	*widest = 0;
	for (p = text; *p; p++) {
		width++;
		if (*p != '\n')
			continue;
		nr++;
		*widest = MAX(*widest, width - 1);
		width = 0;
	}
	return nr;
}

static __noinline void ask(gfp_t gfp, unsigned int order)
{
	EXPECT(!alloc_pages(gfp, order));
	barrier();				/* the call is not the last */
}

/* The row of a zone, as far as @figures, or NULL. */
static bool has_row(const struct zone *zone, const char *figures)
{
	const char *row = strstr(text, zone->name), *end;

	end = row ? strchr(row, '\n') : NULL;
	row = row ? strstr(row, figures) : NULL;
	return row && row < end;
}

KTEST(shortage, crumbs_are_called_scattered)
{
	uint64_t from = printk_position();
	unsigned int nr, widest, id;
	struct crumbs crumbs;
	char figures[40];

	crumbs_make(&crumbs);
	ask(GFP_HIGHUSER, 4);
	nr = lines_since(from, &widest);
	for (id = 0; id < NR_ZONES; id++) {
		const struct buddy *b = &zones[id].buddy;

		snprintf(figures, sizeof(figures), " %6d  %lu"
			 " 0 0 0 0 0 0 0 0 0 0", fragmentation_index(b, 4),
			 b->nr_blocks[0]);
		EXPECT(has_row(&zones[id], figures));
		EXPECT(b->nr_free < 100 || fragmentation_index(b, 4) > 800);
	}
	crumbs_release(&crumbs);
	EXPECT_EQ(nr, 3 + NR_ZONES);
	EXPECT(widest <= 80);
	EXPECT(strstr(text, "page_alloc: no block of order 4 for ask+"));
}

/* Only zones that may serve the request; theirs are the floors of this one. */
KTEST(shortage, floors_are_shown_as_the_reason)
{
	struct list_head held;
	unsigned int nr, widest;
	char figures[40];
	uint64_t from;

	hoard_zone(&held, ZONE_DMA, GFP_DMA);
	from = printk_position();
	ask(GFP_DMA, 0);
	nr = lines_since(from, &widest);
	snprintf(figures, sizeof(figures), " %7lu %7lu      - ",
		 zone_nr_free(&zones[ZONE_DMA]), zones[ZONE_DMA].min);
	EXPECT(has_row(&zones[ZONE_DMA], figures));
	EXPECT(!strstr(text, "NORMAL"));
	EXPECT_EQ(nr, 4);
	EXPECT(widest <= 80);
	hoard_release(&held);
}

KTEST(shortage, order_beyond_all_blocks_is_one_line)
{
	uint64_t from = printk_position();
	unsigned int widest;

	ask(GFP_KERNEL, MAX_ORDER + 1);
	EXPECT_EQ(lines_since(from, &widest), 1);
	from = printk_position();
	ask(GFP_KERNEL | __GFP_NOWARN, MAX_ORDER + 1);
	EXPECT_EQ(printk_position(), from);
}
