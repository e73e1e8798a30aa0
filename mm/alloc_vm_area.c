/* SPDX-License-Identifier: MIT */
/*
 * alloc_vm_area.c - areas whose pages their owner maps
 *
 * Problem     Some know later than they know the addresses what is to be mapped
 *             there, piece by piece, and must not run out of memory then: a frame
 *             buffer, frames that another system lends.
 * Idea        The parts of vmap, one by one: addresses with their page tables,
 *             mapping, unmapping. Each looks first whether the range is an area
 *             that its caller may do this to.
 * Picture     alloc_vm_area      | no page | no page | no page | guard |
 *             map_vm_area        | frame 7 | frame 2 | frame 5 | guard |
 *             unmap_kernel_range | no page | no page | frame 5 | guard |
 * Invariants  V3 (nothing is mapped over a guard), K1 and K2 (kspace_permits).
 *             Areas of vmalloc, whose frames vfree would miss (W1), are not touched.
 * Failure     NULL or a negative errno, nothing changed. A wrong range or record
 *             is reported with the caller.
 * Cost        O(pages); free_vm_area O(areas): it does not look into a record
 *             before it has found it among them.
 * Source      Linux 2.6.24, mm/vmalloc.c; map_vm_area's arguments as since 3.17.
 * See         tests/mm/test_alloc_vm_area.c
 */
#include <mm/vmalloc.h>

#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/export.h>
#include <mm/kspace.h>
#include <mm/page.h>
#include <mm/vmap.h>

#include "internal.h"

struct vmap_area *vm_area_create_tables(const struct vm_request *req)
{
	struct vmap_area *area = vm_area_create(req);
	unsigned long start;

	if (!area)
		return NULL;
	start = (unsigned long)area->vm.addr;
	if (pgtable_populate(start, start + area->mapped) == 0)
		return area;
	abandon_area(area);
	return NULL;
}

struct vm_struct *alloc_vm_area(unsigned long size)
{
	const struct vm_request req = {
		.size = size,
		.align = PAGE_SIZE,
		WHOLE_WINDOW,
		.flags = VM_IOREMAP,
		.gfp = GFP_KERNEL,
		.caller = CALLER,
	};
	struct vmap_area *area = NULL;

	if (vm_context_allows("alloc_vm_area", req.caller))
		area = vm_area_create_tables(&req);
	if (!area)
		return NULL;
	vm_area_publish(area);
	return &area->vm;
}
EXPORT_SYMBOL(alloc_vm_area);

/* Compared, not looked into: @vm may be anything. */
static int is_record(const struct vmap_area *area, void *vm)
{
	return &area->vm == vm && (area->vm.flags & VM_IOREMAP) &&
	       !phys_raw(area->vm.phys_addr);	/* a device's is ioremap's */
}

void free_vm_area(struct vm_struct *vm)
{
	if (!vm_context_allows("free_vm_area", CALLER))
		return;
	if (vmap_for_each(is_record, vm) && remove_vm_area(vm->addr) == vm)
		free_vm_struct(vm);
	else
		printk(KERN_ERR "free_vm_area: %p is no area of alloc_vm_area, "
		       "called by %pB\n", (void *)vm, (void *)CALLER);
}
EXPORT_SYMBOL(free_vm_area);

int map_vm_area(struct vm_struct *vm, pgprot_t prot, struct page **pages)
{
	const struct vmap_area *area = vmap_find((unsigned long)vm->addr);
	unsigned int i = 0, nr, good;

	if (!vm_context_allows("map_vm_area", CALLER))
		return -EINVAL;
	if (!area || &area->vm != vm) {
		printk(KERN_ERR "map_vm_area: %p is no live area, called by "
		       "%pB\n", (void *)vm, (void *)CALLER);
		return -EINVAL;
	}
	nr = vm_area_frames(area);
	good = kspace_count_permitted(pages, nr, prot);
	while (i < good && !vmalloc_to_page((char *)vm->addr + i * PAGE_SIZE))
		i++;
	if (i == nr)
		return map_pages((unsigned long)vm->addr, pages, nr, prot);
	printk(KERN_ERR "map_vm_area: entry %u of %u, %p, %s; called by %pB\n",
	       i, nr, (void *)pages[i], i < good ? "finds a page there" :
	       "is no page or not for this use", (void *)CALLER);
	return i < good ? -EBUSY : -EINVAL;
}
EXPORT_SYMBOL(map_vm_area);

/* Does [addr, addr + size) lie before the guard of a live area without frames? */
static bool may_unmap(unsigned long addr, unsigned long size)
{
	struct vmap_area *area, *above;
	unsigned long at;

	vmap_neighbours(addr, &area, &above);
	if (!area || find_vm_area(area->vm.addr) != &area->vm ||
	    (area->vm.flags & VM_ALLOC))
		return false;
	at = addr - (unsigned long)area->vm.addr;
	return IS_ALIGNED(at | size, PAGE_SIZE) &&
	       at <= area->vm.size - VM_GUARD_SIZE &&
	       size <= area->vm.size - VM_GUARD_SIZE - at;
}

void unmap_kernel_range(unsigned long addr, unsigned long size)
{
	if (!vm_context_allows("unmap_kernel_range", CALLER))
		return;
	if (may_unmap(addr, size))
		unmap_range(addr, addr + size);
	else
		printk(KERN_ERR "unmap_kernel_range: refused: %lu bytes from "
		       "%08lx on, called by %pB\n", size, addr,
		       (void *)CALLER);
}
EXPORT_SYMBOL(unmap_kernel_range);
