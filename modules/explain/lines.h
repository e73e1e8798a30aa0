/* SPDX-License-Identifier: MIT */
/* lines.h - what an explanation asked for by hand says besides, in this order */
#ifndef EXPLAIN_LINES_H
#define EXPLAIN_LINES_H

#include <kernel/explain.h>
#include <mm/page.h>

/* All of them print nothing where they have nothing to say, take no lock, and
 * read nothing that may not be there. */
explain_more_fn explain_area;		/* area.c: page, slack, hole, block    */
explain_more_fn explain_slot;		/* slot.c: kmap, fixmap, shadow, NULL  */
explain_more_fn explain_image;		/* image.c: symbol, stack, page table,
					 * struct page                         */
explain_more_fn explain_object;		/* object.c: a slab's                  */
explain_more_fn explain_entries;	/* entries.c: the page tables'         */
explain_more_fn explain_frame;		/* frame.c                             */

#endif
