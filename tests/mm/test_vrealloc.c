/* SPDX-License-Identifier: MIT */
/*
 * test_vrealloc.c - an area that becomes larger, smaller, moves, or is refused
 */
#include <mm/vmalloc.h>

#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/page_alloc.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>

#include "touch.h"

/* The reports name it as the caller: it must be a function in its own right. */
static __noinline char *resize(char *p, size_t size, gfp_t gfp)
{
	return vrealloc(p, size, gfp);
}

static unsigned long requested(const char *p)
{
	return vmap_find((unsigned long)p)->requested;
}

KTEST(vrealloc, of_null_allocates_and_to_0_frees)
{
	unsigned long areas = vmap_nr_areas();
	char *p = resize(NULL, 5000, GFP_KERNEL);

	REQUIRE(p);
	EXPECT_EQ(requested(p), 5000);
	pattern_fill(p, 5000, 1);
	EXPECT(!resize(p, 0, GFP_KERNEL));
	vmap_purge();
	EXPECT_EQ(vmap_nr_areas(), areas);
	EXPECT(!resize(NULL, 0, GFP_KERNEL));
}

KTEST(vrealloc, stays_as_long_as_its_pages_suffice)
{
	needs_page_starts();
	static const unsigned long sizes[] = {
		9999, 10001, 12288, 8193, 8192, 4097, 1, 12287, 4096, 12288,
	};
	unsigned long at = 10000, kept;
	char *p = vmalloc(at);
	unsigned int i;

	REQUIRE(p);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		kept = MIN(at, sizes[i]);
		pattern_fill(p, at, i);
		at = sizes[i];
		EXPECT(resize(p, at, GFP_KERNEL) == p);
		EXPECT_EQ(requested(p), at);
		EXPECT(pattern_holds(p, kept, i));
		EXPECT_EQ(vmalloc_check(), 0);			/* W3 */
	}
	vfree(p);
}

KTEST(vrealloc, moves_with_every_byte_when_they_do_not)
{
	unsigned long pages = nr_free_pages();
	char *p = vmalloc(10000), *wall = vmalloc(PAGE_SIZE), *q;

	REQUIRE(p && wall);
	pattern_fill(p, 10000, 2);
	q = resize(p, 12289, GFP_KERNEL);
	REQUIRE(q && q != p);
	EXPECT(pattern_holds(q, 10000, 2));
	EXPECT(!find_vm_area(p));
	vmap_purge();
	EXPECT_FAULT(touch_read(p));
	EXPECT_FAULT(touch_write(q + 4 * PAGE_SIZE));
	vfree(q);
	vfree(wall);
	EXPECT(nr_free_pages() <= pages);
}

static __noinline void resize_in_vain(char *p)
{
	EXPECT(!resize(p, 0, GFP_KERNEL));
}

KTEST(vrealloc, whoever_resized_is_named_as_who_freed)
{
	char *p, *q;

	needs_kept_areas();
	if (vmap_lazy)
		ktest_skip("nothing is kept at once: lazy");
	vmalloc_drain();
	p = vmalloc(5000);
	q = resize(p, 3 * PAGE_SIZE, GFP_KERNEL);
	REQUIRE(q && q != p);
	EXPECT_BAD_ACCESS("freed   by resize+", touch_read(p));
	resize_in_vain(q);
	EXPECT_BAD_ACCESS("freed   by resize+", touch_read(q));
	p = vmalloc(5000);
	REQUIRE(p);
	poke(p + 5000, 1);
	EXPECT_REPORT("freed by resize+", resize_in_vain(p));
}

KTEST(vrealloc, clears_what_it_adds_when_asked)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO;
	char *p = vmalloc(2 * PAGE_SIZE), *q;

	REQUIRE(p);
	memset(p, 0xFF, 2 * PAGE_SIZE);
	EXPECT(resize(p, 100, gfp) == p);
	EXPECT(resize(p, 5000, gfp) == p);
	EXPECT(!memchr_inv(p, 0xFF, 100));
	EXPECT(!memchr_inv(p + 100, 0, 4900));
	q = resize(p, 3 * PAGE_SIZE, gfp);
	REQUIRE(q);
	EXPECT(!memchr_inv(q, 0xFF, 100));
	EXPECT(!memchr_inv(q + 100, 0, 3 * PAGE_SIZE - 100));
	vfree(q);
}

/* The border has moved: what lies behind it is watched, before it no more. */
KTEST(vrealloc, slack_begins_behind_the_new_size)
{
	char *p = vmalloc(3 * PAGE_SIZE);

	REQUIRE(p);
	EXPECT(resize(p, 5000, GFP_KERNEL) == p);
	poke(p + 5000, 1);
	EXPECT_REPORT("byte 5000 of 5000", resize(p, 6000, GFP_KERNEL));
	EXPECT(ktest_report_contains("resize+"));
	pattern_fill(p, 6000, 3);
	poke(p + 2 * PAGE_SIZE, 1);			/* its second page */
	EXPECT_REPORT("byte 8192 of 6000", vfree(p));
}

KTEST(vrealloc, read_only_area_keeps_its_permissions_while_it_stays)
{
	char *p = __vmalloc(2 * PAGE_SIZE, GFP_HIGHUSER | __GFP_ZERO,
			    PAGE_KERNEL_RO);

	REQUIRE(p);
	EXPECT(resize(p, 10, GFP_KERNEL) == p);
	EXPECT(resize(p, PAGE_SIZE, GFP_KERNEL | __GFP_ZERO) == p);
	EXPECT(!memchr_inv(p, 0, PAGE_SIZE));
	EXPECT_FAULT(touch_write(p));
	vfree(p);
}

static void expect_refused(char *p, const char *words)
{
	unsigned long areas = vmap_nr_areas();

	EXPECT_REPORT(words, EXPECT(!resize(p, 100, GFP_KERNEL)));
	EXPECT(ktest_report_contains("resize+"));
	EXPECT_EQ(vmap_nr_areas(), areas);
	EXPECT_EQ(vmalloc_check(), 0);
}

KTEST(vrealloc, wrong_pointer_is_reported_and_nothing_is_changed)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = vmalloc(2 * PAGE_SIZE), *mapped;

	REQUIRE(page && p);
	mapped = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(mapped);
	pattern_fill(p, 2 * PAGE_SIZE, 4);
	expect_refused(p + 1, "vrealloc: bad address");
	expect_refused(p + PAGE_SIZE, "vrealloc: nonexistent area");
	expect_refused(mapped, "vrealloc: nonexistent area");
	expect_refused(text_start, "vrealloc: ");
	EXPECT(pattern_holds(p, 2 * PAGE_SIZE, 4));
	EXPECT_EQ(requested(p), 2 * PAGE_SIZE);
	vunmap(mapped);
	vfree(p);
	expect_refused(p, "vrealloc: nonexistent area");
	__free_page(page);
}

/* KASAN's shadow of the slack does, and does without. */
KTEST(vrealloc, needs_no_memory_while_it_stays)
{
	char *p = vmalloc(3 * PAGE_SIZE);
	char *q;

	REQUIRE(p);
	pattern_fill(p, 3 * PAGE_SIZE, 6);
	failnth_arm(FAIL_ANY, 1);
	q = resize(p, PAGE_SIZE + 100, GFP_KERNEL);
	failnth_disarm();
	EXPECT(q == p);
	EXPECT_EQ(requested(p), PAGE_SIZE + 100);
	EXPECT(pattern_holds(p, PAGE_SIZE + 100, 6));
	poke(p + PAGE_SIZE + 100, 1);
	EXPECT_REPORT("byte 4196 of 4196", vfree(p));
}

KTEST(vrealloc, refused_for_lack_of_memory_all_is_as_it_was)
{
	char *p = vmalloc(5000);
	unsigned int n;

	REQUIRE(p);
	pattern_fill(p, 5000, 5);
	for (n = 1; n <= 4; n++) {
		vmalloc_drain();		/* the record is asked for too */
		failnth_arm(FAIL_ANY, n);
		EXPECT(!resize(p, 3 * PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN));
		failnth_disarm();
		EXPECT_EQ(requested(p), 5000);
		EXPECT(pattern_holds(p, 5000, 5));
	}
	EXPECT_REPORT("resize+", EXPECT(!resize(p, ~0UL, GFP_KERNEL)));
	EXPECT(find_vm_area(p));
	vfree(p);
}

static const char *moving;
static bool found;

static void look(const char *text __unused, size_t len __unused)
{
	found |= find_vm_area(moving) != NULL;
}

/* A handler that frees it meanwhile is told so, and takes nothing away. */
KTEST(vrealloc, area_is_busy_until_it_has_moved)
{
	struct console eye = { .name = "eye", .write = look };
	char *p = vmalloc(5000);

	REQUIRE(p);
	console_register(&eye);
	moving = p;
	found = false;				/* that was the log so far */
	EXPECT_REPORT("resize+", EXPECT(!resize(p, ~0UL, GFP_KERNEL)));
	EXPECT(!found);
	console_unregister(&eye);
	EXPECT(find_vm_area(p));
	vfree(p);
}

KTEST(vrealloc, random_sizes_match_a_model)
{
	struct random *random = ktest_random();
	unsigned long size = 1, next, kept;
	char *p = vmalloc(size), *q;
	unsigned int i;

	REQUIRE(p);
	pattern_fill(p, size, 0);
	for (i = 1; i <= 300; i++) {
		next = 1 + random_below(random, 8 * PAGE_SIZE);
		q = resize(p, next, GFP_KERNEL);
		REQUIRE(q);
		kept = MIN(size, next);
		EXPECT(pattern_holds(q, kept, i - 1));
		EXPECT_FAULT(touch_read(q + find_vm_area(q)->nr_pages *
					PAGE_SIZE));
		p = q;
		size = next;
		pattern_fill(p, size, i);
		if (i % 32 == 0)
			EXPECT_EQ(vmalloc_check(), 0);
	}
	vfree(p);
}
