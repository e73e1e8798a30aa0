/* SPDX-License-Identifier: MIT */
/*
 * plain.c - a plain reader of the loaders' specifications
 *
 * Problem     Whether the parsers are right on hostile input must be judged by
 *             somebody who does not make their mistakes.
 * Idea        Read the structures once more, from the specifications alone and
 *             without any thought of room, order or speed; then look whether
 *             what was kept agrees (judge.c).
 * Bounds      A loader's lists may go on for ever. The parsers promise (P2) to
 *             follow them so far, and so does this reader.
 * Source      Multiboot 0.6.96, section 3.3; Multiboot2 2.0, section 3.6.
 */
#include "plain.h"

#include <string.h>

#include <lib/bits.h>

#define MOST_ENTRIES	4096U		/* of one memory map                */
#define ENTRY_MOST	256U		/* bytes of one of them             */
#define MOST_MODULES1	32U		/* that Multiboot 1 may list        */
#define MOST_TAGS	1024U
#define LIST_MOST	0x100000U	/* bytes of all tags                */

static const uint8_t *memory;
static uint64_t size;
static struct plain *found;

static bool fits(uint64_t at, uint64_t length)
{
	return length <= size && at <= size - length;
}

/* A little-endian number; its place was checked by the caller. */
static uint64_t get(uint64_t at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | memory[at + bytes];
	return value;
}

static void find_range(uint64_t start, uint64_t length, bool ram)
{
	if (!ram)			/* up to the last address */
		length = MIN(length, UINT64_MAX - start);
	if (length == 0 || start + length < start) {
		found->nr_ranges_senseless++;
		return;
	}
	found->ranges[found->nr_ranges++] = (struct boot_range){
		start, start + length, ram ? BOOT_RAM : BOOT_UNUSABLE
	};
}

static void find_sizes(uint64_t lower_kib, uint64_t upper_kib)
{
	find_range(0, MIN(lower_kib, 636) << 10, true);
	find_range(0x100000, upper_kib << 10, true);
}

/* Up to the 0, to @end, or to the end of memory. */
static struct plain_text text_at(uint64_t at, uint64_t end)
{
	uint64_t length = 0;

	while (at + length < end && fits(at + length, 1) && memory[at + length])
		length++;
	return (struct plain_text){ length ? memory + at : NULL, length };
}

static void find_module(uint64_t at, struct plain_text text)
{
	found->modules[found->nr_modules++] = (struct plain_module){
		(uint32_t)get(at, 4), (uint32_t)get(at + 4, 4), text
	};
}

/* --- Multiboot 1 ---------------------------------------------------------- */

static struct plain_text text1(uint64_t pointer)
{
	return text_at(pointer, pointer ? UINT64_MAX : 0);
}

static void read_map1(uint64_t at, uint64_t end)
{
	unsigned int i;

	for (i = 0; i < MOST_ENTRIES && at + 24 <= end && fits(at, 24); i++) {
		uint64_t rest = get(at, 4);

		find_range(get(at + 4, 8), get(at + 12, 8),
			   get(at + 20, 4) == 1);
		if (rest < 20 || rest > ENTRY_MOST)
			break;
		at += 4 + rest;
	}
}

static void read_modules1(uint64_t at, uint64_t count)
{
	uint64_t end = at + 16 * MIN(count, MOST_MODULES1);

	for (; at < end && fits(at, 16); at += 16)
		find_module(at, text1(get(at + 8, 4)));
}

static void read1(uint64_t info)
{
	uint64_t flags;

	if (!fits(info, 88))
		return;
	flags = get(info, 4);
	if (flags & 1 << 9)
		found->loader = text1(get(info + 64, 4));
	if (flags & 1 << 2)
		found->cmdline = text1(get(info + 16, 4));
	if (flags & 1 << 6)
		read_map1(get(info + 48, 4),
			  get(info + 48, 4) + get(info + 44, 4));
	if (flags & 1 << 0 && found->nr_ranges == 0)
		find_sizes(get(info + 4, 4), get(info + 8, 4));
	if (flags & 1 << 3) {
		found->nr_modules_told = (uint32_t)get(info + 20, 4);
		read_modules1(get(info + 24, 4), found->nr_modules_told);
	}
}

/* --- Multiboot 2 ---------------------------------------------------------- */

static void read_map2(uint64_t tag, uint64_t end)
{
	uint64_t at = tag + 16, step;
	unsigned int i;

	if (at > end || !fits(tag, 16))
		return;
	step = get(tag + 8, 4);
	if (step < 24 || step > ENTRY_MOST)
		return;
	for (i = 0; i < MOST_ENTRIES && at + 24 <= end && fits(at, 24); i++) {
		find_range(get(at, 8), get(at + 8, 8), get(at + 16, 4) == 1);
		at += step;
	}
}

static void read_tag(uint64_t tag, uint64_t end)
{
	switch (get(tag, 4)) {
	case 1:
		found->cmdline = text_at(tag + 8, end);
		break;
	case 2:
		found->loader = text_at(tag + 8, end);
		break;
	case 3:
		found->nr_modules_told++;
		if (tag + 16 <= end && fits(tag, 16))
			find_module(tag + 8, text_at(tag + 16, end));
		break;
	case 6:
		read_map2(tag, end);
		break;
	}
}

static void read2(uint64_t info)
{
	uint64_t at = info + 8, end, length, sizes = 0;
	unsigned int i;

	if (!fits(info, 8))
		return;
	end = info + MIN(get(info, 4), LIST_MOST);
	for (i = 0; i < MOST_TAGS && at + 8 <= end && fits(at, 8); i++) {
		length = get(at + 4, 4);
		if (length < 8 || at + length > end || get(at, 4) == 0)
			break;
		read_tag(at, at + length);
		if (get(at, 4) == 4)
			sizes = length >= 16 && fits(at, 16) ? at : 0;
		at = ALIGN_UP(at + length, 8);
	}
	if (sizes && found->nr_ranges == 0)
		find_sizes(get(sizes + 8, 4), get(sizes + 12, 4));
}

void plain_read(int protocol, const uint8_t *bytes, uint64_t nr_bytes,
		uint32_t info, struct plain *result)
{
	memory = bytes;
	size = nr_bytes;
	found = result;
	memset(found, 0, offsetof(struct plain, ranges));
	if (protocol == 1)
		read1(info);
	else
		read2(info);
}
