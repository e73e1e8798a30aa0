/* SPDX-License-Identifier: MIT */
/*
 * test_multiboot2_lies.c - lists of tags in which a number is a lie
 *
 * The list is right, as in test_multiboot2.c; then one size in it is changed: of
 * a tag, of an entry, of the whole.
 */
#include "tags.h"

/* --- sizes that are lies -------------------------------------------------- */

KTEST(multiboot2_lies, entries_have_the_size_that_the_tag_says)
{
	static const uint32_t sizes[] = { 24, 25, 28, 32, 40, 255, 256 };
	unsigned int i;

	begin_list();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		next = INFO + HEAD;
		add_ram(sizes[i], 3);
		end_list();
		parse(INFO);
		EXPECT_EQ(bi.nr_ranges, 3);
		expect_range(2, 0x4000, 0x5000, BOOT_RAM);
	}
	vfree(memory);
}

KTEST(multiboot2_lies, entries_too_small_or_too_large_are_no_map)	/* attacks P2 */
{
	static const uint32_t sizes[] = {
		0, 1, 8, 23, 257, MEMORY_SIZE, 0x7FFFFFFF, 0xFFFFFFE8,
		0xFFFFFFFF,
	};
	unsigned int i;
	uint32_t at;

	begin_list();
	at = add_ram(24, 3);
	add_text(CMDLINE, "behind");
	end_list();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		put32(at + HEAD, sizes[i]);
		parse(INFO);
		EXPECT_EQ(bi.nr_ranges, 0);
		EXPECT_STR(bi.cmdline, "behind");
	}
	vfree(memory);
}

KTEST(multiboot2_lies, what_a_tag_cuts_is_not_read)		/* attacks P1 */
{
	uint32_t map, module, i;

	begin_list();
	module = add_module(0x200000, 0x300000, "text");
	map = add_ram(24, 3);
	end_list();
	put32(map + 4, 16 + 3 * 24 - 1);		/* the last entry */
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 2);
	for (i = HEAD; i < 16 + 24; i++) {		/* all, or the head */
		put32(map + 4, i);
		parse(INFO);
		EXPECT_EQ(bi.nr_ranges, 0);
	}
	put32(module + 4, 16 + 2);			/* half of the text */
	parse(INFO);
	EXPECT_STR(bi.modules[0].string, "te");
	for (i = HEAD; i < 16; i++) {			/* the addresses */
		put32(module + 4, i);
		parse(INFO);
		EXPECT_EQ(bi.nr_modules, 0);
		EXPECT_EQ(bi.nr_modules_dropped, 1);
	}
	vfree(memory);
}

KTEST(multiboot2_lies, text_ends_with_its_tag)		/* attacks P3 */
{
	begin_list();
	memcpy(memory + add_tag(CMDLINE, HEAD + 8) + HEAD, "no end..", 8);
	add_tag(LOADER, HEAD);
	add_text(BOOT_DEVICE, "more text");
	end_list();
	parse(INFO);
	EXPECT_STR(bi.cmdline, "no end..");
	EXPECT_STR(bi.loader, "");
	vfree(memory);
}

KTEST(multiboot2_lies, tag_of_less_than_8_bytes_is_the_last)	/* attacks P2 */
{
	uint32_t at, size;

	begin_list();
	add_text(CMDLINE, "before");
	at = add_tag(BOOT_DEVICE, HEAD);
	add_text(LOADER, "behind");
	end_list();
	for (size = 0; size <= HEAD; size++) {
		put32(at + 4, size);
		parse(INFO);
		EXPECT_STR(bi.cmdline, "before");
		EXPECT_STR(bi.loader, size < HEAD ? "" : "behind");
	}
	vfree(memory);
}

KTEST(multiboot2_lies, tag_that_runs_past_the_total_is_not_read)	/* attacks P1 */
{
	static const uint32_t sizes[] = {
		MEMORY_SIZE, 0x7FFFFFFF, 0xFFFFFFF8, 0xFFFFFFFF,
	};
	unsigned int i;
	uint32_t at;

	begin_list();
	add_text(CMDLINE, "before");
	at = next;
	add_text(LOADER, "behind");			/* 8 + 7 bytes */
	put32(INFO, at + 15 - INFO);
	parse(INFO);
	EXPECT_STR(bi.loader, "behind");
	put32(INFO, at + 14 - INFO);
	parse(INFO);
	EXPECT_STR(bi.loader, "");
	EXPECT(is_recorded(INFO, at - INFO));
	put32(INFO, 0x8000);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		put32(at + 4, sizes[i] | 0x80000000);
		parse(INFO);
		EXPECT_STR(bi.cmdline, "before");
		EXPECT_STR(bi.loader, "");
	}
	vfree(memory);
}

/* --- totals that are lies, lists that run away ---------------------------- */

KTEST(multiboot2_lies, total_without_room_for_a_tag_says_nothing)
{
	uint32_t total;

	begin_list();
	add_text(CMDLINE, "x");
	end_list();
	for (total = 0; total < HEAD + HEAD + 2; total++) {
		put32(INFO, total);
		parse(INFO);
		EXPECT(bi.nr_records <= 1);
		EXPECT(knows_nothing());
	}
	put32(INFO, total);
	parse(INFO);
	EXPECT_STR(bi.cmdline, "x");
	vfree(memory);
}

KTEST(multiboot2_lies, list_without_end_stops_where_memory_ends) /* attacks P1, P2 */
{
	begin_list();
	add_text(LOADER, "GRUB");
	add_tag(BOOT_DEVICE, MEMORY_SIZE - 16 - next);
	memcpy(memory + add_tag(CMDLINE, 1000) + HEAD, "the end.", 8);
	put32(INFO, 0xFFFFFFFF);
	parse(INFO);
	EXPECT_STR(bi.loader, "GRUB");
	EXPECT_STR(bi.cmdline, "the end.");
	EXPECT(is_sound());
	vfree(memory);
}

KTEST(multiboot2_lies, list_that_runs_away_ends_after_1024_tags)	/* attacks P2 */
{
	unsigned int i;

	begin_list();
	for (i = 0; i < 1023; i++)
		add_tag(BOOT_DEVICE, HEAD);
	add_text(CMDLINE, "1024");
	add_text(LOADER, "1025");
	put32(INFO, 0xFFFFFFFF);
	parse(INFO);
	EXPECT_STR(bi.cmdline, "1024");
	EXPECT_STR(bi.loader, "");
	vfree(memory);
}

KTEST(multiboot2_lies, information_at_the_edge_is_read_or_left)	/* attacks P1 */
{
	static const uint32_t beyond[] = {
		MEMORY_SIZE - 7, MEMORY_SIZE - 1, MEMORY_SIZE, 0x7FFFFFFF,
		0xFFFFFFF8, 0xFFFFFFFF,
	};
	unsigned int i;

	begin();
	memset(memory + MEMORY_SIZE - 16, 0xFF, 16);
	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		parse(beyond[i]);
		EXPECT_EQ(bi.nr_records, 0);
		EXPECT(knows_nothing());
	}
	parse(MEMORY_SIZE - 8);
	EXPECT(is_recorded(MEMORY_SIZE - 8, 8));
	parse(MEMORY_SIZE - 16);			/* a tag of 4 GiB */
	EXPECT(is_recorded(MEMORY_SIZE - 16, 8));
	EXPECT(knows_nothing());
	vfree(memory);
}

/* The first tag follows at once; the others lie at multiples of 8. */
KTEST(multiboot2_lies, information_that_is_not_aligned_is_read)
{
	uint32_t at;

	begin();
	for (at = INFO; at < INFO + 8; at++) {
		next = at + HEAD;
		add_text(CMDLINE, "odd");
		add_text(LOADER, "GRUB");
		add_tag(END, HEAD);
		put32(at, next - at);
		parse(at);
		EXPECT_STR(bi.cmdline, "odd");
		EXPECT_STR(bi.loader, "GRUB");
	}
	vfree(memory);
}

/* --- all at once ---------------------------------------------------------- */

KTEST(multiboot2_lies, garbage_never_leads_outside)		/* attacks P1 to P4 */
{
	unsigned int round, wrong = 0, texts = 0;
	uint32_t at;

	begin();
	for (round = 0; round < 200; round++) {
		if (round % 10 == 0)
			scribble(ktest_random());
		next = INFO + HEAD * (round + 1);
		for (at = CMDLINE; at <= MMAP; at++)
			add_tag(at, HEAD + random_below(ktest_random(), 100));
		put32(INFO + HEAD * round, ~0U);
		parse(INFO + HEAD * round);
		wrong += !is_sound();
		texts += bi.cmdline[0] != '\0';
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(texts > 50);
	vfree(memory);
}
