/* SPDX-License-Identifier: MIT */
/*
 * vm_area.c - areas of the window: addresses without memory
 *
 * Problem     vmalloc, vmap and ioremap put different things into the window, but
 *             each needs the same first: a record, a range with a guard behind
 *             it, and in the end a range that nobody can reach any more.
 * Idea        Make and remove areas here; what is mapped into one is its owner's
 *             business (mm/vmalloc.c). Removal has three steps in a fixed order:
 *             claim the area, unmap and flush it, unlink it. In between its
 *             addresses are still taken, so nobody can map anything there that a
 *             stale translation would hide.
 * Picture     create -> busy -> publish -> live -> claim -> busy -> detach
 *                         found by none     found by all     found by none
 * Locks       None of its own: vmap_lock inside mm/vmap.c.
 * Failure     NULL: no record, or no room (with a line). A wrong address is
 *             reported with the caller and nothing is changed.
 * Source      Linux 2.6.24, mm/vmalloc.c; deviations in docs/linux.md.
 * Read first  vm_area_create, then vm_area_detach.
 * See         tests/mm/test_vmalloc_corners.c, mm/vmap.c
 */
#include <mm/vmalloc.h>

#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/export.h>
#include <mm/failnth.h>
#include <mm/lookup.h>
#include <mm/kasan.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <x86/spinlock.h>

#include "area_stock.h"

static struct kmem_cache *area_cache __ro_after_init;

void vmalloc_init(void)
{
	area_cache = kmem_cache_create("vmap_area", sizeof(struct vmap_area), 0,
				       SLAB_ORDER0 | SLAB_PANIC, NULL);
	vmap_init(VMALLOC_START, VMALLOC_END);
	area_stock_init();
}

bool vm_context_refuse(const char *what, unsigned long caller)
{
	printk(KERN_ERR "%s: refused: called from an interrupt handler or "
	       "with a spinlock held, by %pB\n", what, (void *)caller);
	return false;
}

static struct vmap_area *area_of(struct vm_struct *vm)
{
	return container_of(vm, struct vmap_area, vm);
}

/* Near 4 GiB the sum of @size and its guard has wrapped to something small. */
static int find_place(struct vmap_area *area, const struct vm_request *req)
{
	int err;

	area->mapped = ALIGN_UP(req->size, PAGE_SIZE);
	area->vm.size = area->mapped + VM_GUARD_SIZE;
	if (req->size > VMALLOC_END - VMALLOC_START || fail_now(FAIL_AREA))
		return -ENOSPC;
	do
		err = vmap_insert(area, MAX(req->align, PAGE_SIZE),
				  req->start, req->end);
	while (unlikely(err) && vmalloc_drain());
	return err;
}

static __noinline void report_no_place(const struct vm_request *req, int err)
{
	if (req->gfp & __GFP_NOWARN)
		return;
	printk(KERN_WARNING "vmalloc: no %s for %lu bytes, asked by %pB%s\n",
	       err == -ENOSPC ? "room" : "frame for the window's table",
	       req->size, (void *)req->caller, err == -ENOSPC ?
	       "; use vmalloc=<size> to enlarge the window" : "");
}

struct vmap_area *vm_area_make(const struct vm_request *req)
{
	struct vmap_area *area;
	int err;

	if (req->size == 0)
		return NULL;
	area = kmem_cache_alloc(area_cache, req->gfp & (__GFP_HIGH |
				__GFP_WAIT | __GFP_NOWARN));
	if (!area)
		return NULL;
	vm_area_describe(area, req->size, req->flags, req->caller);
	err = find_place(area, req);
	if (!err)
		return guard_place(area, req->align);
	report_no_place(req, err);
	kmem_cache_free(area_cache, area);
	return NULL;
}

struct vmap_area *vm_area_create(const struct vm_request *req)
{
	struct vmap_area *area = area_stock_take(req);

	return area ? area : vm_area_make(req);
}

/* An address that is not aligned is no area's first byte (mm/guard.c). */
struct vmap_area *vm_area_refuse(const char *what, const void *addr,
				 unsigned long caller)
{
	bool right = memory_aids.guard[0] == 'r';
	const struct vmap_area *freed;

	if (!addr || !vm_context_allows(what, caller))
		return NULL;
	printk(KERN_ERR "%s: %s %p, called by %pB\n", what,
	       (unsigned long)addr % (right ? ALIGN_ANY : PAGE_SIZE) ?
	       "bad address" : "nonexistent area", addr, (void *)caller);
	freed = freed_area_find((unsigned long)addr);
	if (freed && freed->freed_by)
		printk(KERN_ERR "%s: of %lu bytes, freed by %pB before\n", what,
		       freed->requested, (void *)freed->freed_by);
	return NULL;
}

void vm_area_detach(struct vmap_area *area)
{
	vm_area_unmap(area);
	vmap_remove(area);
}

void vm_area_forget(struct vmap_area *area)
{
	kmem_cache_free(area_cache, area);
}

/* --- for everybody --------------------------------------------------------- */

static struct vm_struct *get_area(unsigned long size, unsigned long flags,
				  unsigned long start, unsigned long end,
				  unsigned long caller)
{
	struct vmap_area *area = NULL;

	if (vm_context_allows("get_vm_area", caller))
		area = vm_area_create(&(struct vm_request){
			.size = size,
			.align = vm_area_align(size, flags),
			.start = start,
			.end = end,
			.flags = flags & ~VM_NOT_ASKED,
			.gfp = GFP_KERNEL,
			.caller = caller,
		});
	if (!area)
		return NULL;
	vm_area_publish(area);
	return &area->vm;
}

struct vm_struct *get_vm_area(unsigned long size, unsigned long flags)
{
	return get_area(size, flags, VMALLOC_START, VMALLOC_END, CALLER);
}
EXPORT_SYMBOL(get_vm_area);

struct vm_struct *__get_vm_area(unsigned long size, unsigned long flags,
				unsigned long start, unsigned long end)
{
	return get_area(size, flags, start, end, CALLER);
}
EXPORT_SYMBOL(__get_vm_area);

struct vm_struct *remove_vm_area(const void *addr)
{
	struct vmap_area *area;

	if (!vm_context_allows("remove_vm_area", CALLER))
		return NULL;
	area = vmap_claim((unsigned long)addr, 0);
	if (!area)
		return NULL;
	vm_area_detach(area);
	area->vm.size -= VM_GUARD_SIZE;
	return &area->vm;
}
EXPORT_SYMBOL(remove_vm_area);

void free_vm_struct(struct vm_struct *area)
{
	if (area && find_vm_area(area->addr) == area)
		printk(KERN_ERR "free_vm_struct: area %p is in use, called by "
		       "%pB\n", area->addr, (void *)CALLER);
	else
		vm_area_forget(area_of(area));
}
EXPORT_SYMBOL(free_vm_struct);

struct vm_struct *find_vm_area(const void *addr)
{
	struct vmap_area *area = vmap_find((unsigned long)addr);

	return area ? &area->vm : NULL;
}
EXPORT_SYMBOL(find_vm_area);
