/* SPDX-License-Identifier: MIT */
/*
 * kstack.h - the stacks that are part of the kernel image
 *
 * Each lies above a page that the final address space does not map. Stacks
 * grow down into it: an overflow faults instead of damaging a neighbour.
 */
#ifndef X86_KSTACK_H
#define X86_KSTACK_H

#include <lib/compiler.h>
#include <x86/layout.h>

struct kstack {
	unsigned char	guard[PAGE_SIZE];
	unsigned char	bytes[KSTACK_SIZE];
} __aligned(PAGE_SIZE);
_Static_assert(sizeof(struct kstack) == PAGE_SIZE + KSTACK_SIZE,
	       "start.S and entry.S compute the top");

extern struct kstack boot_stack;		/* of kmain                 */
extern struct kstack double_fault_stack;	/* of the double-fault task */

/* Where the stack pointer starts: just above the last byte. */
static inline uint32_t kstack_top(const struct kstack *stack)
{
	return (uint32_t)(stack + 1);
}

#endif
