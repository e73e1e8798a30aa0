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
 *             may do (step_handler.c): first, here, each place once, by itself;
 *             then, in step_mixture.c, at places by chance, every second one or
 *             hardly any, while all allocators are at work.
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
 * Read first  run_with_handler_at
 * See         docs/locking.md, tests/mm/step_mixture.c
 */
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/kasan.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vm_map_ram.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>

#include "step.h"
#include "step_handler.h"

#define MARK		0x5E9A7A7EU

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
	uint32_t *p = kmap_local_page(frame);

	EXPECT(*p == MARK);
	kunmap_local(p);
}

static void pair_kmap(void)
{
	uint32_t *p = kmap(frame);

	EXPECT(p && *p == MARK);
	kunmap(frame);
}

static void pair_kmalloc(void)
{
	kfree(kmalloc(100, GFP_KERNEL));
}

static void pair_large(void)
{
	kfree(kmalloc(2 * PAGE_SIZE, GFP_KERNEL));
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
	uint32_t *p = vm_map_ram(&frame, 1, 0);

	EXPECT(p && *p == MARK);
	vm_unmap_ram(p, 1);
}

static const struct pair { const char *name; void (*run)(void); } pairs[] = {
	{ "alloc_page", pair_frame }, { "alloc_pages", pair_block },
	{ "kmap_local_page", pair_kmap_local }, { "kmap", pair_kmap },
	{ "kmalloc", pair_kmalloc }, { "kmalloc, large", pair_large },
	{ "vmalloc", pair_vmalloc }, { "vfree_atomic", pair_vfree_atomic },
	{ "vm_map_ram", pair_vm_map_ram },
};

/* Is there another place? Once with stocks, so that the first is no other one. */
static bool run_with_handler_at(const struct pair *pair, unsigned long place)
{
	unsigned long calls = step_count()->calls;

	step_handler_fill(ktest_random());
	pair->run();
	step_once(place);
	step_on();
	pair->run();
	step_off();
	return step_count()->calls > calls && step_good();
}

/* KASAN has ten times as many, and their number counts twice. */
#define STRIDE	(KASAN_ON ? 64U : 1U)

static void run_pair(const struct pair *pair)
{
	unsigned long places = 0;

	step_begin(step_handler_all, random_next(ktest_random()));
	while (run_with_handler_at(pair, places))
		places += 1 + random_below(ktest_random(), STRIDE);
	step_end();
	step_handler_end();
	ktest_note("%s: %lu places", pair->name, places);
	EXPECT(places >= 10);
}

KTEST(step, each_instruction_bears_a_handler)
{
	step_needs_whole_counters();
	const uint32_t mark = MARK;
	unsigned int i;

	frame = alloc_page(GFP_HIGHUSER);
	REQUIRE(frame);
	memcpy_to_page(frame, 0, &mark, sizeof(mark));
	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		run_pair(&pairs[i]);
	__free_page(frame);
}
