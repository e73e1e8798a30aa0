/* SPDX-License-Identifier: MIT */
/* test_user_pages.c - the kernel keeps away from user code's pages (SMAP, SMEP) */
#include <mm/fixmap.h>
#include <mm/kspace.h>
#include <mm/tlb.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/trap.h>

#include "touch.h"

/*
 * A page of user code, in the last 2 MiB: nobody else is there, and the user bit
 * of the directory opens no page that has none of its own.
 */
static void *user_page(const void *frame)
{
	pgprot_t prot = { (PAGE_KERNEL.raw | PTE_USER) & ~PTE_NX };

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

KTEST(user_pages, kernel_cannot_touch_a_user_page_where_there_is_smap)
{
	static char frame[PAGE_SIZE] __aligned(PAGE_SIZE);
	char *p = user_page(frame);

	if (cpu_features.smap) {
		EXPECT_BAD_ACCESS("the kernel is kept out", touch_write(p));
		EXPECT_EQ(ktest_last_fault()->error, PF_PRESENT | PF_WRITE);
		EXPECT(ktest_report_contains("read, write, execute, user"));
		EXPECT_FAULT(touch_read(p));
		EXPECT_EQ(ktest_last_fault()->error, PF_PRESENT);
	} else {
		EXPECT_NO_FAULT(touch_write(p));
	}
	user_page_end();
	EXPECT_EQ(frame[0], cpu_features.smap ? 0 : 'X');
}

KTEST(user_pages, kernel_cannot_execute_a_user_page_where_there_is_smep)
{
	static char frame[PAGE_SIZE] __aligned(PAGE_SIZE);
	char *p;

	frame[0] = (char)OPCODE_RET;
	p = user_page(frame);
	if (cpu_features.smep) {
		EXPECT_FAULT(touch_fetch(p));
		EXPECT_EQ(ktest_last_fault()->error, PF_PRESENT | PF_FETCH);
	} else {
		EXPECT_NO_FAULT(touch_fetch(p));
	}
	user_page_end();
}
