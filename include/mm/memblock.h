/* SPDX-License-Identifier: MIT */
/* memblock.h - RAM, holes and reservations, and memory before there are zones */
#ifndef MM_MEMBLOCK_H
#define MM_MEMBLOCK_H

#include <lib/format.h>
#include <lib/types.h>
#include <x86/bootinfo.h>

#define MEMBLOCK_MAX 160

struct memblock_range {
	uint64_t	start, end;	/* [start, end), page aligned when RAM */
	const char	*owner;		/* of a reservation: what lies there   */
};

/* Sorted, disjoint; RAM that touches is one range. [I] after zone_init. */
struct memblock_list {
	unsigned int	nr;
	struct memblock_range range[MEMBLOCK_MAX];
};

struct memblock {
	struct memblock_list ram, reserved;
};
extern struct memblock memblock;

/* What lies in a reservation that can be given back: mm_release_boot. */
extern const char MEMBLOCK_LEGACY[], MEMBLOCK_RECORDS[], MEMBLOCK_MODULE[];

/* What the user asked for on the command line; MEMORY_UNLIMITED: nothing. */
#define MEMORY_UNLIMITED UINT64_MAX
struct memory_limits {
	uint64_t	mem;		/* RAM from this address on is not used  */
	uint64_t	highmem;	/* bytes of RAM above the direct map     */
	uint64_t	vmalloc;	/* bytes of addresses above it           */
};

/*
 * memblock_init - build both lists from what the loader claims; choose lowmem
 *
 * Applies @limits and the CPU's physical width, reserves kernel, modules, loader
 * records and the low 1 MiB, and calls layout_init. Panics, in words for the
 * user, when less than MEMBLOCK_MIN_RAM is left.
 */
void memblock_init(const struct bootinfo *bi, const struct memory_limits *limits);
#define MEMBLOCK_MIN_RAM MIB(6)
#define MEMBLOCK_NEEDED	MIB(3)	/* low memory in one piece, beside modules */

/*
 * memblock_alloc - @size bytes of zeroed low memory, for ever, before zones
 *
 * @align  a power of two. Taken from the top of low memory.
 * Never returns NULL: without memory the kernel cannot start, and panics.
 */
void *memblock_alloc(size_t size, size_t align, const char *owner);

/*
 * memblock_add, memblock_remove - the list operations by themselves
 *
 * What is added replaces what it overlaps; touching ranges of one owner merge.
 * Returns  0, or -ENOSPC when the list is full; then it is unchanged.
 */
int memblock_add(struct memblock_list *list, uint64_t start, uint64_t end,
		 const char *owner);
int memblock_remove(struct memblock_list *list, uint64_t start,
		    uint64_t end);
const struct memblock_range *memblock_find(const struct memblock_list *list,
					   uint64_t phys);

/*
 * memblock_next_free - the first run of unreserved RAM in [@from, @to)
 *
 * Page aligned. Returns  false when there is none.
 */
bool memblock_next_free(uint64_t from, uint64_t to, uint64_t *start,
			uint64_t *end);

/* memblock_reserve - memblock_add to memblock.reserved, which has room */
void memblock_reserve(uint64_t start, uint64_t end, const char *owner);

/* memblock_largest_free - bytes of the longest unreserved run below @limit */
uint64_t memblock_largest_free(uint64_t limit);

uint64_t memblock_end_of_ram(void);
uint64_t memblock_ram_size(void);
int memblock_check(void);
void memblock_report(print_fn *print);

#endif
