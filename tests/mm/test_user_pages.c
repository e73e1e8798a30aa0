/* SPDX-License-Identifier: MIT */
/* test_user_pages.c - the kernel keeps away from user code's pages (SMAP, SMEP) */
#include <tests/ktest.h>
#include <tests/user_page.h>
#include <x86/cpu.h>
#include <x86/trap.h>

#include "touch.h"

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
