/* SPDX-License-Identifier: MIT */
/*
 * user.c - user memory, touched by the kernel where it did not mean to
 *
 * There is no user space yet: a fixed slot shows one frame to users for a moment.
 * Its directory entry opens no page that has no user bit of its own.
 */
#include <mm/fixmap.h>
#include <mm/kspace.h>
#include <mm/tlb.h>
#include <tests/sin.h>

#include "access.h"

static uint8_t frame[PAGE_SIZE] __aligned(PAGE_SIZE);

static char *user_page(void)
{
	const pgprot_t prot = { (PAGE_KERNEL.raw | PTE_USER) & ~PTE_NX };

	frame[0] = OPCODE_RET;
	kernel_pmd[PTRS_PER_TABLE - 1].raw |= PTE_USER;
	tlb_flush_all();
	return fixmap_set(FIX_TEST, virt_to_phys(frame), prot);
}

static void user_page_end(void)
{
	fixmap_clear(FIX_TEST);
	kernel_pmd[PTRS_PER_TABLE - 1].raw &= ~PTE_USER;
	tlb_flush_all();
}

SIN(user, read_of_a_user_page, BY(SMAP, "the kernel is kept out"))
{
	char *p = user_page();

	COMMIT(sin_read(p));
	user_page_end();
}

SIN(user, write_to_a_user_page, BY(SMAP, "the kernel is kept out"))
{
	char *p = user_page();

	COMMIT(sin_write(p + 1));
	user_page_end();
}

SIN(user, jump_to_a_user_page, BY(SMEP, "BAD FETCH CAUGHT"))
{
	char *p = user_page();

	COMMIT(sin_fetch(p));
	user_page_end();
}
