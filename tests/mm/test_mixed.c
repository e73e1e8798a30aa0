/* SPDX-License-Identifier: MIT */
/*
 * test_mixed.c - all allocators at once, where there is hardly any memory
 *
 * Problem     Each allocator is tested by itself, and mostly with plenty. What they
 *             do to each other shows only when all want the same few frames.
 * Idea        Take nearly all memory away; then fill and empty slots at random
 *             with blocks of every kind, so that about half of all requests are
 *             refused. Contents are looked at before a block goes, invariants
 *             every so often.
 * Picture     zone   | taken ............................ | left |  floor  |
 *                                                           ^ all that happens
 * Invariants  The same seed gives the same addresses and the same refusals, also
 *             after other cases: which frames are left, and in which blocks, does
 *             not depend on what came before. The digest of all results tells.
 * See         tests/mm/mixed.c
 */
#include <kernel/cmdline.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/kspace.h>
#include <mm/memblock.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/vmap.h>
#include <tests/ktest.h>

#include "hoard.h"
#include "mixed.h"

#define SLOTS		720U
#define CHECK_EVERY	1000UL		/* operations */
#define AUDIT_EVERY	50000UL

static struct mixed_slot slots[SLOTS];
static struct list_head held[NR_ZONES];
static struct {
	unsigned long operations, requests, refused;
	uint32_t digest;
} result;

/* --- the shortage ---------------------------------------------------------- */

/* Frames to be had in each zone, beside what its floor keeps. */
static const unsigned long left[NR_ZONES] = { 60, 160, 90 };

static struct page *lowest(const struct list_head *blocks)
{
	struct page *page, *best = NULL;

	list_for_each_entry(page, blocks, link)
		if (!best || page < best)
			best = page;
	return best;
}

/* Give the lowest blocks back until enough is free, and take the surplus. */
static void leave_some(enum zone_id id, unsigned long frames)
{
	struct zone *zone = &zones[id];
	struct page *page;

	frames += zone_floor(zone, id, 0);
	while (zone_nr_free(zone) < frames && !list_empty(&held[id])) {
		page = lowest(&held[id]);
		list_del(&page->link);
		__free_pages(page, page->order);
	}
	while (zone_nr_free(zone) > frames) {
		page = alloc_page(zone_gfp[id] | __GFP_HIGH);
		list_add(&page->link, &held[id]);
	}
}

/* A machine without NORMAL has all its low memory in DMA. */
static void shortage_begin(void)
{
	unsigned long low = zones[ZONE_NORMAL].nr_managed ? 0
							  : left[ZONE_NORMAL];

	slab_drain();
	pgtable_forget(VMALLOC_START, VMALLOC_END);
	vmap_forget_tables();
	hoard_all(held);
	leave_some(ZONE_DMA, left[ZONE_DMA] + low);
	leave_some(ZONE_NORMAL, left[ZONE_NORMAL]);
	leave_some(ZONE_HIGHMEM, left[ZONE_HIGHMEM]);
	pcp_drain();
	mixed_start();
}

static void shortage_end(void)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i].kind)
			mixed_give(&slots[i]);
	mixed_end();
	slab_drain();
	hoard_release_all(held);
}

/* --- the operations -------------------------------------------------------- */

/* FNV-1a over whatever an operation has decided. */
static void note_result(unsigned long value)
{
	result.digest = (result.digest ^ (uint32_t)value) * 16777619U;
}

static void expect_contents(const struct mixed_slot *slot)
{
	if (mixed_check(slot))
		return;
	ktest_fail(__FILE__, __LINE__, "operation %lu: %s at %p of %lu: other "
		   "contents than were written", result.operations,
		   mixed_name(slot), slot->p, slot->size);
	ktest_leave();
}

static void request(struct mixed_slot *slot, struct random *random)
{
	bool good = mixed_take(slot, random);

	result.requests++;
	result.refused += !good;
	note_result(good ? (unsigned long)slot->p : 0);
}

static void operate(struct random *random)
{
	struct mixed_slot *slot = &slots[random_below(random, SLOTS)];

	if (!slot->kind) {
		request(slot, random);
		return;
	}
	expect_contents(slot);
	if (random_below(random, 8) == 0)
		note_result(mixed_resize(slot, random));
	else
		mixed_give(slot);
}

static void expect_invariants(void)
{
	int broken = memblock_check();

	broken = broken ? broken : zone_check();
	broken = broken ? broken : slab_check();
	broken = broken ? broken : vmalloc_check();
	if (broken == 0 && (result.operations % AUDIT_EVERY ||
			    books_audit(report_printf)))
		return;
	ktest_fail(__FILE__, __LINE__, "operation %lu: invariant %d is broken",
		   result.operations, broken);
	ktest_leave();
}

static void run_mixed(unsigned long operations)
{
	struct random *random = ktest_random();

	memset(&result, 0, sizeof(result));
	printk_set_loglevel(0);			/* areas are refused with a line */
	shortage_begin();
	while (result.operations++ < operations) {
		operate(random);
		if (result.operations % CHECK_EVERY == 0)
			expect_invariants();
	}
	shortage_end();
	printk_set_loglevel(options.loglevel);
	ktest_note("seed %u: %lu operations, %lu requests, %lu refused, digest "
		   "%08x", options.seed, operations, result.requests,
		   result.refused, result.digest);
	EXPECT(result.refused >= result.requests / 3);
	EXPECT(result.refused <= result.requests / 3 * 2);
}

KTEST(mixed, ten_thousand_operations_in_a_shortage)
{
	run_mixed(10 * 1000);
}

KTEST_SLOW_CASE(mixed, a_million_operations_in_a_shortage)
{
	run_mixed(1000 * 1000);
}
