/* SPDX-License-Identifier: MIT */
/* kspace.h - the kernel's final address space */
#ifndef MM_KSPACE_H
#define MM_KSPACE_H

#include <mm/pgtable.h>
#include <x86/kstack.h>

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
 * kspace_seal - from now on what is __ro_after_init cannot be written any more
 *
 * Context  boot, interrupts off, after its last writer. docs/layout.md
 */
void kspace_seal(void);

/* kspace_stack_guard - the name of the stack whose guard holds @addr, or NULL */
const char *kspace_stack_guard(unsigned long addr);

/*
 * kspace_permits - would mapping @page with @prot keep W^X?
 *
 * No: an executable mapping that is writable itself, or whose frame the direct
 * map shows writable (all but HIGHMEM); a writable one of what K2 protects. On
 * a CPU without NX only the last is refused. Whoever maps a HIGHMEM
 * frame twice answers for both: kspace_check looks.
 */
struct page;
bool kspace_permits(const struct page *page, pgprot_t prot);

/*
 * kspace_count_permitted - how many of @nr entries may all be mapped with @prot
 *
 * Entries may be anything. Returns  @nr, or the index of the first that is no
 * struct page or that kspace_permits refuses.
 */
unsigned int kspace_count_permitted(struct page *const *pages, unsigned int nr,
				    pgprot_t prot);

/*
 * kspace_check - walk every entry of the kernel's tables
 *
 * K1 no frame is writable and executable, K2 no frame of text, rodata or sealed
 * data is writable, both under any mapping, K3 nothing is mapped in the holes,
 * K4 nothing is user accessible, K5 guards are unmapped. Returns 0 or the number.
 */
int kspace_check(void);

#endif
