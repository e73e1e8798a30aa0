/* SPDX-License-Identifier: MIT */
/*
 * shortage.c - why there was no block of frames for a request
 *
 * Problem     "Out of memory" has three causes with three cures: too few frames
 *             are free; enough are, but scattered; or they are kept for others.
 * Idea        One table that tells them apart, and Linux's index in one number.
 * Picture     page_alloc: no block of order 3 for demo_run+0x5f, gfp 08
 *               zone        free   floor  index  free blocks of order 0, 1, 2 ...
 *               NORMAL      4096     937    875  4096 0 0 0 0 0 0 0 0 0 0
 *               DMA           14     885      -  2 2 1 0 0 ...
 *             NORMAL is in pieces; DMA has a block, and keeps it for others.
 * Index       Of a zone where no block of 2^order frames is left:
 *             1000 - (1000 + 1000 * free frames / 2^order) / free blocks.
 *             Many small blocks bring it towards 1000: frames there are enough,
 *             and they are scattered. One or two: too few, whatever their place;
 *             the formula is then negative, and 0 stands here.
 * Source      Linux: fragmentation_index, mm/vmstat.c, which leaves it negative.
 * Read first  shortage_report
 * See         tests/mm/test_shortage.c, docs/book/mm/shortage.md
 */
#include <mm/shortage.h>

#include <kernel/printk.h>
#include <mm/zone.h>

int fragmentation_index(const struct buddy *b, unsigned int order)
{
	uint64_t too_few = 1000 + (1000 * (uint64_t)b->nr_free >> order);
	unsigned long nr_blocks = 0;
	unsigned int i;

	if (b->nonempty >> order)
		return -1000;
	for (i = 0; i < order; i++)
		nr_blocks += b->nr_blocks[i];
	return too_few < 1000ULL * nr_blocks ?
	       1000 - (int)(too_few / nr_blocks) : 0;
}

static void report_zone(const struct zone *zone, unsigned long floor,
			unsigned int order)
{
	int index = fragmentation_index(&zone->buddy, order);
	char blocks[NR_ORDERS * 11 + 1], number[12] = "-";
	unsigned int i, length = 0;

	if (index >= 0)
		snprintf(number, sizeof(number), "%d", index);
	for (i = 0; i < NR_ORDERS; i++)
		length += (unsigned int)
			snprintf(blocks + length, sizeof(blocks) - length,
				 " %lu", zone->buddy.nr_blocks[i]);
	printk(KERN_WARNING "  %-8s %7lu %7lu %6s %s\n", zone->name,
	       zone_nr_free(zone), floor, number, blocks);
}

void shortage_report(gfp_t gfp, unsigned int order, unsigned long caller)
{
	enum zone_id wanted = gfp_zone(gfp);
	const struct zone *zone;

	printk(KERN_WARNING "page_alloc: no block of order %u for %pB, "
	       "gfp %02x\n", order, (void *)caller, gfp);
	if (order > MAX_ORDER)
		return;
	printk(KERN_WARNING "  zone        free   floor  index  "
	       "free blocks of order 0, 1, 2 ...\n");
	for (zone = &zones[wanted]; zone >= zones; zone--)
		report_zone(zone, zone_floor(zone, wanted, gfp), order);
	printk(KERN_WARNING "  index 0: too few are free; to 1000: they are "
	       "scattered; -: kept for others\n");
}
