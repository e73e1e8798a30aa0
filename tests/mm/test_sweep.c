/* SPDX-License-Identifier: MIT */
/*
 * test_sweep.c - each allocation of each operation fails in turn
 *
 * Problem     The way back from a refusal in the middle of something runs almost
 *             never, and a leak there is found by nobody.
 * Idea        Let the operation's allocation n fail, for n = 1, 2, 3 ... until it
 *             succeeds (mm/failnth.c). After each run the books must balance and
 *             every check must pass. Each n is a failure point; there must be at
 *             least as many as the rows say: fewer mean that something is no
 *             longer reached.
 * Picture     vmalloc(10000)  record (slab), range, table of areas, 3 frames,
 *             n =                1     2       3      4   5           6 7 8
 *             page table and its frame
 *             9              10               With n = 11 nothing fails.
 *
 *             Tables are kept for ever, so before each run those that lead to
 *             nothing are taken away: else each n would find more of them there.
 * See         tests/mm/sweep.h, sweep_objects.c, sweep_areas.c
 */
#include "sweep.h"

#include <kernel/cmdline.h>
#include <kernel/demo.h>
#include <kernel/printk.h>
#include <mm/failnth.h>
#include <mm/pgtable.h>
#include <mm/vmap.h>
#include <tests/ktest.h>

#include "hoard.h"

#define POINTS_LEAST	2837UL
#define POINTS_MAX	5000UL		/* nothing has more: else it never ends */

static bool audit_each;			/* the slow checks too */
static unsigned long nth;		/* is refused in this run */
static bool hit;			/* it was                 */

void sweep_arm(void)
{
	failnth_arm(FAIL_ANY, nth);
}

void sweep_disarm(void)
{
	hit = failnth_disarm() >= nth;
}

static bool run(const struct operation *op)
{
	bool good;

	if (op->flags & SWEEP_ARMS)
		return op->run(op);
	sweep_arm();
	good = op->run(op);
	sweep_disarm();
	return good;
}

static void fail(const struct operation *op, unsigned long n, const char *what)
{
	ktest_fail(__FILE__, __LINE__, "%s, allocation %lu refused: %s",
		   op->name, n, what);
}

static void expect_lines(const struct operation *op, unsigned long n, bool said)
{
	if (!(op->flags & SWEEP_ANY_LINES) &&
	    said == !!(op->gfp & __GFP_NOWARN))
		fail(op, n, said ? "a line in spite of __GFP_NOWARN"
				 : "refused without a line");
}

/* One run with allocation @n refused; false when it has fewer than that. */
static bool run_with_refusal(const struct operation *op, unsigned long n)
{
	struct books before;
	uint64_t from;
	bool good;

	pgtable_forget(VMALLOC_START, VMALLOC_END);
	vmap_forget_tables();
	books_read(&before);
	from = printk_position();
	nth = n;
	good = run(op);
	if (!(op->flags & SWEEP_SURVIVES)) {
		if (good == hit)
			fail(op, n, hit ? "refused, and it succeeded"
					: "there was none, and it failed");
		if (hit)
			expect_lines(op, n, printk_position() != from);
	}
	if (!books_compare(&before, report_printf) ||
	    (audit_each && !books_audit(report_printf)))
		fail(op, n, "the books do not balance");
	return hit;
}

unsigned long sweep(const struct operation *op)
{
	unsigned long n = 1;

	while (n < POINTS_MAX && run_with_refusal(op, n))
		n++;
	EXPECT(n < POINTS_MAX);
	return n - 1;
}

/* All rows of a table; says how many points each has. */
static unsigned long sweep_table(const struct operation *op)
{
	unsigned long points, total = 0;

	for (; op->name; op++) {
		points = sweep(op);
		ktest_note("%5lu  %s", points, op->name);
		if (points < op->points)
			ktest_fail(__FILE__, __LINE__, "%s: %lu points, not %u",
				   op->name, points, op->points);
		total += points;
	}
	if (!books_audit(report_printf))
		ktest_fail(__FILE__, __LINE__, "a slow check failed");
	return total;
}

/* The lines of the refusals would be the longest part of the report. */
static unsigned long sweep_all(void)
{
	unsigned long total = 0;

	printk_set_loglevel(0);
	total += sweep_table(sweep_frames);
	total += sweep_table(sweep_objects);
	total += sweep_table(sweep_areas);
	total += sweep_table(sweep_tables);
	total += sweep_table(sweep_family);
	total += sweep_table(sweep_rest);
	printk_set_loglevel(options.loglevel);
	return total;
}

KTEST(sweep, each_refusal_is_survived)
{
	unsigned long total = sweep_all();

	ktest_note("%5lu  failure points in all, of at least %lu", total,
		   POINTS_LEAST);
	EXPECT(total >= POINTS_LEAST);
}

/* The same, and the checks of every frame and every table after each. */
KTEST_SLOW_CASE(sweep, each_refusal_leaves_every_frame_in_order)
{
	audit_each = true;
	EXPECT(sweep_all() >= POINTS_LEAST);
	audit_each = false;
}

/* So many frames are left to it, half of them HIGHMEM where there is any, that it
 * has a scene of each kind to show. */
#define DEMO_ORDER	8U
#define DEMO_BLOCKS	12U

static bool demo_with_refusal(unsigned long n)
{
	static struct list_head held[NR_ZONES];
	struct page *blocks[DEMO_BLOCKS];
	unsigned int i;

	for (i = 0; i < DEMO_BLOCKS; i++)
		blocks[i] = alloc_pages(i % 2 ? GFP_KERNEL : GFP_HIGHUSER,
					DEMO_ORDER);
	hoard_all(held);
	for (i = 0; i < DEMO_BLOCKS; i++)
		__free_pages(blocks[i], DEMO_ORDER);
	nth = n;
	sweep_arm();
	EXPECT_REPORT("", demo_run());
	sweep_disarm();
	hoard_release_all(held);
	return hit;
}

/* It has thousands of points, and prints a screen at each: some of them. */
KTEST_SLOW_CASE(sweep, demonstration_survives_refusals)
{
	struct books before;
	unsigned long n = 1;

	books_read(&before);
	while (demo_with_refusal(n)) {
		EXPECT(books_compare(&before, report_printf));
		n += 1 + n / 2;
	}
	EXPECT(n > 1000);
}
