/* SPDX-License-Identifier: MIT */
/* test_guard.c - where an area's unmapped page lies: guard=after, both, right */
#include <kernel/explain.h>
#include <lib/string.h>
#include <mm/kvmalloc.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/vmap.h>
#include <mm/vread.h>
#include <tests/capture.h>
#include <tests/guard.h>
#include <tests/ktest.h>
#include <tests/poke.h>

static struct memory_aids before;

static void choose(const char *mode)
{
	before = guard_choose(mode);
}

static void choose_again(void)
{
	guard_restore(&before);
}

KTEST(guard, right_puts_the_last_byte_at_the_guard)	/* attacks GD1 */
{
	char *p;

	choose("right");
	p = vmalloc(10000);
	REQUIRE(p);
	EXPECT_EQ((unsigned long)p % 8, 0);
	EXPECT_EQ((unsigned long)(p + 10000) % PAGE_SIZE, 0);
	EXPECT_NO_FAULT(poke(p, 1); poke(p + 9999, 1));
	EXPECT_BAD_ACCESS("past the end of vmalloc area",
			  poke(p + 10000, 120));
	vfree(p);
	choose_again();
}

static __noinline void expect_seven_bytes_at_most(unsigned long size)
{
	char *p = vmalloc(size), *end = p + ALIGN_UP(size, 8);

	REQUIRE(p);
	EXPECT_EQ((unsigned long)end % PAGE_SIZE, 0);
	EXPECT_FAULT(poke(end, 120));
	vfree(p);
}

KTEST(guard, right_leaves_at_most_seven_bytes)		/* attacks GD1 */
{
	unsigned long size;

	choose("right");
	for (size = 1; size <= 2 * PAGE_SIZE; size += size % 61 + 1)
		expect_seven_bytes_at_most(size);
	choose_again();
}

KTEST(guard, right_checks_what_lies_on_either_side)
{
	char *p;

	choose("right");
	p = vmalloc(4093);
	REQUIRE(p);
	poke(p + 4093, 'x');
	EXPECT_REPORT("written past its end: byte 4093 of 4093", vfree(p));
	p = vmalloc(100);
	REQUIRE(p);
	poke(p - 1, 'x');
	EXPECT_REPORT("written before its start: byte -1 of 100", vfree(p));
	choose_again();
}

/* All of the family take the pointer that was given. */
KTEST(guard, right_pointers_are_taken_by_all)
{
	char buf[100], *p, *q;
	struct vm_struct *vm;

	choose("right");
	p = vzalloc(5000);
	REQUIRE(p && is_vmalloc_addr(p));
	EXPECT(!memchr_inv(p, 0, 5000));
	vm = find_vm_area(p);
	REQUIRE(vm);
	EXPECT_EQ((unsigned long)vm->addr % PAGE_SIZE, 0);
	EXPECT_EQ(vm->size, 2 * PAGE_SIZE + VM_GUARD_SIZE);
	EXPECT(find_vm_area(vm->addr) == vm);
	EXPECT(vmalloc_to_page(p) == vm->pages[0]);
	EXPECT(vmalloc_to_page(p + 4999) == vm->pages[1]);
	memset(p, 7, 5000);
	EXPECT_EQ(vread(buf, p + 4900, sizeof(buf)), sizeof(buf));
	EXPECT(!memchr_inv(buf, 7, sizeof(buf)));
	q = vrealloc(p, 20001, GFP_KERNEL);
	REQUIRE(q);
	EXPECT(!memchr_inv(q, 7, 5000));
	EXPECT_EQ((unsigned long)(q + 20008) % PAGE_SIZE, 0);
	EXPECT_REPORT("vfree: nonexistent area", vfree(q + 8));
	EXPECT_REPORT("vfree: bad address", vfree(q + 4));
	EXPECT_EQ(vmalloc_check(), 0);
	kvfree(q);
	p = kvmalloc(KMALLOC_MAX + 1, GFP_KERNEL | __GFP_NOWARN);
	if (p)
		EXPECT_EQ((unsigned long)(p + KMALLOC_MAX + 8) % PAGE_SIZE, 0);
	kvfree(p);
	choose_again();
}

KTEST(guard, right_tells_a_second_vfree_from_a_wild_one)
{
	char *p;

	choose("right");
	p = vmalloc(10000);
	REQUIRE(p && !IS_ALIGNED((unsigned long)p, PAGE_SIZE));
	vfree(p);
	EXPECT_REPORT("vfree: nonexistent area", vfree(p));
	choose_again();
}

static const char *said_of(const char *p)
{
	capture_begin();
	explain_long((unsigned long)p, capture);
	return captured;
}

KTEST(guard, right_slack_is_told_where_it_lies)
{
	char *p;

	choose("right");
	p = vmalloc(9996);			/* 2288 before, 4 behind */
	REQUIRE(p && (unsigned long)p % PAGE_SIZE == 2288);
	EXPECT(!strstr(said_of(p + 9990), "  slack "));
	EXPECT(!strstr(said_of(p), "  slack "));
	EXPECT(strstr(captured, "| ,,, page 0  | page 1\n"));
	EXPECT(strstr(said_of(p - 8), "slack   byte 2280 of 2288 before"));
	EXPECT(strstr(said_of(p + 9997), "slack   byte 1 of 4 behind"));
	EXPECT(strstr(captured, "| page 2 ,,,  |"));
	vfree(p);
	choose_again();
}

KTEST(guard, right_gives_whole_pages_where_an_alignment_was_asked_for)
{
	char *p, *q;

	choose("right");
	p = __vmalloc_node(5000, PAGE_SIZE, GFP_KERNEL, 0, (void *)CALLER);
	q = vmalloc_user(5000);
	REQUIRE(p && q);
	EXPECT_EQ((unsigned long)p % PAGE_SIZE, 0);
	EXPECT_EQ((unsigned long)q % PAGE_SIZE, 0);
	vfree(p);
	vfree(q);
	p = __vmalloc_node(5000, 64, GFP_KERNEL, 0, (void *)CALLER);
	REQUIRE(p);
	EXPECT_EQ((unsigned long)p % 64, 0);
	EXPECT_FAULT(poke(p + ALIGN_UP(5000, 64), 120));
	vfree(p);
	choose_again();
}

/* KASAN watches eight bytes at a time: a first byte within such would be hidden. */
KTEST(guard, right_never_splits_eight_bytes)
{
	unsigned long align, size;
	char *p;

	choose("right");
	for (align = 1; align <= 8; align *= 2)
		for (size = 4997; size <= 5005; size++) {
			p = __vmalloc_node(size, align, GFP_KERNEL, 0,
					   (void *)CALLER);
			REQUIRE(p);
			EXPECT_EQ((unsigned long)p % 8, 0);
			memset(p, 1, size);
			vfree(p);
		}
	choose_again();
}

/* The price of never being refused: it stays, and so does its last byte. */
KTEST(guard, right_lets_who_becomes_smaller_stay)
{
	char *p;

	choose("right");
	p = vmalloc(5000);
	REQUIRE(p);
	EXPECT(vrealloc(p, 4000, GFP_KERNEL) == p);
	EXPECT_NO_FAULT(poke(p + 4000, 'x'));
	EXPECT_REPORT("written past its end: byte 4000 of 4000", vfree(p));
	choose_again();
}

KTEST(guard, both_has_a_page_before_each_area_too)	/* attacks GD2 */
{
	char *p, *q;

	choose("both");
	p = vmalloc(PAGE_SIZE);
	q = vmalloc(PAGE_SIZE);
	REQUIRE(p && q);
	EXPECT_EQ(find_vm_area(p)->size, PAGE_SIZE + VM_GUARD_SIZE);
	EXPECT_EQ(VM_GUARD_SIZE, 2 * PAGE_SIZE);
	EXPECT(q >= p + 3 * PAGE_SIZE || p >= q + 3 * PAGE_SIZE);
	EXPECT_FAULT(poke(p - 1, 120));
	EXPECT_FAULT(poke(p - PAGE_SIZE, 120));
	EXPECT_FAULT(poke(q - 1, 120));
	EXPECT_FAULT(poke(q - 2 * PAGE_SIZE, 1));	/* p's own guard */
	EXPECT_FAULT(poke(p + 2 * PAGE_SIZE, 120));
	EXPECT_EQ(vmalloc_check(), 0);
	vfree(p);
	vfree(q);
	choose_again();
}

KTEST(guard, check_finds_a_guard_that_is_mapped)	/* attacks V3 */
{
	struct page *page = alloc_page(GFP_KERNEL);
	unsigned long guard;
	char *p;

	choose("both");
	p = vmalloc(PAGE_SIZE);
	REQUIRE(p && page);
	for (guard = 1; guard <= 2; guard++) {
		unsigned long at = (unsigned long)p + guard * PAGE_SIZE;

		REQUIRE(map_pages(at, &page, 1, PAGE_KERNEL) == 0);
		EXPECT_EQ(vmalloc_check(), 3);
		unmap_range(at, at + PAGE_SIZE);
	}
	EXPECT_EQ(vmalloc_check(), 0);
	vfree(p);
	__free_page(page);
	choose_again();
}

struct live { unsigned char *p; unsigned long size; unsigned char fill; };

static void end(struct live *l)
{
	if (!l->p)
		return;
	EXPECT(!memchr_inv(l->p, l->fill, l->size));
	vfree(l->p);
	l->p = NULL;
}

static void begin(struct live *l, struct random *random)
{
	l->size = 1 + random_below(random, 6 * PAGE_SIZE);
	l->fill = (unsigned char)random_below(random, 256);
	l->p = vmalloc(l->size);
	if (!l->p)
		return;
	memset(l->p, l->fill, l->size);
	EXPECT_EQ((unsigned long)l->p % 8, 0);
	EXPECT_FAULT(poke((char *)l->p + ALIGN_UP(l->size, 8), 120));
}

KTEST(guard, random_life_of_32_areas_matches_a_model)	/* attacks GD1 */
{
	static struct live live[32];
	unsigned int i;

	choose("right");
	for (i = 0; i < 1000; i++) {
		struct live *l = &live[random_below(ktest_random(), 32)];

		end(l);
		begin(l, ktest_random());
		if (i % 64 == 0)
			EXPECT_EQ(vmalloc_check(), 0);
	}
	for (i = 0; i < 32; i++)
		end(&live[i]);
	choose_again();
}
