/* SPDX-License-Identifier: MIT */
/* internal.h - what the files of mm/ say to each other alone */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <lib/types.h>

struct page;
struct vmap_area;

/* page_alloc.c: give frames that are PAGE_TAIL to their zone's buddy, in the
 * largest blocks that fit. */
void page_release_range(pfn_t start, pfn_t end);

/* pgtable.c: let the PMD entry of kernel address @addr lead to @table. */
void pgtable_hang(unsigned long addr, phys_addr_t table);

/*
 * slack.c: the bytes between what was asked for and the end of the last page.
 * slack_check reports a changed byte, with the area and who frees it.
 */
void slack_fill(const struct vmap_area *area);
void slack_check(const struct vmap_area *area, unsigned long caller);

#endif
