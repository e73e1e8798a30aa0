/* SPDX-License-Identifier: MIT */
/*
 * stack.c - the stack used up, smashed, and what lies on it used wrongly
 */
#include <lib/string.h>
#include <tests/sin.h>
#include <x86/backtrace.h>
#include <x86/cpu.h>
#include <x86/kstack.h>

#include "access.h"

#define ARRAY		16U
#define INTO_GUARD	512U

/* Down to so many bytes above or below the last one of the stack. */
static int __noinline descend(unsigned long to, void (*action)(void))
{
	volatile char frame[64];

	frame[0] = 1;
	if ((unsigned long)&frame[0] > to)
		return descend(to, action) + frame[0];
	if (action)
		action();
	return frame[0];
}

static unsigned long stack_end(void)
{
	return (unsigned long)boot_stack.bytes;
}

SIN(stack, recursion_without_end, BY(STACK_GUARD, "STACK OVERFLOW"))
{
	COMMIT(descend(stack_end() - INTO_GUARD, NULL));
}

/* One frame larger than the guard, of which nobody touches the middle - but for
 * the compiler, page by page (CLASH in tools/toolchain.mk; clang does not).
 * Interrupts are off, as one would push its frame there. */
static void __noinline large_frame(void)
{
	volatile char frame[PAGE_SIZE + INTO_GUARD]
		__attribute__((uninitialized));
	char byte;

	__asm__ volatile("movb (%1), %0\n\tmovb %0, (%1)"
			 : "=&q"(byte) : "r"(&frame[0]) : "memory");
}

SIN(stack, frame_larger_than_the_guard, BY(STACK_GUARD, "STACK OVERFLOW"))
{
	irq_local_disable();
	COMMIT(descend(stack_end() + INTO_GUARD, large_frame));
	irq_local_enable();
}

/* --- the return address ---------------------------------------------------- */

static void landed(void)
{
	static const struct recovery_fault none;

	recovery_resume(&none);
}

/* An overrun upwards, up to where the return address lies and no further. */
static void __noinline overrun(void)
{
	uint32_t array[ARRAY / 4];
	uint32_t *p = HIDE(&array[0]) + ARRAY / 4;
	uint32_t *end = (uint32_t *)(FRAME_POINTER() + 8);

	while (p < end)
		*(volatile uint32_t *)p++ = (uint32_t)landed;
	HIDE(&array[0]);
}

/* It returns to landed, or is kept from returning; here it never comes. */
SIN(stack, overrun_up_to_the_return_address,
    BY(CANARY, "STACK SMASHED: in overrun"), BY(KASAN, "BAD WRITE CAUGHT"))
{
	struct recovery point;

	if (recovery_set(&point) == 0)
		overrun();
}

/* --- what lies on it ------------------------------------------------------- */

SIN(stack, write_past_the_end_of_an_array, BY(KASAN, "BAD WRITE CAUGHT"))
{
	char array[ARRAY] = "";

	COMMIT(sin_rewrite(HIDE(&array[0]) + ARRAY));
}

SIN(stack, read_past_the_end_of_an_array, BY(KASAN, "BAD READ CAUGHT"))
{
	char array[ARRAY] = "";

	COMMIT(sin_read(HIDE(&array[0]) + ARRAY));
}

SIN(stack, write_before_the_start_of_an_array, BY(KASAN, "BAD WRITE CAUGHT"))
{
	char array[ARRAY] = "";

	COMMIT(sin_rewrite(HIDE(&array[0]) - 1));
}

SIN(stack, read_past_the_end_of_alloca, BY(KASAN, "BAD READ CAUGHT"))
{
	char *p = __builtin_alloca(HIDE(24U));

	memset(p, 0, 24);
	COMMIT(sin_read(HIDE(p) + 24));
}

SIN(stack, use_after_scope, BY(KASAN, "BAD WRITE CAUGHT"))
{
	char *p;

	{
		char array[ARRAY];

		p = HIDE(&array[0]);
		sin_write(p);
	}
	COMMIT(sin_rewrite(p));
}

#define POINTERS	64U

static char somebodys_byte;

static void __noinline leave_pointers_on_the_stack(void)
{
	char *volatile pointers[POINTERS];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pointers); i++)
		pointers[i] = &somebodys_byte;
}

static char __noinline read_through_what_lies_there(void)
{
	char *pointers[POINTERS];

	return sin_read(HIDE(&pointers[0])[POINTERS / 2]);
}

SIN(stack, use_of_a_pointer_that_was_never_set,
    BY(PATTERN, "BAD READ CAUGHT"))
{
	leave_pointers_on_the_stack();
	COMMIT(read_through_what_lies_there());
}

static char *__noinline address_of_local(void)
{
	char array[ARRAY] = "";

	return HIDE(&array[0]);
}

/* Its frame is gone, and the next call will have another one there. */
SIN(stack, use_after_return, NOTHING)
{
	char *p = address_of_local();

	COMMIT(sin_read(p));
}
