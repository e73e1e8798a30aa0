/* SPDX-License-Identifier: MIT */
/*
 * vmalloc.c - areas of the window: over their ends, after their time
 */
#include <tests/sin.h>

#include "neighbours.h"

#define ASKED_FOR	5000UL	/* two pages, the second with slack */

SIN(vmalloc, write_past_the_end,
    BY(GUARD, "this is the guard page"), BY(KASAN, "BAD WRITE CAUGHT"))
{
	struct areas a = areas_take(PAGE_SIZE);

	COMMIT(sin_write(a.first + PAGE_SIZE));
	areas_give(&a);
}

SIN(vmalloc, read_past_the_end,
    BY(GUARD, "this is the guard page"), BY(KASAN, "BAD READ CAUGHT"))
{
	struct areas a = areas_take(PAGE_SIZE);

	COMMIT(sin_read(a.first + PAGE_SIZE));
	areas_give(&a);
}

SIN(vmalloc, write_before_the_start,
    BY(GUARD, "before the start of vmalloc area"),
    BY(KASAN, "BAD WRITE CAUGHT"))
{
	struct areas a = areas_take(PAGE_SIZE);

	COMMIT(sin_write(a.second - 1));
	areas_give(&a);
}

SIN(vmalloc, read_before_the_start,
    BY(GUARD, "before the start of vmalloc area"),
    BY(KASAN, "BAD READ CAUGHT"))
{
	struct areas a = areas_take(PAGE_SIZE);

	COMMIT(sin_read(a.second - 1));
	areas_give(&a);
}

SIN(vmalloc, execution_past_the_end, BY(GUARD, "BAD FETCH CAUGHT"))
{
	struct areas a = areas_take(PAGE_SIZE);
	struct page *page = vmalloc_to_page(a.second);
	char *code;

	/* What would be run, were there no guard: a return. */
	code = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(code);
	code[0] = (char)OPCODE_RET;
	vunmap(code);
	protect_range((unsigned long)a.second,
		      (unsigned long)a.second + PAGE_SIZE, PAGE_KERNEL_EXEC);
	COMMIT(sin_fetch(a.first + PAGE_SIZE));
	areas_give(&a);
}

SIN(vmalloc, write_into_the_slack,
    BY(KASAN, "BAD WRITE CAUGHT"), BY(SLACK, "was written past its end"))
{
	char *p = vmalloc(ASKED_FOR);

	REQUIRE(p);
	COMMIT(sin_write(p + ASKED_FOR));
	vfree(p);
}

SIN(vmalloc, write_to_the_last_byte_of_the_slack,
    BY(KASAN, "BAD WRITE CAUGHT"), BY(SLACK, "was written past its end"))
{
	char *p = vmalloc(ASKED_FOR);

	REQUIRE(p);
	COMMIT(sin_write(p + 2 * PAGE_SIZE - 1));
	vfree(p);
}

SIN(vmalloc, read_from_the_slack, BY(KASAN, "BAD READ CAUGHT"))
{
	char *p = vmalloc(ASKED_FOR);

	REQUIRE(p);
	COMMIT(sin_read(p + ASKED_FOR));
	vfree(p);
}

/* A step larger than the guard lands in somebody's mapped page. */
SIN(vmalloc, write_far_past_the_end_into_another_area, NOTHING)
{
	struct areas a = areas_take(PAGE_SIZE);

	COMMIT(sin_write(a.first + (a.second - a.first)));
	areas_give(&a);
}

SIN(vmalloc, read_after_vfree,
    BY(UNMAP, "the page was not present"), BY(KASAN, "BAD READ CAUGHT"))
{
	struct areas a = areas_take(PAGE_SIZE);

	sin_read(a.first);
	vfree(a.first);
	COMMIT(sin_read(HIDE(a.first)));
	vfree(a.second);
}

SIN(vmalloc, write_after_vfree,
    BY(UNMAP, "the page was not present"), BY(KASAN, "BAD WRITE CAUGHT"))
{
	struct areas a = areas_take(PAGE_SIZE);

	sin_write(a.first);
	vfree(a.first);
	COMMIT(sin_write(HIDE(a.first)));
	vfree(a.second);
}

SIN(vmalloc, write_after_vunmap,
    BY(UNMAP, "the page was not present"), BY(KASAN, "BAD WRITE CAUGHT"))
{
	char *p = vmalloc(PAGE_SIZE), *again;
	struct page *page = vmalloc_to_page(p);

	again = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(p && again);
	sin_write(again);
	vunmap(again);
	COMMIT(sin_write(HIDE(again)));
	vfree(p);
}

/* First fit gives the same addresses at once to the next who asks. */
SIN(vmalloc, write_after_vfree_when_given_to_another, NOTHING)
{
	char *p = vmalloc(PAGE_SIZE), *q;

	REQUIRE(p);
	vfree(p);
	q = vmalloc(PAGE_SIZE);
	REQUIRE(q && q == HIDE(p));
	COMMIT(sin_write(HIDE(p)));
	vfree(q);
}
