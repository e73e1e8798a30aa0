/* SPDX-License-Identifier: MIT */
/*
 * zone.c - spans of physical memory with a use of their own, and their floors
 *
 * Problem     Old devices reach only 16 MiB, the kernel's own data must have an
 *             address in the direct map, and everybody else should leave both
 *             alone. A frame that anybody may use is worth less than one that
 *             few can use.
 * Idea        Three zones, and floors: how far a request may empty a zone. A
 *             minimum is kept for those who cannot wait, and a reserve, larger
 *             the more memory lies above, against those who could go there.
 * Picture     0      16 MiB            direct map's end             64 GiB
 *             |  DMA  |      NORMAL     |          HIGHMEM              |
 *                 <---------- <------------------- fallback, never upwards
 * Invariants  Z1  nr_free, with what is in stock (mm/pcp.c), <= nr_managed <=
 *                 nr_present <= end - start.
 *             Z2  reserve[z] of zone z is 0; of HIGHMEM, min is 0.
 * Locks       zone->lock (rank ZONE) covers buddy and nr_managed.
 * Source      Linux: lowmem_reserve_ratio 256 and 32, min_free_kbytes =
 *             4 * sqrt(low memory in KiB), between 128 KiB and 64 MiB (2.6.24,
 *             mm/page_alloc.c), shared out by size.
 * Read first  zone_init
 * See         tests/mm/test_zone.c, mm/page_alloc.c
 */
#include <mm/zone.h>

#include <kernel/lockrank.h>
#include <mm/memblock.h>
#include <mm/pcp.h>

#include "internal.h"

#define RESERVE_RATIO_DMA	256U
#define RESERVE_RATIO_NORMAL	32U
#define MIN_FREE_KIB_LEAST	128U
#define MIN_FREE_KIB_MOST	65536U

struct zone zones[NR_ZONES];

static unsigned long present_frames(pfn_t start, pfn_t end)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < memblock.ram.nr; i++) {
		pfn_t from = MAX(start, PFN_DOWN(memblock.ram.range[i].start));
		pfn_t to = MIN(end, PFN_DOWN(memblock.ram.range[i].end));

		if (from < to)
			sum += to - from;
	}
	return sum;
}

static void init_span(enum zone_id id, const char *name, pfn_t start,
		      pfn_t end)
{
	struct zone *zone = &zones[id];

	zone->name = name;
	zone->start = start;
	zone->end = MAX(start, end);
	zone->nr_present = present_frames(zone->start, zone->end);
	spin_lock_init(&zone->lock, RANK_ZONE);
	buddy_init(&zone->buddy, zone->start, zone->end);
}

static void release_free_ranges(void)
{
	uint64_t start, end, from = 0;
	uint64_t ram_end = memblock_end_of_ram();

	while (memblock_next_free(from, ram_end, &start, &end)) {
		page_release_range(PFN_DOWN(start), PFN_DOWN(end));
		from = end;
	}
}

static uint32_t square_root(uint32_t x)
{
	uint32_t root = 0;

	while ((uint64_t)(root + 1) * (root + 1) <= x)
		root++;
	return root;
}

static void set_minima(void)
{
	unsigned long low = zones[ZONE_DMA].nr_managed +
			    zones[ZONE_NORMAL].nr_managed;
	uint32_t kib = 4 * square_root((uint32_t)low * (PAGE_SIZE / 1024));
	unsigned long pages;
	unsigned int id;

	kib = MIN(MAX(kib, MIN_FREE_KIB_LEAST), MIN_FREE_KIB_MOST);
	pages = kib / (PAGE_SIZE / 1024);
	for (id = ZONE_DMA; id <= ZONE_NORMAL; id++)
		zones[id].min = low ? (unsigned long)((uint64_t)pages *
				      zones[id].nr_managed / low) : 0;
}

static void set_reserves(void)
{
	unsigned long normal = zones[ZONE_NORMAL].nr_managed;
	unsigned long high = zones[ZONE_HIGHMEM].nr_managed;

	zones[ZONE_DMA].reserve[ZONE_NORMAL] = normal / RESERVE_RATIO_DMA;
	zones[ZONE_DMA].reserve[ZONE_HIGHMEM] =
		(normal + high) / RESERVE_RATIO_DMA;
	zones[ZONE_NORMAL].reserve[ZONE_HIGHMEM] = high / RESERVE_RATIO_NORMAL;
}

void zone_init(void)
{
	pfn_t dma_end = PFN_DOWN(DMA_END);
	pfn_t low_end = PFN_DOWN(layout.lowmem_end);

	init_span(ZONE_DMA, "DMA", 0, MIN(low_end, dma_end));
	init_span(ZONE_NORMAL, "NORMAL", dma_end, low_end);
	init_span(ZONE_HIGHMEM, "HIGHMEM", low_end,
		  PFN_DOWN(memblock_end_of_ram()));
	release_free_ranges();
	set_minima();
	set_reserves();
}

unsigned long zone_nr_free(const struct zone *zone)
{
	return zone->buddy.nr_free + pcp_nr_frames(zone);
}

unsigned long nr_free_pages(void)
{
	return zone_nr_free(&zones[ZONE_DMA]) +
	       zone_nr_free(&zones[ZONE_NORMAL]) +
	       zone_nr_free(&zones[ZONE_HIGHMEM]);
}

static int check_zone(enum zone_id id)
{
	const struct zone *zone = &zones[id];
	int broken = buddy_check(&zone->buddy);

	if (broken)
		return broken;
	if (zone_nr_free(zone) > zone->nr_managed ||
	    zone->nr_managed > zone->nr_present ||
	    zone->nr_present > zone->end - zone->start)
		return 11;
	if (zone->reserve[id] || (id == ZONE_HIGHMEM && zone->min))
		return 12;
	return 0;
}

int zone_check(void)
{
	unsigned int id;
	int broken = 0;

	for (id = 0; id < NR_ZONES && !broken; id++) {
		spin_lock(&zones[id].lock);
		broken = check_zone((enum zone_id)id);
		spin_unlock(&zones[id].lock);
	}
	return broken;
}

int zone_check_frames(void)
{
	unsigned int id;
	int broken = 0;

	for (id = 0; id < NR_ZONES && !broken; id++) {
		spin_lock(&zones[id].lock);
		broken = buddy_check_frames(&zones[id].buddy);
		spin_unlock(&zones[id].lock);
	}
	return broken;
}
