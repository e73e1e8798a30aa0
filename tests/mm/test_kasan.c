/* SPDX-License-Identifier: MIT */
/*
 * test_kasan.c - the shadow's own invariants, and one sin of each kind
 *
 * The reports say what KASAN knows; that the access changed nothing is shown by
 * the bytes themselves. Only in a KASAN=1 build.
 */
#include <mm/kasan.h>

#include <kernel/caught.h>
#include <lib/string.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/vmalloc.h>
#include <mm/vmap.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <x86/trap.h>

#include "places.h"
#include "scarce.h"

/* What the compiler cannot know. */
static volatile unsigned int one = 1;
static volatile char sink;

#define CAUGHT(words, statement)					\
	do {								\
		EXPECT_BAD_ACCESS(words, statement);			\
		EXPECT_EQ(ktest_last_fault()->vector, CAUGHT_BY_CHECK);	\
	} while (0)

static bool reported(const char *text)
{
	return ktest_report_contains(text);
}

static __noinline void write_byte(volatile char *p)
{
	*p = 'X';
}

static __noinline void read_byte(const volatile char *p)
{
	sink = *p;
}

static __noinline void *ask(size_t size)
{
	return kmalloc(size, GFP_KERNEL);
}

static __noinline void give(void *p)
{
	kfree(p);
}

/* --- the shadow ------------------------------------------------------------ */

KTEST(kasan, unpoison_reaches_to_the_byte)
{
	char *p = kmalloc(64, GFP_KERNEL);
	unsigned int size, i;

	REQUIRE(p);
	for (size = 1; size <= 64; size++) {
		kasan_poison(p, 64, KASAN_REDZONE);
		kasan_unpoison(p, size);
		for (i = 0; i < 64; i++)
			EXPECT_EQ(kasan_first_bad((unsigned long)p + i, 1) == 0,
				  i < size);
		EXPECT_EQ(kasan_first_bad((unsigned long)p, 64),
			  size < 64 ? (unsigned long)p + size : 0);
	}
	kfree(p);
}

KTEST(kasan, first_bad_byte_of_any_range_is_found)
{
	char *p = kmalloc(64, GFP_KERNEL);
	unsigned int from, size;

	REQUIRE(p);
	kasan_poison(p + 32, 32, KASAN_REDZONE);
	for (from = 0; from < 32; from++)
		for (size = 0; size <= 64 - from; size++)
			EXPECT_EQ(kasan_first_bad((unsigned long)p + from,
						  size),
				  from + size > 32 ? (unsigned long)p + 32 : 0);
	kasan_unpoison(p, 64);
	kfree(p);
}

KTEST(kasan, all_of_the_shadow_is_mapped)			/* KA3 */
{
	struct pgtable_walk walk;
	unsigned long addr;

	for (addr = KASAN_SHADOW_START; addr < KASAN_SHADOW_END;
	     addr += PAGE_SIZE)
		EXPECT(pgtable_lookup(addr, &walk));
}

/* The shadow of low memory can be written, nothing else of it but slack's. */
KTEST(kasan, low_memory_has_a_shadow_of_its_own)		/* KA2 */
{
	unsigned long last = KASAN_SHADOW_START +
			     (unsigned long)(layout.lowmem_end - 1) / 8;
	struct pgtable_walk walk;
	unsigned long addr;

	for (addr = KASAN_SHADOW_START; addr <= last; addr += PAGE_SIZE)
		EXPECT(pgtable_lookup(addr, &walk) && pgtable_writable(&walk));
	EXPECT(pgtable_lookup(KASAN_SHADOW_END - PAGE_SIZE, &walk));
	EXPECT(!pgtable_writable(&walk));
	EXPECT_FAULT(poke((void *)(KASAN_SHADOW_END - 1), 0xFF));
}

KTEST(kasan, free_frames_are_poisoned_and_used_ones_are_not)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);
	unsigned long addr;

	REQUIRE(page);
	addr = (unsigned long)page_address(page);
	EXPECT_EQ(kasan_first_bad(addr, 4 * PAGE_SIZE), 0);
	__free_pages(page, 2);
	EXPECT_EQ(kasan_first_bad(addr, 4 * PAGE_SIZE), addr);
	EXPECT_EQ(kasan_first_bad(addr + 4 * PAGE_SIZE - 1, 1),
		  addr + 4 * PAGE_SIZE - 1);
}

/* --- objects --------------------------------------------------------------- */

KTEST(kasan, overrun_of_an_object_by_one_byte)
{
	char *p = ask(64);

	REQUIRE(p);
	CAUGHT("1 byte past the end of an object of kmalloc-64",
	       write_byte(p + 64));
	EXPECT_EQ(ktest_last_fault()->addr, (unsigned long)p + 64);
	EXPECT(reported("  who     write_byte+"));
	EXPECT(reported("  owner   ask+"));
	EXPECT(reported("fc: between objects"));
	EXPECT(reported("The access changed nothing. A recovery point"));
	EXPECT(peek(p + 64) != 'X');
	kfree(p);
}

KTEST(kasan, overrun_into_the_rest_of_an_object)
{
	char *p = ask(60);

	REQUIRE(p);
	CAUGHT("1 byte past the end of an object of kmalloc-64",
	       write_byte(p + 60));
	EXPECT(reported(", 60 bytes\n"));
	EXPECT_EQ(ksize(p), 64);
	EXPECT_NO_FAULT(write_byte(p + 63));	/* whoever asks may have it */
	kfree(p);
}

KTEST(kasan, underrun_of_the_first_object_by_one_byte)
{
	struct kmem_cache *cache = kmem_cache_create("test", 64, 0, SLAB_PANIC,
						     NULL);
	char *p = kmem_cache_alloc(cache, GFP_KERNEL);

	REQUIRE(p);
	CAUGHT("1 byte before an object of test", write_byte(p - 1));
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);
}

KTEST(kasan, use_after_free_names_who_freed)
{
	char *p = ask(100);

	REQUIRE(p);
	p[0] = 'o';
	give(p);
	CAUGHT("in a freed object of kmalloc-128", write_byte(p));
	EXPECT(reported("  owner   ask+"));
	EXPECT(reported("  freed   by give+"));
	EXPECT_EQ(peek(p), 'o');
	slab_drain();
	CAUGHT("in a f", read_byte(p));	/* its slab's, or a frame that is free */
}

KTEST(kasan, freed_object_is_given_to_nobody_for_a_while)	/* KQ1 */
{
	struct kmem_cache *cache = kmem_cache_create("test", 64, 0, SLAB_PANIC,
						     NULL);
	char *p = kmem_cache_alloc(cache, GFP_KERNEL), *q;
	unsigned int i;

	REQUIRE(p);
	kmem_cache_free(cache, p);
	for (i = 0; i < 400; i++) {
		q = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT(q && q != p);
		kmem_cache_free(cache, q);
	}
	kmem_cache_destroy(cache);
}

KTEST(kasan, quarantine_is_bounded)				/* KQ2 */
{
	struct kmem_cache *cache = kmem_cache_create("test", 64, 0, SLAB_PANIC,
						     NULL);
	char *first = kmem_cache_alloc(cache, GFP_KERNEL), *p = NULL;
	unsigned int i;

	REQUIRE(first);
	kmem_cache_free(cache, first);
	for (i = 0; i < 2000 && p != first; i++) {
		p = kmem_cache_alloc(cache, GFP_KERNEL);
		kmem_cache_free(cache, p);
	}
	EXPECT(p == first);
	kmem_cache_destroy(cache);
}

/* Until it is drained the frames of its slabs are missing; not so in need. */
KTEST(kasan, shortage_empties_the_quarantine)
{
	static void *objects[64];
	struct kmem_cache *cache = kmem_cache_create("test", 500, 0, SLAB_PANIC,
						     NULL);
	struct scarce scarce;
	struct page *page;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	scarce_make(&scarce, GFP_KERNEL, 0);
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		kmem_cache_free(cache, objects[i]);
	page = alloc_page(GFP_KERNEL | __GFP_NOWARN);
	EXPECT(page);
	__free_page(page);
	scarce_release(&scarce);
	kmem_cache_destroy(cache);
}

KTEST(kasan, double_free_in_the_quarantine_is_reported)
{
	char *p = ask(32);

	REQUIRE(p);
	give(p);
	EXPECT_REPORT("double free of", give(p));
	EXPECT(reported("freed by give+"));
	EXPECT(reported("asked for by ask+"));
}

/* --- large blocks, frames, areas ------------------------------------------- */

KTEST(kasan, large_block_ends_with_the_byte_asked_for)
{
	char *p = ask(3 * PAGE_SIZE + 5);

	REQUIRE(p);
	EXPECT_NO_FAULT(write_byte(p + 3 * PAGE_SIZE + 4));
	CAUGHT("1 byte past the end of a large block of kmalloc",
	       write_byte(p + 3 * PAGE_SIZE + 5));
	CAUGHT("4091 bytes past the end of a large block of kmalloc",
	       write_byte(p + 4 * PAGE_SIZE - 1));
	kfree(p);
	CAUGHT("in a frame that is free", read_byte(p));
}

KTEST(kasan, krealloc_moves_the_end)
{
	char *p = ask(50), *same = krealloc(p, 20, GFP_KERNEL);

	REQUIRE(p && same == p);
	CAUGHT("1 byte past the end of an object of kmalloc-64",
	       write_byte(p + 20));
	same = krealloc(p, 64, GFP_KERNEL);
	EXPECT(same == p);
	EXPECT_NO_FAULT(write_byte(p + 63));
	kfree(p);
}

KTEST(kasan, free_frame_names_who_freed)
{
	unsigned long addr = __get_free_pages(GFP_KERNEL, 1);

	REQUIRE(addr);
	free_pages(addr, 1);
	CAUGHT("in a frame that is free", write_byte((char *)addr + PAGE_SIZE));
	EXPECT(reported("  owner   ktest_kasan_free_frame_names_who_freed"));
	EXPECT(reported("  freed   by ktest_kasan_free_frame_names_who_freed"));
}

KTEST(kasan, slack_of_an_area_is_caught_to_the_byte)
{
	needs_page_starts();
	char *p = vmalloc(10000);

	REQUIRE(p);
	EXPECT_NO_FAULT(write_byte(p + 9999));
	CAUGHT("1 byte past the end of what was asked for, inside vmalloc area",
	       write_byte(p + 10000));
	EXPECT(reported("byte 10000 of it: asked for 10000"));
	EXPECT(reported("fd: the slack of a vmalloc area"));
	CAUGHT("2288 bytes past the end", read_byte(p + 3 * PAGE_SIZE - 1));
	vfree(p);			/* and finds the slack as it was */
}

/* What is not mapped the CPU refuses, whatever the shadow says. */
KTEST(kasan, guard_and_freed_area_are_caught_by_the_cpu)
{
	char *p = vmalloc(10000);

	REQUIRE(p);
	EXPECT_BAD_ACCESS("past the end of vmalloc area",
			  write_byte(p + 3 * PAGE_SIZE));
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_PAGE_FAULT);
	vfree(p);
	vmap_purge();
	EXPECT_BAD_ACCESS("BAD WRITE", write_byte(p + 10000));
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_PAGE_FAULT);
}

/* An eighth of the areas begins in another page of shadow. */
KTEST(kasan, slack_is_forgotten_with_its_area)
{
	char *p[20];
	unsigned int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(p); i++) {
			p[i] = vmalloc(PAGE_SIZE + 1 + i * 100 + round);
			REQUIRE(p[i]);
		}
		for (i = 0; i < ARRAY_SIZE(p); i++)
			vfree(p[i]);
		for (i = 0; i < ARRAY_SIZE(p); i++) {
			p[i] = vmalloc(2 * PAGE_SIZE);
			REQUIRE(p[i]);
			memset(p[i], 1, 2 * PAGE_SIZE);
		}
		for (i = 0; i < ARRAY_SIZE(p); i++)
			vfree(p[i]);
	}
}

/* Whoever removes an area himself has its frames, and the addresses are free. */
KTEST(kasan, slack_is_forgotten_with_a_removed_area)
{
	needs_page_starts();
	char *p = vmalloc(10000), *q;
	struct vm_struct *vm;
	unsigned int i;

	REQUIRE(p);
	vm = remove_vm_area(p);
	REQUIRE(vm);
	for (i = 0; i < vm->nr_pages; i++)
		__free_page(vm->pages[i]);
	free_vm_struct(vm);		/* ->pages, so short, is part of it */
	q = vmalloc(3 * PAGE_SIZE);
	REQUIRE(q);
	EXPECT(q == p);
	EXPECT_NO_FAULT(memset(q, 1, 3 * PAGE_SIZE));
	vfree(q);
}

/* --- ranges ---------------------------------------------------------------- */

KTEST(kasan, string_functions_check_the_whole_range)
{
	char *p = ask(40), *q = ask(40);

	REQUIRE(p && q);
	memset(p, 'p', 40);
	memset(q, 'q', 40);
	CAUGHT("1 byte past the end", memset(p, 0, 40 + one));
	EXPECT(reported("access  41 bytes"));
	CAUGHT("BAD READ CAUGHT", memcpy(q, p, 40 + one));
	CAUGHT("BAD WRITE CAUGHT", memcpy(q - one, p, 40));
	CAUGHT("1 byte before", memmove(q - one, q, 40));
	CAUGHT("BAD READ CAUGHT", sink = (char)memcmp(p, q, 40 + one));
	CAUGHT("1 byte past the end", sink = (char)strlen(p));
	EXPECT_EQ(p[0], 'p');			/* nothing has changed */
	EXPECT_EQ(q[39], 'q');
	kfree(p);
	kfree(q);
}

/* --- variables ------------------------------------------------------------- */

static __noinline void fill(char *p, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		write_byte(p + i);
}

static __noinline void overrun_a_local(unsigned int nr)
{
	char buf[13];

	fill(buf, nr);
}

KTEST(kasan, overrun_of_a_local_array)
{
	EXPECT_NO_FAULT(overrun_a_local(13));
	CAUGHT("1 byte past the end of local 'buf'", overrun_a_local(14));
	EXPECT(reported("  where   'buf' has 13 bytes at"));
	EXPECT(reported("  owner   a frame of overrun_a_local+0x0"));
	CAUGHT("1 byte past the end of local 'buf'", overrun_a_local(14));
}

static __noinline char *leave_scope(size_t size, char **large)
{
	char *kept;

	{
		char inner[20];

		fill(inner, 20);
		kept = inner;
	}
	{
		char wide[500];

		fill(wide, (unsigned int)size);
		*large = wide;
	}
	read_byte(size & 1 ? kept : *large);
	return NULL;
}

KTEST(kasan, local_used_after_its_block_has_ended)
{
	char *large;

	CAUGHT("in local 'inner', whose block has ended",
	       leave_scope(1, &large));
	CAUGHT("in local 'wide', whose block has ended",
	       leave_scope(2, &large));
}

static __noinline void overrun_a_variable_array(unsigned int nr)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvla"
	char bytes[nr * 7];
#pragma GCC diagnostic pop

	fill(bytes, nr * 7);
	fill(bytes, nr * 7 + one);
}

KTEST(kasan, overrun_of_an_array_of_variable_size)
{
	CAUGHT("beside an array of variable size", overrun_a_variable_array(3));
	EXPECT_NO_FAULT(overrun_a_local(13));	/* the poison is gone again */
}

static char numbers[10];

KTEST(kasan, overrun_of_a_global_array)
{
	EXPECT_NO_FAULT(fill(numbers, 10));
	CAUGHT("1 byte past the end of global 'numbers'", fill(numbers, 11));
	EXPECT(reported("  owner   tests/mm/test_kasan.c:"));
}

/* --- recovery -------------------------------------------------------------- */

KTEST(kasan, quiet_point_prints_nothing)
{
	uint64_t from = printk_position();

	EXPECT_FAULT(overrun_a_local(14));
	EXPECT(!printk_contains(from, "BAD"));
	EXPECT_EQ(ktest_last_fault()->vector, CAUGHT_BY_CHECK);
}

static __noinline unsigned int deep(unsigned int depth)
{
	char buf[40];

	fill(buf, depth ? 40 : 41);
	return depth ? deep(depth - 1) + 1U : 0;
}

static __noinline void clean(void)
{
	char all[2000];

	memset(all, 1, sizeof(all));
	read_byte(all + 1999);
}

/* Frames that were jumped over leave no poison behind. */
KTEST(kasan, stack_is_clean_after_a_recovery)
{
	EXPECT_FAULT(deep(20));
	EXPECT_NO_FAULT(clean());
}

/* NULL and user addresses have no shadow: the CPU speaks, with its own words. */
KTEST(kasan, address_without_a_shadow_is_the_cpus_to_refuse)
{
	static const unsigned long addrs[] = {
		0, 1, 0x1000, 0x12345678, 0x5A5A5A5A, 0xBFFFFFF8,
	};
	volatile unsigned int i;

#ifdef UBSAN
	ktest_skip("with UBSAN=1 that one looks first");
#endif
	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		EXPECT_FAULT(write_byte((char *)addrs[i]));
		EXPECT_EQ(ktest_last_fault()->vector, TRAP_PAGE_FAULT);
		EXPECT_EQ(ktest_last_fault()->addr, addrs[i]);
		EXPECT_FAULT(sink = (char)*(volatile uint64_t *)addrs[i]);
		EXPECT_EQ(ktest_last_fault()->vector, TRAP_PAGE_FAULT);
		EXPECT_EQ(ktest_last_fault()->addr, addrs[i]);
	}
	EXPECT_BAD_ACCESS("page 0: a NULL pointer", write_byte(NULL));
}
