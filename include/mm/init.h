/* SPDX-License-Identifier: MIT */
/* init.h - the memory manager, brought up in order */
#ifndef MM_INIT_H
#define MM_INIT_H

#include <mm/memblock.h>

/* What finds more mistakes, at a price: docs/guards.md. */
struct memory_aids {
	char		guard[8];	/* after, both, right: mm/guard.c        */
	uint32_t	quarantine;	/* pages of freed ranges: mm/quarantine.c */
	bool		page_poison;	/* a pattern in free frames              */
	bool		page_owner;	/* who has each frame, and had it before */
};
extern struct memory_aids memory_aids;	/* [I] */

/*
 * mm_choose_aids - this is what finds mistakes from now on
 *
 * Context  boot, before mm_init; for a self-test only guard and quarantine, while
 * there is no area.
 */
void mm_choose_aids(const struct memory_aids *chosen);

/* mm_init - from the loader's memory map to vmalloc. Context  boot, once. */
void mm_init(const struct bootinfo *bi, const struct memory_limits *limits);

/*
 * mm_release_boot - hand out what the loader left: its records, the modules'
 * frames and the usable part of the low 1 MiB (not the BIOS data in page 0)
 *
 * Returns  frames freed. After it the modules' contents are gone.
 */
unsigned long mm_release_boot(void);

#endif
