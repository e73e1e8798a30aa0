/* SPDX-License-Identifier: MIT */
/*
 * vmalloc_kinds.c - vmalloc for devices, for user code, for code
 *
 * Problem     Most callers of vmalloc take any frames, and read and write them.
 *             Some need frames that a device can reach, zeroes that may be shown
 *             to user code, or bytes that can be run.
 * Idea        Each kind is a request of its own: other zones, other flags, another
 *             permission. What is made of it is mm/vmalloc.c's business.
 * Picture                       zones            filled    permits  flags
 *             vmalloc           HIGHMEM first    -         RW       ALLOC
 *             vmalloc_32        NORMAL, DMA      -         RW       ALLOC
 *             vmalloc_user      HIGHMEM first    zeroes    RW       ALLOC USERMAP
 *             vmalloc_32_user   NORMAL, DMA      zeroes    RW       ALLOC USERMAP
 *             vmalloc_exec      HIGHMEM or none  -         RX       ALLOC
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

static void *vmalloc_kind(unsigned long size, gfp_t gfp, unsigned long flags,
			  pgprot_t prot, unsigned long caller)
{
	return vmalloc_request(&(struct vm_request){
		.size = size,
		.align = PAGE_SIZE,
		.start = VMALLOC_START,
		.end = VMALLOC_END,
		.flags = flags | VM_ALLOC,
		.gfp = gfp,
		.prot = prot,
		.caller = caller,
	});
}

/* Whole pages. What would wrap stays as it is, too large, and is refused so. */
static unsigned long user_size(unsigned long size)
{
	return MAX(size, ALIGN_UP(size, PAGE_SIZE));
}

void *vmalloc_32(unsigned long size)
{
	return vmalloc_kind(size, GFP_KERNEL, 0, PAGE_KERNEL, CALLER);
}
EXPORT_SYMBOL(vmalloc_32);

void *vmalloc_user(unsigned long size)
{
	return vmalloc_kind(user_size(size), GFP_HIGHUSER | __GFP_ZERO,
			    VM_USERMAP, PAGE_KERNEL, CALLER);
}
EXPORT_SYMBOL(vmalloc_user);

void *vmalloc_32_user(unsigned long size)
{
	return vmalloc_kind(user_size(size), GFP_KERNEL | __GFP_ZERO,
			    VM_USERMAP, PAGE_KERNEL, CALLER);
}
EXPORT_SYMBOL(vmalloc_32_user);

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
		.align = MAX(align, PAGE_SIZE),
		.start = VMALLOC_START,
		.end = VMALLOC_END,
		.flags = VM_ALLOC,
		.gfp = gfp_add_highmem(gfp),
		.prot = PAGE_KERNEL,
		.caller = (unsigned long)caller,
	});
}
EXPORT_SYMBOL(__vmalloc_node);
