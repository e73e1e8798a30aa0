/* SPDX-License-Identifier: MIT */
/*
 * test_multiboot2.c - what a Multiboot 2 loader says
 *
 * Texts, ranges and modules by themselves are test_loader.c's, numbers that are
 * lies test_multiboot2_lies.c's.
 */
#include "tags.h"

/* --- what loaders say ----------------------------------------------------- */

KTEST(multiboot2, memory_map_is_copied_entry_by_entry)
{
	uint32_t at;

	begin_list();
	at = add_map(24, 5) + 16;
	put_range(at, 0, 0x9FC00, 1);
	put_range(at + 24, 0xF0000, 0x10000, 2);
	put_range(at + 48, 0x100000, 0x7F00000, 1);
	put_range(at + 72, 0x100000000, 0x80000000, 1);
	put_range(at + 96, 0xFD00000000, 0x300000000, 20);
	end_list();
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 5);
	expect_range(0, 0, 0x9FC00, BOOT_RAM);
	expect_range(1, 0xF0000, 0x100000, BOOT_UNUSABLE);
	expect_range(2, 0x100000, 0x8000000, BOOT_RAM);
	expect_range(3, 0x100000000, 0x180000000, BOOT_RAM);
	expect_range(4, 0xFD00000000, 0x10000000000, BOOT_UNUSABLE);
	EXPECT_EQ(bi.nr_ranges_dropped, 0);
	vfree(memory);
}

KTEST(multiboot2, texts_and_modules_are_copied)
{
	begin_list();
	add_text(LOADER, "GRUB 2.06");
	add_module(0x200000, 0x200001, "/lib/probe.ko x=1");
	add_text(CMDLINE, "test=* exit");
	add_module(0x300000, 0xFFFFFFFF, "");
	end_list();
	parse(INFO);
	EXPECT_STR(bi.protocol, "Multiboot 2");
	EXPECT_STR(bi.loader, "GRUB 2.06");
	EXPECT_STR(bi.cmdline, "test=* exit");
	EXPECT_EQ(bi.nr_modules, 2);
	EXPECT_EQ(bi.modules[0].start, 0x200000);
	EXPECT_EQ(bi.modules[0].end, 0x200001);
	EXPECT_STR(bi.modules[0].string, "/lib/probe.ko x=1");
	EXPECT_EQ(bi.modules[1].start, 0x300000);
	EXPECT_EQ(bi.modules[1].end, 0xFFFFFFFF);
	EXPECT_STR(bi.modules[1].string, "");
	EXPECT_EQ(bi.nr_modules_dropped, 0);
	EXPECT_EQ(bi.nr_records, 1);		/* up to the end tag */
	EXPECT(is_recorded(INFO, next - HEAD - INFO));
	vfree(memory);
}

KTEST(multiboot2, tags_of_other_types_are_passed_over)
{
	static const uint32_t types[] = {
		BOOT_DEVICE, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
		20, 21, 22, 0x100, 0x101, 0x80000001, 0xFFFFFFFF,
	};
	unsigned int i;

	begin_list();
	for (i = 0; i < ARRAY_SIZE(types); i++)
		memset(memory + add_tag(types[i], HEAD + i) + HEAD, 'x', i);
	end_list();
	parse(INFO);
	EXPECT(is_recorded(INFO, next - HEAD - INFO));
	EXPECT(knows_nothing());
	vfree(memory);
}

KTEST(multiboot2, two_sizes_count_where_there_is_no_map)
{
	begin_list();
	add_sizes(100, 100);
	add_sizes(600, 7 * 1024);			/* the last counts */
	end_list();
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 2);
	expect_range(0, 0, 600 * 1024, BOOT_RAM);
	expect_range(1, 0x100000, 0x800000, BOOT_RAM);
	vfree(memory);
}

KTEST(multiboot2, map_of_empty_entries_is_no_map)
{
	begin_list();
	add_map(24, 3);
	add_sizes(600, 7 * 1024);
	end_list();
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 2);
	EXPECT_EQ(bi.nr_ranges_dropped, 3);
	vfree(memory);
}

KTEST(multiboot2, sizes_do_not_count_beside_a_map_before_or_behind)
{
	begin_list();
	add_sizes(600, 7 * 1024);
	add_ram(24, 1);
	end_list();
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 1);
	expect_range(0, 0, 0x1000, BOOT_RAM);
	next = INFO + HEAD;
	add_ram(24, 1);
	add_sizes(600, 7 * 1024);
	end_list();
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 1);
	expect_range(0, 0, 0x1000, BOOT_RAM);
	vfree(memory);
}

KTEST(multiboot2, two_memory_maps_are_both_read)
{
	uint32_t at;

	begin_list();
	add_ram(24, 2);
	at = add_map(32, 1) + 16;
	put_range(at, 0x3000, 0x1000, 1);		/* touches the last */
	end_list();
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 2);
	expect_range(0, 0, 0x1000, BOOT_RAM);
	expect_range(1, 0x2000, 0x4000, BOOT_RAM);
	vfree(memory);
}

/* --- more than there is room for ------------------------------------------ */

KTEST(multiboot2, modules_without_sense_or_room_are_counted) /* attacks P2, P4 */
{
	uint32_t i;

	begin_list();
	add_module(0x200000, 0x200000, "empty");
	add_module(0x300000, 0x200000, "reversed");
	for (i = 0; i < BOOTINFO_MAX_MODULES + 4; i++)
		add_module(i, i + 1, "m");
	end_list();
	parse(INFO);
	EXPECT_EQ(bi.nr_modules, BOOTINFO_MAX_MODULES);
	EXPECT_EQ(bi.modules[0].start, 0);
	EXPECT_EQ(bi.nr_modules_dropped, 6);
	EXPECT(is_sound());
	vfree(memory);
}

KTEST(multiboot2, more_ranges_than_fit_are_counted_and_holes_heard) /* P2, P5 */
{
	uint32_t at;

	begin_list();
	add_ram(24, BOOTINFO_MAX_RANGES + 5);
	at = add_map(24, 1) + 16;
	put_range(at, 0x2800, 0x1000, 2);
	end_list();
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, BOOTINFO_MAX_RANGES);
	expect_range(1, 0x2000, 0x2800, BOOT_RAM);
	expect_range(127, 127 * 0x2000, 127 * 0x2000 + 0x1000, BOOT_RAM);
	EXPECT_EQ(bi.nr_ranges_dropped, 6);
	vfree(memory);
}
