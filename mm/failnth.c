/* SPDX-License-Identifier: MIT */
/*
 * failnth.c - let the n-th allocation from now on fail, on purpose
 *
 * Problem     Each allocation may be refused, and each refusal has its own way
 *             back. Real shortage takes few of these ways, and always the same.
 * Idea        Count the allocations of an operation and refuse number n, for n =
 *             1, 2, 3 ... until the operation succeeds: then every way back has
 *             been taken once (Linux: fail-nth of CONFIG_FAULT_INJECTION).
 * Invariants  FN1 What is refused on purpose takes the road of a real refusal:
 *                 the same lines printed, the same code run. An object is
 *                 refused as if all slabs were full and there were no frame for
 *                 another: so the next block of frames is refused as well.
 * Read first  failnth_hits, then tests/mm/sweep.h
 * See         tests/mm/test_failnth.c, docs/testing.md
 */
#include <mm/failnth.h>

#include <mm/page_watch.h>

unsigned int failnth_kinds;
static unsigned long nth, asked;
static bool no_frame_either;		/* FN1: the slab that is not to be had */

void failnth_arm(unsigned int kinds, unsigned long n)
{
	nth = n;
	asked = 0;
	failnth_kinds = kinds;
	page_watch |= kinds ? WATCH_FAILNTH : 0;
}

unsigned long failnth_disarm(void)
{
	failnth_kinds = 0;
	page_watch &= ~WATCH_FAILNTH;
	return asked;
}

bool failnth_hits(enum fail_kind kind)
{
	if (kind == FAIL_PAGE && no_frame_either) {
		no_frame_either = false;
		return true;
	}
	if (!(failnth_kinds & (1U << kind)) || ++asked != nth)
		return false;
	no_frame_either = kind == FAIL_OBJECT;
	return true;
}
