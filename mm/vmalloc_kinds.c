/* SPDX-License-Identifier: MIT */
/*
 * vmalloc_kinds.c - vmalloc for devices, for user code, for code, in 2 MiB pages
 *
 * Problem     Most callers of vmalloc take any frames, and read and write them.
 *             Some need frames that a device can reach, zeroes that may be shown
 *             to user code, bytes that can be run, or few entries in the TLB.
 * Idea        Each kind is a request of its own: other zones, other flags, another
 *             permission. What is made of it is mm/vmalloc.c's business.
 * Picture                       zones            filled    permits  flags
 *             vmalloc           HIGHMEM first    -         RW       ALLOC
 *             vmalloc_32        NORMAL, DMA      -         RW       ALLOC
 *             vmalloc_user      HIGHMEM first    zeroes    RW       ALLOC USERMAP
 *             vmalloc_32_user   NORMAL, DMA      zeroes    RW       ALLOC USERMAP
 *             vmalloc_exec      HIGHMEM or none  -         RX       ALLOC
 *             vmalloc_huge      as gfp says      -         RW       ALLOC HUGE
 * Invariants  Those of mm/vmalloc.c: W1 to W4.
 * Failure     As vmalloc. vmalloc_exec also where there is no HIGHMEM and the CPU
 *             has NX: docs/decisions/executable-frames.md.
 * Source      Linux 2.6.24, mm/vmalloc.c; __vmalloc_node as since 5.8.
 * See         tests/mm/test_vmalloc_kinds.c
 */
#include <mm/vmalloc.h>

#include <kernel/printk.h>
#include <lib/export.h>

#include "internal.h"

/*
 * User code sees whole pages: all of them are zeroes, and none is slack. A size
 * that would wrap stays as it is, too large, and is refused so.
 */
static void *vmalloc_kind(unsigned long size, gfp_t gfp, unsigned long flags,
			  pgprot_t prot, unsigned long caller)
{
	bool user = flags & VM_USERMAP;
	bool large = flags & VM_ALLOW_HUGE_VMAP && size >= LARGE_SIZE;

	return vmalloc_request(&(struct vm_request){
		.size = user ? MAX(size, ALIGN_UP(size, PAGE_SIZE)) : size,
		.align = large ? LARGE_SIZE : PAGE_SIZE,
		WHOLE_WINDOW,
		.flags = flags | VM_ALLOC,
		.gfp = user ? gfp | __GFP_ZERO : gfp,
		.prot = prot,
		.caller = caller,
	});
}

void *vmalloc_32(unsigned long size)
{
	return vmalloc_kind(size, GFP_KERNEL, 0, PAGE_KERNEL, CALLER);
}
EXPORT_SYMBOL(vmalloc_32);

void *vmalloc_user(unsigned long size)
{
	return vmalloc_kind(size, GFP_HIGHUSER, VM_USERMAP, PAGE_KERNEL,
			    CALLER);
}
EXPORT_SYMBOL(vmalloc_user);

void *vmalloc_32_user(unsigned long size)
{
	return vmalloc_kind(size, GFP_KERNEL, VM_USERMAP, PAGE_KERNEL, CALLER);
}
EXPORT_SYMBOL(vmalloc_32_user);

void *vmalloc_huge(unsigned long size, gfp_t gfp)
{
	return vmalloc_kind(size, gfp_add_highmem(gfp), VM_ALLOW_HUGE_VMAP,
			    PAGE_KERNEL, CALLER);
}
EXPORT_SYMBOL(vmalloc_huge);

void *vmalloc_exec(unsigned long size)
{
	return vmalloc_kind(size, GFP_HIGHUSER, 0, PAGE_KERNEL_EXEC, CALLER);
}
EXPORT_SYMBOL(vmalloc_exec);

void *__vmalloc_node(unsigned long size, unsigned long align, gfp_t gfp,
		     int node __unused, const void *caller)
{
	if (align && !is_power_of_2(align)) {
		printk(KERN_ERR "vmalloc: alignment %lu is no power of two; "
		       "asked by %pB\n", align, caller);
		return NULL;
	}
	return vmalloc_request(&(struct vm_request){
		.size = size,
		.align = align ? align : ALIGN_ANY,
		WHOLE_WINDOW,
		.flags = VM_ALLOC,
		.gfp = gfp_add_highmem(gfp),
		.prot = PAGE_KERNEL,
		.caller = (unsigned long)caller,
	});
}
EXPORT_SYMBOL(__vmalloc_node);
