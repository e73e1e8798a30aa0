/* SPDX-License-Identifier: MIT */
/* highmem.h - an address for a frame that has none */
#ifndef MM_HIGHMEM_H
#define MM_HIGHMEM_H

#include <mm/page.h>

/*
 * kmap_local_page - make a frame addressable for this CPU, for a short time
 *
 * Low memory has its address already and costs nothing. Highmem frames get one
 * of KMAP_LOCAL_SLOTS fixmap slots, used as a stack: undo in reverse order.
 * Context  any; not across a point where the thread could sleep.
 */
void kunmap_local(const void *addr);
void *kmap_local_page(struct page *page) __attribute__((returns_nonnull))
	__freed_by(kunmap_local, 1);

/* clear_highpage - fill a frame of any zone with zeroes */
void clear_highpage(struct page *page);

#endif
