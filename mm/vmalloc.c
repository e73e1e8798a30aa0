/* SPDX-License-Identifier: MIT */
/*
 * vmalloc.c - memory that is contiguous in virtual addresses only
 *
 * Problem     After long running, physical memory is in crumbs: no large block of
 *             contiguous frames is left, though most frames are free. And an
 *             overrun of a large buffer silently damages what lies behind it.
 * Idea        Reserve a range of addresses, take single frames wherever there
 *             are any - HIGHMEM first, they serve here as well as any other -
 *             and map them one behind the other. Behind each range the addresses
 *             of one more page are reserved and never mapped: an overrun faults
 *             there before it has changed anything.
 * Picture     F8800000   F8801000   F8802000   F8803000   F8804000
 *             |  page 0  |  page 1  |  page 2,,|  guard   |  next area ...
 *                 |          |          |         (nothing)
 *             frame 5D214 frame 38A07 frame 6F1C2       ,, slack: mm/slack.c
 * Invariants  W1  nr_pages pages of a VM_ALLOC area are mapped, page i to frame
 *                 pages[i], and nothing else of the area is.
 *             W2  Each of these frames is PAGE_USED, order 0, and in one area only.
 *             W3  vm_struct.size is the mapped size plus VM_GUARD_SIZE, and what
 *                 was asked for fits into the former.
 *             W4  No frame that an area of vmap shows is free.
 * Locks       None of its own: vmap_lock inside mm/vmap.c. While an area is
 *             busy (mm/vm_area.c) it belongs to the one who makes or removes it.
 * Failure     NULL and one line that says what was missing; all of it undone.
 * Cost        O(pages) beside the search for a range.
 * Source      Linux 2.6.24, mm/vmalloc.c; deviations in docs/linux.md.
 * Read first  grant, then destroy_area.
 * See         tests/mm/test_vmalloc.c, docs/claims.md
 */
#include <mm/vmalloc.h>

#include <kernel/printk.h>
#include <lib/export.h>
#include <lib/string.h>
#include <mm/kasan.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <mm/zone.h>

#include "area_stock.h"

/* --- giving back ----------------------------------------------------------- */

static __noinline void free_page_array(const struct vm_struct *vm)
{
	if (vm->flags & VM_VPAGES)
		vfree(vm->pages);
	else
		kfree(vm->pages);
}

static void free_frames(struct vmap_area *area)
{
	release_pages(area->vm.pages, area->vm.nr_pages);
	area->vm.nr_pages = 0;
	if (area->vm.pages != area->few)
		free_page_array(&area->vm);
}

static __noinline void remove_area(struct vmap_area *area)
{
	if (quarantine_keep(area))
		return;
	vmap_remove(area);
	vm_area_forget(area);
}

static __always_inline void release(struct vmap_area *area)
{
	if (area->vm.flags & VM_ALLOC)
		free_frames(area);
	if (unlikely(!area_stock_put(area)))
		remove_area(area);
}

void release_area(struct vmap_area *area)
{
	release(area);
}

void destroy_area(struct vmap_area *area)
{
	if (unlikely(vmap_lazy)) {
		vmap_lazy_keep(area);
		return;
	}
	vm_area_unmap(area);
	release(area);
}

void abandon_area(struct vmap_area *area)
{
	area->freed_by = 0;
	destroy_area(area);
}

void vfree(const void *addr)
{
	const unsigned long caller = CALLER;
	struct vmap_area *area = vm_area_claim("vfree", addr, VM_ALLOC, caller);

	if (unlikely(!area))
		return;
	if (slack_size(area))
		slack_check(area, caller);
	destroy_area(area);
}
EXPORT_SYMBOL(vfree);

/* --- taking ---------------------------------------------------------------- */

static unsigned long frames_of_machine(void)
{
	return zones[ZONE_DMA].nr_managed + zones[ZONE_NORMAL].nr_managed +
	       zones[ZONE_HIGHMEM].nr_managed;
}

/* The array of frames; beyond one frame it is vmalloc memory itself. */
static __noinline struct page **alloc_page_array(struct vm_struct *vm,
						unsigned int nr, gfp_t gfp)
{
	size_t size = nr * sizeof(struct page *);

	if (size <= KMALLOC_ONE_FRAME)
		return kmalloc(size, gfp & ~__GFP_ZONEMASK);
	vm->flags |= VM_VPAGES;
	return __vmalloc(size, gfp | __GFP_HIGHMEM, PAGE_KERNEL);
}

/* The slack first: once mapped, the area may be read-only. NULL, or what failed. */
static __always_inline const char *populate_area(struct vmap_area *area,
						 const struct vm_request *req)
{
	struct vm_struct *vm = &area->vm;
	unsigned long start = (unsigned long)vm->addr;
	unsigned int nr = vm_area_frames(area);

	vm->pages = nr <= AREA_FEW ? area->few
		: alloc_page_array(vm, nr,
				   (req->gfp & ~__GFP_ZERO) | __GFP_NOWARN);
	if (unlikely(!vm->pages))
		return "out of frames";
	vm->nr_pages = unlikely(req->flags & VM_ALLOW_HUGE_VMAP) ?
		alloc_pages_large(req->gfp | __GFP_NOWARN, nr, vm->pages) :
		alloc_pages_bulk_array(req->gfp | __GFP_NOWARN, nr, vm->pages);
	if (vm->nr_pages < nr)
		return "out of frames";
	/* Frames that were nobody's may be mapped for all but execution. */
	if (!(req->prot.raw & PTE_NX) &&
	    kspace_count_permitted(vm->pages, nr, req->prot) != nr)
		return "it would be writable and executable";
	if (req->size % PAGE_SIZE)
		slack_fill(area);
	if ((unlikely(req->flags & VM_ALLOW_HUGE_VMAP) ?
	     map_pages_large(start, vm->pages, nr, req->prot) :
	     map_pages(start, vm->pages, nr, req->prot)) != 0 ||
	    kasan_vmalloc(area) != 0)
		return "out of frames for page tables";
	vm_area_publish(area);
	return NULL;
}

/*
 * These two get a copy of the request: since nobody has its address, the common
 * way has it in registers, and what vmalloc asks for is known to the compiler.
 */
static __noinline void report_refusal(struct vm_request req, const char *why)
{
	if (!(req.gfp & __GFP_NOWARN))
		printk(KERN_WARNING "vmalloc: %lu bytes refused, asked by %pB: "
		       "%s\n", req.size, (void *)req.caller, why);
}

/* No area of this size is kept: a new one, if there can be one. */
static __noinline struct vmap_area *make_area(struct vm_request req)
{
	if (req.size == 0)
		return NULL;
	if ((req.size - 1) / PAGE_SIZE < frames_of_machine())
		return vm_area_make(&req);
	report_refusal(req, "more than there is");
	return NULL;
}

static __always_inline void *grant(const struct vm_request *req)
{
	struct vmap_area *area;
	const char *why;

	if (!vm_context_allows("vmalloc", req->caller))
		return NULL;
	area = area_stock_take(req);
	if (unlikely(!area))
		area = make_area(*req);
	if (unlikely(!area))
		return NULL;		/* and a line has said why */
	why = populate_area(area, req);
	if (!why)
		return (void *)area->first;
	report_refusal(*req, why);
	abandon_area(area);
	return NULL;
}

void *vmalloc_request(const struct vm_request *req)
{
	return grant(req);
}

/* Anywhere in the window. */
static __noinline void *vmalloc_for(unsigned long size, gfp_t gfp,
				    pgprot_t prot, unsigned long caller)
{
	return grant(&(struct vm_request){
		.size = size,
		.align = ALIGN_ANY,
		WHOLE_WINDOW,
		.flags = VM_ALLOC,
		.gfp = gfp,
		.prot = prot,
		.caller = caller,
	});
}

void *vmalloc(unsigned long size)
{
	return vmalloc_for(size, GFP_KERNEL | __GFP_HIGHMEM, PAGE_KERNEL,
			   CALLER);
}
EXPORT_SYMBOL(vmalloc);

void *vzalloc(unsigned long size)
{
	return vmalloc_for(size, GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO,
			   PAGE_KERNEL, CALLER);
}
EXPORT_SYMBOL(vzalloc);

void *__vmalloc(unsigned long size, gfp_t gfp, pgprot_t prot)
{
	if (prot.raw & PTE_PRESENT)
		return vmalloc_for(size, gfp, prot, CALLER);
	printk(KERN_ERR "vmalloc: refused: permission %llx maps nothing; asked "
	       "by %pB\n", prot.raw, (void *)CALLER);
	return NULL;
}
EXPORT_SYMBOL(__vmalloc);

/* --- frames of somebody else ----------------------------------------------- */

/* More than the window has could be 4 GiB and more, and the size would wrap. */
static __noinline bool count_possible(unsigned int count)
{
	return count > 0 && count <= frames_of_machine() &&
	       count <= (VMALLOC_END - VMALLOC_START) / PAGE_SIZE;
}

static __noinline void report_entry(struct page *const *pages, unsigned int bad,
				    unsigned int count, unsigned long caller)
{
	printk(KERN_ERR "vmap: refused: entry %u of %u, %p, is no page or not "
	       "for this use; called by %pB\n", bad, count,
	       (void *)pages[bad], (void *)caller);
}

static bool pages_valid(struct page *const *pages, unsigned int count,
			pgprot_t prot, unsigned long caller)
{
	unsigned int good;

	if (count - 1 >= AREA_STOCK_PAGES && !count_possible(count))
		return false;
	good = kspace_count_permitted(pages, count, prot);
	if (unlikely(good != count))
		report_entry(pages, good, count, caller);
	return good == count;
}

/* No area of this size is kept. */
static __noinline struct vmap_area *make_map_area(unsigned int count,
						  unsigned long flags,
						  unsigned long caller)
{
	return vm_area_make(&(struct vm_request){
		.size = (unsigned long)count * PAGE_SIZE,
		.align = PAGE_SIZE,
		WHOLE_WINDOW,
		.flags = flags,
		.gfp = GFP_KERNEL,
		.caller = caller,
	});
}

void *vmap(struct page **pages, unsigned int count, unsigned long flags,
	   pgprot_t prot)
{
	struct vmap_area *area;

	if (!vm_context_allows("vmap", CALLER) ||
	    !pages_valid(pages, count, prot, CALLER))
		return NULL;
	flags = (flags & ~VM_NOT_ASKED) | VM_MAP;
	area = area_stock_pop(count - 1);
	if (likely(area))
		vm_area_describe(area, count * PAGE_SIZE, flags, CALLER);
	else
		area = make_map_area(count, flags, CALLER);
	if (unlikely(!area))
		return NULL;
	if (map_pages((unsigned long)area->vm.addr, pages, count, prot) != 0) {
		abandon_area(area);
		return NULL;
	}
	vm_area_publish(area);
	return area->vm.addr;
}
EXPORT_SYMBOL(vmap);

void vunmap(const void *addr)
{
	struct vmap_area *area = vm_area_claim("vunmap", addr, VM_MAP, CALLER);

	if (area)
		destroy_area(area);
}
EXPORT_SYMBOL(vunmap);

/* --- from address to frame ------------------------------------------------- */

struct page *vmalloc_to_page(const void *addr)
{
	const pte_t *pte;

	if (unlikely((unsigned long)addr < VMALLOC_START))
		return NULL;
	pte = kernel_pte((unsigned long)addr);
	if (unlikely(!pte))
		return page_in_large((unsigned long)addr);
	if (unlikely(!pte_present(*pte) || !pfn_valid(pte_pfn(*pte))))
		return NULL;
	return pfn_to_page(pte_pfn(*pte));
}
EXPORT_SYMBOL(vmalloc_to_page);

unsigned long vmalloc_to_pfn(const void *addr)
{
	const struct page *page = vmalloc_to_page(addr);

	return page ? page_to_pfn(page) : 0;
}
EXPORT_SYMBOL(vmalloc_to_pfn);
