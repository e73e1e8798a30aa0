/* SPDX-License-Identifier: MIT */
/* shortage.h - somebody else who wants memory, and is there none left? */
#ifndef TESTS_HOST_SHORTAGE_H
#define TESTS_HOST_SHORTAGE_H

#include "pc.h"

#include <mm/page_alloc.h>

/* What the others hold: blocks of order 0 to 3. */
extern struct page *hoard[];
extern unsigned int nr_hoard;

/* They take up to 64 blocks, or give back up to 96. */
void shortage_press(void);
void shortage_ease(void);

/* May a request for an area of @nr_pages pages fail now? */
bool memory_is_short(gfp_t gfp, unsigned long nr_pages);

#endif
