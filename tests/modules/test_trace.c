/* SPDX-License-Identifier: MIT */
/*
 * test_trace.c - trace= good and damaged
 *
 * Whether there is a COM2 is the machine's business: both are right here. What is
 * written there is read by tests/machine/test_trace.py.
 */
#include <kernel/trace.h>

#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/trace.h>
#include <mm/vmap.h>
#include <tests/ktest.h>
#include <tests/sealed.h>

#define NO_PORT	"trace: there is no COM2 to write to; nothing is traced\n"

/* As trace=@globs would; returns the events. What was on before comes back. */
static unsigned int selected(const char *globs)
{
	unsigned int before = trace_on, events;
	trace_fn *writer = trace_writer;
	uint64_t from = printk_position();

	vmalloc_drain();
	slab_drain();
	pcp_drain();
	UNSEALED(trace_select(globs));
	events = trace_on;
	UNSEALED(trace_choose(before, writer); vmap_choose(vmap_chosen()));
	if (printk_contains(from, NO_PORT)) {
		EXPECT_EQ(events, 0);
		ktest_skip("no COM2");
	}
	return events;
}

KTEST(trace_select, names_and_globs_pick_events)
{
	unsigned int machine = TRACE_BIT(TRACE_MACHINE);

	EXPECT_EQ(selected("kmap"), machine | TRACE_BIT(TRACE_KMAP));
	EXPECT_EQ(selected("slab_grow,flush"), machine |
		  TRACE_BIT(TRACE_SLAB_GROW) | TRACE_BIT(TRACE_FLUSH));
	EXPECT_EQ(selected("area_t*,unmap"), machine |
		  TRACE_BIT(TRACE_AREA_TAKE) | TRACE_BIT(TRACE_UNMAP));
	EXPECT_EQ(selected("*"), TRACE_BIT(NR_TRACE_EVENTS) - 1);
}

KTEST(trace_select, a_damaged_name_is_reported_and_the_rest_taken)
{
	unsigned int events = 0;

	EXPECT_REPORT("trace: 'blok_*' names no event, ignored; docs/trace.md",
		      events = selected("blok_*,map"));
	EXPECT_EQ(events, TRACE_BIT(TRACE_MACHINE) | TRACE_BIT(TRACE_MAP));
	EXPECT_REPORT("trace: '' names no event", selected(",map"));
}

KTEST(trace_select, damaged_names_alone_trace_nothing)
{
	uint64_t from = printk_position();

	EXPECT_EQ(selected("nothing_of_that_sort_is_there_at_all"), 0);
	EXPECT(printk_contains(from, "trace: 'nothing_of_that_sort_is' names"));
	EXPECT(!printk_contains(from, NO_PORT));	/* nor looked for */
}
