/* SPDX-License-Identifier: MIT */
/* test_highmem.c - frames without an address get one, in the order of a stack */
#include <mm/highmem.h>

#include <lib/string.h>
#include <mm/fixmap.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <mm/zone.h>
#include <tests/ktest.h>
#include <x86/irq.h>
#include <x86/trap.h>

#include "touch.h"

#define NR_FRAMES	KMAP_LOCAL_SLOTS
#define TEST_IRQ	5

static struct page *frames[NR_FRAMES];

/* Highmem frames, or the case ends as skipped. */
static void take_frames(unsigned int nr)
{
	unsigned int i;

	if (zone_nr_free(&zones[ZONE_HIGHMEM]) < nr)
		ktest_skip("this machine has no HIGHMEM");
	for (i = 0; i < nr; i++) {
		frames[i] = alloc_page(GFP_HIGHUSER);
		REQUIRE(frames[i] && page_is_highmem(frames[i]));
	}
}

static void give_frames(unsigned int nr)
{
	while (nr-- > 0)
		__free_page(frames[nr]);
}

/* H1: the lowest @depth slots are mapped, all others are not. */
static void expect_depth(unsigned int depth)
{
	unsigned int slot;
	struct pgtable_walk w;

	EXPECT_EQ(kmap_local_depth(), depth);
	for (slot = FIX_KMAP_FIRST; slot <= FIX_KMAP_LAST; slot++)
		EXPECT_EQ(pgtable_lookup(fixmap_address(slot), &w),
			  slot > FIX_KMAP_LAST - depth);
}

KTEST(highmem, low_memory_costs_nothing)			/* attacks H1 */
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct tlb_stats before = tlb_stats;
	char *p;

	REQUIRE(page);
	p = kmap_local_page(page);
	EXPECT(p == page_address(page));
	expect_depth(0);
	kunmap_local(p);
	kunmap_local(p + 100);
	EXPECT_EQ(tlb_stats.pages, before.pages);
	EXPECT_EQ(tlb_stats.full, before.full);
	EXPECT_NO_FAULT(touch_read(p));
	__free_page(page);
}

KTEST(highmem, frame_keeps_its_contents_between_two_mappings)
{
	char *p, *q;

	take_frames(2);
	p = kmap_local_page(frames[0]);
	pattern_fill(p, PAGE_SIZE, 5);
	kunmap_local(p);
	EXPECT_FAULT(touch_read(p));
	p = kmap_local_page(frames[1]);
	q = kmap_local_page(frames[0]);
	EXPECT(p != q);
	EXPECT(pattern_holds(q, PAGE_SIZE, 5));
	kunmap_local(q);
	kunmap_local(p);
	give_frames(2);
}

KTEST(highmem, mappings_nest_16_deep_and_come_back_in_order) /* attacks H1 */
{
	char *p[NR_FRAMES];
	unsigned int i;

	take_frames(NR_FRAMES);
	for (i = 0; i < NR_FRAMES; i++) {
		expect_depth(i);
		p[i] = kmap_local_page(frames[i]);
		EXPECT_EQ((unsigned long)p[i],
			  fixmap_address(FIX_KMAP_LAST - i));
		pattern_fill(p[i], PAGE_SIZE, i);
	}
	for (i = 0; i < NR_FRAMES; i++)
		EXPECT(pattern_holds(p[i], PAGE_SIZE, i));
	while (i-- > 0) {
		expect_depth(i + 1);
		kunmap_local(p[i] + i);		/* any address of the page */
		EXPECT_FAULT(touch_write(p[i]));
	}
	expect_depth(0);
	give_frames(NR_FRAMES);
}

KTEST(highmem, one_frame_may_have_two_addresses)
{
	char *p, *q;

	take_frames(1);
	p = kmap_local_page(frames[0]);
	q = kmap_local_page(frames[0]);
	EXPECT(p != q);
	pattern_fill(p, PAGE_SIZE, 3);
	EXPECT(pattern_holds(q, PAGE_SIZE, 3));
	kunmap_local(q);
	kunmap_local(p);
	give_frames(1);
}

static void expect_cleared_alone(gfp_t gfp)
{
	struct page *block = alloc_pages(gfp, 2);
	char *p;
	unsigned int i;

	REQUIRE(block);
	for (i = 0; i < 4; i++) {
		p = kmap_local_page(block + i);
		pattern_fill(p, PAGE_SIZE, i);
		kunmap_local(p);
	}
	clear_highpage(block + 1);
	for (i = 0; i < 4; i++) {
		p = kmap_local_page(block + i);
		EXPECT(i == 1 ? !memchr_inv(p, 0, PAGE_SIZE)
			      : pattern_holds(p, PAGE_SIZE, i));
		kunmap_local(p);
	}
	__free_pages(block, 2);
}

KTEST(highmem, clear_highpage_clears_one_frame_of_any_zone)
{
	expect_cleared_alone(GFP_KERNEL);
	expect_cleared_alone(GFP_HIGHUSER);
	expect_depth(0);
}

/* --- bytes of frames ------------------------------------------------------- */

/* Frame @i holds its pattern, but for [from, from + len), which holds @bytes. */
static void expect_bytes(unsigned int i, size_t from, size_t len,
			 const char *bytes)
{
	const char *p = kmap_local_page(frames[i]);
	unsigned int j, wrong = 0;

	for (j = 0; j < PAGE_SIZE; j++)
		wrong += p[j] != (j >= from && j - from < len
				  ? bytes[j - from]
				  : (char)pattern_byte(j, i));
	EXPECT_EQ(wrong, 0);
	kunmap_local(p);
}

static void fill_frame(unsigned int i)
{
	char *p = kmap_local_page(frames[i]);

	pattern_fill(p, PAGE_SIZE, i);
	kunmap_local(p);
}

KTEST(highmem, copy_highpage_copies_one_frame_to_another)
{
	unsigned int i;
	char *p;

	take_frames(3);
	frames[3] = alloc_page(GFP_KERNEL);
	REQUIRE(frames[3]);
	for (i = 0; i < 4; i++)
		fill_frame(i);
	copy_highpage(frames[1], frames[0]);
	copy_highpage(frames[2], frames[3]);
	copy_highpage(frames[3], frames[0]);
	for (i = 0; i < 4; i++) {
		p = kmap_local_page(frames[i]);
		EXPECT(pattern_holds(p, PAGE_SIZE, i == 2 ? 3 : 0));
		kunmap_local(p);
	}
	expect_depth(0);
	give_frames(4);
}

KTEST(highmem, bytes_reach_their_place_in_a_frame_and_no_other)
{
	const size_t places[][2] = {
		{ 0, 5 }, { 4091, 5 }, { 1000, 0 }, { PAGE_SIZE, 0 },
		{ 0, PAGE_SIZE }, { 77, 3000 },
	};
	static char bytes[PAGE_SIZE], back[PAGE_SIZE];
	unsigned int i;

	take_frames(1);
	pattern_fill(bytes, PAGE_SIZE, 99);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		size_t from = places[i][0], len = places[i][1];

		fill_frame(0);
		memcpy_to_page(frames[0], from, bytes, len);
		expect_bytes(0, from, len, bytes);
		memset(back, 0, sizeof(back));
		memcpy_from_page(back, frames[0], from, len);
		EXPECT_EQ(memcmp(back, bytes, len), 0);
		EXPECT(!memchr_inv(back + len, 0, PAGE_SIZE - len));
		memset(back, 0, sizeof(back));
		memzero_page(frames[0], from, len);
		expect_bytes(0, from, len, back);
	}
	expect_depth(0);
	give_frames(1);
}

KTEST(highmem, kmap_atomic_is_the_older_name)
{
	char *p, *q;

	take_frames(1);
	p = kmap_atomic(frames[0]);
	q = kmap_local_page(frames[0]);
	EXPECT(q == p + PAGE_SIZE);
	kunmap_atomic(q);
	EXPECT_FAULT(touch_read(q));
	kunmap_atomic(p);
	expect_depth(0);
	give_frames(1);
}

static void look_at_frame(void *arg)
{
	char *p = kmap_local_page(frames[0]);

	*(char *)arg = *p;
	kunmap_local(p);
}

/* It goes on where it finds the stack, and leaves it so. */
KTEST(highmem, interrupt_handler_maps_above_whom_it_interrupts)
{
	static char seen;
	char *p, *q;

	take_frames(2);
	p = kmap_local_page(frames[0]);
	q = kmap_local_page(frames[1]);
	*p = 'h';
	*q = 'q';
	REQUIRE(irq_register(TEST_IRQ, look_at_frame, &seen) == 0);
	__asm__ volatile("int %0" : : "i"(IRQ_VECTOR_BASE + TEST_IRQ)
			 : "memory");
	irq_unregister(TEST_IRQ);
	EXPECT_EQ(seen, 'h');
	EXPECT_EQ(*q, 'q');
	expect_depth(2);
	kunmap_local(q);
	kunmap_local(p);
	give_frames(2);
}

/* The point forgets the depth of whoever faulted; his slots must not stay. */
KTEST(highmem, mapping_lost_in_a_fault_is_replaced)		/* attacks H1 */
{
	char *p;

	take_frames(3);
	EXPECT_FAULT(*(char *)kmap_local_page(frames[0]) = 1;
		     *(char *)kmap_local_page(frames[1]) = 1;
		     touch_write(NULL));
	EXPECT_EQ(kmap_local_depth(), 0);
	p = kmap_local_page(frames[2]);
	pattern_fill(p, PAGE_SIZE, 8);
	kunmap_local(p);
	p = kmap_local_page(frames[0]);
	pattern_fill(p, PAGE_SIZE, 9);
	kunmap_local(p);
	p = kmap_local_page(frames[2]);
	EXPECT(pattern_holds(p, PAGE_SIZE, 8));
	*(char *)kmap_local_page(frames[1]) = 2;
	kunmap_local((void *)fixmap_address(FIX_KMAP_LAST - 1));
	kunmap_local(p);
	expect_depth(0);
	give_frames(3);
}

/* A frame's first word says which one it is. */
KTEST(highmem, random_stacks_match_a_model)
{
	unsigned int depth = 0, step, i, wrong = 0;
	struct random *random = ktest_random();
	unsigned int model[KMAP_LOCAL_SLOTS] = { 0 };
	uint32_t *p[KMAP_LOCAL_SLOTS];

	take_frames(NR_FRAMES);
	for (i = 0; i < NR_FRAMES; i++) {
		p[0] = kmap_local_page(frames[i]);
		*p[0] = i;
		kunmap_local(p[0]);
	}
	for (step = 0; step < 2000; step++) {
		if (depth < KMAP_LOCAL_SLOTS && random_below(random, 2)) {
			model[depth] = random_below(random, NR_FRAMES);
			p[depth] = kmap_local_page(frames[model[depth]]);
			depth++;
		} else if (depth > 0) {
			kunmap_local(p[--depth]);
		}
		for (i = 0; i < depth; i++)
			wrong += *p[i] != model[i];
	}
	while (depth > 0)
		kunmap_local(p[--depth]);
	EXPECT_EQ(wrong, 0);
	expect_depth(0);
	give_frames(NR_FRAMES);
}
