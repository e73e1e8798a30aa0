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
 *             W3  vm_struct.size is the mapped size plus VM_GUARD_SIZE.
 * Locks       None of its own: vmap_lock inside mm/vmap_list.c. Between vmap_claim
 *             and vmap_remove an area belongs to the one who removes it.
 * Failure     NULL and one line that says what was missing; all of it undone.
 * Cost        O(pages) beside the search for a range.
 * Source      Linux 2.6.24, mm/vmalloc.c; deviations in docs/linux.md.
 * Read first  vmalloc_for, then destroy_area.
 * See         tests/mm/test_vmalloc.c, docs/claims.md
 */
#include <mm/vmalloc.h>

#include <kernel/lockrank.h>
#include <kernel/printk.h>
#include <lib/export.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <x86/spinlock.h>

#include "internal.h"

#define IOREMAP_ALIGN_MAX (512UL * 1024)

static struct kmem_cache *area_cache;

void vmalloc_init(void)
{
	area_cache = kmem_cache_create("vmap_area", sizeof(struct vmap_area), 0,
				       SLAB_ORDER0 | SLAB_PANIC, NULL);
}

/* Neither an interrupt handler nor the holder of a spinlock may come here. */
static bool context_allows(const char *what, unsigned long caller)
{
	if (likely(!in_interrupt() && this_cpu->lock_rank == RANK_NONE))
		return true;
	printk(KERN_ERR "%s: refused: called from an interrupt handler or "
	       "with a spinlock held, by %pS\n", what, (void *)caller);
	return false;
}

static struct vmap_area *area_of(struct vm_struct *vm)
{
	return container_of(vm, struct vmap_area, vm);
}

static unsigned long frames_of_machine(void)
{
	return zones[ZONE_DMA].nr_managed + zones[ZONE_NORMAL].nr_managed +
	       zones[ZONE_HIGHMEM].nr_managed;
}

/* --- areas: addresses without memory --------------------------------------- */

/* Device memory is aligned to its size, so that one large page could map it. */
static unsigned long area_align(unsigned long size, unsigned long flags)
{
	if (!(flags & VM_IOREMAP))
		return PAGE_SIZE;
	return MIN(roundup_pow2(size), IOREMAP_ALIGN_MAX);
}

static struct vmap_area *create_area(unsigned long requested,
				     unsigned long flags, gfp_t gfp,
				     unsigned long caller)
{
	unsigned long size = ALIGN_UP(requested, PAGE_SIZE);
	struct vmap_area *area;

	if (size == 0)			/* 0, or wrapped to 0 at 4 GiB */
		return NULL;
	area = kmem_cache_alloc(area_cache, gfp & (__GFP_HIGH | __GFP_WAIT));
	if (!area)
		return NULL;
	*area = (struct vmap_area){
		.vm.size = size + VM_GUARD_SIZE,
		.vm.flags = flags,
		.requested = requested,
		.caller = caller,
	};
	if (vmap_insert(area, area_align(size, flags), VMALLOC_START,
			VMALLOC_END) == 0)
		return area;
	if (!(gfp & __GFP_NOWARN))
		printk(KERN_WARNING "vmalloc: no room for %lu bytes, asked by "
		       "%pS; use vmalloc=<size> to enlarge the window\n",
		       requested, (void *)caller);
	kmem_cache_free(area_cache, area);
	return NULL;
}

struct vm_struct *get_vm_area(unsigned long size, unsigned long flags)
{
	struct vmap_area *area = NULL;

	if (context_allows("get_vm_area", CALLER))
		area = create_area(size, flags, GFP_KERNEL, CALLER);
	return area ? &area->vm : NULL;
}
EXPORT_SYMBOL(get_vm_area);

/*
 * Unmap and flush first, unlink afterwards: between the two the addresses are
 * still taken, so nobody can map anything there that a stale entry would hide.
 */
static void detach_area(struct vmap_area *area)
{
	unsigned long start = (unsigned long)area->vm.addr;

	unmap_range(start, start + area->vm.size - VM_GUARD_SIZE);
	vmap_remove(area);
}

struct vm_struct *remove_vm_area(const void *addr)
{
	struct vmap_area *area;

	if (!context_allows("remove_vm_area", CALLER))
		return NULL;
	area = vmap_claim((unsigned long)addr, 0);
	if (!area)
		return NULL;
	detach_area(area);
	area->vm.size -= VM_GUARD_SIZE;
	return &area->vm;
}
EXPORT_SYMBOL(remove_vm_area);

void free_vm_struct(struct vm_struct *area)
{
	kmem_cache_free(area_cache, area_of(area));
}
EXPORT_SYMBOL(free_vm_struct);

struct vm_struct *find_vm_area(const void *addr)
{
	struct vmap_area *area = vmap_find((unsigned long)addr);

	return area ? &area->vm : NULL;
}
EXPORT_SYMBOL(find_vm_area);

/* --- vfree's half ---------------------------------------------------------- */

static void free_frames(struct vm_struct *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_pages; i++)
		__free_page(vm->pages[i]);
	if (vm->flags & VM_VPAGES)
		vfree(vm->pages);
	else
		kfree(vm->pages);
}

static void destroy_area(struct vmap_area *area)
{
	detach_area(area);
	if (area->vm.flags & VM_ALLOC)
		free_frames(&area->vm);
	kmem_cache_free(area_cache, area);
}

/* An area with one of @flags that begins at @addr, claimed, or a report. */
static struct vmap_area *claim_for(const char *what, const void *addr,
				   unsigned long flags, unsigned long caller)
{
	struct vmap_area *area = NULL;

	if (!context_allows(what, caller))
		return NULL;
	if (!IS_ALIGNED((unsigned long)addr, PAGE_SIZE)) {
		printk(KERN_ERR "%s: bad address %p, called by %pS\n",
		       what, addr, (void *)caller);
		return NULL;
	}
	area = vmap_claim((unsigned long)addr, flags);
	if (!area)
		printk(KERN_ERR "%s: nonexistent area %p, called by %pS\n",
		       what, addr, (void *)caller);
	return area;
}

void vfree(const void *addr)
{
	struct vmap_area *area;

	if (!addr)
		return;
	area = claim_for("vfree", addr, VM_ALLOC, CALLER);
	if (!area)
		return;
	slack_check(area, CALLER);
	destroy_area(area);
}
EXPORT_SYMBOL(vfree);

/* --- vmalloc's half -------------------------------------------------------- */

/* The array of frames; beyond one page it is vmalloc memory itself. */
static bool alloc_page_array(struct vm_struct *vm, unsigned int nr, gfp_t gfp)
{
	size_t size = nr * sizeof(vm->pages[0]);

	if (size > PAGE_SIZE) {
		vm->pages = __vmalloc(size, gfp | __GFP_HIGHMEM, PAGE_KERNEL);
		vm->flags |= VM_VPAGES;
	} else {
		vm->pages = kmalloc(size, gfp & ~__GFP_ZONEMASK);
	}
	return vm->pages;
}

/* Stops at the first frame that is not to be had: nr_pages tells how far. */
static bool alloc_frames(struct vm_struct *vm, unsigned int nr, gfp_t gfp)
{
	while (vm->nr_pages < nr) {
		struct page *page = alloc_page(gfp | __GFP_NOWARN);

		if (!page)
			return false;
		vm->pages[vm->nr_pages++] = page;
	}
	return true;
}

static bool populate_area(struct vmap_area *area, gfp_t gfp, pgprot_t prot)
{
	struct vm_struct *vm = &area->vm;
	unsigned int nr = (unsigned int)((vm->size - VM_GUARD_SIZE) / PAGE_SIZE);

	return alloc_page_array(vm, nr, gfp & ~__GFP_ZERO) &&
	       alloc_frames(vm, nr, gfp) &&
	       map_pages((unsigned long)vm->addr, vm->pages, nr, prot) == 0;
}

static void *vmalloc_for(unsigned long size, gfp_t gfp, pgprot_t prot,
			 unsigned long caller)
{
	struct vmap_area *area = NULL;

	if (!context_allows("vmalloc", caller) || size == 0)
		return NULL;
	if ((size - 1) / PAGE_SIZE < frames_of_machine())
		area = create_area(size, VM_ALLOC, gfp, caller);
	if (area && populate_area(area, gfp, prot)) {
		slack_fill(area);
		return area->vm.addr;
	}
	if (!(gfp & __GFP_NOWARN))
		printk(KERN_WARNING "vmalloc: %lu bytes refused, asked by %pS: "
		       "%s\n", size, (void *)caller, area ? "out of frames" :
		       "more than there is, or no room");
	if (area)
		destroy_area(area);
	return NULL;
}

void *vmalloc(unsigned long size)
{
	return vmalloc_for(size, GFP_KERNEL | __GFP_HIGHMEM, PAGE_KERNEL, CALLER);
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
	return vmalloc_for(size, gfp, prot, CALLER);
}
EXPORT_SYMBOL(__vmalloc);

/* --- frames of somebody else ----------------------------------------------- */

static bool pages_valid(struct page *const *pages, unsigned int count,
			unsigned long caller)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (likely(page_pointer_valid(pages[i])))
			continue;
		printk(KERN_ERR "vmap: refused: entry %u of %u is no page: %p, "
		       "called by %pS\n", i, count, (void *)pages[i],
		       (void *)caller);
		return false;
	}
	return true;
}

void *vmap(struct page **pages, unsigned int count, unsigned long flags,
	   pgprot_t prot)
{
	struct vmap_area *area;

	if (!context_allows("vmap", CALLER) || count == 0 ||
	    count > frames_of_machine() || !pages_valid(pages, count, CALLER))
		return NULL;
	area = create_area((unsigned long)count * PAGE_SIZE,
			   (flags & ~VM_ALLOC) | VM_MAP, GFP_KERNEL, CALLER);
	if (!area)
		return NULL;
	if (map_pages((unsigned long)area->vm.addr, pages, count, prot) != 0) {
		destroy_area(area);
		return NULL;
	}
	return area->vm.addr;
}
EXPORT_SYMBOL(vmap);

void vunmap(const void *addr)
{
	struct vmap_area *area;

	if (!addr)
		return;
	area = claim_for("vunmap", addr, VM_MAP, CALLER);
	if (area)
		destroy_area(area);
}
EXPORT_SYMBOL(vunmap);

/* --- from address to frame ------------------------------------------------- */

struct page *vmalloc_to_page(const void *addr)
{
	const pte_t *pte = NULL;

	if (addr_in_vmalloc((unsigned long)addr))
		pte = kernel_pte((unsigned long)addr);
	if (!pte || !pte_present(*pte) || !pfn_valid(phys_to_pfn(pte_phys(*pte))))
		return NULL;
	return pfn_to_page(phys_to_pfn(pte_phys(*pte)));
}
EXPORT_SYMBOL(vmalloc_to_page);

unsigned long vmalloc_to_pfn(const void *addr)
{
	const struct page *page = vmalloc_to_page(addr);

	return page ? page_to_pfn(page) : 0;
}
EXPORT_SYMBOL(vmalloc_to_pfn);
