/* SPDX-License-Identifier: MIT */
/*
 * loader.c - reading what a loader left, and keeping what can be true
 *
 * Problem     The loader hands over pointers into physical memory, and every
 *             loader fills them in differently. A wrong length or a stray
 *             pointer must not lead the kernel astray.
 * Idea        All reads go through loader_read, which knows where memory ends.
 *             Everything worth keeping is copied into struct bootinfo; where it
 *             lay is noted, so that nobody overwrites it before it is released.
 * Invariants  P1  Nothing outside loader_memory is read.
 *             P2  Work is bounded by constants, whatever the counts.
 *             P3  Texts in bootinfo are terminated.
 *             P4  Every range and module in bootinfo has start < end.
 *             P5  No range that is called unusable is lost: where it finds no room
 *                 it cuts the RAM that it overlaps.
 * Read first  bootinfo_add_range
 * See         boot/multiboot1.c, boot/multiboot2.c, tests/boot/test_loader.c,
 *             tests/host/fuzz_multiboot.c
 */
#include "loader.h"

#include <lib/bits.h>
#include <lib/string.h>

#define LEGACY_LOW_MOST	636U		/* KiB; above it the BIOS keeps data */
#define ONE_MIB		0x100000ULL

static bool readable(const struct loader_memory *mem, uint64_t phys, uint64_t n)
{
	return phys <= mem->size && n <= mem->size - phys;
}

bool loader_read(const struct loader_memory *mem, uint64_t phys, void *dst,
		 size_t n)
{
	if (!readable(mem, phys, n))
		return false;
	memcpy(dst, mem->base + phys, n);
	return true;
}

/* Text that a loader made up must not move the cursor or forge a report. */
static char printable(char c)
{
	if (c == '\t' || c == '\n' || c == '\r')
		return ' ';
	if (c < ' ' || c > '~')
		return '?';
	return c;
}

size_t loader_read_text(const struct loader_memory *mem, uint64_t phys,
			uint64_t max, char *dst, size_t size)
{
	size_t n = 0;

	while (n < max && n + 1 < size && readable(mem, phys + n, 1) &&
	       mem->base[phys + n] != '\0') {
		dst[n] = printable((char)mem->base[phys + n]);
		n++;
	}
	dst[n] = '\0';
	return n ? n + 1 : 0;
}

void bootinfo_add_record(struct bootinfo *bi, uint64_t start, uint64_t size)
{
	if (size == 0 || bi->nr_records == BOOTINFO_MAX_RECORDS)
		return;
	bi->records[bi->nr_records++] =
		(struct boot_record){ start, start + size };
}

/* For a hole that finds no room in the table: what it overlaps is RAM up to it. */
static void cut_ram(struct bootinfo *bi, uint64_t start, uint64_t end)
{
	unsigned int i;

	for (i = 0; i < bi->nr_ranges; i++) {
		struct boot_range *r = &bi->ranges[i];

		if (r->kind != BOOT_RAM || r->end <= start || r->start >= end)
			continue;
		if (r->start < start)
			r->end = start;
		else if (r->end > end)
			r->start = end;
		else
			r->kind = BOOT_UNUSABLE;
	}
}

/*
 * UEFI firmware cuts its map into hundreds of pieces; most of them touch. None is
 * joined in a full table: a hole that found no room there may lie in this one.
 */
static bool extends_last(struct bootinfo *bi, uint64_t start, uint64_t end,
			 enum boot_range_kind kind)
{
	struct boot_range *last;

	if (bi->nr_ranges == 0 || bi->nr_ranges == BOOTINFO_MAX_RANGES)
		return false;
	last = &bi->ranges[bi->nr_ranges - 1];
	if (last->kind != kind || last->end != start)
		return false;
	last->end = end;
	return true;
}

/* RAM that wraps is a lie; what is unusable and wraps ends with memory. */
void bootinfo_add_range(struct bootinfo *bi, uint64_t start, uint64_t size,
			uint32_t type)
{
	enum boot_range_kind kind = type == LOADER_RAM ? BOOT_RAM
						       : BOOT_UNUSABLE;
	uint64_t end = start + size;

	if (end < start && kind == BOOT_UNUSABLE)
		end = UINT64_MAX;
	if (end > start && extends_last(bi, start, end, kind))
		return;
	if (end > start && bi->nr_ranges < BOOTINFO_MAX_RANGES) {
		bi->ranges[bi->nr_ranges++] =
			(struct boot_range){ start, end, kind };
		return;
	}
	bi->nr_ranges_dropped++;
	if (end > start && kind == BOOT_UNUSABLE)
		cut_ram(bi, start, end);
}

void bootinfo_add_sizes(struct bootinfo *bi, uint32_t lower_kib,
			uint32_t upper_kib)
{
	uint64_t lower = MIN(lower_kib, LEGACY_LOW_MOST);

	bootinfo_add_range(bi, 0, lower * 1024, LOADER_RAM);
	bootinfo_add_range(bi, ONE_MIB, (uint64_t)upper_kib * 1024, LOADER_RAM);
}

struct boot_module *bootinfo_add_module(struct bootinfo *bi, uint32_t start,
					uint32_t end)
{
	struct boot_module *m;

	if (start >= end || bi->nr_modules == BOOTINFO_MAX_MODULES) {
		bi->nr_modules_dropped++;
		return NULL;
	}
	m = &bi->modules[bi->nr_modules++];
	m->start = start;
	m->end = end;
	m->string[0] = '\0';
	return m;
}
