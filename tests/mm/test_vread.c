/* SPDX-License-Identifier: MIT */
/*
 * test_vread.c - bytes that are there, zeroes for those that are not, no fault
 */
#include <mm/vread.h>

#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vm_map_ram.h>
#include <mm/vmap.h>
#include <tests/aids.h>
#include <tests/ktest.h>

#include "touch.h"

#define SIZE	(2 * PAGE_SIZE)

static char buf[8 * PAGE_SIZE];

static bool zero(const char *p, size_t size)
{
	return !memchr_inv(p, 0, size);
}

static char *full_area(void)
{
	char *p = vmalloc(SIZE);

	REQUIRE(p);
	pattern_fill(p, SIZE, 1);
	return p;
}

/* As if somebody had read so far. */
static void soil(void)
{
	memset(buf, 0xFF, sizeof(buf));
}

KTEST(vread, any_part_of_an_area_is_copied)
{
	static const unsigned long at[] = { 0, 1, PAGE_SIZE - 1, PAGE_SIZE };
	char *p = full_area();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		soil();
		EXPECT_EQ(vread(buf, p + at[i], SIZE - at[i]), SIZE - at[i]);
		EXPECT(memcmp(buf, p + at[i], SIZE - at[i]) == 0);
		EXPECT_EQ((uint8_t)buf[SIZE - at[i]], 0xFF);
	}
	EXPECT_EQ(vread(buf, p, 0), 0);
	vfree(p);
}

KTEST(vread, what_is_written_arrives)
{
	char *p = vzalloc(SIZE);

	REQUIRE(p);
	pattern_fill(buf, 5000, 2);
	EXPECT_EQ(vwrite(buf, p + 100, 5000), 5000);
	EXPECT(pattern_holds(p + 100, 5000, 2));
	EXPECT(zero(p, 100) && zero(p + 5100, SIZE - 5100));
	vfree(p);
}

/* A gap before an area counts, one behind the last does not: Linux 2.6.24. */
KTEST(vread, guard_and_gap_read_as_zero_and_swallow)
{
	needs_page_starts();
	char *p = full_area(), *q = full_area();

	if (q < p) {			/* the index decides */
		char *other = p;

		p = q;
		q = other;
	}
	soil();
	EXPECT_EQ(vread(buf, p + PAGE_SIZE, sizeof(buf)),
		  MIN(sizeof(buf), (size_t)(q - p) + PAGE_SIZE));
	EXPECT(memcmp(buf, p + PAGE_SIZE, PAGE_SIZE) == 0);
	EXPECT(zero(buf + PAGE_SIZE, MIN((size_t)(q - p) - SIZE,
					 7 * PAGE_SIZE)));
	soil();
	EXPECT_EQ(vwrite(buf, p + SIZE, PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(vread(buf, q + SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(vread(buf, q + SIZE - 1, PAGE_SIZE), 1);
	EXPECT(pattern_holds(p, SIZE, 1) && pattern_holds(q, SIZE, 1));
	vfree(q);
	vfree(p);
}

KTEST(vread, range_may_begin_anywhere_and_wrap)
{
	needs_page_starts();
	char *p = full_area();

	soil();
	EXPECT_EQ(vread(buf, p - PAGE_SIZE, 2 * PAGE_SIZE), 2 * PAGE_SIZE);
	EXPECT(zero(buf, PAGE_SIZE));
	EXPECT(memcmp(buf + PAGE_SIZE, p, PAGE_SIZE) == 0);
	EXPECT_EQ(vread(buf, NULL, 100), 100);		/* before all areas */
	EXPECT(zero(buf, 100));
	EXPECT_EQ(vread(buf, p, ~0UL), SIZE);
	EXPECT_EQ(vwrite(buf, p + 1, 0UL - (unsigned long)p), SIZE - 1);
	EXPECT_EQ(vread(buf, (char *)VMALLOC_END, 100), 0);
	EXPECT_EQ(vread(buf, (char *)~0UL, ~0UL), 0);
	vfree(p);
	vmap_purge();
	EXPECT_EQ(vread(buf, p, 100), 0);
}

/* Its frame is there to be read, and yet nobody reads it. */
KTEST(vread, device_area_is_zeroes_and_never_touched)
{
	struct vm_struct *vm = alloc_vm_area(PAGE_SIZE);
	struct page *page = alloc_page(GFP_KERNEL);
	char *frame;

	REQUIRE(vm && page);
	frame = page_address(page);
	memset(frame, 0x11, PAGE_SIZE);
	REQUIRE(map_vm_area(vm, PAGE_KERNEL, &page) == 0);
	soil();
	EXPECT_EQ(vread(buf, vm->addr, PAGE_SIZE), PAGE_SIZE);
	EXPECT(zero(buf, PAGE_SIZE));
	EXPECT_EQ(vwrite(buf, vm->addr, PAGE_SIZE), PAGE_SIZE);
	EXPECT(!memchr_inv(frame, 0x11, PAGE_SIZE));
	free_vm_area(vm);
	__free_page(page);
}

/* Video memory and what lies beyond RAM, mapped without saying so. */
KTEST(vread, what_is_no_ram_is_zeroes)
{
	static const unsigned long not_ram[] = { 0xA0000, 0xFEC00000 };
	struct vm_struct *vm = get_vm_area(2 * PAGE_SIZE, VM_MAP);
	unsigned int i;

	REQUIRE(vm);
	for (i = 0; i < 2; i++)
		REQUIRE(map_phys((unsigned long)vm->addr + i * PAGE_SIZE,
				 phys_make(not_ram[i]), PAGE_SIZE,
				 PAGE_KERNEL_NOCACHE) == 0);
	soil();
	EXPECT_EQ(vread(buf, vm->addr, SIZE), SIZE);
	EXPECT(zero(buf, SIZE));
	free_vm_struct(remove_vm_area(vm->addr));
}

KTEST(vread, read_only_area_is_read_and_swallows)
{
	char *p = __vmalloc(SIZE, GFP_HIGHUSER | __GFP_ZERO, PAGE_KERNEL_RO);

	REQUIRE(p);
	soil();
	EXPECT_EQ(vwrite(buf, p, SIZE), SIZE);
	EXPECT_EQ(vread(buf, p, SIZE), SIZE);
	EXPECT(zero(buf, SIZE));
	vfree(p);
}

KTEST(vread, area_that_is_being_removed_is_zeroes)
{
	needs_short_ways();
	char *p = full_area(), *q;
	struct page *page = alloc_page(GFP_KERNEL);
	struct vmap_area *area;

	REQUIRE(page);
	q = vm_map_ram(&page, 1, 0);		/* never published */
	area = vmap_claim((unsigned long)p, VM_ALLOC);
	REQUIRE(area && q);
	memset(q, 0x22, PAGE_SIZE);
	soil();
	EXPECT_EQ(vread(buf, p, SIZE), SIZE);
	EXPECT(zero(buf, SIZE));
	EXPECT_EQ(vread(buf, q, 10), 10);
	EXPECT(zero(buf, 10));
	vmap_publish(area);
	EXPECT_EQ(vread(buf, p, SIZE), SIZE);
	EXPECT(pattern_holds(buf, SIZE, 1));
	vm_unmap_ram(q, 1);
	vfree(p);
	__free_page(page);
}

KTEST(vread, random_ranges_match_a_model)
{
	needs_page_starts();
	struct random *random = ktest_random();
	static char model[8 * PAGE_SIZE];
	char *p[3], *base;
	unsigned int i, step;
	unsigned long at, n;

	for (i = 0; i < 3; i++)
		p[i] = full_area();
	base = MIN(MIN(p[0], p[1]), p[2]);
	memset(model, 0, sizeof(model));
	for (i = 0; i < 3; i++)
		if (p[i] - base < 6 * (long)PAGE_SIZE + 1)
			memcpy(model + (p[i] - base), p[i], SIZE);
	for (step = 0; step < 300; step++) {
		at = random_below(random, 5 * PAGE_SIZE);
		n = random_below(random, 3 * PAGE_SIZE);
		soil();
		n = (unsigned long)vread(buf, base + at, n);
		EXPECT(memcmp(buf, model + at, n) == 0);
		EXPECT_EQ((uint8_t)buf[n], 0xFF);
	}
	for (i = 0; i < 3; i++)
		vfree(p[i]);
}
