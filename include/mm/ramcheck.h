/* SPDX-License-Identifier: MIT */
/* ramcheck.h - is what the loader calls RAM really there? */
#ifndef MM_RAMCHECK_H
#define MM_RAMCHECK_H

#include <lib/types.h>

/*
 * ramcheck_low, ramcheck_high - drop from memblock.ram what is not there
 *
 * Below and above the end of low memory. Nothing that lies in memory is changed.
 * Context  boot, before anything lives in such memory: the first after
 *          memblock_init, the second after fixmap_init.
 */
void ramcheck_low(void);
void ramcheck_high(void);

/*
 * ramcheck_end - where RAM ends that is said to fill [@start, @end)
 *
 * Both page aligned. @start when there is none at all.
 */
uint64_t ramcheck_end(uint64_t start, uint64_t end);

#endif
