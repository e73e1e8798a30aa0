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

/* page_alloc.c: is this frame a free block, or part of one? No lock is taken. */
bool page_is_free(const struct page *page);

/* pgtable.c: let the PMD entry of kernel address @addr lead to @table. */
void pgtable_hang(unsigned long addr, phys_addr_t table);

/* vm_area.c: may this context wait and flush? If not, a report says so. */
bool vm_context_allows(const char *what, unsigned long caller);

/*
 * vm_area.c: a record and a range of @requested bytes, rounded up, with a guard.
 * NULL: size 0, no record, no room (the last two with a line, but
 * __GFP_NOWARN).
 */
struct vmap_area *vm_area_create(unsigned long requested, unsigned long flags,
				 gfp_t gfp, unsigned long caller);

/* vm_area.c: from now on the area is found; until then it was the maker's alone. */
void vm_area_publish(struct vmap_area *area);

/* vm_area.c: vmap_claim, or a report that names @what and its caller, and NULL. */
struct vmap_area *vm_area_claim(const char *what, const void *addr,
				unsigned long flags, unsigned long caller);

/* vm_area.c: of a busy area: unmap, flush, then unlink; and drop the record. */
void vm_area_detach(struct vmap_area *area);
void vm_area_forget(struct vmap_area *area);

/*
 * slack.c: the bytes between what was asked for and the end of the last page.
 * slack_check reports a changed byte, with the area and who frees it.
 */
void slack_fill(const struct vmap_area *area);
void slack_check(const struct vmap_area *area, unsigned long caller);

#endif
