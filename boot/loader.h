/* SPDX-License-Identifier: MIT */
/* loader.h - reading a loader's memory, and what is made of it */
#ifndef BOOT_LOADER_H
#define BOOT_LOADER_H

#include "boot.h"

#define LOADER_RAM	1U	/* type of RAM in both protocols; all others: not */

/* loader_read - @n bytes at @phys into @dst; false where memory ends before */
bool loader_read(const struct loader_memory *mem, uint64_t phys, void *dst,
		 size_t n);

/*
 * loader_read_text - the text at @phys, of at most @max bytes, into @dst
 *
 * What is no printable character becomes a blank or '?'. Ends with the text,
 * with @max, with memory, or with @size; always terminated.
 * Returns  bytes of it in memory, its end included; 0 for an empty text.
 */
size_t loader_read_text(const struct loader_memory *mem, uint64_t phys,
			uint64_t max, char *dst, size_t size);

/* bootinfo_add_range - note memory of @size bytes from @start on (P4, P5) */
void bootinfo_add_range(struct bootinfo *bi, uint64_t start, uint64_t size,
			uint32_t type);

/* bootinfo_add_sizes - the two classic sizes, where there is no memory map */
void bootinfo_add_sizes(struct bootinfo *bi, uint32_t lower_kib,
			uint32_t upper_kib);

/* bootinfo_add_module - where to note the module at [@start, @end), or NULL */
struct boot_module *bootinfo_add_module(struct bootinfo *bi, uint32_t start,
					uint32_t end);

/* bootinfo_add_record - the loader's own notes lie there: keep them for now */
void bootinfo_add_record(struct bootinfo *bi, uint64_t start, uint64_t size);

#endif
