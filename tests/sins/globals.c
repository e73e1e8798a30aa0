/* SPDX-License-Identifier: MIT */
/*
 * globals.c - arrays that have an address for ever, and what lies behind them
 */
#include <lib/string.h>
#include <tests/sin.h>

#include "access.h"

static char array[40];
static char other[40];
static const char text[] = "thirteen char";

SIN(globals, write_past_the_end, BY(KASAN, "BAD WRITE CAUGHT"))
{
	COMMIT(sin_rewrite(HIDE(&array[0]) + sizeof(array)));
}

SIN(globals, read_past_the_end, BY(KASAN, "BAD READ CAUGHT"))
{
	COMMIT(sin_read(HIDE(&other[0]) + sizeof(other)));
}

SIN(globals, read_past_the_end_of_a_constant, BY(KASAN, "BAD READ CAUGHT"))
{
	COMMIT(sin_read(HIDE(&text[0]) + sizeof(text)));
}

SIN(globals, copy_of_more_than_there_is, BY(KASAN, "BAD READ CAUGHT"))
{
	char copy[64];

	COMMIT(memcpy(copy, HIDE(&array[0]), HIDE(sizeof(array) + 1)));
}
