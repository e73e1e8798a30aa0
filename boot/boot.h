/* SPDX-License-Identifier: MIT */
/* boot.h - what boot/ shares among its high files and with kmain */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <lib/compiler.h>
#include <x86/bootinfo.h>

/* boot_high - first C code above PAGE_OFFSET; start.S calls it */
void __noreturn boot_high(uint32_t info_phys, uint32_t magic);

/* Physical memory that the parser may look at: [0, size), seen at base. */
struct loader_memory {
	const uint8_t	*base;
	uint64_t	size;
};

/*
 * multiboot1_parse - copy the Multiboot 1 information at @info into @bi
 * multiboot2_parse - the same for Multiboot 2
 *
 * Believes nothing: every read is bounded by @mem, every count by the room in
 * @bi, every text is cut to its field. What makes no sense is left out and
 * counted. Pure code: it also runs on the host, on hostile input.
 */
void multiboot1_parse(const struct loader_memory *mem, uint32_t info,
		      struct bootinfo *bi);
void multiboot2_parse(const struct loader_memory *mem, uint32_t info,
		      struct bootinfo *bi);

#endif
