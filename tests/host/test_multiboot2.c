/* SPDX-License-Identifier: MIT */
/* test_multiboot2.c - the Multiboot 2 parser under hostile loaders */
#include "hostile.h"

#define ROUNDS		20000
#define HONEST		0U		/* no number is a lie             */

enum { END, CMDLINE, LOADER, MODULE, SIZES, DRIVES, MMAP };

/* One number in so many is a lie. */
static unsigned int lie_every;

static uint32_t told(uint32_t truth)
{
	return lie_every == HONEST || host_below(lie_every) ? truth
							    : some_count();
}

static uint32_t put_map(uint32_t at)
{
	uint32_t entry = 24 + 8 * host_below(2), i;
	uint32_t nr = host_below(host_below(8) ? 20 : 240); /* 128 find room */

	put32(at, told(entry));
	put32(at + 4, 0);
	at += 8;
	for (i = 0; i < nr; i++, at += entry) {
		put_some_range(at);
		put32(at + 16, host_below(4));
	}
	return at;
}

/* What the tag says, from @at on; returns where that ends. */
static uint32_t put_content(uint32_t type, uint32_t at)
{
	switch (type) {
	case MMAP:
		return put_map(at);
	case MODULE:
		put32(at, host_below(1000));
		put32(at + 4, host_below(1000));
		return at + 8 + host_below(200);
	case SIZES:
		return at + 8;
	default:
		return at + host_below(40);	/* a text, or anything else */
	}
}

/* A list of tags at @info; whatever is not written is garbage. */
static void put_list(uint32_t info)
{
	uint32_t at = info + 8, nr = host_below(30), end, i;

	for (i = 0; i < nr; i++) {
		uint32_t type = CMDLINE + host_below(MMAP + 1);

		end = put_content(type, at + 8);
		put32(at, told(type));
		put32(at + 4, told(end - at));
		at = ALIGN_UP(end, 8);
	}
	put32(at, told(END));
	put32(at + 4, told(8));
	put32(info, told(at + 8 - info));
}

static void check_lists(unsigned int lies)
{
	unsigned int round, ranges = 0, full = 0, modules = 0, texts = 0;

	lie_every = lies;
	for (round = 0; round < ROUNDS; round++) {
		uint32_t info;

		if (round % 16 == 0)
			new_memory(200 + host_below(MAX_MEMORY - 200));
		info = host_below(8) ? ALIGN_DOWN(host_below(size / 4), 8)
				     : host_below(size);
		put_list(info);
		parse(2, info);
		ranges += bi.nr_ranges;
		full += bi.nr_ranges == BOOTINFO_MAX_RANGES;
		modules += bi.nr_modules;
		texts += bi.cmdline[0] != 0;
	}
	CHECK(ranges > ROUNDS && full > ROUNDS / 1000);
	CHECK(modules > ROUNDS / 4 && texts > ROUNDS / 4);
}

/* --- time ----------------------------------------------------------------- */

/* Tags of @bytes each up to the end of memory, and no total that is true. */
static void put_many_tags(uint32_t type, uint32_t bytes)
{
	uint32_t at;

	memset(memory, 'x', size);
	put32(0, 0xFFFFFFFF);
	for (at = 8; at < size; at += bytes) {
		put32(at, type);
		put32(at + 4, bytes);
		put32(at + 8, 24);
	}
}

static void check_time(void)
{
	static const uint32_t sizes[] = {
		8, 16, 40, 1000, 0x10000, 0x200000
	};
	unsigned int i;

	new_memory(2U << 20);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		put_many_tags(MMAP, sizes[i]);
		CHECK(seconds_for(2, 0) < 0.5);
		parse(2, 0);
		put_many_tags(MODULE, sizes[i]);
		CHECK(seconds_for(2, 0) < 0.5);
		parse(2, 0);
	}
}

int main(void)
{
	check_garbage(2, ROUNDS);
	host_case("multiboot2 agrees with a plain reader on garbage");
	check_lists(HONEST);
	host_case("multiboot2 agrees with a plain reader on 20000 lists");
	check_lists(20);
	host_case("multiboot2 survives 20000 lists that are nearly right");
	check_time();
	host_case("multiboot2 is done at once, however many tags there are");
	free(memory);
	return host_end();
}
