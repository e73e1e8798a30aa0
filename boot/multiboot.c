/* SPDX-License-Identifier: MIT */
/*
 * multiboot.c - what a Multiboot 1 loader says, checked and copied
 *
 * Problem     The loader hands over a chain of pointers into physical memory,
 *             and every loader fills it in differently. A wrong length or a
 *             stray pointer must not lead the kernel astray.
 * Idea        All reads go through read_bytes, which knows where memory ends.
 *             Everything worth keeping is copied into struct bootinfo; where it
 *             lay is noted, so that nobody overwrites it before it is released.
 * Invariants  P1  Nothing outside loader_memory is read.
 *             P2  Work is bounded by the constants below, whatever the counts.
 *             P3  Texts in bootinfo are terminated.
 *             P4  Every range and module in bootinfo has start < end.
 *             P5  No range that is called unusable is lost: where it finds no room
 *                 it cuts the RAM that it overlaps.
 * Source      Multiboot Specification 0.6.96, section 3.3.
 * Read first  multiboot_parse
 * See         tests/host/test_multiboot.c, tests/boot/test_multiboot.c
 */
#include "boot.h"

#include <lib/bits.h>
#include <lib/string.h>

/* Fields of the information structure: flag bit and offset. */
#define INFO_FLAGS	0U
#define INFO_SIZE	88U
#define HAS_MEM		(1U << 0)
#define MEM_LOWER	4U		/* KiB of RAM from 0 on          */
#define MEM_UPPER	8U		/* KiB of RAM from 1 MiB on      */
#define HAS_CMDLINE	(1U << 2)
#define CMDLINE		16U
#define HAS_MODULES	(1U << 3)
#define MODULES_COUNT	20U
#define MODULES_ADDR	24U
#define HAS_MMAP	(1U << 6)
#define MMAP_LENGTH	44U
#define MMAP_ADDR	48U
#define HAS_LOADER	(1U << 9)
#define LOADER_NAME	64U

#define MMAP_ENTRY_SIZE	24U		/* without what later loaders add */
#define MMAP_RAM	1U
#define MMAP_MAX_STEPS	4096U
#define MMAP_MAX_STEP	256U		/* larger entries are lies       */
#define MODULE_SIZE	16U

#define LEGACY_LOW_MOST	636U		/* KiB; above it the BIOS keeps data */
#define ONE_MIB		0x100000ULL

static bool readable(const struct loader_memory *mem, uint64_t phys, uint64_t n)
{
	return phys <= mem->size && n <= mem->size - phys;
}

static bool read_bytes(const struct loader_memory *mem, uint64_t phys,
		       void *dst, size_t n)
{
	if (!readable(mem, phys, n))
		return false;
	memcpy(dst, mem->base + phys, n);
	return true;
}

/* 0 where there is nothing to read. */
static uint32_t read_u32(const struct loader_memory *mem, uint64_t phys)
{
	uint32_t v = 0;

	read_bytes(mem, phys, &v, sizeof(v));
	return v;
}

static void add_record(struct bootinfo *bi, uint64_t start, uint64_t size)
{
	if (size == 0 || bi->nr_records == BOOTINFO_MAX_RECORDS)
		return;
	bi->records[bi->nr_records++] =
		(struct boot_record){ start, start + size };
}

/* Text that a loader made up must not move the cursor or forge a report. */
static char printable(char c)
{
	if (c == '\t' || c == '\n' || c == '\r')
		return ' ';
	return c >= ' ' && c <= '~' ? c : '?';
}

/* Copies a text; pointer 0 and memory's end give what there is, terminated. */
static void read_text(const struct loader_memory *mem, uint32_t phys,
		      char *dst, size_t size, struct bootinfo *bi)
{
	size_t n = 0;

	while (phys && n + 1 < size && readable(mem, (uint64_t)phys + n, 1) &&
	       mem->base[phys + n] != '\0') {
		dst[n] = printable((char)mem->base[phys + n]);
		n++;
	}
	dst[n] = '\0';
	if (n)
		add_record(bi, phys, n + 1);
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

/* RAM that wraps is a lie; what is unusable and wraps ends with memory. */
static void add_range(struct bootinfo *bi, uint64_t start, uint64_t size,
		      enum boot_range_kind kind)
{
	uint64_t end = start + size;

	if (end < start && kind == BOOT_UNUSABLE)
		end = UINT64_MAX;
	if (end > start && bi->nr_ranges < BOOTINFO_MAX_RANGES) {
		bi->ranges[bi->nr_ranges++] =
			(struct boot_range){ start, end, kind };
		return;
	}
	bi->nr_ranges_dropped++;
	if (end > start && kind == BOOT_UNUSABLE)
		cut_ram(bi, start, end);
}

/*
 * Each entry says its own size, not counting that field. Only what was read is
 * recorded: a length that is a lie would reserve all memory.
 */
static void parse_mmap(const struct loader_memory *mem, uint32_t addr,
		       uint32_t length, struct bootinfo *bi)
{
	struct { uint32_t size, base[2], len[2], type; } __packed e;
	uint64_t at = addr, end = at + length, seen = at;
	unsigned int steps = 0;

	_Static_assert(sizeof(e) == MMAP_ENTRY_SIZE, "as the loader lays it");
	while (at + sizeof(e) <= end && steps++ < MMAP_MAX_STEPS &&
	       read_bytes(mem, at, &e, sizeof(e))) {
		add_range(bi, (uint64_t)e.base[1] << 32 | e.base[0],
			  (uint64_t)e.len[1] << 32 | e.len[0],
			  e.type == MMAP_RAM ? BOOT_RAM : BOOT_UNUSABLE);
		seen = at + sizeof(e);
		if (e.size < MMAP_ENTRY_SIZE - sizeof(e.size) ||
		    e.size > MMAP_MAX_STEP)
			break;
		at += (uint64_t)e.size + sizeof(e.size);
	}
	add_record(bi, addr, seen - addr);
}

static void parse_module(const struct loader_memory *mem, uint64_t at,
			 struct bootinfo *bi)
{
	struct { uint32_t start, end, string, reserved; } entry;
	struct boot_module *m;

	if (!read_bytes(mem, at, &entry, sizeof(entry)) ||
	    entry.start >= entry.end ||
	    bi->nr_modules == BOOTINFO_MAX_MODULES) {
		bi->nr_modules_dropped++;
		return;
	}
	m = &bi->modules[bi->nr_modules++];
	m->start = entry.start;
	m->end = entry.end;
	read_text(mem, entry.string, m->string, sizeof(m->string), bi);
}

static void parse_modules(const struct loader_memory *mem, uint32_t addr,
			  uint32_t count, struct bootinfo *bi)
{
	uint32_t looked_at = MIN(count, 2 * BOOTINFO_MAX_MODULES);
	uint32_t i;

	for (i = 0; i < looked_at; i++)
		parse_module(mem, addr + (uint64_t)i * MODULE_SIZE, bi);
	bi->nr_modules_dropped += count - looked_at;
	add_record(bi, addr, (uint64_t)looked_at * MODULE_SIZE);
}

/* An old loader without a memory map gives the two classic sizes. */
static void parse_mem_sizes(uint32_t lower_kib, uint32_t upper_kib,
			    struct bootinfo *bi)
{
	add_range(bi, 0, (uint64_t)MIN(lower_kib, LEGACY_LOW_MOST) * 1024,
		  BOOT_RAM);
	add_range(bi, ONE_MIB, (uint64_t)upper_kib * 1024, BOOT_RAM);
}

void multiboot_parse(const struct loader_memory *mem, uint32_t info,
		     struct bootinfo *bi)
{
	uint32_t flags = read_u32(mem, (uint64_t)info + INFO_FLAGS);

	memset(bi, 0, sizeof(*bi));
	if (!readable(mem, info, INFO_SIZE))
		return;
	add_record(bi, info, INFO_SIZE);
#define FIELD(offset) read_u32(mem, (uint64_t)info + (offset))
	if (flags & HAS_LOADER)
		read_text(mem, FIELD(LOADER_NAME), bi->loader,
			  sizeof(bi->loader), bi);
	if (flags & HAS_CMDLINE)
		read_text(mem, FIELD(CMDLINE), bi->cmdline,
			  sizeof(bi->cmdline), bi);
	if (flags & HAS_MMAP)
		parse_mmap(mem, FIELD(MMAP_ADDR), FIELD(MMAP_LENGTH), bi);
	if (bi->nr_ranges == 0 && (flags & HAS_MEM))
		parse_mem_sizes(FIELD(MEM_LOWER), FIELD(MEM_UPPER), bi);
	if (flags & HAS_MODULES)
		parse_modules(mem, FIELD(MODULES_ADDR), FIELD(MODULES_COUNT),
			      bi);
#undef FIELD
}
