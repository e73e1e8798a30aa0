/* SPDX-License-Identifier: MIT */
/* kspace.h - the kernel's final address space */
#ifndef MM_KSPACE_H
#define MM_KSPACE_H

#include <mm/pgtable.h>

extern pte_t kernel_pdpt[4];			/* what CR3 points to          */
extern pte_t kernel_pmd[PTRS_PER_TABLE];	/* the kernel's gigabyte       */

/*
 * kspace_init - build the final page tables and switch to them
 *
 * Direct map in 2 MiB pages where permissions allow; text RX, rodata R, all else
 * RW and NX; stack guards and page 0 of user space not mapped. From here on
 * every address means what <x86/layout.h> says.
 */
void kspace_init(void);

/*
 * Stacks that are part of the kernel image, each below an unmapped page.
 * The guard is at the low end: stacks grow down into it.
 */
struct kstack {
	unsigned char	guard[PAGE_SIZE];
	unsigned char	bytes[KSTACK_SIZE];
} __aligned(PAGE_SIZE);
extern struct kstack boot_stack, double_fault_stack;

/* kspace_stack_guard - the name of the stack whose guard holds @addr, or NULL */
const char *kspace_stack_guard(unsigned long addr);

/*
 * kspace_check - walk every entry of the kernel's tables
 *
 * K1 no page is writable and executable, K2 no frame of text or rodata is
 * writable under any mapping, K3 nothing is mapped in the holes, K4 nothing is
 * user accessible, K5 guards are unmapped. Returns 0 or the number.
 */
int kspace_check(void);

#endif
