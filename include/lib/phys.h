/* SPDX-License-Identifier: MIT */
/*
 * phys.h - a physical address is no number
 *
 * Problem     It has 64 bits, and looks like a virtual address, like a frame
 *             number, like a size. What confuses them compiles, and works until
 *             the machine has more than 4 GiB.
 * Idea        phys_addr_t names one byte of memory or of a device. sparse (make
 *             static) lets nobody calculate with it, order it or cut it: turn it
 *             into a frame (phys_to_pfn, <mm/page.h>) and calculate with
 *             frames, or ask these.
 * Picture     uint64_t --phys_make--> phys_addr_t --pte_make--> pte_t
 *             of a memory map            |    ^
 *                           phys_to_pfn  v    |  pfn_to_phys
 *                                        pfn_t
 * Except      A memory map is made of numbers, uint64_t: it sorts, splits and
 *             rounds. So are the loader's (<x86/bootinfo.h>), memblock's and
 *             layout.lowmem_end. phys_make turns a place in it into an address.
 */
#ifndef LIB_PHYS_H
#define LIB_PHYS_H

#include <lib/compiler.h>
#include <lib/types.h>

static inline phys_addr_t phys_make(uint64_t number)
{
	return (__force phys_addr_t)number;
}

/* For page-table entries, control registers and output. */
static inline uint64_t phys_raw(phys_addr_t phys)
{
	return (__force uint64_t)phys;
}

static inline phys_addr_t phys_add(phys_addr_t phys, uint64_t bytes)
{
	return phys_make(phys_raw(phys) + bytes);
}

#endif
