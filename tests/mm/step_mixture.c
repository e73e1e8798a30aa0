/* SPDX-License-Identifier: MIT */
/*
 * step_mixture.c - an interrupt at any instruction of a mixture of everything
 *
 * Problem     A pair of calls on full stocks (test_step.c) sees the fast paths.
 *             Refills, trims, splits, purges, refusals and their ways back are
 *             many more instructions, in states that nobody lists.
 * Idea        The random blocks of mixed.c and mixed_family.c, each call of which
 *             is interrupted by chance; how often is chosen anew for each. Slots
 *             are the model: contents are looked at before a block goes. The
 *             invariants must hold every so often, and the books at the end.
 * See         tests/mm/step.c, tests/mm/test_mixed.c
 */
#include <kernel/cmdline.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/vm_map_ram.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#include "mixed.h"
#include "scarce.h"
#include "step.h"
#include "step_handler.h"

#define SLOTS		64U
#define CHECK_EVERY	64U		/* operations */
#define OFTEN		7U		/* one in 1, 2, 4 ... 64 instructions */

static struct mixed_slot slots[SLOTS];
static unsigned long requests, refused;

static void request(struct mixed_slot *slot, struct random *random)
{
	const struct mixed_kind *kind = random_below(random, 2) ?
		mixed_kind(random) : mixed_relative(random);
	bool good;

	step_on();
	good = mixed_ask(slot, kind, random);
	step_off();
	requests++;
	refused += !good;
	if (good)
		mixed_write(slot);
}

static void resize(struct mixed_slot *slot, struct random *random)
{
	struct mixed_slot wanted;
	bool good;

	step_on();
	good = mixed_reask(slot, &wanted, random);
	step_off();
	if (good)
		mixed_settle(slot, &wanted);
}

static void give(struct mixed_slot *slot)
{
	step_on();
	mixed_give(slot);
	step_off();
}

/* What gives back what is kept, while a handler may want it. */
static void drain(struct random *random)
{
	static void (*const drains[])(void) = {
		vm_unmap_aliases, kmap_drain, pcp_drain, slab_drain,
		vfree_drain,
	};

	step_on();
	drains[random_below(random, ARRAY_SIZE(drains))]();
	step_off();
}

static void feed(struct random *random)
{
	step_on();
	step_handler_feed(random);
	step_off();
}

/* Contents are written and looked at without steps: that is most of the work. */
static void operate(struct random *random)
{
	struct mixed_slot *slot = &slots[random_below(random, SLOTS)];

	step_often(1U << random_below(random, OFTEN));
	if (random_below(random, 4) == 0)
		feed(random);
	if (random_below(random, 64) == 0)
		drain(random);
	if (!slot->kind) {
		request(slot, random);
		return;
	}
	if (!mixed_check(slot))
		ktest_fail(__FILE__, __LINE__, "%s at %p has other contents "
			   "than were written", mixed_name(slot), slot->p);
	if (random_below(random, 8) == 0)
		resize(slot, random);
	else
		give(slot);
}

static bool checks_hold(void)
{
	EXPECT_EQ(zone_check(), 0);
	EXPECT_EQ(pcp_check(), 0);
	EXPECT_EQ(slab_check(), 0);
	EXPECT_EQ(vmalloc_check(), 0);
	EXPECT_EQ(kmap_check(), 0);
	EXPECT_EQ(vm_map_ram_check(), 0);
	EXPECT_EQ(area_stock_check(), 0);
	return step_good();
}

static void end_mixture(void)
{
	const struct step_count *count = step_end();
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i].kind)
			mixed_give(&slots[i]);
	step_handler_end();
	mixed_end();
	printk_set_loglevel(options.loglevel);
	ktest_note("seed %u: %lu handlers after %lu instructions, %lu more "
		   "with interrupts off; %lu of %lu requests refused",
		   options.seed, count->calls, count->open, count->closed,
		   refused, requests);
}

/* The slots are filled without steps. */
static void begin_mixture(struct random *random)
{
	unsigned int i;

	requests = refused = 0;
	printk_set_loglevel(0);			/* areas are refused with a line */
	mixed_start();
	for (i = 0; i < SLOTS; i++)
		mixed_take(&slots[i], random);
	step_begin(step_handler_some, random_next(random));
}

/* So many instructions, whatever that makes of operations. */
static void run_mixture(unsigned long instructions)
{
	struct random *random = ktest_random();
	unsigned long operations = 0;

	begin_mixture(random);
	while (step_count()->open < instructions) {
		operate(random);
		if (++operations % CHECK_EVERY == 0 && !checks_hold())
			break;
	}
	checks_hold();
	EXPECT(step_count()->calls > instructions / 64);
	end_mixture();
}

/* In each zone: the lower ones keep most of what they have from the higher. */
static void run_in_shortage(unsigned long instructions)
{
	static const gfp_t zones_of[] = { GFP_HIGHUSER, GFP_KERNEL, GFP_DMA };
	struct scarce s[ARRAY_SIZE(zones_of)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(s); i++)
		scarce_make(&s[i], zones_of[i], 40);
	run_mixture(instructions);
	while (i-- > 0)
		scarce_release(&s[i]);
	EXPECT(refused > requests / 8);
}

KTEST(step, a_mixture_bears_handlers_anywhere)
{
	step_needs_whole_counters();
	run_mixture(200 * 1000);
}

KTEST(step, so_it_does_in_a_shortage)
{
	step_needs_whole_counters();
	run_in_shortage(150 * 1000);
}

KTEST_SLOW_CASE(step, a_long_mixture)
{
	step_needs_whole_counters();
	run_mixture(20 * 1000 * 1000);
}

KTEST_SLOW_CASE(step, a_long_shortage)
{
	step_needs_whole_counters();
	run_in_shortage(10 * 1000 * 1000);
}
