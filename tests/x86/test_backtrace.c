/* SPDX-License-Identifier: MIT */
/* test_backtrace.c - callers in order; garbage ends the walk, never faults */
#include <x86/backtrace.h>

#include <kernel/symbols.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>
#include <x86/irq.h>
#include <x86/layout.h>

#define MAX_CALLERS	16U
#define TEST_IRQ	5
#define TEXT		((unsigned long)text_start)

static unsigned long callers[MAX_CALLERS];

/* A return address lies somewhere in the function that called. */
static bool is_in(unsigned long addr, const void *function)
{
	unsigned long offset;

	return symbol_lookup(addr, &offset) &&
	       addr - offset == (unsigned long)function;
}

static unsigned int __noinline innermost(void)
{
	return backtrace_collect(FRAME_POINTER(), callers, MAX_CALLERS);
}

static unsigned int __noinline middle(void)
{
	return innermost() + 0 * callers[0];
}

static unsigned int __noinline outermost(void)
{
	return middle() + 0 * callers[0];
}

KTEST(backtrace, callers_come_innermost_first)
{
	unsigned int nr = outermost();

	REQUIRE(nr >= 4);
	EXPECT(is_in(callers[0], middle));
	EXPECT(is_in(callers[1], outermost));
	EXPECT(is_in(callers[2],
		     ktest_backtrace_callers_come_innermost_first));
}

KTEST(backtrace, walk_reaches_the_boot_code)
{
	unsigned long addr;
	unsigned int i, nr = outermost();

	for (i = 0; i < nr; i++) {
		addr = callers[i];
		EXPECT(addr >= TEXT && addr < (unsigned long)text_end);
	}
	EXPECT(nr < MAX_CALLERS);	/* it ended by itself */
}

KTEST(backtrace, no_more_than_asked_for)
{
	unsigned long addrs[3] = { 1, 2, 3 };

	EXPECT_EQ(backtrace_collect(FRAME_POINTER(), addrs, 0), 0);
	EXPECT_EQ(addrs[0], 1);
	EXPECT_EQ(backtrace_collect(FRAME_POINTER(), addrs, 2), 2);
	EXPECT_EQ(addrs[2], 3);
}

struct fake_frame {
	unsigned long outer, return_address;
};

static unsigned int walk_from(const void *frame)
{
	return backtrace_collect((unsigned long)frame, callers, MAX_CALLERS);
}

/* The chain of three that the following cases damage in one place each. */
static void make_chain(struct fake_frame f[3])
{
	f[0] = (struct fake_frame){ (unsigned long)&f[1], TEXT + 1 };
	f[1] = (struct fake_frame){ (unsigned long)&f[2], TEXT + 2 };
	f[2] = (struct fake_frame){ 0, TEXT + 3 };
}

KTEST(backtrace, sound_chain_is_walked_to_its_end)
{
	struct fake_frame f[3];

	make_chain(f);
	EXPECT_EQ(walk_from(f), 3);
	EXPECT_EQ(callers[0], TEXT + 1);
	EXPECT_EQ(callers[2], TEXT + 3);
}

/* B2. */
KTEST(backtrace, ring_or_descent_ends_the_walk)
{
	struct fake_frame f[3];

	make_chain(f);
	f[1].outer = (unsigned long)&f[1];
	EXPECT_EQ(walk_from(f), 2);
	f[1].outer = (unsigned long)&f[0];
	EXPECT_EQ(walk_from(f), 2);
}

/* Read from two bytes further on, f[1] would look sound. */
KTEST(backtrace, misaligned_pointer_ends_the_walk)
{
	struct fake_frame f[3];

	make_chain(f);
	f[0].outer = (unsigned long)&f[1] + 2;
	f[1].return_address = 0x12345678;
	f[2].outer = TEXT >> 16;
	EXPECT_EQ(walk_from(f), 1);
}

KTEST(backtrace, return_to_user_space_ends_the_walk)
{
	struct fake_frame f[3];

	make_chain(f);
	f[1].return_address = PAGE_OFFSET - 1;
	EXPECT_EQ(walk_from(f), 1);
}

/* B1. In turn: user space, the last words there are, a hole. */
KTEST(backtrace, unmapped_pointers_end_the_walk)
{
	static const unsigned long bad[] = {
		4, PAGE_OFFSET - 8, 0xFFFFFFFC, 0xFFFFFFF8, VMALLOC_END,
	};
	struct fake_frame f[3];
	unsigned int i;

	make_chain(f);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		f[0].outer = bad[i];
		EXPECT_EQ(walk_from(f), 1);
	}
}

/* B1. The first word is mapped, the second is in the guard page. */
KTEST(backtrace, frame_across_the_end_of_an_area_is_not_read)
{
	char *area = vmalloc(PAGE_SIZE);
	struct fake_frame *last;

	REQUIRE(area);
	last = (struct fake_frame *)(void *)(area + PAGE_SIZE) - 1;
	*last = (struct fake_frame){ 0, TEXT };
	EXPECT_EQ(walk_from(last), 1);
	EXPECT_NO_FAULT(EXPECT_EQ(walk_from(area + PAGE_SIZE - 4), 0));
	vfree(area);
}

static unsigned int handler_nr;

static void note_callers(void *arg __unused)
{
	handler_nr = innermost();
}

/* gcc gives no frame to a function that neither calls nor uses the stack. */
static void __noinline interrupted(void)
{
	volatile unsigned int on_the_stack = 0;

	__asm__ volatile("int $37" : : : "memory");
	on_the_stack++;
}

static bool called_from(const void *function)
{
	unsigned int i;

	for (i = 0; i < handler_nr; i++)
		if (is_in(callers[i], function))
			return true;
	return false;
}

KTEST(backtrace, walk_goes_through_a_trap)
{
	REQUIRE(irq_register(TEST_IRQ, note_callers, NULL) == 0);
	interrupted();
	irq_unregister(TEST_IRQ);
	EXPECT(called_from(irq_handle));
	EXPECT(called_from(interrupted));
	EXPECT(called_from(ktest_backtrace_walk_goes_through_a_trap));
}

/*
 * Addresses around every border of the layout, too: an even chance of any.
 */
KTEST(backtrace, random_pointers_never_fault)
{
	const unsigned long borders[] = {
		0, PAGE_OFFSET, layout.high_memory, VMALLOC_START, VMALLOC_END,
		PKMAP_BASE, PKMAP_END, FIXADDR_START, FIXADDR_END,
		(unsigned long)&callers,
	};
	struct random *random = ktest_random();
	unsigned int i, nr, too_many = 0;

	for (i = 0; i < 10000; i++) {
		unsigned long ebp = random_next(random);

		if (ebp & 4)
			ebp = borders[random_below(random,
						   ARRAY_SIZE(borders))] +
			      (ebp >> 20) - 2048;
		nr = walk_from((void *)(ebp & ~3UL));
		if (nr > MAX_CALLERS)
			too_many++;
	}
	EXPECT_EQ(too_many, 0);
}
