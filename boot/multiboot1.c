/* SPDX-License-Identifier: MIT */
/*
 * multiboot1.c - what a Multiboot 1 loader says, checked and copied
 *
 * Problem     One structure of fixed fields, each valid if its bit is set in the
 *             first; most of them are pointers that lead anywhere.
 * Idea        Look at the fields that matter here and follow each with the
 *             checked reads of loader.c.
 * Picture     info: flags | mem | ... | cmdline | modules | ... | mmap | ...
 *                                         |         |                |
 *                                       text   {start, end, text}  {size, base,
 *                                               ...                 length, type}
 * Source      Multiboot Specification 0.6.96, section 3.3.
 * Read first  multiboot1_parse
 * See         boot/loader.c (P1 to P5), tests/boot/test_multiboot1.c
 */
#include "boot.h"

#include <lib/bits.h>
#include <lib/string.h>

#include "loader.h"

/* The information, as section 3.3 has it; the flag that makes a field valid. */
struct info {
	uint32_t	flags;
	uint32_t	lower_kib, upper_kib;	/* RAM from 0 and from 1 MiB on */
	uint32_t	boot_device;
	uint32_t	cmdline;
	uint32_t	nr_modules, modules;
	uint32_t	symbols[4];
	uint32_t	mmap_length, mmap;
	uint32_t	drives[2], config;
	uint32_t	loader;
	uint32_t	apm, vbe[4];
};
_Static_assert(sizeof(struct info) == 88 && offsetof(struct info, loader) == 64,
	       "as the loader lays it");

#define HAS_SIZES	(1U << 0)
#define HAS_CMDLINE	(1U << 2)
#define HAS_MODULES	(1U << 3)
#define HAS_MMAP	(1U << 6)
#define HAS_LOADER	(1U << 9)

#define MMAP_ENTRY_SIZE	24U		/* without what later loaders add */
#define MMAP_MAX_STEPS	4096U
#define MMAP_MAX_STEP	256U		/* larger entries are lies       */

/* A text anywhere in memory; pointer 0 means none. */
static void read_text(const struct loader_memory *mem, uint32_t phys,
		      char *dst, size_t size, struct bootinfo *bi)
{
	uint64_t max = phys ? UINT64_MAX : 0;

	bootinfo_add_record(bi, phys,
			    loader_read_text(mem, phys, max, dst, size));
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
	       loader_read(mem, at, &e, sizeof(e))) {
		bootinfo_add_range(bi, (uint64_t)e.base[1] << 32 | e.base[0],
				   (uint64_t)e.len[1] << 32 | e.len[0], e.type);
		seen = at + sizeof(e);
		if (e.size < MMAP_ENTRY_SIZE - sizeof(e.size) ||
		    e.size > MMAP_MAX_STEP)
			break;
		at += (uint64_t)e.size + sizeof(e.size);
	}
	bootinfo_add_record(bi, addr, seen - addr);
}

static void parse_modules(const struct loader_memory *mem, uint32_t addr,
			  uint32_t count, struct bootinfo *bi)
{
	struct { uint32_t start, end, string, reserved; } entry;
	uint32_t looked_at = MIN(count, 2 * BOOTINFO_MAX_MODULES);
	struct boot_module *m;
	uint32_t i;

	for (i = 0; i < looked_at; i++) {
		if (!loader_read(mem, addr + (uint64_t)i * sizeof(entry),
				 &entry, sizeof(entry)))
			break;
		m = bootinfo_add_module(bi, entry.start, entry.end);
		if (m)
			read_text(mem, entry.string, m->string,
				  sizeof(m->string), bi);
	}
	bi->nr_modules_dropped += count - i;
	bootinfo_add_record(bi, addr, (uint64_t)i * sizeof(entry));
}

void multiboot1_parse(const struct loader_memory *mem, uint32_t info_phys,
		      struct bootinfo *bi)
{
	struct info info;

	memset(bi, 0, sizeof(*bi));
	bi->protocol = "Multiboot 1";
	if (!loader_read(mem, info_phys, &info, sizeof(info)))
		return;
	bootinfo_add_record(bi, info_phys, sizeof(info));
	if (info.flags & HAS_LOADER)
		read_text(mem, info.loader, bi->loader, sizeof(bi->loader), bi);
	if (info.flags & HAS_CMDLINE)
		read_text(mem, info.cmdline, bi->cmdline, sizeof(bi->cmdline),
			  bi);
	if (info.flags & HAS_MMAP)
		parse_mmap(mem, info.mmap, info.mmap_length, bi);
	if (bi->nr_ranges == 0 && (info.flags & HAS_SIZES))
		bootinfo_add_sizes(bi, info.lower_kib, info.upper_kib);
	if (info.flags & HAS_MODULES)
		parse_modules(mem, info.modules, info.nr_modules, bi);
}
