/* SPDX-License-Identifier: MIT */
/*
 * step.h - an interrupt between any two instructions, as often as one likes
 *
 * Between step_on and step_off the CPU traps after each instruction, and a
 * function is called there as an interrupt handler would be: tests/mm/step.c.
 */
#ifndef TESTS_MM_STEP_H
#define TESTS_MM_STEP_H

#include <lib/random.h>
#include <tests/ktest.h>

#define EFLAGS_TF	(1UL << 8)	/* trap after the next instruction, too */

/* Counted since step_begin. */
struct step_count {
	unsigned long	open;		/* instructions with interrupts on   */
	unsigned long	closed;		/* ... with interrupts off           */
	unsigned long	calls;		/* of the handler                    */
};

/*
 * step_begin - from now on @handler is what step_on lets come
 *
 * step_often - one time in @one_in, by chance, but not without end: call it again
 *	for each operation
 * step_once  - only after the @nth instruction from now on, counted from 0
 */
void step_begin(void (*handler)(struct random *random), uint32_t seed);
void step_often(uint32_t one_in);
void step_once(unsigned long nth);
const struct step_count *step_end(void);
const struct step_count *step_count(void);

/* step_fault - the handler found @what; the first time is kept, with its place.
 * step_good - it found nothing; else the case fails, and says what and where. */
void step_fault(const char *what, unsigned long value);
bool step_good(void);

/* Without -O that is COVERAGE=1, whose counters grow in two halves. */
static inline void step_needs_whole_counters(void)
{
#ifndef __OPTIMIZE__
	ktest_skip("a handler between the halves of a counter loses counts");
#endif
}

/* The trap comes after the instruction behind popf, so popf itself is free. */
static __always_inline void step_on(void)
{
	__asm__ volatile("pushf; orl %0, (%%esp); popf"
			 : : "i"(EFLAGS_TF) : "memory", "cc");
}

static __always_inline void step_off(void)
{
	__asm__ volatile("pushf; andl %0, (%%esp); popf"
			 : : "i"(~EFLAGS_TF) : "memory", "cc");
}

#endif
