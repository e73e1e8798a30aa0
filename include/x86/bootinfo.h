/* SPDX-License-Identifier: MIT */
/*
 * bootinfo.h - what the boot loader told us, in our own words
 *
 * boot/ fills it from whatever protocol the loader speaks and copies every
 * text; from then on nobody knows or needs the loader. All of it is only what
 * the loader claims: memblock believes no more of it than can be true.
 */
#ifndef X86_BOOTINFO_H
#define X86_BOOTINFO_H

#include <lib/types.h>

#define BOOTINFO_MAX_RANGES	128
#define BOOTINFO_MAX_MODULES	16
#define BOOTINFO_MAX_RECORDS	(BOOTINFO_MAX_MODULES + 8)
#define BOOTINFO_CMDLINE_SIZE	1024
#define BOOTINFO_STRING_SIZE	128

enum boot_range_kind { BOOT_RAM, BOOT_UNUSABLE };

struct boot_range {			/* [start, end), end > start        */
	uint64_t	start, end;
	enum boot_range_kind kind;
};

struct boot_module {
	uint64_t	start, end;
	char		string[BOOTINFO_STRING_SIZE];
};

/* Where the loader's own notes lie: reserved until they are released. */
struct boot_record {
	uint64_t	start, end;
};

struct bootinfo {
	const char	*protocol;		/* by which the loader spoke  */
	unsigned int	nr_ranges, nr_modules;
	unsigned int	nr_ranges_dropped;	/* wrapped, empty or too many */
	unsigned int	nr_modules_dropped;
	struct boot_range ranges[BOOTINFO_MAX_RANGES];
	struct boot_module modules[BOOTINFO_MAX_MODULES];
	unsigned int	nr_records;
	struct boot_record records[BOOTINFO_MAX_RECORDS];
	char		loader[BOOTINFO_STRING_SIZE];
	char		cmdline[BOOTINFO_CMDLINE_SIZE];
};

#endif
