/* SPDX-License-Identifier: MIT */
/* plain.h - what a plain reader of the loaders' specifications finds */
#ifndef TESTS_HOST_PLAIN_H
#define TESTS_HOST_PLAIN_H

#include <x86/bootinfo.h>

/* The parsers look at no more than this (P2). */
#define PLAIN_MAX_RANGES	(0x100000 / 24 + 2)
#define PLAIN_MAX_MODULES	1024

struct plain_text {			/* as it lies in memory, uncut        */
	const uint8_t	*bytes;
	uint64_t	length;
};

struct plain_module {
	uint32_t	start, end;
	struct plain_text text;
};

struct plain {
	struct plain_text loader, cmdline;
	unsigned int	nr_ranges, nr_modules;
	unsigned int	nr_ranges_senseless;	/* empty, or RAM that wraps   */
	uint32_t	nr_modules_told;	/* also those not looked at   */
	struct boot_range ranges[PLAIN_MAX_RANGES];
	struct plain_module modules[PLAIN_MAX_MODULES];
};

/* plain_read - read @protocol (1 or 2) at @info of memory [0, @size) */
void plain_read(int protocol, const uint8_t *memory, uint64_t size,
		uint32_t info, struct plain *found);

/*
 * plain_judge - is @bi what can be made of @found?
 *
 * Returns  NULL, or what is wrong with it.
 */
const char *plain_judge(const struct bootinfo *bi, const struct plain *found);

/* plain_is_ram - do the RAM entries together give all of [@start, @end)? */
bool plain_is_ram(const struct plain *found, uint64_t start, uint64_t end);

#endif
