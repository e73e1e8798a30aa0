/* SPDX-License-Identifier: MIT */
/* shortage.h - why there was no block of frames for a request */
#ifndef MM_SHORTAGE_H
#define MM_SHORTAGE_H

#include <mm/buddy.h>
#include <mm/gfp.h>

/*
 * shortage_report - what each zone that may serve @gfp has, and what it lacks
 *
 * A line that names @caller, then a table. Context  any, no lock of a zone held;
 * the figures may be one allocation old.
 */
void shortage_report(gfp_t gfp, unsigned int order, unsigned long caller);

/*
 * fragmentation_index - is it the number of free frames, or how they lie?
 *
 * Returns  0 when there are too few frames for a block of @order, up to 1000 when
 *          there are enough, but in pieces too small; -1000 when a block fits.
 */
int fragmentation_index(const struct buddy *b, unsigned int order);

#endif
