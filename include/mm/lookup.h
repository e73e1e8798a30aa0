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
	bool		damaged;	/* the list ends behind before: below and
					 * above are what the table knows      */
};

/* lookup_areas - those that begin last at or below @addr, and first behind it */
void lookup_areas(unsigned long addr, struct lookup_areas *areas);

#endif
