/* SPDX-License-Identifier: MIT */
/* test_demo.c - the demonstration gives back all that it took */
#include <kernel/demo.h>

#include <tests/aids.h>
#include <tests/ktest.h>

KTEST(demo, all_scenes_are_shown_and_all_is_given_back)
{
	needs_page_starts();
	EXPECT_REPORT("past the end of vmalloc area", demo_run());
	EXPECT(ktest_report_contains("[1] p = vmalloc(10000)"));
	EXPECT(ktest_report_contains("[2] Memory in crumbs"));
	EXPECT(ktest_report_contains("largest free block 4 KiB"));
	EXPECT(ktest_report_contains("refused: no zone"));
	EXPECT(ktest_report_contains("[3] p[12288]"));
	EXPECT(!ktest_report_contains("THERE IS NO GUARD"));
}
