/* SPDX-License-Identifier: MIT */
/*
 * highmem.h - an address for a frame that has none
 *
 *	kmap_local_page		for this CPU, for a moment, as many as nest
 *	kmap			for everybody, for as long as one likes (mm/kmap.c)
 *
 * Both give low memory the address that it has anyway.
 */
#ifndef MM_HIGHMEM_H
#define MM_HIGHMEM_H

#include <mm/page.h>

/*
 * kmap_local_page - make a frame addressable for this CPU, for a short time
 *
 * Low memory has its address already and costs nothing. Highmem frames get one
 * of KMAP_LOCAL_SLOTS fixmap slots, used as a stack: undo in reverse order, with
 * any address of the page.
 * Context  any; not across a point where the thread could sleep.
 */
void kunmap_local(const void *addr);
void *kmap_local_page(struct page *page) __attribute__((returns_nonnull))
	__freed_by(kunmap_local, 1);

/* kmap_local_depth - how many are mapped on this CPU now */
unsigned int kmap_local_depth(void);

/* kmap_atomic, kunmap_atomic - Linux's older names for the same */
static inline void *kmap_atomic(struct page *page)
{
	return kmap_local_page(page);
}

static inline void kunmap_atomic(const void *addr)
{
	kunmap_local(addr);
}

/* clear_highpage, copy_highpage - all of a frame of any zone; in any context */
void clear_highpage(struct page *page);
void copy_highpage(struct page *to, struct page *from);

/*
 * memcpy_to_page, memcpy_from_page, memzero_page - some bytes of such a frame
 *
 * Those from @offset on; the kernel is wrong, and ends, when they do not lie in
 * the one page.
 */
void memcpy_to_page(struct page *page, size_t offset, const void *from,
		    size_t len);
void memcpy_from_page(void *to, struct page *page, size_t offset, size_t len);
void memzero_page(struct page *page, size_t offset, size_t len);

#endif
