/* SPDX-License-Identifier: MIT */
/*
 * test_loader.c - checked reads, and which ranges and modules are kept
 *
 * What both parsers rest on, called directly: the borders of memory, texts of
 * every kind, and what becomes of ranges when the table is full.
 */
#include "handmade.h"

static const struct loader_memory *whole_memory(void)
{
	static struct loader_memory mem;

	mem = (struct loader_memory){ memory, MEMORY_SIZE };
	return &mem;
}

static bool can_read(uint64_t phys, size_t n)
{
	static uint8_t bytes[16];

	return loader_read(whole_memory(), phys, bytes, n);
}

static size_t read_text(uint64_t phys, uint64_t max, char *dst, size_t size)
{
	memset(dst, 0xA5, size);
	return loader_read_text(whole_memory(), phys, max, dst, size);
}

static void forget(void)
{
	memset(&bi, 0, sizeof(bi));
}

static void add_ram(uint64_t start, uint64_t size)
{
	bootinfo_add_range(&bi, start, size, LOADER_RAM);
}

static void add_hole(uint64_t start, uint64_t size)
{
	bootinfo_add_range(&bi, start, size, LOADER_RAM + 1);
}

/* --- reading -------------------------------------------------------------- */

KTEST(loader, reads_end_where_memory_ends)		/* attacks P1 */
{
	begin();
	EXPECT(can_read(0, 4));
	EXPECT(can_read(MEMORY_SIZE - 4, 4));
	EXPECT(!can_read(MEMORY_SIZE - 3, 4));
	EXPECT(!can_read(MEMORY_SIZE, 1));
	EXPECT(!can_read(0x100000000, 1));
	EXPECT(!can_read(UINT64_MAX, 1));
	EXPECT(!can_read(UINT64_MAX - 3, 8));		/* wraps to 4 */
	vfree(memory);
}

KTEST(loader, text_says_how_much_of_memory_it_took)
{
	char text[8];

	begin();
	put_text(0, "four");
	EXPECT_EQ(read_text(0, UINT64_MAX, text, sizeof(text)), 5);
	EXPECT_STR(text, "four");
	EXPECT_EQ(read_text(0, 4, text, sizeof(text)), 5);
	EXPECT_STR(text, "four");
	EXPECT_EQ(read_text(0, 3, text, sizeof(text)), 4);
	EXPECT_STR(text, "fou");
	EXPECT_EQ(read_text(0, 0, text, sizeof(text)), 0);
	EXPECT_STR(text, "");
	EXPECT_EQ(read_text(4, UINT64_MAX, text, sizeof(text)), 0);
	EXPECT_STR(text, "");
	vfree(memory);
}

KTEST(loader, text_without_room_is_cut_and_terminated)	/* attacks P3 */
{
	char text[5];

	begin();
	put_text(0, "1234");
	EXPECT_EQ(read_text(0, UINT64_MAX, text, 5), 5);
	EXPECT_STR(text, "1234");
	EXPECT_EQ(read_text(0, UINT64_MAX, text, 4), 4);
	EXPECT_STR(text, "123");
	EXPECT_EQ(read_text(0, UINT64_MAX, text, 1), 0);
	EXPECT_STR(text, "");
	vfree(memory);
}

KTEST(loader, text_ends_where_memory_ends)		/* attacks P1, P3 */
{
	char text[8];

	begin();
	memcpy(memory + MEMORY_SIZE - 4, "tail", 4);	/* no 0 behind it */
	read_text(MEMORY_SIZE - 4, UINT64_MAX, text, sizeof(text));
	EXPECT_STR(text, "tail");
	read_text(MEMORY_SIZE - 1, UINT64_MAX, text, sizeof(text));
	EXPECT_STR(text, "l");
	EXPECT_EQ(read_text(MEMORY_SIZE, UINT64_MAX, text, sizeof(text)), 0);
	EXPECT_STR(text, "");
	EXPECT_EQ(read_text(0xFFFFFFFF, UINT64_MAX, text, sizeof(text)), 0);
	EXPECT_STR(text, "");
	vfree(memory);
}

/* Whoever writes the command line must not write the report as well. */
KTEST(loader, texts_hold_printable_characters_only)
{
	char text[32];

	begin();
	put_text(0, "a\tb\nc\rd\033[2Je\x7F\x80\xFF~");
	read_text(0, UINT64_MAX, text, sizeof(text));
	EXPECT_STR(text, "a b c d?[2Je???~");
	vfree(memory);
}

/* --- ranges --------------------------------------------------------------- */

KTEST(loader, touching_ranges_of_one_kind_become_one)
{
	forget();
	add_ram(0x1000, 0x1000);
	add_ram(0x2000, 0x800);
	add_ram(0x2800, 0x1000);
	add_hole(0x3800, 0x800);			/* another kind */
	bootinfo_add_range(&bi, 0x4000, 0x1000, 20);
	bootinfo_add_range(&bi, 0x5000, UINT64_MAX, 3);
	EXPECT_EQ(bi.nr_ranges, 2);
	expect_range(0, 0x1000, 0x3800, BOOT_RAM);
	expect_range(1, 0x3800, UINT64_MAX, BOOT_UNUSABLE);
	EXPECT_EQ(bi.nr_ranges_dropped, 0);
}

KTEST(loader, other_ranges_stay_as_they_come)
{
	forget();
	add_ram(0x8000, 0x1000);
	add_ram(0x9001, 0x1000);			/* a gap */
	add_ram(0x9FFF, 0x1000);			/* overlaps */
	add_ram(0x7000, 0x1000);			/* touches the first */
	add_ram(0x6000, 0x1000);			/* touches from below */
	EXPECT_EQ(bi.nr_ranges, 5);
	expect_range(0, 0x8000, 0x9000, BOOT_RAM);
	expect_range(1, 0x9001, 0xA001, BOOT_RAM);
	expect_range(2, 0x9FFF, 0xAFFF, BOOT_RAM);
	expect_range(3, 0x7000, 0x8000, BOOT_RAM);
	expect_range(4, 0x6000, 0x7000, BOOT_RAM);
}

KTEST(loader, empty_ranges_and_ram_that_wraps_are_dropped)	/* attacks P4 */
{
	forget();
	add_ram(0x1000, 0);
	add_hole(0x1000, 0);
	add_ram(UINT64_MAX - 0xFFF, 0x1001);
	add_ram(UINT64_MAX, 1);
	EXPECT_EQ(bi.nr_ranges, 0);
	EXPECT_EQ(bi.nr_ranges_dropped, 4);
	add_ram(UINT64_MAX - 0xFFF, 0xFFF);
	EXPECT_EQ(bi.nr_ranges, 1);
	expect_range(0, UINT64_MAX - 0xFFF, UINT64_MAX, BOOT_RAM);
	add_ram(UINT64_MAX, UINT64_MAX);		/* touches and wraps */
	expect_range(0, UINT64_MAX - 0xFFF, UINT64_MAX, BOOT_RAM);
}

KTEST(loader, hole_that_wraps_ends_with_memory)		/* attacks P5 */
{
	forget();
	add_hole(0x8000000, UINT64_MAX - 0x4000000);
	EXPECT_EQ(bi.nr_ranges, 1);
	expect_range(0, 0x8000000, UINT64_MAX, BOOT_UNUSABLE);
}

/* Every second frame of [0, 2 MiB) but the last: one entry is still free. */
static void nearly_fill(void)
{
	unsigned int i;

	for (i = 0; i < BOOTINFO_MAX_RANGES - 1; i++)
		add_ram(i * 0x4000, 0x2000);
}

KTEST(loader, ranges_beyond_the_room_are_counted)	/* attacks P2 */
{
	unsigned int i;

	forget();
	nearly_fill();
	add_ram(0x800000, 0x1000);
	for (i = 0; i < 5; i++)
		add_ram(0x900000, 0x1000);
	EXPECT_EQ(bi.nr_ranges, BOOTINFO_MAX_RANGES);
	expect_range(127, 0x800000, 0x801000, BOOT_RAM);
	EXPECT_EQ(bi.nr_ranges_dropped, 5);
}

KTEST(loader, hole_beyond_the_room_cuts_the_ram_it_overlaps)	/* attacks P5 */
{
	forget();
	nearly_fill();
	add_hole(0x800000, 0x1000);
	add_hole(9 * 0x4000 + 0x1000, 0x8000);
	EXPECT_EQ(bi.nr_ranges, BOOTINFO_MAX_RANGES);
	expect_range(8, 8 * 0x4000, 8 * 0x4000 + 0x2000, BOOT_RAM);
	expect_range(9, 9 * 0x4000, 9 * 0x4000 + 0x1000, BOOT_RAM);
	expect_range(10, 10 * 0x4000, 10 * 0x4000 + 0x2000, BOOT_UNUSABLE);
	expect_range(11, 11 * 0x4000 + 0x1000, 11 * 0x4000 + 0x2000, BOOT_RAM);
	EXPECT_EQ(bi.nr_ranges_dropped, 1);
}

/* The table does not know any more where such a hole lies. */
KTEST(loader, ram_does_not_grow_over_a_hole_that_found_no_room)	/* attacks P5 */
{
	forget();
	nearly_fill();
	add_ram(0x800000, 0x4000);
	add_hole(0x806000, 0x1000);
	add_hole(0x803000, 0x1000);
	add_ram(0x803000, 0x10000);		/* touches what was cut */
	add_ram(0x804000, 0x10000);
	EXPECT_EQ(bi.nr_ranges, BOOTINFO_MAX_RANGES);
	expect_range(127, 0x800000, 0x803000, BOOT_RAM);
	EXPECT_EQ(bi.nr_ranges_dropped, 4);
}

/* --- a random map against one flag for each unit -------------------------- */

#define UNITS	512U

enum { GIVEN = 1, UNUSABLE = 2 };
static uint8_t told[UNITS], kept[UNITS];

static void mark(uint8_t *flags, uint64_t start, uint64_t last, uint8_t flag)
{
	while (start < last)
		flags[start++] |= flag;
}

static void add_random(void)
{
	uint32_t start = random_below(ktest_random(), UNITS);
	uint32_t size = random_below(ktest_random(), 6);
	bool ram = random_below(ktest_random(), 2);

	if (bi.nr_ranges && random_below(ktest_random(), 3) == 0)
		start = (uint32_t)bi.ranges[bi.nr_ranges - 1].end; /* touches */
	size = MIN(size, UNITS - start);
	mark(told, start, start + size, ram ? GIVEN : UNUSABLE);
	bootinfo_add_range(&bi, start, size, ram ? LOADER_RAM : 7);
}

/* Units that are RAM for nobody, or are unusable by what was told. */
static unsigned int count_wrong(void)
{
	unsigned int i, wrong = 0;

	memset(kept, 0, sizeof(kept));
	for (i = 0; i < bi.nr_ranges; i++)
		mark(kept, bi.ranges[i].start, bi.ranges[i].end,
		     bi.ranges[i].kind == BOOT_RAM ? GIVEN : UNUSABLE);
	for (i = 0; i < UNITS; i++)
		wrong += kept[i] == GIVEN && told[i] != GIVEN;
	return wrong;
}

KTEST(loader, random_maps_lose_no_hole_and_invent_no_ram)	/* attacks P5 */
{
	unsigned int round, i, wrong = 0, full = 0;

	forget();
	for (round = 0; round < 100; round++) {
		forget();
		memset(told, 0, sizeof(told));
		for (i = 0; i < 300; i++)
			add_random();
		wrong += count_wrong() + !is_sound();
		full += bi.nr_ranges == BOOTINFO_MAX_RANGES;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(full, 100);
}

/* --- sizes, modules, records ---------------------------------------------- */

KTEST(loader, low_memory_ends_where_the_bios_has_data)
{
	forget();
	bootinfo_add_sizes(&bi, 600, 7 * 1024);
	EXPECT_EQ(bi.nr_ranges, 2);
	expect_range(0, 0, 600 * 1024, BOOT_RAM);
	expect_range(1, 0x100000, 0x800000, BOOT_RAM);
	forget();
	bootinfo_add_sizes(&bi, 0xFFFFFFFF, 0xFFFFFFFF);	/* KiB: 4 TiB */
	expect_range(0, 0, 0x9F000, BOOT_RAM);
	expect_range(1, 0x100000, 0x100000 + 0xFFFFFFFFULL * 1024, BOOT_RAM);
}

KTEST(loader, modules_without_sense_or_room_are_counted)	/* attacks P2, P4 */
{
	unsigned int i;

	forget();
	EXPECT(!bootinfo_add_module(&bi, 0x2000, 0x2000));
	EXPECT(!bootinfo_add_module(&bi, 0x2001, 0x2000));
	for (i = 0; i < BOOTINFO_MAX_MODULES; i++) {
		bi.modules[i].string[0] = 'x';
		EXPECT(bootinfo_add_module(&bi, i, i + 1) == &bi.modules[i]);
		EXPECT_STR(bi.modules[i].string, "");
	}
	EXPECT(!bootinfo_add_module(&bi, 1, 2));
	EXPECT_EQ(bi.nr_modules, BOOTINFO_MAX_MODULES);
	EXPECT_EQ(bi.nr_modules_dropped, 3);
	EXPECT(is_sound());
}

KTEST(loader, records_are_not_empty_and_not_too_many)	/* attacks P2 */
{
	unsigned int i;

	forget();
	bootinfo_add_record(&bi, 0x1000, 0);
	EXPECT_EQ(bi.nr_records, 0);
	for (i = 0; i < BOOTINFO_MAX_RECORDS + 3; i++)
		bootinfo_add_record(&bi, i, 1);
	EXPECT_EQ(bi.nr_records, BOOTINFO_MAX_RECORDS);
	EXPECT(is_recorded(BOOTINFO_MAX_RECORDS - 1, 1));
	EXPECT(is_sound());
}
