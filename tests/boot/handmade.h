/* SPDX-License-Identifier: MIT */
/*
 * handmade.h - a machine's memory, written by hand
 *
 * The parsers see memory only through struct loader_memory, so any buffer can be
 * a machine's memory. Here it ends where an unmapped guard page begins: one byte
 * too far ends the case (P1). Far more hostile input is tried on the build
 * machine (tests/host/test_multiboot1.c, tests/host/fuzz_multiboot.c).
 */
#ifndef TESTS_BOOT_HANDMADE_H
#define TESTS_BOOT_HANDMADE_H

#include <lib/string.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>

#include "../../boot/loader.h"

#define MEMORY_SIZE	(4 * PAGE_SIZE)
#define INFO		0x100U		/* where the loader's information lies */

static uint8_t *memory;
static struct bootinfo bi;

static inline void begin(void)
{
	memory = vzalloc(MEMORY_SIZE);
	REQUIRE(memory);
}

typedef void parse_fn(const struct loader_memory *mem, uint32_t info,
		      struct bootinfo *bi);

static inline void parse_with(parse_fn *parse, uint32_t info)
{
	const struct loader_memory mem = { memory, MEMORY_SIZE };

	memset(&bi, 0xA5, sizeof(bi));
	parse(&mem, info, &bi);
}

static inline void put32(uint32_t at, uint32_t value)
{
	memcpy(memory + at, &value, sizeof(value));
}

static inline void put64(uint32_t at, uint64_t value)
{
	memcpy(memory + at, &value, sizeof(value));
}

static inline void put_text(uint32_t at, const char *text)
{
	memcpy(memory + at, text, strlen(text) + 1);
}

/* Most words lead to a place in memory, some anywhere. */
static inline void scribble(struct random *r)
{
	uint32_t i;

	for (i = 0; i < MEMORY_SIZE; i += 4)
		put32(i, random_below(r, 4) ? random_below(r, MEMORY_SIZE) :
					      random_next(r));
}

static inline void expect_range(unsigned int i, uint64_t start, uint64_t last,
				enum boot_range_kind kind)
{
	EXPECT(i < bi.nr_ranges);
	EXPECT_EQ(bi.ranges[i].start, start);
	EXPECT_EQ(bi.ranges[i].end, last);
	EXPECT_EQ(bi.ranges[i].kind, kind);
}

static inline bool is_recorded(uint64_t start, uint64_t size)
{
	unsigned int i;

	for (i = 0; i < bi.nr_records; i++)
		if (bi.records[i].start == start &&
		    bi.records[i].end == start + size)
			return true;
	return false;
}

/* Nothing but the protocol and where the loader's words lie: both are cleared. */
static inline bool knows_nothing(void)
{
	static const struct bootinfo nothing;

	bi.protocol = NULL;
	bi.nr_records = 0;
	memset(bi.records, 0, sizeof(bi.records));
	return memcmp(&bi, &nothing, sizeof(bi)) == 0;
}

/* P3 and P4, and no count beyond its array. */
static inline bool is_sound(void)
{
	unsigned int i;

	if (bi.nr_ranges > BOOTINFO_MAX_RANGES ||
	    bi.nr_modules > BOOTINFO_MAX_MODULES ||
	    bi.nr_records > BOOTINFO_MAX_RECORDS ||
	    strnlen(bi.loader, sizeof(bi.loader)) == sizeof(bi.loader) ||
	    strnlen(bi.cmdline, sizeof(bi.cmdline)) == sizeof(bi.cmdline))
		return false;
	for (i = 0; i < bi.nr_ranges; i++)
		if (bi.ranges[i].start >= bi.ranges[i].end)
			return false;
	for (i = 0; i < bi.nr_modules; i++)
		if (bi.modules[i].start >= bi.modules[i].end ||
		    strnlen(bi.modules[i].string, BOOTINFO_STRING_SIZE) ==
		    BOOTINFO_STRING_SIZE)
			return false;
	return true;
}

#endif
