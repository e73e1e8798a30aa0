/* SPDX-License-Identifier: MIT */
/*
 * test_tlblab.c - what the TLB laboratory shows is what the CPU does
 *
 * Each line says what was seen, so a CPU that looks at its tables every time, or
 * a flush that is done after all, is red here. A CPU may forget at any moment:
 * hence several rounds, one of which must show it all.
 */
#include <kernel/monitor.h>

#include <mm/tlb.h>
#include <tests/ktest.h>

#define ROUNDS	8U

static const char *const seen[] = {
	"no flush:          A\n",			/* stale */
	"after the flush:                                         B\n",
	"still leads there; read:                secret\n",
	"the other finds in its frame: broken\n",
	"is read:                        it faults\n",
	"So: unmap, flush, free",
};

/* How many of the lines one round shows. */
static unsigned int play(void)
{
	char line[] = "tlblab";
	uint64_t from = printk_position();
	unsigned int i, good = 0;

	EXPECT(monitor_execute(line));
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		good += printk_contains(from, seen[i]);
	EXPECT(!printk_contains(from, "it can be read"));
	return good;
}

KTEST(tlblab, stale_entries_lead_to_somebody_elses_data)
{
	unsigned int round = 0, shown = 0;

	while (shown < ARRAY_SIZE(seen) && round++ < ROUNDS)
		shown = play();
	EXPECT_EQ(shown, ARRAY_SIZE(seen));
}

KTEST(tlblab, everything_is_flushed_afterwards)
{
	unsigned long full = tlb_stats.full;

	play();
	EXPECT(!tlb_drop_next);
	EXPECT(tlb_stats.full > full);
}
