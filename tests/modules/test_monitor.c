/* SPDX-License-Identifier: MIT */
/* test_monitor.c - each command of the monitor, good and bad */
#include <kernel/monitor.h>

#include <lib/string.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>

/* The answers must be comments while tests run: see them through a console. */
static uint64_t asked_at;

static bool ask(const char *line)
{
	char buf[100];

	strscpy(buf, line, sizeof(buf));
	asked_at = printk_position();
	return monitor_execute(buf);
}

static bool answered(const char *words)
{
	return printk_contains(asked_at, words);
}

KTEST(monitor, each_table_is_printed)
{
	EXPECT(ask("zones") && answered("HIGHMEM"));
	EXPECT(ask("buddy") && answered("order"));
	EXPECT(ask("slabs") && answered("vmap_area"));
	EXPECT(ask("map") && answered("vmalloc window"));
	EXPECT(answered("kernel image"));
}

KTEST(monitor, vmlist_shows_each_area_with_its_caller)
{
	char *p = vmalloc(10000);
	char want[16];

	REQUIRE(p);
	snprintf(want, sizeof(want), "%08lx", (unsigned long)p);
	EXPECT(ask("vmlist") && answered(want));
	EXPECT(answered("ktest_monitor_vmlist_shows_each_area"));
	vfree(p);
}

KTEST(monitor, pt_shows_the_entries_and_the_frame)
{
	char *p = vmalloc(PAGE_SIZE), line[40], want[40];

	REQUIRE(p);
	snprintf(line, sizeof(line), "pt %lx", (unsigned long)p);
	snprintf(want, sizeof(want), "physical %09llx",
		 (uint64_t)vmalloc_to_pfn(p) << PAGE_SHIFT);
	EXPECT(ask(line) && answered(want));
	EXPECT(answered("PDPT    3") && answered("PTE"));
	EXPECT(ask("pt 0") && answered("is not mapped"));
	vfree(p);
}

KTEST(monitor, page_takes_a_frame_number_or_an_address)
{
	char *p = vmalloc(PAGE_SIZE), line[40], want[40];

	REQUIRE(p);
	snprintf(line, sizeof(line), "page %lx", (unsigned long)p);
	snprintf(want, sizeof(want), "frame %lx ", vmalloc_to_pfn(p));
	EXPECT(ask(line) && answered(want) && answered("used"));
	snprintf(line, sizeof(line), "page 0x%lx", vmalloc_to_pfn(p));
	EXPECT(ask(line) && answered(want));
	EXPECT(ask("page 0") && answered("reserved"));
	EXPECT(ask("page fffffff") && answered("has no struct page"));
	vfree(p);
}

KTEST(monitor, explain_speaks_of_an_address)
{
	EXPECT(ask("explain 0") && answered("NULL pointer"));
	EXPECT(ask("explain fffffff0") && answered("hole"));
}

KTEST(monitor, wrong_input_is_answered_with_what_to_type)
{
	EXPECT(ask("frobnicate") && answered("'frobnicate' is no command"));
	EXPECT(ask("pt") && answered("usage: pt ADDR"));
	EXPECT(ask("pt xyz") && answered("usage: pt ADDR"));
	EXPECT(ask("page 123456789") && answered("usage: page"));
	EXPECT(ask("") && ask("   "));
}

KTEST(monitor, help_lists_every_command_and_exit_leaves)
{
	EXPECT(ask("help") && answered("explain") && answered("vmlist"));
	EXPECT(!ask("exit"));
}
