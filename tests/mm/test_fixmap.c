/* SPDX-License-Identifier: MIT */
/* test_fixmap.c - each slot shows the frame it was given, and only then */
#include <mm/fixmap.h>

#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <tests/ktest.h>

#include "touch.h"

KTEST(fixmap, slots_go_down_from_the_end_inside_their_region)
{
	unsigned int slot;

	EXPECT_EQ(fixmap_address(0), FIXADDR_END - PAGE_SIZE);
	for (slot = 1; slot < NR_FIXMAP_SLOTS; slot++)
		EXPECT_EQ(fixmap_address(slot),
			  fixmap_address(slot - 1) - PAGE_SIZE);
	EXPECT(fixmap_address(NR_FIXMAP_SLOTS - 1) >= FIXADDR_START);
}

KTEST(fixmap, slot_shows_its_frame_until_it_is_cleared)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct tlb_stats before;
	char *p;

	REQUIRE(page);
	p = (char *)fixmap_address(FIX_TEST);
	EXPECT_FAULT(touch_read(p));
	EXPECT(fixmap_set(FIX_TEST, page_to_phys(page), PAGE_KERNEL) == p);
	pattern_fill(p, PAGE_SIZE, 1);
	EXPECT(pattern_holds(page_address(page), PAGE_SIZE, 1));
	before = tlb_stats;
	fixmap_clear(FIX_TEST);
	EXPECT_EQ(tlb_stats.pages, before.pages + 1);
	EXPECT_FAULT(touch_read(p));
	EXPECT_FAULT(touch_write(p + PAGE_SIZE - 1));
	__free_page(page);
}

/* A missed flush would show the first frame again. */
KTEST(fixmap, next_frame_in_a_slot_is_seen_at_once)
{
	struct page *pages[2] = { alloc_page(GFP_KERNEL), alloc_page(GFP_KERNEL) };
	unsigned int round;
	const char *p;

	REQUIRE(pages[0] && pages[1]);
	*(char *)page_address(pages[0]) = 'a';
	*(char *)page_address(pages[1]) = 'b';
	for (round = 0; round < 6; round++) {
		p = fixmap_set(FIX_TEST, page_to_phys(pages[round % 2]),
			       PAGE_KERNEL);
		EXPECT_EQ(touch_read(p), "ab"[round % 2]);
		fixmap_clear(FIX_TEST);
	}
	__free_page(pages[0]);
	__free_page(pages[1]);
}

KTEST(fixmap, permissions_hold_in_a_slot)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	const char *p;

	REQUIRE(page);
	p = fixmap_set(FIX_TEST, page_to_phys(page), PAGE_KERNEL_RO);
	EXPECT_NO_FAULT(touch_read(p));
	EXPECT_FAULT(touch_write(p));
	fixmap_clear(FIX_TEST);
	EXPECT(!memchr_inv(page_address(page), 0, PAGE_SIZE));
	__free_page(page);
}

KTEST(fixmap, setting_a_slot_touches_no_other)			/* attacks X1 */
{
	const uint64_t device = 0x8FEDC0000ULL;		/* never touched */
	const pte_t *table = kernel_pte(FIXADDR_START);
	unsigned int i, index, present = 0;

	REQUIRE(table);
	fixmap_set(FIX_TEST, phys_make(device), PAGE_KERNEL_NOCACHE);
	index = (unsigned int)((fixmap_address(FIX_TEST) - FIXADDR_START) /
			       PAGE_SIZE);
	EXPECT_EQ(table[index].raw, device | PAGE_KERNEL_NOCACHE.raw);
	for (i = 0; i < PTRS_PER_TABLE; i++)
		present += pte_present(table[i]);
	EXPECT_EQ(present, 1);
	fixmap_clear(FIX_TEST);
	EXPECT_EQ(table[index].raw, 0);
}
