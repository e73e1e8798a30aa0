/* SPDX-License-Identifier: MIT */
/* test_multiboot1.c - the Multiboot 1 parser under hostile loaders */
#include "hostile.h"

#define ROUNDS		20000
#define NR_ENTRIES	12U

/* Fields of the information structure. */
#define CMDLINE		16U
#define MODULES_COUNT	20U
#define MODULES_ADDR	24U
#define MMAP_LENGTH	44U
#define MMAP_ADDR	48U
#define LOADER_NAME	64U

/* --- structures that are nearly right ------------------------------------- */

static void put_hostile_info(uint32_t info)
{
	uint32_t map = some_place(), at = map, i;

	put32(info, 0xFFFF);
	put32(info + CMDLINE, some_place());
	put32(info + MODULES_COUNT, some_count());
	put32(info + MODULES_ADDR, some_place());
	put32(info + MMAP_LENGTH,
	      host_below(3) ? 24 * NR_ENTRIES : some_count());
	put32(info + MMAP_ADDR, map);
	put32(info + LOADER_NAME, some_place());
	for (i = 0; i < NR_ENTRIES && at < size; i++) {
		put32(at, host_below(8) ? 20 + host_below(9) : some_count());
		at += 24 + host_below(8);
	}
}

static void check_hostile(void)
{
	unsigned int round, ranges = 0, modules = 0, texts = 0;

	for (round = 0; round < ROUNDS; round++) {
		uint32_t info;

		if (round % 8 == 0)
			new_memory(200 + host_below(MAX_MEMORY - 200));
		info = host_below(size - 87);
		put_hostile_info(info);
		parse(1, info);
		ranges += bi.nr_ranges;
		modules += bi.nr_modules;
		texts += bi.cmdline[0] != 0;
	}
	CHECK(ranges > ROUNDS && modules > ROUNDS && texts > ROUNDS / 4);
}

/* --- memory maps that make sense ------------------------------------------ */

/* Up to 240 entries: also more than there is room for. */
static void put_map(uint32_t map)
{
	uint32_t nr = host_below(240), at = map, i;

	for (i = 0; i < nr; i++) {
		uint32_t entry = 20 + host_below(12);

		put32(at, entry);
		put_some_range(at + 4);
		put32(at + 20, host_below(4));
		at += 4 + entry;
	}
	put32(100, 1U << 6);
	put32(100 + MMAP_LENGTH, at - map);
	put32(100 + MMAP_ADDR, map);
}

static void check_maps(void)
{
	unsigned int round, nr_full = 0;

	new_memory(MAX_MEMORY);
	for (round = 0; round < ROUNDS; round++) {
		put_map(200);
		parse(1, 100);
		nr_full += bi.nr_ranges == BOOTINFO_MAX_RANGES;
	}
	CHECK(nr_full > ROUNDS / 10 && nr_full < ROUNDS / 2);
}

/* --- time ----------------------------------------------------------------- */

/* A megabyte of entries, all counts at their largest: still no time at all. */
static void check_time(void)
{
	uint32_t at;

	new_memory(1U << 20);
	memset(memory, 'x', size);
	for (at = 200; at < size; at += 24)
		put32(at, 20);
	put32(0, 0xFFFF);
	put32(CMDLINE, 100);
	put32(MODULES_COUNT, 0xFFFFFFFF);
	put32(MODULES_ADDR, 200);
	put32(MMAP_LENGTH, 0xFFFFFFFF);
	put32(MMAP_ADDR, 200);
	put32(LOADER_NAME, 100);
	CHECK(seconds_for(1, 0) < 0.5);
	CHECK(bi.nr_ranges_dropped + bi.nr_ranges <= 4096);
	parse(1, 0);
	put32(200, 0xFFFFFFFC - 4);
	CHECK(seconds_for(1, 0) < 0.5);
	parse(1, 0);
}

int main(void)
{
	check_garbage(1, ROUNDS);
	host_case("multiboot1 agrees with a plain reader on garbage");
	check_hostile();
	host_case("multiboot1 survives 20000 structures that are nearly right");
	check_maps();
	host_case("multiboot1 agrees with a plain reader on 20000 memory maps");
	check_time();
	host_case("multiboot1 is done at once, however large the counts are");
	free(memory);
	return host_end();
}
