/* SPDX-License-Identifier: MIT */
/*
 * area_stock.h - each CPU's stock of small areas, taken and put without a lock
 *
 * What every small vmalloc pays for stands here, to be compiled into its callers;
 * the theory is in mm/area_stock.c.
 */
#ifndef MM_AREA_STOCK_H
#define MM_AREA_STOCK_H

#include <mm/vmap.h>
#include <x86/percpu.h>

#include "internal.h"

/* What is asked of an area that has its addresses, or will have. */
static __always_inline void vm_area_describe(struct vmap_area *area,
					     unsigned long size,
					     unsigned long flags,
					     unsigned long caller)
{
	area->vm.flags = flags;
	area->vm.pages = NULL;
	area->vm.nr_pages = 0;
	area->vm.phys_addr = phys_make(0);
	area->requested = size;
	area->caller = caller;
}

/* area_stock_pop - an area of @n + 1 pages, or NULL. Context  a plain thread. */
static __always_inline struct vmap_area *area_stock_pop(unsigned long n)
{
	struct area_stock *stock = this_cpu->area_stock;
	struct vmap_area *area;

	if (n >= AREA_STOCK_PAGES)
		return NULL;
	area = stock->of[n].first;
	if (unlikely(!area))
		return NULL;
	stock->of[n].first = area->chain;
	stock->of[n].nr--;
	return area;
}

/* area_stock_take - an area that suits @req, or NULL. Context  a plain thread. */
static __always_inline struct vmap_area *
area_stock_take(const struct vm_request *req)
{
	struct vmap_area *area;

	if (req->align > PAGE_SIZE || req->start != VMALLOC_START ||
	    req->end != VMALLOC_END)
		return NULL;
	area = area_stock_pop((req->size - 1) / PAGE_SIZE);
	if (likely(area))
		vm_area_describe(area, req->size, req->flags, req->caller);
	return area;
}

/* area_stock_put - keep @area, unmapped and flushed; false: no room for it */
static __always_inline bool area_stock_put(struct vmap_area *area)
{
	unsigned int n = vm_area_frames(area) - 1;
	struct area_stock *stock = this_cpu->area_stock;

	if (n >= AREA_STOCK_PAGES || stock->of[n].nr >= area_stock_limit)
		return false;
	area->vm.flags = VM_KEPT;
	area->chain = stock->of[n].first;
	stock->of[n].first = area;
	stock->of[n].nr++;
	return true;
}

#endif
