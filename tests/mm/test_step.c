/* SPDX-License-Identifier: MIT */
/*
 * test_step.c - an interrupt between any two instructions of the memory manager
 *
 * Problem     The fast paths take no lock: a plain thread, so it says there, is
 *             interrupted by nobody who would touch the same data. Elsewhere one
 *             atomic instruction, or the order of two stores, is all that stands
 *             between a thread and a handler. One wrong instruction shows only
 *             when an interrupt comes right there, in years.
 * Idea        Let one come after each instruction (step.c), and do what a handler
 *             may do (step_handler.c): first each place once, by itself, then a
 *             mixture of everything with interrupts by chance, every second
 *             instruction or hardly ever, also where memory is short.
 * Picture     vmalloc:  i0 i1 i2 i3 i4 i5 ...      run 0: handler at i0
 *                       ^  ^                       run 1: at i1, and so on
 *             mixture:  i0 i1 i2 i3 i4 i5 ...
 *                          ^^       ^  ^           as chance will have it
 * Shows       that no instruction with interrupts on is the wrong one for a
 *             handler, as far as thread or handler, or one of the checks, has the
 *             damage afterwards: contents exchanged or lost, a report of the
 *             kernel's, a broken invariant, a leak in the books.
 * Not         what needs a second CPU: one that reads while an instruction writes,
 *             or sees stores in another order. Nor what happens with interrupts
 *             off, which is why they are off; nor a handler that comes in a
 *             handler, since here none does.
 * See         docs/locking.md, tests/mm/mixed.c
 */
#include <kernel/cmdline.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/kasan.h>
#include <mm/page_alloc.h>
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

/* --- each place once ------------------------------------------------------- */

static struct page *frame;

static void pair_frame(void)
{
	__free_page(alloc_page(GFP_KERNEL));
}

static void pair_block(void)
{
	__free_pages(alloc_pages(GFP_KERNEL, 1), 1);
}

static void pair_kmap_local(void)
{
	kunmap_local(kmap_local_page(frame));
}

static void pair_kmap(void)
{
	if (kmap(frame))
		kunmap(frame);
}

static void pair_kmalloc(void)
{
	kfree(kmalloc(100, GFP_KERNEL));
}

static void pair_vmalloc(void)
{
	vfree(vmalloc(PAGE_SIZE));
}

static void pair_vfree_atomic(void)
{
	vfree_atomic(vmalloc(PAGE_SIZE));
	vfree_drain();
}

static void pair_vm_map_ram(void)
{
	vm_unmap_ram(vm_map_ram(&frame, 1, 0), 1);
}

static const struct pair { const char *name; void (*run)(void); } pairs[] = {
	{ "alloc_page", pair_frame }, { "alloc_pages", pair_block },
	{ "kmap_local_page", pair_kmap_local }, { "kmap", pair_kmap },
	{ "kmalloc", pair_kmalloc }, { "vmalloc", pair_vmalloc },
	{ "vfree_atomic", pair_vfree_atomic },
	{ "vm_map_ram", pair_vm_map_ram },
};

/* Is there another place? Once with stocks, so that the first is no other one. */
static bool run_with_handler_at(const struct pair *pair, unsigned long place)
{
	unsigned long calls = step_count()->calls;

	step_handler_feed(ktest_random());
	pair->run();
	step_once(place);
	step_on();
	pair->run();
	step_off();
	return step_count()->calls > calls && step_good();
}

/* KASAN has ten times as many, and their number counts twice. */
#define STRIDE	(KASAN_ON ? 64U : 1U)

KTEST(step, each_instruction_bears_a_handler)
{
	unsigned long places;
	unsigned int i;

	frame = alloc_page(GFP_HIGHUSER);
	REQUIRE(frame);
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		step_begin(step_handler_all, random_next(ktest_random()));
		for (places = 0; run_with_handler_at(&pairs[i], places);)
			places += 1 + random_below(ktest_random(), STRIDE);
		step_end();
		step_handler_end();
		ktest_note("%s: %lu places", pairs[i].name, places);
		EXPECT(places >= 10);
	}
	__free_page(frame);
}

/* --- a mixture ------------------------------------------------------------- */

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
	run_mixture(200 * 1000);
}

KTEST(step, so_it_does_in_a_shortage)
{
	run_in_shortage(150 * 1000);
}

KTEST_SLOW_CASE(step, a_long_mixture)
{
	run_mixture(20 * 1000 * 1000);
}

KTEST_SLOW_CASE(step, a_long_shortage)
{
	run_in_shortage(10 * 1000 * 1000);
}
