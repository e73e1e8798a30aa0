/* SPDX-License-Identifier: MIT */
/*
 * undefined.c - what C does not define
 *
 * Without UBSAN the CPU does something, most often what was meant on a machine
 * like this one; what the compiler made of it may differ. Only the division by
 * zero is nobody's business but the CPU's.
 */
#include <lib/string.h>
#include <tests/sin.h>

#include "access.h"

#define INT_MAX		0x7fffffff
#define INT_MIN		(-INT_MAX - 1)

struct pair { int array[4]; int behind; };

static volatile int sink;

SIN(undefined, signed_sum_overflows, BY(UBSAN, "does not fit in"))
{
	COMMIT(sink = HIDE(INT_MAX) + HIDE(1));
}

SIN(undefined, signed_product_overflows, BY(UBSAN, "does not fit in"))
{
	COMMIT(sink = HIDE(INT_MAX) * HIDE(2));
}

SIN(undefined, negation_overflows, BY(UBSAN, "does not fit in"))
{
	COMMIT(sink = -HIDE(INT_MIN));
}

SIN(undefined, shift_by_the_width_of_the_type, BY(UBSAN, "shift of"))
{
	COMMIT(sink = (int)(1U << HIDE(32)));
}

SIN(undefined, shift_by_a_negative_number, BY(UBSAN, "shift of"))
{
	COMMIT(sink = (int)(1U << HIDE(-1)));
}

SIN(undefined, index_past_the_end_of_an_array, BY(UBSAN, "is outside of"))
{
	struct pair s = { { 0 }, 1 };

	COMMIT(sink = HIDE(&s)->array[HIDE(4)]);
}

SIN(undefined, address_not_aligned_for_its_type,
    BY(UBSAN, "which is no multiple of 4"))
{
	char bytes[8] __aligned(4) = "";

	COMMIT(sink = *(volatile int *)(HIDE(&bytes[0]) + 1));
}

SIN(undefined, bool_that_is_neither_true_nor_false,
    BY(UBSAN, "is no value of '_Bool'"))
{
	union { uint8_t byte; bool boolean; } u = { .byte = 2 };

	COMMIT(sink = HIDE(&u)->boolean);
}

SIN(undefined, pointer_that_wraps_around, BY(UBSAN, "past the end of memory"))
{
	char *p = (char *)HIDE(0xfffffff0UL);

	COMMIT(sink = (int)(p + HIDE(0x20U)));
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvla"
SIN(undefined, array_without_elements, BY(UBSAN, "an array of 0 elements"))
{
#ifndef __CHECKER__	/* sparse refuses it outright */
	COMMIT(int n = HIDE(0); char array[n]; sink = (int)HIDE(&array));
#endif
}
#pragma GCC diagnostic pop

SIN(undefined, end_that_cannot_be_reached_is_reached,
    BY(UBSAN, "a place is reached that cannot be"))
{
	COMMIT(if (HIDE(1)) __builtin_unreachable());
}

SIN(undefined, number_of_zeros_in_zero, BY(UBSAN, "zero bits of 0"))
{
	COMMIT(sink = __builtin_ctz(HIDE(0U)));
}

SIN(undefined, division_by_zero,
    BY(UBSAN, "1 / 0 has no value"), BY(CPU, "divide error"))
{
	COMMIT(sink = HIDE(1) / HIDE(0));
}

SIN(undefined, quotient_overflows,
    BY(UBSAN, "/ -1 has no value"), BY(CPU, "divide error"))
{
	COMMIT(sink = HIDE(INT_MIN) / HIDE(-1));
}
