/* SPDX-License-Identifier: MIT */
/*
 * test_magazine.c - free objects at hand: taken, refilled, given back, guarded
 *
 * Most cases use objects of 64 bytes, 64 to a slab, and a magazine that holds 14.
 * What lies in the magazine the slab counts as used: page->nr_used says how much
 * that is. To damage a magazine, its slot is found by its contents. Under KASAN
 * no cache has a magazine, and this file is not built.
 */
#include <tests/ktest.h>

#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/page.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/zone.h>
#include <tests/capture.h>
#include <x86/percpu.h>

#include "places.h"
#include "scarce.h"

#define SIZE		64U
#define CAPACITY	14U
#define HALF		(CAPACITY / 2)
#define MANY		40U		/* of the 64 in a slab */

static struct kmem_cache *cache;
static unsigned char *objects[MANY];

/* @nr objects of one slab in use, and an empty magazine. */
static void begin(unsigned int nr)
{
	unsigned int i;

	cache = kmem_cache_create("test-magazine", SIZE, 0, SLAB_PANIC, NULL);
	for (i = 0; i < nr; i++) {
		objects[i] = take_at_once(cache, GFP_KERNEL);
		REQUIRE(objects[i]);
	}
}

static void give(unsigned int from, unsigned int to)
{
	while (from < to)
		kmem_cache_free(cache, objects[from++]);
}

static unsigned int used_for_the_slab(void)
{
	return virt_to_page(objects[0])->nr_used;
}

/* --- taken and given ------------------------------------------------------- */

KTEST(magazine, freed_object_is_given_again_first)
{
	begin(2);
	give(0, 1);
	EXPECT(kmem_cache_alloc(cache, GFP_KERNEL) == objects[0]);
	give(0, 2);
	EXPECT(kmem_cache_alloc(cache, GFP_KERNEL) == objects[1]);
	EXPECT(kmem_cache_alloc(cache, GFP_KERNEL) == objects[0]);
	give(0, 2);
	kmem_cache_destroy(cache);
}

KTEST(magazine, object_in_it_is_used_for_the_slab_and_free_for_all_others)
{
	unsigned long before;

	begin(3);
	before = slab_nr_used();
	give(0, 2);
	EXPECT_EQ(used_for_the_slab(), 3);
	EXPECT_EQ(kmem_cache_nr_used(cache), 1);
	EXPECT_EQ(before - slab_nr_used(), 2);
	EXPECT_EQ(slab_check(), 0);
	give(2, 3);
	EXPECT_EQ(kmem_cache_nr_used(cache), 0);
	kmem_cache_destroy(cache);
}

KTEST(magazine, object_of_kmalloc_in_it_has_no_size)
{
	char *p = kmalloc(100, GFP_KERNEL);

	EXPECT_EQ(ksize(p), 128);
	kfree(p);
	EXPECT_EQ(ksize(p), 0);
}

KTEST(magazine, empty_one_takes_half_of_what_it_holds)
{
	begin(1);
	objects[1] = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(used_for_the_slab(), 2 + HALF);
	EXPECT_EQ(kmem_cache_nr_used(cache), 2);
	EXPECT_EQ(slab_check(), 0);
	give(0, 2);
	kmem_cache_destroy(cache);
}

/* The first object of a new slab leaves the others where they are. */
KTEST(magazine, new_slab_is_made_for_one_object_and_not_for_the_magazine)
{
	struct kmem_cache *single = kmem_cache_create("test", PAGE_SIZE, 0,
						      SLAB_PANIC, NULL);
	unsigned long pages = nr_free_pages();
	void *p = kmem_cache_alloc(single, GFP_KERNEL);

	EXPECT_EQ(pages - nr_free_pages(), 1);
	kmem_cache_free(single, p);
	kmem_cache_destroy(single);
}

KTEST(magazine, full_one_gives_half_back)
{
	begin(MANY);
	give(0, CAPACITY);
	EXPECT_EQ(used_for_the_slab(), MANY);
	give(CAPACITY, CAPACITY + 1);			/* and this one too */
	EXPECT_EQ(used_for_the_slab(), MANY - 1 - HALF);
	EXPECT_EQ(kmem_cache_nr_used(cache), MANY - CAPACITY - 1);
	EXPECT_EQ(slab_check(), 0);
	give(CAPACITY + 1, MANY);
	kmem_cache_destroy(cache);
}

KTEST(magazine, refilled_or_halved_it_serves_as_often_again)
{
	unsigned int i;

	begin(MANY);
	give(0, CAPACITY + 1);
	for (i = 0; i < HALF; i++)			/* it has room */
		kmem_cache_free(cache, objects[CAPACITY + 1 + i]);
	EXPECT_EQ(used_for_the_slab(), MANY - 1 - HALF);
	for (i = 0; i < CAPACITY; i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(used_for_the_slab(), MANY - 1 - HALF);
	give(0, CAPACITY);
	give(CAPACITY + 1 + HALF, MANY);
	EXPECT_EQ(kmem_cache_nr_used(cache), 0);
	kmem_cache_destroy(cache);
}

/* 14 objects or 16 KiB, by the last column of the report. */
KTEST(magazine, large_objects_have_small_magazines)
{
	static const struct { size_t size; const char *says; } sizes[] = {
		{ 8, " 0/14\n" }, { 1024, " 0/14\n" }, { 1168, " 0/14\n" },
		{ 1176, " 0/13\n" }, { 2048, " 0/ 8\n" }, { 4096, " 0/ 4\n" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		cache = kmem_cache_create("test-of-size", sizes[i].size, 0,
					  SLAB_PANIC, NULL);
		capture_begin();
		slab_report(capture);
		EXPECT(strstr(strstr(captured, "test-of-size"), sizes[i].says));
		kmem_cache_destroy(cache);
	}
}

static void leave_as_it_is(void *object)
{
	(void)object;
}

KTEST(magazine, cache_with_a_constructor_has_none)
{
	struct kmem_cache *made = kmem_cache_create("test", SIZE, 0, SLAB_PANIC,
						    leave_as_it_is);
	void *p = kmem_cache_alloc(made, GFP_KERNEL);
	void *q = kmem_cache_alloc(made, GFP_KERNEL);

	EXPECT_EQ(virt_to_page(p)->nr_used, 2);
	kmem_cache_free(made, p);
	EXPECT_EQ(virt_to_page(p)->nr_used, 1);
	kmem_cache_free(made, q);
	kmem_cache_destroy(made);
}

KTEST(magazine, zeroes_are_asked_of_it_too)
{
	begin(1);
	memset(objects[0], 0xff, SIZE);
	give(0, 1);
	EXPECT(kmem_cache_alloc(cache, GFP_KERNEL | __GFP_ZERO) == objects[0]);
	EXPECT(!memchr_inv(objects[0], 0, SIZE));
	EXPECT_EQ(used_for_the_slab(), 1);
	give(0, 1);
	kmem_cache_destroy(cache);
}

/* --- who leaves it alone --------------------------------------------------- */

KTEST(magazine, interrupt_handler_goes_to_the_slab)
{
	void *p;

	begin(3);
	give(0, 1);
	this_cpu->irq_depth++;
	p = kmem_cache_alloc(cache, GFP_ATOMIC);
	kmem_cache_free(cache, objects[1]);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	this_cpu->irq_depth--;
	EXPECT(p && p != objects[0] && p != objects[1]);
	EXPECT_EQ(used_for_the_slab(), 3);		/* one in, one out */
	EXPECT(kmem_cache_alloc(cache, GFP_KERNEL) == objects[0]);
	kmem_cache_free(cache, p);
	give(0, 1);
	give(2, 3);
	kmem_cache_destroy(cache);
}

KTEST(magazine, holder_of_a_lock_goes_to_the_slab)
{
	void *p;

	begin(3);
	give(0, 1);
	p = take_at_once(cache, GFP_KERNEL);
	EXPECT(p && p != objects[0]);
	EXPECT_EQ(used_for_the_slab(), 4);
	free_at_once(cache, p);
	EXPECT_EQ(used_for_the_slab(), 3);
	give(1, 3);
	kmem_cache_destroy(cache);
}

/* The price: what lies in a magazine, a handler does not find. */
KTEST(magazine, holder_of_a_lock_may_be_refused_what_a_thread_is_given)
{
	struct scarce scarce;

	cache = kmem_cache_create("test", PAGE_SIZE, 0, SLAB_PANIC, NULL);
	objects[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	REQUIRE(objects[0]);
	give(0, 1);
	scarce_make(&scarce, GFP_ATOMIC, 0);
	EXPECT(!take_at_once(cache, GFP_ATOMIC | __GFP_NOWARN));
	EXPECT(kmem_cache_alloc(cache, GFP_KERNEL) == objects[0]);
	give(0, 1);
	scarce_release(&scarce);
	kmem_cache_destroy(cache);
}

KTEST(magazine, object_that_is_refused_on_purpose_is_not_taken_from_it)
{
	void *p;

	begin(2);
	give(0, 1);
	failnth_arm(1U << FAIL_OBJECT, 1);
	EXPECT(!kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOWARN));
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, p);
	EXPECT_EQ(failnth_disarm(), 2);
	EXPECT(p && p != objects[0]);
	EXPECT_EQ(used_for_the_slab(), 2);
	give(1, 2);
	kmem_cache_destroy(cache);
}

/* --- its end --------------------------------------------------------------- */

KTEST(magazine, shrink_and_drain_give_all_of_it_back)
{
	unsigned long pages;

	slab_drain();
	pages = nr_free_pages();
	begin(MANY);
	give(0, MANY);
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	EXPECT_EQ(nr_free_pages(), pages);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT_EQ(pages - nr_free_pages(), 1);
	slab_drain();
	EXPECT_EQ(nr_free_pages(), pages);
	kmem_cache_destroy(cache);
}

/* Each of the objects has a slab of its own: all of these are empty then. */
KTEST(magazine, shrink_counts_every_slab_that_becomes_empty)
{
	unsigned int i;

	cache = kmem_cache_create("test", PAGE_SIZE, 0, SLAB_PANIC, NULL);
	for (i = 0; i < 4; i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	give(0, 4);
	EXPECT_EQ(kmem_cache_shrink(cache), 4);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	kmem_cache_destroy(cache);
}

KTEST(magazine, cache_whose_objects_all_lie_in_it_can_be_destroyed)
{
	unsigned long pages;

	slab_drain();
	pages = nr_free_pages();
	begin(5);
	give(0, 5);
	kmem_cache_destroy(cache);
	slab_drain();
	EXPECT_EQ(nr_free_pages(), pages);
}

/* --- wrong frees ----------------------------------------------------------- */

KTEST(magazine, double_free_is_reported_at_any_depth)
{
	unsigned int i;

	begin(CAPACITY);
	give(0, CAPACITY);
	for (i = 0; i < CAPACITY; i++) {
		EXPECT_REPORT("double free of",
			      kmem_cache_free(cache, objects[i]));
		EXPECT(ktest_report_contains("cache test-magazine, freed by "
					     "ktest_magazine_double_free"));
	}
	EXPECT_EQ(used_for_the_slab(), CAPACITY);
	EXPECT_EQ(slab_check(), 0);
	kmem_cache_destroy(cache);
}

KTEST(magazine, double_free_under_a_lock_is_reported)
{
	begin(2);
	give(0, 1);
	EXPECT_REPORT("double free of", free_at_once(cache, objects[0]));
	EXPECT_EQ(used_for_the_slab(), 2);
	free_at_once(cache, objects[1]);
	EXPECT_REPORT("double free of", give(1, 2));
	EXPECT_EQ(kmem_cache_nr_used(cache), 0);
	kmem_cache_destroy(cache);
}

/* Contents that look free do not make an object free: its slab gets it. */
KTEST(magazine, used_object_that_looks_free_can_be_freed)
{
	uint32_t words[2];

	begin(2);
	give(0, 1);
	memcpy(words, objects[0], sizeof(words));
	EXPECT(kmem_cache_alloc(cache, GFP_KERNEL) == objects[0]);
	memcpy(objects[0], words, sizeof(words));
	give(0, 1);
	EXPECT_EQ(used_for_the_slab(), 1);
	EXPECT_EQ(slab_check(), 0);
	give(1, 2);
	kmem_cache_destroy(cache);
}

/* --- writes after free ----------------------------------------------------- */

static void flip(uint32_t *word, unsigned int bit)
{
	poke32(word, peek32(word) ^ 1U << bit);
}

/* It is lost to the cache, and no other: whoever holds it may free it. */
KTEST(magazine, each_flipped_bit_of_a_link_is_found_when_the_object_is_due)
{
	unsigned int bit;
	void *p;

	begin(2);
	for (bit = 0; bit < 64; bit++) {
		memset(objects[0], 0, SIZE);	/* else it looks free */
		give(1, 2);
		give(0, 1);
		flip(LINK(objects[0], SIZE) + bit / 32, bit % 32);
		EXPECT_REPORT("cache test-magazine was written after free",
			      p = kmem_cache_alloc(cache, GFP_KERNEL));
		EXPECT(p == objects[1]);
		EXPECT_EQ(kmem_cache_nr_used(cache), 2);
	}
	give(0, 2);
	kmem_cache_destroy(cache);
}

KTEST(magazine, write_after_free_is_found_when_it_is_emptied)
{
	begin(3);
	give(0, 3);
	flip(LINK(objects[1], SIZE), 3);
	EXPECT_REPORT("was written after free", kmem_cache_shrink(cache));
	EXPECT_EQ(kmem_cache_nr_used(cache), 1);
	EXPECT_EQ(slab_check(), 0);
	give(1, 2);
	kmem_cache_destroy(cache);
}

/* --- slab_check ------------------------------------------------------------ */

/* The word of the cache's record that leads to @object: its slot. */
static uint32_t *slot_of(const void *object)
{
	uint32_t *word = (uint32_t *)(void *)cache;
	unsigned int i = 0;

	while (i < 64 && word[i] != (uint32_t)object)
		i++;
	REQUIRE(i < 64);
	return &word[i];
}

/* @broken must be found while @word of the magazine is @value. */
static void expect_broken(int broken, uint32_t *word, uint32_t value)
{
	uint32_t saved = *word;

	*word = value;
	EXPECT_EQ(slab_check(), broken);
	*word = saved;
	EXPECT_EQ(slab_check(), 0);
}

KTEST(magazine, check_finds_s6)
{
	struct kmem_cache *other = kmem_cache_create("test", SIZE, 0,
						     SLAB_PANIC, NULL);
	void *foreign = take_at_once(other, GFP_KERNEL);
	uint32_t *slot;

	begin(3);
	give(0, 2);
	slot = slot_of(objects[0]);
	expect_broken(6, slot, (uint32_t)objects[0] + 8);
	expect_broken(6, slot, (uint32_t)foreign);
	expect_broken(6, slot, 0);
	expect_broken(6, slot, (uint32_t)&foreign);
	free_at_once(other, foreign);
	kmem_cache_destroy(other);
	give(2, 3);
	kmem_cache_destroy(cache);
}

/* Of 2048 bytes it holds 8. The ninth is right in all but that. */
KTEST(magazine, check_finds_s6_when_it_holds_too_many)
{
	uint32_t *slot, key;
	unsigned int i;

	cache = kmem_cache_create("test-magazine", 2048, 0, SLAB_PANIC, NULL);
	for (i = 0; i < 9; i++)
		objects[i] = take_at_once(cache, GFP_KERNEL);
	give(0, 8);
	slot = slot_of(objects[0]);
	EXPECT_EQ(slot[-1], 8);
	key = (uint32_t)objects[0] ^ peek32(LINK(objects[0], 2048)) ^
	      (uint32_t)objects[8];
	poke32(LINK(objects[8], 2048), key);
	poke32(LINK(objects[8], 2048) + 1, key);
	slot[8] = (uint32_t)objects[8];
	expect_broken(6, &slot[-1], 9);
	slot[8] = 0;
	give(8, 9);
	EXPECT_EQ(kmem_cache_nr_used(cache), 0);
	kmem_cache_destroy(cache);
}

KTEST(magazine, check_finds_s7)
{
	struct page *slab;

	begin(3);
	slab = virt_to_page(objects[0]);
	give(1, 3);
	expect_broken(7, slot_of(objects[2]), (uint32_t)objects[1]);
	/* The chain begins with object 0. Object 1, of the magazine, leads there: to
	 * the slab it looks like the first of a chain that is longer by one. */
	free_at_once(cache, objects[0]);
	REQUIRE(slab->first_free == 0 && slab->nr_used == 2);
	slab->first_free = 1;
	slab->nr_used = 1;
	EXPECT_EQ(slab_check(), 7);
	slab->first_free = 0;
	slab->nr_used = 2;
	EXPECT_EQ(slab_check(), 0);
	kmem_cache_destroy(cache);
}

KTEST(magazine, check_finds_s8)
{
	unsigned int bit;

	begin(3);
	give(0, 2);
	for (bit = 0; bit < 64; bit++) {
		flip(LINK(objects[0], SIZE) + bit / 32, bit % 32);
		EXPECT_REPORT("was written after free",
			      EXPECT_EQ(slab_check(), 8));
		flip(LINK(objects[0], SIZE) + bit / 32, bit % 32);
	}
	memset(objects[2], 0, SIZE);
	EXPECT_REPORT("was written after free",		/* it is in use */
		      expect_broken(8, slot_of(objects[1]),
				    (uint32_t)objects[2]));
	give(2, 3);
	kmem_cache_destroy(cache);
}

/* --- a long walk ----------------------------------------------------------- */

#define WALK_OBJECTS	90U
#define WALK_STEPS	20000U

static struct { unsigned char *p; int fill; } walk[WALK_OBJECTS];
static unsigned int walk_used;

/* By a thread, or by somebody who holds a lock. */
static void walk_toggle(unsigned int i, bool locked, int fill)
{
	if (walk[i].p) {
		EXPECT(!memchr_inv(walk[i].p, walk[i].fill, SIZE));
		(locked ? free_at_once : kmem_cache_free)(cache, walk[i].p);
		walk[i].p = NULL;
		walk_used--;
		return;
	}
	walk[i].p = (locked ? take_at_once : kmem_cache_alloc)(cache,
							       GFP_KERNEL);
	REQUIRE(walk[i].p);
	walk[i].fill = fill;
	memset(walk[i].p, fill, SIZE);
	walk_used++;
}

static void walk_free_twice(unsigned int i, bool locked, bool locked_again)
{
	unsigned char *p = walk[i].p;

	if (!p)
		return;
	walk_toggle(i, locked, 0);
	EXPECT_REPORT("double free of", (locked_again ? free_at_once
						: kmem_cache_free)(cache, p));
}

KTEST(magazine, random_walk_agrees_with_a_model)
{
	struct random *random = ktest_random();
	unsigned int step, i;
	bool locked, filling;

	begin(0);
	for (step = 0; step < WALK_STEPS; step++) {
		i = random_below(random, WALK_OBJECTS);
		locked = random_below(random, 4) == 0;
		filling = step / 500 % 2 == 0;
		if (!walk[i].p == filling || random_below(random, 3) == 0)
			walk_toggle(i, locked, (int)random_below(random, 256));
		if (random_below(random, 500) == 0)
			walk_free_twice(i, locked, random_below(random, 2));
		if (random_below(random, 300) == 0)
			kmem_cache_shrink(cache);
		if (step % 100 == 0) {
			EXPECT_EQ(kmem_cache_nr_used(cache), walk_used);
			EXPECT_EQ(slab_check(), 0);
		}
	}
	for (i = 0; i < WALK_OBJECTS; i++)
		if (walk[i].p)
			walk_toggle(i, false, 0);
	EXPECT_EQ(walk_used, 0);
	kmem_cache_destroy(cache);
}
