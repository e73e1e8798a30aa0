/* SPDX-License-Identifier: MIT */
/*
 * test_multiboot1.c - what a Multiboot 1 loader says, and how it may lie
 *
 * Texts, ranges and modules by themselves are test_loader.c's; here it is the
 * information structure and what its fields lead to.
 */
#include "handmade.h"

#define MMAP		0x400U
#define MODULES		0x800U
#define TEXTS		0x1800U

static void parse(uint32_t info)
{
	parse_with(multiboot1_parse, info);
}

/* Multiboot 0.6.96, section 3.3: the offset and the flag of each field. */
static void set_mem(uint32_t lower, uint32_t upper)
{
	put32(INFO + 4, lower);
	put32(INFO + 8, upper);
	memory[INFO] |= 1U << 0;
}

static void set_cmdline(uint32_t at)
{
	put32(INFO + 16, at);
	memory[INFO] |= 1U << 2;
}

static void set_modules(uint32_t count, uint32_t at)
{
	put32(INFO + 20, count);
	put32(INFO + 24, at);
	memory[INFO] |= 1U << 3;
}

static void set_mmap(uint32_t length, uint32_t at)
{
	put32(INFO + 44, length);
	put32(INFO + 48, at);
	memory[INFO] |= 1U << 6;
}

static void set_loader(uint32_t at)
{
	put32(INFO + 64, at);
	memory[INFO + 1] |= 1U << (9 - 8);
}

static void put_range(uint32_t at, uint32_t size, uint64_t base,
		      uint64_t length, uint32_t type)
{
	put32(at, size);
	put64(at + 4, base);
	put64(at + 12, length);
	put32(at + 20, type);
}

static void put_module(uint32_t number, uint32_t start, uint32_t end,
		       uint32_t text)
{
	put32(MODULES + 16 * number, start);
	put32(MODULES + 16 * number + 4, end);
	put32(MODULES + 16 * number + 8, text);
}

/* --- what loaders say ----------------------------------------------------- */

KTEST(multiboot1, memory_map_is_copied_entry_by_entry)
{
	begin();
	put_range(MMAP, 20, 0, 0x9FC00, 1);
	put_range(MMAP + 24, 20, 0xF0000, 0x10000, 2);
	put_range(MMAP + 48, 20, 0x100000, 0x7F00000, 1);
	put_range(MMAP + 72, 20, 0x100000000, 0x80000000, 1);
	put_range(MMAP + 96, 20, 0xFD00000000, 0x300000000, 20);
	set_mmap(120, MMAP);
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 5);
	expect_range(0, 0, 0x9FC00, BOOT_RAM);
	expect_range(1, 0xF0000, 0x100000, BOOT_UNUSABLE);
	expect_range(2, 0x100000, 0x8000000, BOOT_RAM);
	expect_range(3, 0x100000000, 0x180000000, BOOT_RAM);
	expect_range(4, 0xFD00000000, 0x10000000000, BOOT_UNUSABLE);
	EXPECT_EQ(bi.nr_ranges_dropped, 0);
	EXPECT(is_recorded(MMAP, 120));
	vfree(memory);
}

KTEST(multiboot1, texts_and_modules_are_copied)
{
	begin();
	put_text(TEXTS, "qemu");
	put_text(TEXTS + 0x20, "/boot/lacuna.elf test=* exit");
	put_text(TEXTS + 0x60, "/lib/probe.ko x=1");
	set_loader(TEXTS);
	set_cmdline(TEXTS + 0x20);
	put_module(0, 0x200000, 0x200001, TEXTS + 0x60);
	put_module(1, 0x300000, 0xFFFFFFFF, 0);
	set_modules(2, MODULES);
	parse(INFO);
	EXPECT_STR(bi.protocol, "Multiboot 1");
	EXPECT_STR(bi.loader, "qemu");
	EXPECT_STR(bi.cmdline, "/boot/lacuna.elf test=* exit");
	EXPECT_EQ(bi.nr_modules, 2);
	EXPECT_EQ(bi.modules[0].start, 0x200000);
	EXPECT_EQ(bi.modules[0].end, 0x200001);
	EXPECT_STR(bi.modules[0].string, "/lib/probe.ko x=1");
	EXPECT_EQ(bi.modules[1].end, 0xFFFFFFFF);
	EXPECT_STR(bi.modules[1].string, "");	/* v86 has no text */
	EXPECT_EQ(bi.nr_modules_dropped, 0);
	EXPECT(is_recorded(INFO, 88));
	EXPECT(is_recorded(MODULES, 32));
	EXPECT(is_recorded(TEXTS, 5));
	EXPECT(is_recorded(TEXTS + 0x60, 18));
	EXPECT_EQ(bi.nr_records, 5);
	vfree(memory);
}

KTEST(multiboot1, without_a_flag_its_field_is_not_read)
{
	begin();
	put_text(TEXTS, "words");
	put_range(MMAP, 20, 0, 0x9FC00, 1);
	put_module(0, 0x200000, 0x300000, TEXTS);
	set_mem(640, 1024);
	set_loader(TEXTS);
	set_cmdline(TEXTS);
	set_mmap(24, MMAP);
	set_modules(1, MODULES);
	put32(INFO, ~(1U << 0 | 1U << 2 | 1U << 3 | 1U << 6 | 1U << 9));
	parse(INFO);
	EXPECT_EQ(bi.nr_records, 1);
	EXPECT(is_recorded(INFO, 88));
	EXPECT(knows_nothing());
	vfree(memory);
}

KTEST(multiboot1, two_sizes_count_where_there_is_no_map)
{
	begin();
	set_mem(600, 7 * 1024);
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 2);
	expect_range(0, 0, 600 * 1024, BOOT_RAM);
	expect_range(1, 0x100000, 0x800000, BOOT_RAM);
	put_range(MMAP, 20, 0x100000, 0, 1);		/* an empty map: none */
	set_mmap(24, MMAP);
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 2);
	put_range(MMAP, 20, 0x100000, 0x600000, 1);
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 1);
	expect_range(0, 0x100000, 0x700000, BOOT_RAM);
	vfree(memory);
}

/* --- pointers ------------------------------------------------------------- */

KTEST(multiboot1, texts_lie_anywhere_but_at_0)		/* attacks P1, P3 */
{
	begin();
	memset(memory + TEXTS, 'x', BOOTINFO_CMDLINE_SIZE);
	set_cmdline(TEXTS);
	set_loader(MEMORY_SIZE - 1);
	put_module(0, 1, 2, TEXTS);
	set_modules(1, MODULES);
	memory[MEMORY_SIZE - 1] = 'l';
	parse(INFO);
	EXPECT_EQ(strlen(bi.cmdline), BOOTINFO_CMDLINE_SIZE - 1);
	EXPECT_STR(bi.loader, "l");
	EXPECT_EQ(strlen(bi.modules[0].string), BOOTINFO_STRING_SIZE - 1);
	memory[0] = 'N';
	set_cmdline(0);
	set_loader(0xFFFFFFFF);
	put_module(0, 1, 2, MEMORY_SIZE);
	parse(INFO);
	EXPECT_STR(bi.cmdline, "");
	EXPECT_STR(bi.loader, "");
	EXPECT_STR(bi.modules[0].string, "");
	EXPECT_EQ(bi.nr_records, 2);		/* the structure, the modules */
	vfree(memory);
}

KTEST(multiboot1, information_at_the_edge_is_read_or_left)	/* attacks P1 */
{
	static const uint32_t beyond[] = {
		MEMORY_SIZE - 87, MEMORY_SIZE - 4, MEMORY_SIZE - 1, MEMORY_SIZE,
		0x7FFFFFFF, 0xFFFFFFA8, 0xFFFFFFFF,
	};
	unsigned int i;

	begin();
	memset(memory + MEMORY_SIZE - 88, 0xFF, 88);
	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		parse(beyond[i]);
		EXPECT_EQ(bi.nr_records, 0);
		EXPECT(knows_nothing());
	}
	parse(MEMORY_SIZE - 88);
	EXPECT_EQ(bi.nr_records, 1);
	EXPECT(is_recorded(MEMORY_SIZE - 88, 88));
	EXPECT(is_sound());
	vfree(memory);
}

/* --- memory maps ---------------------------------------------------------- */

KTEST(multiboot1, entries_say_their_own_size)
{
	begin();
	put_range(MMAP, 24, 0x1000, 0x1000, 1);		/* ACPI 3: 28 bytes */
	put_range(MMAP + 28, 20, 0x3000, 0x1000, 1);
	put_range(MMAP + 52, 256, 0x5000, 0x1000, 1);
	put_range(MMAP + 312, 20, 0x7000, 0x1000, 1);
	set_mmap(336, MMAP);
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 4);
	expect_range(1, 0x3000, 0x4000, BOOT_RAM);
	expect_range(3, 0x7000, 0x8000, BOOT_RAM);
	set_mmap(335, MMAP);				/* the last is cut */
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 3);
	vfree(memory);
}

KTEST(multiboot1, entry_too_small_or_too_large_is_the_last) /* attacks P2 */
{
	static const uint32_t sizes[] = {
		0, 1, 4, 19, 257, MEMORY_SIZE, 0x7FFFFFFF, 0xFFFFFFF0,
		0xFFFFFFFC, 0xFFFFFFFF,
	};
	unsigned int i;

	begin();
	put_range(MMAP + 24, 20, 0x3000, 0x1000, 1);
	put_range(MMAP + 261, 20, 0x5000, 0x1000, 1);	/* behind 257 */
	set_mmap(MEMORY_SIZE - MMAP, MMAP);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		put_range(MMAP, sizes[i], 0x1000, 0x1000, 1);
		parse(INFO);
		EXPECT_EQ(bi.nr_ranges, 1);
		expect_range(0, 0x1000, 0x2000, BOOT_RAM);
	}
	vfree(memory);
}

KTEST(multiboot1, more_ranges_than_fit_are_counted_and_holes_heard) /* P2, P5 */
{
	uint32_t i, nr = BOOTINFO_MAX_RANGES + 5;

	begin();
	for (i = 0; i < nr; i++)
		put_range(MMAP + 24 * i, 20, i * 0x2000, 0x1000, 1);
	put_range(MMAP + 24 * nr, 20, 0x2800, 0x1000, 2);
	set_mmap(24 * (nr + 1), MMAP);
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, BOOTINFO_MAX_RANGES);
	expect_range(1, 0x2000, 0x2800, BOOT_RAM);
	expect_range(127, 127 * 0x2000, 127 * 0x2000 + 0x1000, BOOT_RAM);
	EXPECT_EQ(bi.nr_ranges_dropped, 6);
	vfree(memory);
}

/* A length that is a lie must not reserve all memory. */
KTEST(multiboot1, record_of_the_map_ends_with_what_was_read)
{
	begin();
	put_range(MMAP, 20, 0x1000, 0x1000, 1);
	put_range(MMAP + 24, 0, 0x3000, 0x1000, 1);
	set_mmap(0xFFFFFFFF, MMAP);
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 2);
	EXPECT(is_recorded(MMAP, 48));
	set_mmap(0xFFFFFFFF, MEMORY_SIZE - 10);
	parse(INFO);
	EXPECT_EQ(bi.nr_ranges, 0);
	EXPECT_EQ(bi.nr_records, 1);
	vfree(memory);
}

/* --- modules -------------------------------------------------------------- */

KTEST(multiboot1, empty_and_reversed_modules_are_dropped)	/* attacks P4 */
{
	begin();
	put_module(0, 0x200000, 0x200000, 0);
	put_module(1, 0x300000, 0x200000, 0);
	put_module(2, 0x400000, 0x500000, 0);
	set_modules(3, MODULES);
	parse(INFO);
	EXPECT_EQ(bi.nr_modules, 1);
	EXPECT_EQ(bi.modules[0].start, 0x400000);
	EXPECT_EQ(bi.nr_modules_dropped, 2);
	vfree(memory);
}

KTEST(multiboot1, modules_beyond_the_room_are_counted)	/* attacks P2 */
{
	uint32_t i;

	begin();
	for (i = 0; i < 40; i++)
		put_module(i, i * 0x1000, i * 0x1000 + 1, 0);
	set_modules(20, MODULES);
	parse(INFO);
	EXPECT_EQ(bi.nr_modules, BOOTINFO_MAX_MODULES);
	EXPECT_EQ(bi.nr_modules_dropped, 4);
	set_modules(0xFFFFFFFF, MODULES);
	parse(INFO);
	EXPECT_EQ(bi.nr_modules, BOOTINFO_MAX_MODULES);
	EXPECT_EQ(bi.nr_modules_dropped, 0xFFFFFFFF - BOOTINFO_MAX_MODULES);
	EXPECT(is_recorded(MODULES, 2 * BOOTINFO_MAX_MODULES * 16));
	EXPECT(is_sound());
	set_modules(0xFFFFFFFF, MEMORY_SIZE - 16);	/* room for one entry */
	parse(INFO);
	EXPECT_EQ(bi.nr_modules, 0);
	EXPECT_EQ(bi.nr_modules_dropped, 0xFFFFFFFF);
	vfree(memory);
}

/* --- all at once ---------------------------------------------------------- */

KTEST(multiboot1, garbage_never_leads_outside)	/* attacks P1 to P4 */
{
	unsigned int round, wrong = 0, ranges = 0, modules = 0;

	begin();
	for (round = 0; round < 200; round++) {
		if (round % 10 == 0)
			scribble(ktest_random());
		put32(0x200 + round * 4, ~0U);		/* flags: all of them */
		parse(0x200 + round * 4);
		wrong += !is_sound();
		ranges += bi.nr_ranges;
		modules += bi.nr_modules;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(ranges > 200 && modules > 200);
	vfree(memory);
}
