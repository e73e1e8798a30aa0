/* SPDX-License-Identifier: MIT */
/*
 * lookup.h - whose is an address? For reports, also in a kernel that is broken
 *
 * All of it takes no lock, allocates nothing, and is safe with any address, in any
 * context. What it finds may be one operation old.
 */
#ifndef MM_LOOKUP_H
#define MM_LOOKUP_H

#include <mm/vmap.h>

/* lookup_readable - would reading @size bytes at @p neither fault nor disturb a
 * device? Only what is RAM under a kernel address is. */
bool lookup_readable(const void *p, size_t size);

/* What lies around an address in the window. */
struct lookup_areas {
	const struct vmap_area *below, *above;	/* in use; NULL: none there    */
	const struct vmap_area *before, *after;	/* the same with kept ones; the
					 * first before is vmlist, of no size */
	bool		live;		/* is below live? Else it is busy      */
	const struct vmap_area *damaged;	/* the list is, behind it: what
					 * follows is what the table knows.
					 * NULL: not as far as it was looked at */
};

/* lookup_is_area - can it be a record? It is readable, and lies in the window. */
bool lookup_is_area(const struct vmap_area *area);

/*
 * lookup_next - the area behind @at, by address, or NULL
 *
 * @at       such an area; NULL to begin with.
 * @damaged  NULL to begin with; then as in struct lookup_areas: from there on only
 *           live areas are found.
 */
const struct vmap_area *lookup_next(const struct vmap_area *at,
				    const struct vmap_area **damaged);

/* lookup_areas - those that begin last at or below @addr, and first behind it */
void lookup_areas(unsigned long addr, struct lookup_areas *areas);

/*
 * freed_area_find - the freed area that @addr lies in, if one is remembered, or NULL
 *
 * That is what waits (mm/quarantine.c, mm/vmap_lazy.c) or is kept
 * (mm/area_stock.c).
 */
const struct vmap_area *freed_area_find(unsigned long addr);

#endif
