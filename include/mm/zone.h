/* SPDX-License-Identifier: MIT */
/* zone.h - spans of physical memory with a use of their own, and their floors */
#ifndef MM_ZONE_H
#define MM_ZONE_H

#include <lib/format.h>
#include <mm/buddy.h>
#include <mm/gfp.h>
#include <x86/spinlock.h>

/* Locks: I set once at init; Z zone->lock. */
struct zone {
	const char	*name;		/* [I]                                   */
	pfn_t		start, end;	/* [I] frames that could belong to it    */
	unsigned long	nr_present;	/* [I] of them RAM                       */
	unsigned long	nr_managed;	/* [Z] of them ever given to the buddy   */
	struct spinlock	lock;		/*     rank ZONE                         */
	struct buddy	buddy;		/* [Z]                                   */
	unsigned long	min;		/* [I] frames kept for GFP_ATOMIC        */
	/*
	 * [I] Frames that stay free after a request which could have been
	 * served by zone z as well: reserve[z], 0 for the zone itself.
	 */
	unsigned long	reserve[NR_ZONES];
};

extern struct zone zones[NR_ZONES];

/*
 * zone_init - spans, every unreserved frame into its buddy, then the floors
 *
 * Context  boot, after page_init.
 */
void zone_init(void);

static inline struct zone *page_zone(const struct page *page)
{
	return &zones[page->zone];
}

/* The highest zone that a request may be served from. */
static inline enum zone_id gfp_zone(gfp_t gfp)
{
	if (gfp & __GFP_DMA)
		return ZONE_DMA;
	return (gfp & __GFP_HIGHMEM) ? ZONE_HIGHMEM : ZONE_NORMAL;
}

/*
 * zone_floor - frames that must stay free in @zone after such a request
 *
 * @wanted  the request's highest zone.
 */
static inline unsigned long zone_floor(const struct zone *zone,
				       enum zone_id wanted, gfp_t gfp)
{
	return zone->reserve[wanted] + ((gfp & __GFP_HIGH) ? 0 : zone->min);
}

/*
 * zone_check - buddy_check in every zone, then Z1 and Z2 (mm/zone.c)
 * zone_check_frames - B2 in every zone: slow on large machines
 *
 * Returns  0, 1 to 5 for B1 to B5, 11 and 12 for Z1 and Z2.
 */
int zone_check(void);
int zone_check_frames(void);

/* Free frames of a zone, this CPU's stock included; of all zones together. */
unsigned long zone_nr_free(const struct zone *zone);
unsigned long nr_free_pages(void);

#endif
