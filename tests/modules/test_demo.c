/* SPDX-License-Identifier: MIT */
/* test_demo.c - the demonstration gives back all that it took */
#include <kernel/demo.h>

#include <tests/guard.h>
#include <tests/ktest.h>

static bool __printf(1, 2) shown(const char *fmt, ...)
{
	char text[80];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return ktest_report_contains(text);
}

/* The window is empty, so that the area is the first one there. */
static void show_with(const char *guard, const char *slack, unsigned long at)
{
	struct memory_aids before = guard_choose(guard);
	unsigned long start = VMALLOC_START;

	EXPECT_REPORT("past the end of vmalloc area", demo_run());
	guard_restore(&before);
	EXPECT(shown("    %08lx  page 0 -> frame", start));
	EXPECT(shown("    %08lx  page 2 -> frame", start + 2 * PAGE_SIZE));
	EXPECT(shown("    %08lx  guard  -> no frame", start + 3 * PAGE_SIZE));
	EXPECT(shown("mapped 12288: the %s 2288 bytes are slack", slack));
	EXPECT(shown("[3] p[%lu] = 'X', too far", at));
	EXPECT(shown("CAUGHT: at %08lx", start + 3 * PAGE_SIZE));
	EXPECT(!shown("THERE IS NO GUARD"));
}

KTEST(demo, all_scenes_are_shown_and_all_is_given_back)
{
	show_with("after", "last", 12288);
	EXPECT(shown("[1] p = vmalloc(10000)"));
	EXPECT(shown("[2] Memory in crumbs"));
	EXPECT(shown("largest free block 4 KiB"));
	EXPECT(shown("refused: no zone"));
}

/* The first byte lies late in its page; pages and guard begin where they do. */
KTEST(demo, with_guard_right_the_slack_comes_first)
{
	show_with("right", "first", 10000);
}
