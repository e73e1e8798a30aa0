/* SPDX-License-Identifier: MIT */
/*
 * test_slack.c - an overrun inside the last page is found when it is freed
 *
 * What the hardware cannot catch: the bytes between the size asked for and the
 * end of the last page are mapped. vfree looks at each of them.
 */
#include <mm/vmalloc.h>

#include <lib/string.h>
#include <mm/vmap.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <tests/poke.h>

#define SIZE		10000UL
#define MAPPED		(3 * PAGE_SIZE)

static __noinline char *ask_here(unsigned long size)
{
	return vmalloc(size);
}

static __noinline void free_here(char *p)
{
	vfree(p);
}

/* All bytes the same, and not 0. */
static bool is_pattern(const char *p, size_t size)
{
	return peek(p) != 0 && peek_equal(p + 1, p, size - 1);
}

KTEST(slack, all_of_it_is_filled_with_one_pattern)
{
	needs_page_starts();
	char *p = vmalloc(SIZE);

	REQUIRE(p);
	EXPECT(is_pattern(p + SIZE, MAPPED - SIZE));
	vfree(p);
}

KTEST(slack, first_byte_changed_is_found_with_both_names)
{
	needs_page_starts();
	char *p = ask_here(SIZE);

	REQUIRE(p);
	poke(p + SIZE, peek(p + SIZE) + 1U);
	EXPECT_REPORT("written past its end", free_here(p));
	EXPECT(ktest_report_contains("byte 10000 of 10000"));
	EXPECT(ktest_report_contains("ask_here+"));
	EXPECT(ktest_report_contains("free_here+"));
}

KTEST(slack, last_byte_changed_is_found)
{
	needs_page_starts();
	char *p = ask_here(SIZE);

	REQUIRE(p);
	poke(p + MAPPED - 1, peek(p + MAPPED - 1) ^ 1U);	/* one bit */
	EXPECT_REPORT("byte 12287 of 10000", free_here(p));
}

/* The area is gone all the same: the books would show it. */
KTEST(slack, changed_byte_is_found_wherever_it_is)
{
	needs_page_starts();
	unsigned int round;

	for (round = 0; round < 50; round++) {
		unsigned long size = 1 + random_below(ktest_random(),
						      3 * PAGE_SIZE - 1);
		unsigned long slack = ALIGN_UP(size, PAGE_SIZE) - size, at;
		unsigned long areas = vmap_nr_areas();
		char *p = vmalloc(size), text[32];

		REQUIRE(p);
		if (slack == 0) {
			vfree(p);
			continue;
		}
		at = size + random_below(ktest_random(), slack);
		poke(p + at, (unsigned char)~peek(p + at));
		snprintf(text, sizeof(text), "byte %lu of %lu ", at, size);
		EXPECT_REPORT(text, vfree(p));
		vmap_purge();
		EXPECT_EQ(vmap_nr_areas(), areas);
	}
}

KTEST(slack, bytes_asked_for_may_all_be_written)
{
	static const unsigned long sizes[] = {
		1, PAGE_SIZE - 1, PAGE_SIZE + 1, SIZE, 2 * PAGE_SIZE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *p = vmalloc(sizes[i]);

		REQUIRE(p);
		memset(p, 0xEE, sizes[i]);
		vfree(p);			/* a report would fail the case */
	}
}

KTEST(slack, whole_pages_have_none)
{
	char *p = vmalloc(2 * PAGE_SIZE), *q = vmalloc(PAGE_SIZE);

	REQUIRE(p && q);
	memset(p, 1, 2 * PAGE_SIZE);
	memset(q, 2, PAGE_SIZE);
	vfree(p);
	vfree(q);
}

KTEST(slack, vzalloc_clears_what_was_asked_for_and_no_more)
{
	needs_page_starts();
	char *p = vzalloc(SIZE);

	REQUIRE(p);
	EXPECT(!memchr_inv(p, 0, SIZE));
	EXPECT(is_pattern(p + SIZE, MAPPED - SIZE));
	poke(p + SIZE, 0);			/* a string's end too far */
	EXPECT_REPORT("byte 10000 of 10000", vfree(p));
}

KTEST(slack, areas_that_cannot_be_written_have_it_too)
{
	needs_page_starts();
	char *p = __vmalloc(SIZE, GFP_KERNEL | __GFP_HIGHMEM, PAGE_KERNEL_RO);

	REQUIRE(p);
	EXPECT(is_pattern(p + SIZE, MAPPED - SIZE));
	vfree(p);
}
