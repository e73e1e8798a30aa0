/* SPDX-License-Identifier: MIT */
/* test_layout.c - the bounds of every region, here and on other machines */
#include <x86/layout.h>

#include <tests/ktest.h>
#include <tests/sealed.h>

/* What layout_init makes of @lowmem_end; the running layout stays as it is. */
static struct layout layout_of(uint64_t lowmem_end)
{
	struct layout saved = layout, other;

	UNSEALED(layout_init(lowmem_end);
		 other = layout;
		 layout = saved);
	return other;
}

KTEST(layout, classic_split_puts_the_window_at_f8800000)
{
	struct layout l = layout_of(LOWMEM_MAX);
	unsigned long lower = PKMAP_BASE == KASAN_SHADOW_START ? 0 : MIB(256);

	EXPECT_EQ(l.high_memory, 0xF8000000 - lower);
	EXPECT_EQ(l.vmalloc_start, 0xF8800000 - lower);
	EXPECT_EQ(l.lowmem_end, MIB(896) - lower);
}

/* The two ends of one step: exactly 8 MiB, and one page less than 16. */
KTEST(layout, hole_is_8_mib_at_least_and_less_than_16)
{
	EXPECT_EQ(layout_of(MIB(64)).vmalloc_start, PAGE_OFFSET + MIB(72));
	EXPECT_EQ(layout_of(MIB(64) + PAGE_SIZE).vmalloc_start,
		  PAGE_OFFSET + MIB(80));
	EXPECT_EQ(layout_of(MIB(64) - PAGE_SIZE).vmalloc_start,
		  PAGE_OFFSET + MIB(72));
}

KTEST(layout, every_size_of_memory_leaves_hole_and_window)
{
	unsigned long end, start, bad = 0;

	for (end = PAGE_SIZE; end <= LOWMEM_MAX; end += 37 * PAGE_SIZE) {
		start = layout_of(end).vmalloc_start;
		if (start % VMALLOC_GAP || start >= VMALLOC_END ||
		    start - (PAGE_OFFSET + end) < MIB(8) ||
		    start - (PAGE_OFFSET + end) >= MIB(16))
			bad++;
	}
	EXPECT_EQ(bad, 0);
}

KTEST(layout, region_predicates_include_start_and_exclude_end)
{
	EXPECT(!addr_in_direct_map(PAGE_OFFSET - 1));
	EXPECT(addr_in_direct_map(PAGE_OFFSET));
	EXPECT(addr_in_direct_map(layout.high_memory - 1));
	EXPECT(!addr_in_direct_map(layout.high_memory));
	EXPECT(!addr_in_vmalloc(VMALLOC_START - 1));
	EXPECT(addr_in_vmalloc(VMALLOC_START));
	EXPECT(addr_in_vmalloc(VMALLOC_END - 1));
	EXPECT(!addr_in_vmalloc(VMALLOC_END));
}

KTEST(layout, direct_map_is_a_sum_in_both_directions)
{
	EXPECT_EQ((unsigned long)phys_to_virt(0), PAGE_OFFSET);
	EXPECT_EQ((unsigned long)phys_to_virt(phys_make(layout.lowmem_end - 1)),
		  layout.high_memory - 1);
	EXPECT_EQ(virt_to_phys(phys_to_virt(phys_make(0x123456))), 0x123456);
}

KTEST(layout, image_is_in_order_page_aligned_and_in_the_direct_map)
{
	char *const borders[] = { kernel_start, text_start, text_end,
				  rodata_start, rodata_end, data_start,
				  kernel_end };
	unsigned int i;

	EXPECT(addr_in_direct_map((unsigned long)kernel_start));
	EXPECT(addr_in_direct_map((unsigned long)kernel_end - 1));
	for (i = 1; i < ARRAY_SIZE(borders); i++)
		EXPECT(borders[i - 1] <= borders[i]);
	EXPECT(IS_ALIGNED((unsigned long)text_start, PAGE_SIZE));
	EXPECT(IS_ALIGNED((unsigned long)rodata_start, PAGE_SIZE));
	EXPECT(IS_ALIGNED((unsigned long)data_start, PAGE_SIZE));
}
