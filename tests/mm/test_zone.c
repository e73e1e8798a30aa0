/* SPDX-License-Identifier: MIT */
/* test_zone.c - spans, counters and floors of the zones of this machine */
#include <mm/zone.h>

#include <kernel/lockrank.h>
#include <mm/memblock.h>
#include <mm/pcp.h>
#include <tests/ktest.h>

KTEST(zone, spans_follow_each_other_without_a_gap)
{
	pfn_t low_end = PFN_DOWN(layout.lowmem_end);

	EXPECT_EQ(zones[ZONE_DMA].start, 0);
	EXPECT_EQ(zones[ZONE_DMA].end, MIN(low_end, 4096U));
	EXPECT_EQ(zones[ZONE_NORMAL].start, 4096);
	EXPECT_EQ(zones[ZONE_NORMAL].end, MAX(low_end, 4096U));
	EXPECT_EQ(zones[ZONE_HIGHMEM].start, low_end);
	EXPECT_EQ(zones[ZONE_HIGHMEM].end, PFN_DOWN(memblock_end_of_ram()));
}

KTEST(zone, each_zone_has_its_name_lock_and_buddy)
{
	static const char *const names[] = { "DMA", "NORMAL", "HIGHMEM" };
	unsigned int id;

	for (id = 0; id < NR_ZONES; id++) {
		EXPECT_STR(zones[id].name, names[id]);
		EXPECT_EQ(zones[id].lock.rank, RANK_ZONE);
		EXPECT_EQ(zones[id].lock.locked, 0);
		EXPECT_EQ(zones[id].buddy.start, zones[id].start);
		EXPECT_EQ(zones[id].buddy.end, zones[id].end);
	}
}

KTEST(zone, present_frames_are_all_ram)
{
	unsigned long sum = 0;
	unsigned int id;

	for (id = 0; id < NR_ZONES; id++)
		sum += zones[id].nr_present;
	EXPECT_EQ((uint64_t)sum << PAGE_SHIFT, memblock_ram_size());
}

/* RAM in this zone that no reservation touches, straight from memblock. */
static unsigned long unreserved(const struct zone *zone)
{
	uint64_t from = phys_raw(pfn_to_phys(zone->start)), start, end;
	uint64_t to = phys_raw(pfn_to_phys(zone->end));
	unsigned long sum = 0;

	while (memblock_next_free(from, to, &start, &end)) {
		sum += PFN_DOWN(end) - PFN_DOWN(start);
		from = end;
	}
	return sum;
}

KTEST(zone, every_unreserved_frame_is_managed)		/* attacks Z1 */
{
	unsigned int id;

	for (id = 0; id < NR_ZONES; id++) {
		EXPECT_EQ(zones[id].nr_managed, unreserved(&zones[id]));
		EXPECT(zones[id].nr_managed <= zones[id].nr_present);
		EXPECT(zone_nr_free(&zones[id]) <= zones[id].nr_managed);
	}
	EXPECT(zones[ZONE_DMA].nr_managed > 0);
}

KTEST(zone, free_pages_are_the_sum_of_all_lists_and_stocks)
{
	unsigned long sum = 0;
	unsigned int id, order;

	for (id = 0; id < NR_ZONES; id++) {
		for (order = 0; order < NR_ORDERS; order++)
			sum += zones[id].buddy.nr_blocks[order] << order;
		sum += pcp_nr_frames(&zones[id]);
	}
	EXPECT_EQ(nr_free_pages(), sum);
}

/* --- floors --------------------------------------------------------------- */

/* The largest root with root^2 <= x, bit by bit from above. */
static unsigned long root_of(unsigned long x)
{
	unsigned long root = 0, bit;

	for (bit = 1UL << 15; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= x)
			root += bit;
	return root;
}

KTEST(zone, minimum_is_the_root_of_low_memory_shared_by_size)	/* Z2 */
{
	unsigned long dma = zones[ZONE_DMA].nr_managed;
	unsigned long normal = zones[ZONE_NORMAL].nr_managed;
	unsigned long kib = 4 * root_of(4 * (dma + normal));
	unsigned long pages = MIN(MAX(kib, 128UL), 65536UL) / 4;

	EXPECT_EQ(zones[ZONE_DMA].min, (uint64_t)pages * dma / (dma + normal));
	EXPECT_EQ(zones[ZONE_NORMAL].min,
		  (uint64_t)pages * normal / (dma + normal));
	EXPECT_EQ(zones[ZONE_HIGHMEM].min, 0);
	EXPECT(zones[ZONE_DMA].min + zones[ZONE_NORMAL].min >= 31);
	EXPECT(zones[ZONE_DMA].min < dma / 4);
}

KTEST(zone, reserves_grow_with_the_memory_above)		/* attacks Z2 */
{
	unsigned long normal = zones[ZONE_NORMAL].nr_managed;
	unsigned long high = zones[ZONE_HIGHMEM].nr_managed;
	const struct zone *dma = &zones[ZONE_DMA];

	EXPECT_EQ(dma->reserve[ZONE_NORMAL], normal / 256);
	EXPECT_EQ(dma->reserve[ZONE_HIGHMEM], (normal + high) / 256);
	EXPECT_EQ(zones[ZONE_NORMAL].reserve[ZONE_HIGHMEM], high / 32);
}

KTEST(zone, no_reserve_where_nothing_lies_above)		/* attacks Z2 */
{
	unsigned int id, wanted;

	for (id = 0; id < NR_ZONES; id++)
		for (wanted = 0; wanted <= id; wanted++)
			EXPECT_EQ(zones[id].reserve[wanted], 0);
	if (zones[ZONE_NORMAL].nr_managed == 0)
		EXPECT_EQ(zones[ZONE_DMA].reserve[ZONE_NORMAL], 0);
	if (zones[ZONE_HIGHMEM].nr_managed == 0)
		EXPECT_EQ(zones[ZONE_NORMAL].reserve[ZONE_HIGHMEM], 0);
}

KTEST(zone, floor_is_reserve_and_minimum_unless_atomic)
{
	static const struct zone zone = {
		.min = 100, .reserve = { 0, 7, 30 },
	};

	EXPECT_EQ(zone_floor(&zone, ZONE_DMA, GFP_DMA), 100);
	EXPECT_EQ(zone_floor(&zone, ZONE_NORMAL, GFP_KERNEL), 107);
	EXPECT_EQ(zone_floor(&zone, ZONE_HIGHMEM, GFP_HIGHUSER), 130);
	EXPECT_EQ(zone_floor(&zone, ZONE_DMA, GFP_DMA | GFP_ATOMIC), 0);
	EXPECT_EQ(zone_floor(&zone, ZONE_NORMAL, GFP_ATOMIC), 7);
	EXPECT_EQ(zone_floor(&zone, ZONE_HIGHMEM, __GFP_HIGH | __GFP_HIGHMEM),
		  30);
}

/* In all combinations only the two zone flags matter; DMA is the stricter. */
KTEST(zone, flags_name_the_highest_zone)
{
	uint32_t bits;

	for (bits = 0; bits <= (__force uint32_t)__GFP_ALL; bits++) {
		enum zone_id id = ZONE_NORMAL;

		if (bits & 1)
			id = ZONE_DMA;
		else if (bits & 2)
			id = ZONE_HIGHMEM;
		EXPECT_EQ(gfp_zone((__force gfp_t)bits), id);
	}
	EXPECT_EQ(gfp_zone(GFP_DMA), ZONE_DMA);
	EXPECT_EQ(gfp_zone(GFP_KERNEL), ZONE_NORMAL);
	EXPECT_EQ(gfp_zone(GFP_ATOMIC), ZONE_NORMAL);
	EXPECT_EQ(gfp_zone(GFP_HIGHUSER), ZONE_HIGHMEM);
}

/* --- each invariant broken, and found by its number ----------------------- */

KTEST(zone, check_finds_z1_broken)
{
	unsigned int id;

	for (id = 0; id < NR_ZONES; id++) {
		const struct zone saved = zones[id];

		zones[id].nr_managed = zones[id].nr_present + 1;
		EXPECT_EQ(zone_check(), 11);
		zones[id] = saved;
		zones[id].nr_present = zones[id].end - zones[id].start + 1;
		EXPECT_EQ(zone_check(), 11);
		zones[id] = saved;
		if (saved.buddy.nr_free == 0)
			continue;
		zones[id].nr_managed = saved.buddy.nr_free - 1;
		EXPECT_EQ(zone_check(), 11);
		zones[id] = saved;
	}
	EXPECT_EQ(zone_check(), 0);
}

KTEST(zone, check_finds_z2_broken)
{
	unsigned int id;

	for (id = 0; id < NR_ZONES; id++) {
		zones[id].reserve[id] = 1;
		EXPECT_EQ(zone_check(), 12);
		zones[id].reserve[id] = 0;
	}
	zones[ZONE_HIGHMEM].min = 1;
	EXPECT_EQ(zone_check(), 12);
	zones[ZONE_HIGHMEM].min = 0;
	EXPECT_EQ(zone_check(), 0);
}

KTEST(zone, checks_reach_the_buddy_of_every_zone)
{
	unsigned int id;

	for (id = 0; id < NR_ZONES; id++) {
		struct buddy *buddy = &zones[id].buddy;

		buddy->nr_free++;
		EXPECT_EQ(zone_check(), 4);
		buddy->nr_free--;
		if (buddy_largest(buddy) > 0) {
			struct page *tail = list_first_entry(
				&buddy->free[buddy_largest(buddy)],
				struct page, link) + 1;

			tail->state = PAGE_USED;
			EXPECT_EQ(zone_check_frames(), 2);
			tail->state = PAGE_TAIL;
		}
	}
	EXPECT_EQ(zone_check(), 0);
}
