/* SPDX-License-Identifier: MIT */
/*
 * gfp.h - what a caller wants of the page allocator ("get free pages")
 *
 * Names and meanings are Linux's; a request names the highest zone that would
 * do, and the allocator falls back to lower ones, never upwards.
 */
#ifndef MM_GFP_H
#define MM_GFP_H

#include <lib/types.h>

#define GFP_FLAG(bits)	((__force gfp_t)(bits))
#define __GFP_DMA	GFP_FLAG(0x01)	/* only ZONE_DMA will do               */
#define __GFP_HIGHMEM	GFP_FLAG(0x02)	/* a frame without an address will do  */
#define __GFP_ZONEMASK	GFP_FLAG(0x03)
#define __GFP_HIGH	GFP_FLAG(0x04)	/* may use the minimum kept in a zone  */
#define __GFP_WAIT	GFP_FLAG(0x08)	/* may sleep until memory is free      */
#define __GFP_ZERO	GFP_FLAG(0x10)	/* filled with zeroes                  */
#define __GFP_NOWARN	GFP_FLAG(0x20)	/* no message when there is none       */
#define __GFP_ALL	GFP_FLAG(0x3f)

#define GFP_ATOMIC	(__GFP_HIGH)
#define GFP_KERNEL	(__GFP_WAIT)
#define GFP_DMA		(__GFP_DMA)
#define GFP_HIGHUSER	(__GFP_WAIT | __GFP_HIGHMEM)

/* Frames that are mapped into the window anyway may lie anywhere (C9), unless a
 * device is to reach them. */
static inline gfp_t gfp_add_highmem(gfp_t gfp)
{
	return gfp & __GFP_DMA ? gfp : gfp | __GFP_HIGHMEM;
}

#endif
