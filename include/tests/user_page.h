/* SPDX-License-Identifier: MIT */
/*
 * user_page.h - a page as user code would have it, for cases of the kernel
 *
 * In the last 2 MiB of the address space: nobody else is there, and the user bit
 * of the directory opens no page that has none of its own.
 */
#ifndef TESTS_USER_PAGE_H
#define TESTS_USER_PAGE_H

#include <mm/fixmap.h>
#include <mm/kspace.h>
#include <mm/tlb.h>

/* Show @frame, a page of the image, as one that user code may read, write and
 * execute. */
static inline void *user_page(const void *frame)
{
	const pgprot_t prot = { (PAGE_KERNEL.raw | PTE_USER) & ~PTE_NX };

	kernel_pmd[PTRS_PER_TABLE - 1].raw |= PTE_USER;
	tlb_flush_all();
	return fixmap_set(FIX_TEST, virt_to_phys(frame), prot);
}

static inline void user_page_end(void)
{
	fixmap_clear(FIX_TEST);
	kernel_pmd[PTRS_PER_TABLE - 1].raw &= ~PTE_USER;
	tlb_flush_all();
}

#endif
