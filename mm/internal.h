/* SPDX-License-Identifier: MIT */
/* internal.h - what the files of mm/ say to each other alone */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <lib/types.h>
#include <mm/gfp.h>
#include <mm/page.h>
#include <mm/page_watch.h>
#include <mm/pgtable.h>
#include <mm/trace.h>
#include <mm/vmap.h>
#include <x86/percpu.h>

struct vmap_area;

/* page_alloc.c: give frames that are PAGE_TAIL to their zone's buddy, in the
 * largest blocks that fit. */
void page_release_range(pfn_t start, pfn_t end);

/* page_alloc.c: alloc_pages for @caller; __free_pages when no stock will do. */
struct page *page_alloc_for(gfp_t gfp, unsigned int order,
			    unsigned long caller);
void page_free_slow(struct page *page, unsigned int order, unsigned long caller);

/* page_alloc.c: free_pages for @caller; 0 is no address. */
void page_free_address(unsigned long addr, unsigned int order,
		       unsigned long caller);

/* page_refused.c: is this frame free, in whatever way? No lock is taken. */
bool page_is_free(const struct page *page);

/* page_refused.c: @page is not freed with @order: say why, and who wanted it. */
void page_report_refusal(const struct page *page, unsigned int order,
			 unsigned long caller);

/*
 * From not present to the frame whose struct page lies @place bytes into mem_map.
 * A struct page has 16 bytes for each 4 KiB, so that is the frame's address >> 8:
 * the halves of the entry need no arithmetic of 64 bits.
 */
static inline void pte_set_place(pte_t *entry, unsigned long place,
				 pgprot_t prot)
{
	_Static_assert(sizeof(void *) != 4 || sizeof(struct page) == 16,
		       "the shifts by 8 and 24 say so");
	pte_set_halves(entry, place << 8 | (uint32_t)prot.raw,
		       place >> 24 | (uint32_t)(prot.raw >> 32));
}

/* pgtable.c: let the PMD entry of kernel address @addr lead to @table. */
void pgtable_hang(unsigned long addr, pte_t *table);

/* pgtable.c: the reverse; the caller has the table then, and owes a flush. */
void pgtable_unhang(unsigned long addr);

/* pgtable.c: the frame behind a kernel address without a page table: where 2 MiB
 * are mapped at once. NULL elsewhere, and for what is a device's. */
struct page *page_in_large(unsigned long addr);

/* vfree_atomic.c: free what waits, if anything does. */
extern struct vmap_area *vfree_queue;
static inline void vfree_deferred(void)
{
	if (unlikely(vfree_queue))
		vfree_drain();
}

/* vmalloc_huge.c: alloc_pages_bulk_array, by blocks of order 9 while there are. */
unsigned int alloc_pages_large(gfp_t gfp, unsigned int nr, struct page **pages);

/* pgtable_large.c: unmap the 2 MiB at @addr if they are one page, which then ends
 * by @end. Was it one? The caller owes a flush. */
bool pgtable_unmap_large(unsigned long addr, unsigned long end);

/* vm_area.c: may this context wait and flush? If not, a report says so; if it may,
 * what was put off because others might not is done now (vfree_atomic.c). */
bool vm_context_refuse(const char *what, unsigned long caller);
static inline bool vm_context_allows(const char *what, unsigned long caller)
{
	if (unlikely(!in_plain_thread()))
		return vm_context_refuse(what, caller);
	vfree_deferred();
	return true;
}

/* What is asked of the window. What its maker does not name is 0. */
struct vm_request {
	unsigned long	size;		/* bytes; rounded up to pages          */
	unsigned long	align;		/* of the first one, a power of two;
					 * below PAGE_SIZE: mm/guard.c         */
	unsigned long	start, end;	/* the part of the window              */
	unsigned long	flags;		/* VM_                                 */
	gfp_t		gfp;		/* of frames, tables and records       */
	pgprot_t	prot;		/* of what is mapped                   */
	unsigned long	caller;		/* who asks, for reports               */
};

/* For whom any place of the first byte will do that suits any type. */
#define ALIGN_ANY	8UL

/* For whom any part will do. */
#define WHOLE_WINDOW	.start = VMALLOC_START, .end = VMALLOC_END

/*
 * vm_area.c: a record and a range for @req->size bytes, with a guard. NULL: size
 * 0, no record, no room (the last two with a line, but __GFP_NOWARN). ->prot is
 * not looked at.
 */
struct vmap_area *vm_area_create(const struct vm_request *req);

/* vm_area.c: the same, but never one that is kept (area_stock.h). */
struct vmap_area *vm_area_make(const struct vm_request *req);

/* Device memory is aligned to its size, up to 512 KiB: so that larger pages could
 * map it. */
static inline unsigned long vm_area_align(unsigned long size,
					  unsigned long flags)
{
	if (!(flags & VM_IOREMAP) || size <= PAGE_SIZE)
		return PAGE_SIZE;
	return roundup_pow2(MIN(size, 512UL * 1024));
}

/* alloc_vm_area.c: vm_area_create, and page tables for all of it. */
struct vmap_area *vm_area_create_tables(const struct vm_request *req);

/*
 * vmalloc.c: what all of vmalloc's relatives are made of. An area of frames as
 * @req describes it, or NULL with a line that says why.
 */
void *vmalloc_request(const struct vm_request *req);

/*
 * vmalloc.c: the end of a busy area: unmap and flush, then release_area: free
 * what it owns, unlink and forget it, or keep it (area_stock.h). Its ->freed_by
 * says who had it; abandon_area is for one that nobody has got yet.
 */
void destroy_area(struct vmap_area *area);
void abandon_area(struct vmap_area *area);
void release_area(struct vmap_area *area);

/* guard.c: where the first byte of a new area is; returns the area. quarantine.c:
 * an area that is to be removed: does it wait instead? */
struct vmap_area *guard_place(struct vmap_area *area, unsigned long align);
bool quarantine_keep(struct vmap_area *area);

/* vmap_lazy.c: when vmap_lazy says so, unmap without a flush, release later. */
void vmap_lazy_keep(struct vmap_area *area);

/* From now on the area is found; until then it was the maker's alone. */
static inline void vm_area_publish(struct vmap_area *area)
{
	vmap_publish(area);
}

/* vm_area.c: there is no area to claim: say why, but for NULL, which is fine. */
struct vmap_area *vm_area_refuse(const char *what, const void *addr,
				 unsigned long caller);

/* vmap_claim, or a report that names @what and its caller, and NULL. */
static inline struct vmap_area *vm_area_claim(const char *what,
					      const void *addr,
					      unsigned long flags,
					      unsigned long caller)
{
	struct vmap_area *area = NULL;

	if (likely(in_plain_thread())) {
		vfree_deferred();
		area = vmap_claim((unsigned long)addr, flags);
	}
	if (unlikely(!area))
		return vm_area_refuse(what, addr, caller);
	area->freed_by = caller;
	return area;
}

/* How many frames it has, or could have: all its pages but the guard. */
static inline unsigned int vm_area_frames(const struct vmap_area *area)
{
	return (unsigned int)(area->mapped >> PAGE_SHIFT);
}

/* vm_area.c: of a busy area: unmap and flush; the same, then unlink; and drop the
 * record. */
static inline void vm_area_unmap(struct vmap_area *area)
{
	unsigned long start = (unsigned long)area->vm.addr;

	kasan_vfree(area);
	unmap_range(start, start + area->mapped);
}
void vm_area_detach(struct vmap_area *area);
void vm_area_forget(struct vmap_area *area);

/*
 * slack.c: the bytes of an area's pages that nobody asked for.
 * slack_check reports a changed byte, with the area and who frees it. area_fill
 * writes @byte to bytes [from, end) of an area that has its frames.
 */
void area_fill(const struct vmap_area *area, unsigned long from,
	       unsigned long end, int byte);
static inline unsigned long slack_size(const struct vmap_area *area)
{
	return area->mapped - area->requested;
}

/* How many bytes of it lie before the first one: with guard=right alone. */
static inline unsigned long slack_before(const struct vmap_area *area)
{
	return area->first - (unsigned long)area->vm.addr;
}
void slack_fill(const struct vmap_area *area);
void slack_check(const struct vmap_area *area, unsigned long caller);

#endif
