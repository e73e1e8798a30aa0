/* SPDX-License-Identifier: MIT */
/*
 * test_multiboot.c - the parser under hostile loaders
 *
 * Each machine's memory is an allocation of exactly its size, so that the
 * address sanitizer sees a read of one byte too many (P1). Memory maps that
 * make sense are compared with what a plain reader of the specification finds.
 */
#include "host.h"

#include <time.h>

#include <lib/bits.h>

#include "../../boot/boot.h"

#define ROUNDS		20000
#define MAX_MEMORY	8192U
#define MODULE_TABLE	(2 * 16 * BOOTINFO_MAX_MODULES)	/* at most looked at */

static struct bootinfo bi;
static uint8_t *memory;
static uint32_t size;

static void new_memory(uint32_t bytes)
{
	uint32_t i;

	free(memory);
	size = bytes;
	memory = malloc(size);
	for (i = 0; i < size; i++)
		memory[i] = (uint8_t)host_random();
}

static void parse(uint32_t info)
{
	const struct loader_memory mem = { memory, size };

	memset(&bi, 0xA5, sizeof(bi));
	multiboot1_parse(&mem, info, &bi);
}

static void put32(uint32_t at, uint32_t value)
{
	if (at + 4 <= size)
		memcpy(memory + at, &value, 4);
}

static bool is_clean(const char *text, size_t room)
{
	size_t i, length = strnlen(text, room);

	for (i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return length < room;
}

/* P3, P4 and the bounds of all arrays. */
static void check_sound(void)
{
	unsigned int i;

	CHECK(bi.nr_ranges <= BOOTINFO_MAX_RANGES);
	CHECK(bi.nr_modules <= BOOTINFO_MAX_MODULES);
	CHECK(bi.nr_records <= BOOTINFO_MAX_RECORDS);
	CHECK(is_clean(bi.loader, sizeof(bi.loader)));
	CHECK(is_clean(bi.cmdline, sizeof(bi.cmdline)));
	for (i = 0; i < bi.nr_ranges; i++) {
		CHECK(bi.ranges[i].start < bi.ranges[i].end);
		CHECK(bi.ranges[i].kind == BOOT_RAM ||
		      bi.ranges[i].kind == BOOT_UNUSABLE);
	}
	for (i = 0; i < bi.nr_modules; i++) {
		CHECK(bi.modules[i].start < bi.modules[i].end);
		CHECK(is_clean(bi.modules[i].string, BOOTINFO_STRING_SIZE));
	}
	/* A lie about a length must not reserve more than there is. */
	for (i = 0; i < bi.nr_records; i++) {
		uint64_t length = bi.records[i].end - bi.records[i].start;

		CHECK(bi.records[i].start < bi.records[i].end);
		CHECK(length <= size || length <= MODULE_TABLE);
	}
}

static void check_garbage(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		if (round % 16 == 0)
			new_memory(host_below(4) ? host_below(MAX_MEMORY)
						 : host_below(200));
		parse(host_below(4) ? host_below(size + 1) : host_random());
		check_sound();
	}
}

/* --- structures that are nearly right ------------------------------------- */

#define NR_ENTRIES	12U

/* Pointers into memory, most of them near an interesting border. */
static uint32_t some_place(void)
{
	switch (host_below(6)) {
	case 0:
		return size - host_below(100);
	case 1:
		return 0xFFFFFFFF - host_below(100);
	case 2:
		return 0;
	default:
		return host_below(size);
	}
}

static uint32_t some_count(void)
{
	switch (host_below(4)) {
	case 0:
		return 0xFFFFFFFF - host_below(100);
	case 1:
		return host_below(MAX_MEMORY);
	default:
		return host_below(40);
	}
}

static void put_hostile_info(uint32_t info)
{
	uint32_t map = some_place(), at = map, i;

	put32(info, 0xFFFF);
	put32(info + 16, some_place());
	put32(info + 20, some_count());
	put32(info + 24, some_place());
	put32(info + 44, host_below(3) ? 24 * NR_ENTRIES : some_count());
	put32(info + 48, map);
	put32(info + 64, some_place());
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
		parse(info);
		check_sound();
		ranges += bi.nr_ranges;
		modules += bi.nr_modules;
		texts += bi.cmdline[0] != 0;
	}
	CHECK(ranges > ROUNDS && modules > ROUNDS && texts > ROUNDS / 4);
}

/* --- a plain reader of the specification ---------------------------------- */

static uint64_t get(uint32_t at, unsigned int bytes)
{
	uint64_t v = 0;

	memcpy(&v, memory + at, bytes);
	return v;
}

/* Follows the sizes while whole entries fit; compares what was kept. */
static void compare_map(uint32_t map, uint32_t length)
{
	uint32_t at = map, kept = 0, dropped = 0;
	uint64_t last_end = 0;
	bool last_ram = false;

	while (at + 24 <= map + length) {
		uint64_t start = get(at + 4, 8), n = get(at + 12, 8);
		bool ram = get(at + 20, 4) == 1;

		if (!ram)			/* up to the last address */
			n = MIN(n, UINT64_MAX - start);
		if (n == 0 || start + n < start) {
			dropped++;
		} else if (kept && start == last_end && ram == last_ram) {
			last_end += n;		/* one range with the last */
		} else {
			kept++;
			CHECK(bi.ranges[kept - 1].start == start);
			last_end = start + n;
			last_ram = ram;
		}
		if (n && start + n >= start) {
			CHECK(kept <= bi.nr_ranges);
			CHECK(bi.ranges[kept - 1].end >= last_end);
			CHECK((bi.ranges[kept - 1].kind == BOOT_RAM) == ram);
		}
		at += 4 + (uint32_t)get(at, 4);
	}
	CHECK(bi.nr_ranges == kept);
	CHECK(bi.nr_ranges_dropped == dropped);
}

static void check_maps(void)
{
	unsigned int round, i;

	for (round = 0; round < ROUNDS; round++) {
		uint32_t nr = host_below(60), at = 200;

		if (round % 8 == 0)
			new_memory(MAX_MEMORY);
		for (i = 0; i < nr; i++) {
			uint32_t entry = 20 + host_below(20);

			put32(at, entry);
			put32(at + 8, 0xFFFFFF00 >> host_below(30)); /* wraps */
			put32(at + 20, host_below(4));
			if (host_below(10) == 0)
				memset(memory + at + 12, 0, 8);
			at += 4 + entry;
		}
		put32(100, 1U << 6);
		put32(144, at - 200);
		put32(148, 200);
		parse(100);
		compare_map(200, at - 200);
	}
}

/* --- time ----------------------------------------------------------------- */

static double seconds_for(uint32_t info)
{
	clock_t start = clock();

	parse(info);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* A megabyte of entries, all counts at their largest: still no time at all. */
static void check_time(void)
{
	uint32_t at;

	new_memory(1U << 20);
	memset(memory, 'x', size);
	for (at = 200; at < size; at += 24)
		put32(at, 20);
	put32(0, 0xFFFF);
	put32(16, 100);
	put32(20, 0xFFFFFFFF);
	put32(24, 200);
	put32(44, 0xFFFFFFFF);
	put32(48, 200);
	put32(64, 100);
	CHECK(seconds_for(0) < 0.5);
	CHECK(bi.nr_ranges_dropped + bi.nr_ranges <= 4096);
	check_sound();
	put32(200, 0xFFFFFFFC - 4);
	CHECK(seconds_for(0) < 0.5);
	check_sound();
}

int main(void)
{
	check_garbage();
	host_case("multiboot reads nothing outside memory, whatever is in it");
	check_hostile();
	host_case("multiboot survives 20000 structures that are nearly right");
	check_maps();
	host_case("multiboot agrees with a plain reader on 20000 memory maps");
	check_time();
	host_case("multiboot is done at once, however large the counts are");
	free(memory);
	return host_end();
}
