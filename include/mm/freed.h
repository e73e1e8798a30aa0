/* SPDX-License-Identifier: MIT */
/* freed.h - who had a range of the window last, and who gave it back */
#ifndef MM_FREED_H
#define MM_FREED_H

#include <lib/types.h>

struct freed_area {
	unsigned long	start, size;	/* bytes mapped then, without guard  */
	unsigned long	requested;	/* asked for                         */
	unsigned long	caller, freed_by;	/* code addresses; 0: unknown */
};

/*
 * freed_area_find - the freed area that @addr lay in, if one is remembered
 *
 * For reports: no lock, no allocation, any address, any context. What is remembered
 * is what waits (mm/quarantine.c) or is kept (mm/area_stock.c).
 */
bool freed_area_find(unsigned long addr, struct freed_area *freed);

#endif
