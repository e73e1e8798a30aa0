/* SPDX-License-Identifier: MIT */
/*
 * tags.h - a list of Multiboot 2 tags, written one by one
 *
 *	begin_list();
 *	add_text(CMDLINE, "test=*");
 *	end_list();
 *	parse(INFO);
 */
#ifndef TESTS_BOOT_TAGS_H
#define TESTS_BOOT_TAGS_H

#include <lib/bits.h>

#include "handmade.h"

/* Multiboot2 2.0, section 3.6. */
enum { END, CMDLINE, LOADER, MODULE, SIZES, BOOT_DEVICE, MMAP };

#define HEAD		8U		/* type and size of every tag */

static uint32_t next;			/* where the next tag goes    */

static inline void parse(uint32_t info)
{
	parse_with(multiboot2_parse, info);
}

/* Returns where the tag begins; what it says comes HEAD behind. */
static inline uint32_t add_tag(uint32_t type, uint32_t size)
{
	uint32_t at = next;

	put32(at, type);
	put32(at + 4, size);
	next = ALIGN_UP(at + size, 8U);
	return at;
}

static inline void begin_list(void)
{
	begin();
	next = INFO + HEAD;
}

static inline void end_list(void)
{
	add_tag(END, HEAD);
	put32(INFO, next - INFO);
}

static inline void add_text(uint32_t type, const char *text)
{
	uint32_t at = add_tag(type, HEAD + (uint32_t)strlen(text) + 1);

	put_text(at + HEAD, text);
}

static inline uint32_t add_module(uint32_t start, uint32_t end, const char *text)
{
	uint32_t at = add_tag(MODULE, HEAD + 8 + (uint32_t)strlen(text) + 1);

	put32(at + HEAD, start);
	put32(at + HEAD + 4, end);
	put_text(at + HEAD + 8, text);
	return at;
}

static inline void add_sizes(uint32_t lower, uint32_t upper)
{
	uint32_t at = add_tag(SIZES, HEAD + 8);

	put32(at + HEAD, lower);
	put32(at + HEAD + 4, upper);
}

static inline uint32_t add_map(uint32_t entry_size, uint32_t nr)
{
	uint32_t at = add_tag(MMAP, HEAD + 8 + entry_size * nr);

	put32(at + HEAD, entry_size);
	put32(at + HEAD + 4, 0);
	return at;
}

static inline void put_range(uint32_t at, uint64_t base, uint64_t length,
			     uint32_t type)
{
	put64(at, base);
	put64(at + 8, length);
	put32(at + 16, type);
}

/* @nr entries of RAM: [i * 0x2000, + 0x1000) for i from 0 on. */
static inline uint32_t add_ram(uint32_t entry_size, uint32_t nr)
{
	uint32_t at = add_map(entry_size, nr), i;

	for (i = 0; i < nr; i++)
		put_range(at + 16 + i * entry_size, i * 0x2000, 0x1000, 1);
	return at;
}

#endif
