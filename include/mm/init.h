/* SPDX-License-Identifier: MIT */
/* init.h - the memory manager, brought up in order */
#ifndef MM_INIT_H
#define MM_INIT_H

#include <mm/memblock.h>

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
