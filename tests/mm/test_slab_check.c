/* SPDX-License-Identifier: MIT */
/*
 * test_slab_check.c - each invariant of slab.c, broken and found by its number
 *
 * A checker that never speaks proves nothing, so every case here damages one
 * slab through its struct page or its free objects, asks slab_check, and undoes
 * the damage. The slab has 64 objects of 64 bytes (under KASAN 45), two of them
 * free.
 */
#include <tests/ktest.h>

#include <mm/page.h>
#include <mm/slab.h>

#include "places.h"

#define SIZE		64U
#define PER_SLAB	PLACES(SIZE, PAGE_SIZE)

static struct kmem_cache *cache;
static uint32_t *objects[2 * PER_SLAB];
static struct page *slab;			/* of objects[0], partial */

/* Two slabs: @slab with two objects free, and behind it a full one. */
static void make_slabs(void)
{
	unsigned int i;

	cache = kmem_cache_create("test-checked", SIZE, 0, SLAB_PANIC, NULL);
	for (i = 0; i < 2 * PER_SLAB; i++) {
		objects[i] = take_at_once(cache, GFP_KERNEL);
		REQUIRE(objects[i]);
	}
	slab = virt_to_page(objects[0]);
	free_at_once(cache, objects[0]);
	free_at_once(cache, objects[1]);		/* the chain: 1, 0 */
	REQUIRE(slab_check() == 0);
}

static void free_slabs(void)
{
	unsigned int i;

	EXPECT_EQ(slab_check(), 0);			/* undone again */
	for (i = 2; i < 2 * PER_SLAB; i++)
		free_at_once(cache, objects[i]);
	kmem_cache_destroy(cache);
}

KTEST(slab_check, s1_finds_a_frame_that_is_marked_wrong)
{
	make_slabs();
	slab->state = PAGE_USED;
	EXPECT_EQ(slab_check(), 1);
	slab->state = PAGE_SLAB;
	slab->cache ^= 1;
	EXPECT_EQ(slab_check(), 1);
	slab->cache ^= 1;
	slab->order = 1;
	EXPECT_EQ(slab_check(), 1);
	slab->order = 0;
	free_slabs();
}

KTEST(slab_check, s1_finds_the_last_frame_of_a_slab_marked_wrong)
{
	struct kmem_cache *large = kmem_cache_create("test", 2600, 0,
						     SLAB_PANIC, NULL);
	void *p = take_at_once(large, GFP_KERNEL);
	struct page *last;

	REQUIRE(p);
	last = virt_to_page(p);
	REQUIRE(last->order > 0);
	last = pfn_to_page(page_to_pfn(last) | ((1U << last->order) - 1));
	last->state = PAGE_TAIL;
	EXPECT_EQ(slab_check(), 1);
	last->state = PAGE_SLAB;
	free_at_once(large, p);
	kmem_cache_destroy(large);
}

KTEST(slab_check, s1_finds_a_slab_on_no_list)
{
	struct list_head *before;

	make_slabs();
	before = slab->link.prev;
	list_del(&slab->link);
	EXPECT_EQ(slab_check(), 1);
	list_add(&slab->link, before);
	free_slabs();
}

KTEST(slab_check, s1_finds_a_list_that_runs_in_circles)
{
	struct list_head saved;

	make_slabs();
	saved = slab->link;
	slab->link.next = &slab->link;
	EXPECT_EQ(slab_check(), 1);
	slab->link = saved;
	free_slabs();
}

KTEST(slab_check, s2_finds_a_slab_on_the_wrong_list)
{
	struct page *full;

	make_slabs();
	full = virt_to_page(objects[PER_SLAB]);
	REQUIRE(full != slab);
	full->nr_used--;
	EXPECT_EQ(slab_check(), 2);
	full->nr_used++;
	slab->nr_used = PER_SLAB;
	EXPECT_EQ(slab_check(), 2);
	slab->nr_used = PER_SLAB + 1;
	EXPECT_EQ(slab_check(), 2);
	slab->nr_used = PER_SLAB - 2;
	free_slabs();
}

KTEST(slab_check, s3_finds_an_empty_slab_before_a_partial_one)
{
	struct list_head *head;
	unsigned int i;

	make_slabs();
	for (i = PER_SLAB; i < 2 * PER_SLAB; i++)
		free_at_once(cache, objects[i]);	/* empty, the last */
	head = slab->link.prev;
	list_del(&slab->link);
	list_add_tail(&slab->link, head);
	EXPECT_EQ(slab_check(), 3);
	list_del(&slab->link);
	list_add(&slab->link, head);
	EXPECT_EQ(slab_check(), 0);
	for (i = 2; i < PER_SLAB; i++)
		free_at_once(cache, objects[i]);
	kmem_cache_destroy(cache);
}

KTEST(slab_check, s4_finds_a_chain_that_is_too_short_or_too_long)
{
	make_slabs();
	slab->nr_used--;				/* says: 3 free */
	EXPECT_EQ(slab_check(), 4);
	slab->nr_used += 2;				/* one */
	EXPECT_EQ(slab_check(), 4);
	slab->nr_used--;
	free_slabs();
}

KTEST(slab_check, s4_finds_a_chain_that_begins_outside)
{
	uint16_t first;

	make_slabs();
	first = slab->first_free;
	slab->first_free = PER_SLAB;
	EXPECT_EQ(slab_check(), 4);
	slab->first_free = first;
	free_slabs();
}

KTEST(slab_check, s4_finds_a_chain_that_meets_itself)
{
	uint32_t next, *link;

	make_slabs();
	/* A link from object 1 to index 1: the index twice, ^ key. */
	link = LINK(objects[1], SIZE);
	next = peek32(&link[0]);
	poke32(&link[0], 0x00010001U ^ peek32(&link[1]));
	EXPECT_EQ(slab_check(), 4);
	poke32(&link[0], next);
	free_slabs();
}

/* A used object on the chain has no key: it would be given away twice. */
KTEST(slab_check, s5_finds_a_used_object_on_the_chain)
{
	uint16_t first;

	make_slabs();
	first = slab->first_free;
	slab->first_free = 7;
	EXPECT_REPORT("was written after free", EXPECT_EQ(slab_check(), 5));
	slab->first_free = first;
	free_slabs();
}

static void flip(uint32_t *word, unsigned int bit)
{
	poke32(word, peek32(word) ^ 1U << bit);
}

KTEST(slab_check, s5_finds_each_flipped_bit_of_a_link)
{
	unsigned int bit;

	make_slabs();
	for (bit = 0; bit < 64; bit++) {
		flip(LINK(objects[0], SIZE) + bit / 32, bit % 32);
		EXPECT_REPORT("cache test-checked was written after free",
			      EXPECT_EQ(slab_check(), 5));
		flip(LINK(objects[0], SIZE) + bit / 32, bit % 32);
	}
	free_slabs();
}

static void leave_as_it_is(void *object)
{
	(void)object;
}

/* Without a constructor the link is the object's; with one it lies behind. */
KTEST(slab_check, s5_lets_a_constructed_object_be_written_but_not_its_link)
{
	struct kmem_cache *made = kmem_cache_create("test", 64, 0, SLAB_PANIC,
						    leave_as_it_is);
	uint32_t *p = take_at_once(made, GFP_KERNEL);

	REQUIRE(p);
	free_at_once(made, p);
	flip(&p[0], 0);
	flip(&p[15], 0);
	EXPECT_EQ(slab_check(), 0);
	flip(&p[16], 0);
	EXPECT_REPORT("was written after free", EXPECT_EQ(slab_check(), 5));
	flip(&p[16], 0);
	kmem_cache_destroy(made);
}
