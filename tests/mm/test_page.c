/* SPDX-License-Identifier: MIT */
/*
 * test_page.c - a struct page for each frame, and what all of them say
 *
 * Some cases walk the whole of mem_map: four million entries at 16 GiB.
 */
#include <mm/page.h>

#include <lib/string.h>
#include <mm/memblock.h>
#include <mm/page_alloc.h>
#include <mm/zone.h>
#include <tests/ktest.h>

KTEST(page, conversions_come_back)
{
	static const pfn_t samples[] = {
		0, 1, 0xFF, 0x100, 0xFFFFF, 0x100000, 0x100001, 0xFFFFFF,
	};
	phys_addr_t phys;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		EXPECT_EQ(pfn_to_phys(samples[i]), samples[i] * 4096ULL);
		phys = phys_make(samples[i] * 4096ULL);
		EXPECT_EQ(phys_to_pfn(phys), samples[i]);
		EXPECT_EQ(phys_to_pfn(phys_add(phys, 4095)), samples[i]);
	}
	EXPECT_EQ(page_to_pfn(&mem_map[mem_map_end - 1]), mem_map_end - 1);
	EXPECT_EQ(page_to_phys(&mem_map[0x123]), 0x123000);
	EXPECT(pfn_to_page(0x123) == &mem_map[0x123]);
}

KTEST(page, address_of_a_low_frame_leads_back_to_it)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *addr;

	REQUIRE(page);
	addr = page_address(page);
	EXPECT(virt_to_phys(addr) == page_to_phys(page));
	EXPECT(virt_to_page(addr) == page);
	EXPECT(virt_to_page(addr + PAGE_SIZE - 1) == page);
	EXPECT(virt_to_page(text_start) ==
	       pfn_to_page(((unsigned long)text_start - PAGE_OFFSET) >> 12));
	__free_page(page);
}

KTEST(page, map_ends_behind_the_last_frame_of_ram)	/* attacks G1 */
{
	EXPECT_EQ(pfn_to_phys(mem_map_end), memblock_end_of_ram());
	EXPECT(mem_map[mem_map_end - 1].state != PAGE_ABSENT);
	EXPECT(pfn_valid(0));
	EXPECT(pfn_valid(mem_map_end - 1));
	EXPECT(!pfn_valid(mem_map_end));
	EXPECT(!pfn_valid(~(pfn_t)0));
}

/* --- is this a struct page? ----------------------------------------------- */

KTEST(page, each_entry_is_a_valid_pointer)
{
	pfn_t pfn, wrong = 0;

	for (pfn = 0; pfn < mem_map_end; pfn += 97)
		wrong += !page_pointer_valid(&mem_map[pfn]);
	EXPECT_EQ(wrong, 0);
	EXPECT(page_pointer_valid(&mem_map[0]));
	EXPECT(page_pointer_valid(&mem_map[mem_map_end - 1]));
}

static bool valid(unsigned long addr)
{
	return page_pointer_valid((const struct page *)addr);
}

KTEST(page, nothing_else_is_a_valid_pointer)
{
	unsigned long start = (unsigned long)mem_map;
	unsigned long end = start + mem_map_end * sizeof(struct page);
	unsigned int i;

	for (i = 1; i < sizeof(struct page); i++) {
		EXPECT(!valid(start + i));
		EXPECT(!valid(start - i));
		EXPECT(!valid(end - i));
	}
	EXPECT(!valid(start - sizeof(struct page)));
	EXPECT(!valid(end));
	EXPECT(!valid(end + sizeof(struct page)));
	EXPECT(!valid(0));
	EXPECT(!valid(sizeof(struct page)));
	EXPECT(!valid(~0UL));
	EXPECT(!valid((unsigned long)&start));
	for (i = 0; i < 1000; i++) {
		unsigned long addr = random_next(ktest_random());

		EXPECT(valid(addr) == (addr >= start && addr < end &&
				       (addr - start) % 16 == 0));
	}
}

/* --- what the map says of this machine ------------------------------------ */

KTEST(page, frames_are_absent_exactly_where_there_is_no_ram)	/* attacks G2 */
{
	pfn_t pfn = 0, wrong = 0;
	unsigned int i;

	for (i = 0; i < memblock.ram.nr; i++) {
		const struct memblock_range *r = &memblock.ram.range[i];

		for (; pfn < PFN_DOWN(r->start); pfn++)
			wrong += mem_map[pfn].state != PAGE_ABSENT;
		for (; pfn < PFN_DOWN(r->end); pfn++)
			wrong += mem_map[pfn].state == PAGE_ABSENT;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(pfn, mem_map_end);
}

KTEST(page, each_frame_of_ram_knows_its_zone)		/* attacks G3 */
{
	unsigned long present[NR_ZONES] = { 0 };
	pfn_t pfn, wrong = 0;
	unsigned int id;

	for (pfn = 0; pfn < mem_map_end; pfn++) {
		if (mem_map[pfn].state == PAGE_ABSENT)
			continue;
		id = pfn < 4096 ? ZONE_DMA : ZONE_NORMAL;
		if (pfn >= PFN_DOWN(layout.lowmem_end))
			id = ZONE_HIGHMEM;
		wrong += mem_map[pfn].zone != id;
		present[id]++;
	}
	EXPECT_EQ(wrong, 0);
	for (id = 0; id < NR_ZONES; id++)
		EXPECT_EQ(zones[id].nr_present, present[id]);
}

/* The frame's state at boot, and as long as nobody releases it. */
static bool touched_by_reservation(pfn_t pfn)
{
	uint64_t start = phys_raw(pfn_to_phys(pfn)), end = start + PAGE_SIZE;
	unsigned int i;

	for (i = 0; i < memblock.reserved.nr; i++)
		if (memblock.reserved.range[i].start < end &&
		    memblock.reserved.range[i].end > start)
			return true;
	return false;
}

KTEST(page, frames_are_reserved_exactly_as_memblock_says)
{
	pfn_t pfn, last, nr_reserved = 0, wrong = 0;
	unsigned int i;

	for (pfn = 0; pfn < mem_map_end; pfn++)
		if (mem_map[pfn].state == PAGE_RESERVED) {
			wrong += !touched_by_reservation(pfn);
			nr_reserved++;
		}
	for (i = 0; i < memblock.reserved.nr; i++) {
		const struct memblock_range *r = &memblock.reserved.range[i];

		pfn = PFN_DOWN(r->start);
		last = MIN(PFN_UP(r->end), mem_map_end);
		for (; pfn < last; pfn++)
			wrong += mem_map[pfn].state != PAGE_RESERVED &&
				 mem_map[pfn].state != PAGE_ABSENT;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(nr_reserved >= mem_map_end * sizeof(struct page) / PAGE_SIZE);
}

/* How many frames the block at @pfn has; 0 when it is no block. */
static unsigned int block_size(pfn_t pfn)
{
	const struct page *head = &mem_map[pfn];
	unsigned int i, size;

	if (head->state == PAGE_TAIL || head->state >= NR_PAGE_STATES)
		return 0;
	if (head->state != PAGE_FREE && head->state != PAGE_USED)
		return 1;
	size = 1U << head->order;
	if (head->order > MAX_ORDER || !IS_ALIGNED(pfn, size))
		return 0;
	for (i = 1; i < size; i++)
		if (head[i].state != PAGE_TAIL || head[i].zone != head->zone)
			return 0;
	return size;
}

KTEST(page, each_frame_belongs_to_one_block)		/* attacks B1, B2, A1 */
{
	unsigned long frames[NR_PAGE_STATES] = { 0 };
	unsigned int size;
	pfn_t pfn;

	for (pfn = 0; pfn < mem_map_end; pfn += size) {
		size = block_size(pfn);
		if (size == 0)
			ktest_note("frame %05x is in no block", pfn);
		REQUIRE(size > 0);
		frames[mem_map[pfn].state] += size;
	}
	EXPECT_EQ(pfn, mem_map_end);
	EXPECT_EQ(frames[PAGE_FREE] + frames[PAGE_STOCK], nr_free_pages());
	EXPECT_EQ(nr_free_pages() + frames[PAGE_USED] + frames[PAGE_SLAB],
		  zones[ZONE_DMA].nr_managed + zones[ZONE_NORMAL].nr_managed +
		  zones[ZONE_HIGHMEM].nr_managed);
}

KTEST(page, each_state_has_a_name_of_its_own)
{
	unsigned int i, k;

	for (i = 0; i < NR_PAGE_STATES; i++)
		for (k = 0; k < i; k++)
			EXPECT(page_state_name(i) &&
			       strcmp(page_state_name(i),
				      page_state_name(k)) != 0);
	EXPECT_STR(page_state_name(PAGE_USED), "used");
	EXPECT_STR(page_state_name(NR_PAGE_STATES), "broken");
	EXPECT_STR(page_state_name(255), "broken");
}
