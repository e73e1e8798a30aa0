/* SPDX-License-Identifier: MIT */
/*
 * test_slab.c - objects of one size: given, taken back, and guarded
 *
 * Most cases use objects of 512 bytes in slabs of one frame: eight to a slab,
 * so that a slab can be filled and emptied by hand. Nothing here knows more of
 * the insides than <mm/page.h> shows. What slab_check finds when an invariant
 * is broken stands in test_slab_check.c.
 */
#include <tests/ktest.h>

#include <kernel/lockrank.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>
#include <x86/spinlock.h>

#include "places.h"
#include "scarce.h"

#define SIZE		512U
#define PER_SLAB	PLACES(SIZE, PAGE_SIZE)	/* 8, under KASAN 6 */

static unsigned char *objects[4 * PER_SLAB];

static struct kmem_cache *cache_of_8(const char *name)
{
	return kmem_cache_create(name, SIZE, 0, SLAB_ORDER0 | SLAB_PANIC, NULL);
}

static void take(struct kmem_cache *cache, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		objects[i] = take_at_once(cache, GFP_KERNEL);
		REQUIRE(objects[i]);
	}
}

static void give_back(struct kmem_cache *cache, unsigned int from,
		      unsigned int nr)
{
	unsigned int i;

	for (i = from; i < from + nr; i++)
		free_at_once(cache, objects[i]);
}

static void *page_start(const void *object)
{
	return (void *)((unsigned long)object & PAGE_MASK);
}

KTEST(slab, freed_object_is_given_again_first)
{
	struct kmem_cache *cache = cache_of_8("test");
	char *p = take_at_once(cache, GFP_KERNEL);
	char *q = take_at_once(cache, GFP_KERNEL);

	REQUIRE(p && q);
	EXPECT(p != q);
	memset(p, 'p', SIZE);
	free_at_once(cache, p);
	EXPECT(take_at_once(cache, GFP_KERNEL) == p);
	free_at_once(cache, p);
	free_at_once(cache, q);
	kmem_cache_destroy(cache);
}

KTEST(slab, objects_keep_what_is_written_to_all_their_bytes)
{
	struct kmem_cache *cache = cache_of_8("test");
	unsigned int i;

	take(cache, ARRAY_SIZE(objects));
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		memset(objects[i], (int)i, SIZE);
	EXPECT_EQ(slab_check(), 0);
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		EXPECT(!memchr_inv(objects[i], (int)i, SIZE));
	give_back(cache, 0, ARRAY_SIZE(objects));
	kmem_cache_destroy(cache);
}

KTEST(slab, slab_is_filled_before_the_next_one_is_made)	/* attacks S2 */
{
	struct kmem_cache *cache = cache_of_8("test");
	unsigned long before = nr_free_pages();

	take(cache, PER_SLAB);
	EXPECT_EQ(before - nr_free_pages(), 1);
	EXPECT(page_start(objects[0]) == page_start(objects[PER_SLAB - 1]));
	objects[PER_SLAB] = take_at_once(cache, GFP_KERNEL);
	EXPECT_EQ(before - nr_free_pages(), 2);
	give_back(cache, 0, PER_SLAB + 1);
	kmem_cache_destroy(cache);
	EXPECT_EQ(nr_free_pages(), before);
}

KTEST(slab, each_frame_leads_to_the_slab)		/* attacks S1 */
{
	struct kmem_cache *cache = kmem_cache_create("test", 2600, 0,
						     SLAB_PANIC, NULL);
	void *p = take_at_once(cache, GFP_KERNEL);
	struct page *frame, *head;
	unsigned int i;

	REQUIRE(p);
	frame = virt_to_page(p);
	EXPECT(frame->order > 0);
	head = pfn_to_page(ALIGN_DOWN(page_to_pfn(frame), 1U << frame->order));
	EXPECT_EQ(head->nr_used, 1);
	for (i = 0; i < 1U << frame->order; i++) {
		EXPECT_EQ(head[i].state, PAGE_SLAB);
		EXPECT_EQ(head[i].order, frame->order);
		EXPECT_EQ(head[i].cache, frame->cache);
	}
	free_at_once(cache, p);
	kmem_cache_destroy(cache);
	EXPECT(head->state != PAGE_SLAB);
}

/* --- partial, full and empty slabs ---------------------------------------- */

KTEST(slab, hole_in_a_full_slab_is_used_before_a_new_slab)
{
	struct kmem_cache *cache = cache_of_8("test");
	unsigned long pages;

	take(cache, 3 * PER_SLAB);
	pages = nr_free_pages();
	free_at_once(cache, objects[3]);
	EXPECT(take_at_once(cache, GFP_KERNEL) == objects[3]);
	EXPECT_EQ(nr_free_pages(), pages);
	give_back(cache, 0, 3 * PER_SLAB);
	kmem_cache_destroy(cache);
}

KTEST(slab, partial_slab_is_used_before_the_empty_one)	/* attacks S3 */
{
	struct kmem_cache *cache = cache_of_8("test");
	void *p;

	take(cache, 2 * PER_SLAB);
	free_at_once(cache, objects[0]);
	give_back(cache, PER_SLAB, PER_SLAB);		/* empty now */
	p = take_at_once(cache, GFP_KERNEL);
	EXPECT(p == objects[0]);
	p = take_at_once(cache, GFP_KERNEL);	/* the other is full  */
	EXPECT(page_start(p) == page_start(objects[PER_SLAB]));
	free_at_once(cache, p);
	give_back(cache, 0, PER_SLAB);
	kmem_cache_destroy(cache);
}

KTEST(slab, one_empty_slab_is_kept_and_the_second_given_back)
{
	struct kmem_cache *cache = cache_of_8("test");
	unsigned long before = nr_free_pages();

	take(cache, 3 * PER_SLAB);
	EXPECT_EQ(before - nr_free_pages(), 3);
	give_back(cache, 0, PER_SLAB);
	EXPECT_EQ(before - nr_free_pages(), 3);
	EXPECT_EQ(slab_check(), 0);
	give_back(cache, PER_SLAB, PER_SLAB);
	EXPECT_EQ(before - nr_free_pages(), 2);
	give_back(cache, 2 * PER_SLAB, PER_SLAB);
	EXPECT_EQ(before - nr_free_pages(), 1);
	EXPECT_EQ(slab_check(), 0);
	kmem_cache_destroy(cache);
}

KTEST(slab, shrink_gives_back_the_empty_slab_alone)
{
	struct kmem_cache *cache = cache_of_8("test");
	unsigned long before = nr_free_pages();

	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	take(cache, PER_SLAB + 1);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	free_at_once(cache, objects[PER_SLAB]);
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(before - nr_free_pages(), 1);
	give_back(cache, 0, PER_SLAB);
	kmem_cache_destroy(cache);
}

/* A cache whose slab holds one object goes from full to empty in one step. */
KTEST(slab, single_object_slabs_work)
{
	size_t size = KASAN_ON ? PAGE_SIZE / 3 : PAGE_SIZE;
	struct kmem_cache *cache = kmem_cache_create("test", size, 0,
						     SLAB_ORDER0 | SLAB_PANIC,
						     NULL);
	unsigned long before = nr_free_pages();

	take(cache, 3);
	EXPECT_EQ(before - nr_free_pages(), 3);
	EXPECT_EQ(slab_check(), 0);
	give_back(cache, 0, 3);
	EXPECT_EQ(slab_check(), 0);
	EXPECT_EQ(before - nr_free_pages(), 1);
	kmem_cache_destroy(cache);
}

/* --- constructors and zeroes ---------------------------------------------- */

struct made {
	uint32_t	magic, uses;
	unsigned char	body[84];
};

static unsigned int nr_made;

static void make(void *object)
{
	struct made *made = object;

	memset(made, 0xA5, sizeof(*made));
	made->magic = 0xC0DE0000 + nr_made++;
	made->uses = 0;
}

static struct kmem_cache *cache_of_made(void)
{
	nr_made = 0;
	return kmem_cache_create("test", sizeof(struct made), 0,
				 SLAB_ORDER0 | SLAB_PANIC, make);
}

KTEST(slab, constructor_runs_once_for_each_object)
{
	struct kmem_cache *cache = cache_of_made();
	struct made *made[3];
	unsigned int i, per_slab;

	made[0] = take_at_once(cache, GFP_KERNEL);
	REQUIRE(made[0]);
	per_slab = nr_made;				/* the whole slab's   */
	/* 92 bytes become 96, and the link lies behind them. */
	EXPECT_EQ(per_slab, KASAN_ON ? PLACES(96, PAGE_SIZE) : PAGE_SIZE / 104);
	for (i = 0; i < 10 * per_slab; i++) {
		made[1] = take_at_once(cache, GFP_KERNEL);
		REQUIRE(made[1]);
		EXPECT(made[1]->magic != made[0]->magic);
		EXPECT_EQ(made[1]->magic & 0xFFFF0000, 0xC0DE0000);
		free_at_once(cache, made[1]);
	}
	EXPECT_EQ(nr_made, per_slab);
	free_at_once(cache, made[0]);
	kmem_cache_destroy(cache);
}

KTEST(slab, constructed_object_comes_back_as_it_was_freed)
{
	struct kmem_cache *cache = cache_of_made();
	struct made *made, copy;
	unsigned int i;

	made = take_at_once(cache, GFP_KERNEL);
	REQUIRE(made);
	EXPECT(!memchr_inv(made->body, 0xA5, sizeof(made->body)));
	for (i = 1; i < 5; i++) {
		made->uses++;
		memset(made->body, (int)i, sizeof(made->body));
		copy = *made;
		free_at_once(cache, made);
		EXPECT(peek_equal(made, &copy, sizeof(copy)));
		EXPECT(take_at_once(cache, GFP_KERNEL) == made);
		EXPECT(memcmp(made, &copy, sizeof(copy)) == 0);
	}
	free_at_once(cache, made);
	kmem_cache_destroy(cache);
}

KTEST(slab, constructor_runs_again_in_a_new_slab)
{
	struct kmem_cache *cache = cache_of_made();
	struct made *made = take_at_once(cache, GFP_KERNEL);
	unsigned int per_slab = nr_made;

	REQUIRE(made);
	made->uses = 7;
	free_at_once(cache, made);
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	made = take_at_once(cache, GFP_KERNEL);
	REQUIRE(made);
	EXPECT_EQ(nr_made, 2 * per_slab);
	EXPECT_EQ(made->uses, 0);
	free_at_once(cache, made);
	kmem_cache_destroy(cache);
}

KTEST(slab, gfp_zero_clears_a_used_object)
{
	struct kmem_cache *cache = cache_of_8("test");
	unsigned char *p = take_at_once(cache, GFP_KERNEL);

	REQUIRE(p);
	memset(p, 0xFF, SIZE);
	free_at_once(cache, p);
	p = take_at_once(cache, GFP_KERNEL | __GFP_ZERO);
	REQUIRE(p);
	EXPECT(!memchr_inv(p, 0, SIZE));
	free_at_once(cache, p);
	kmem_cache_destroy(cache);
}

/* --- where and when ------------------------------------------------------- */

KTEST(slab, objects_are_low_memory_even_with_gfp_highmem)
{
	struct kmem_cache *cache = cache_of_8("test");
	void *p = take_at_once(cache, GFP_HIGHUSER);

	REQUIRE(p);
	EXPECT(addr_in_direct_map((unsigned long)p));
	EXPECT(!page_is_highmem(virt_to_page(p)));
	free_at_once(cache, p);
	kmem_cache_destroy(cache);
}

KTEST(slab, atomic_request_is_served_under_a_spinlock)
{
	struct spinlock outer = SPINLOCK_INIT(RANK_VMAP);
	struct kmem_cache *cache = cache_of_8("test");
	void *p, *q;

	spin_lock(&outer);
	p = kmem_cache_alloc(cache, GFP_ATOMIC);	/* makes a slab   */
	q = kmem_cache_alloc(cache, GFP_ATOMIC);
	spin_unlock(&outer);
	EXPECT(p && q);
	free_at_once(cache, p);
	free_at_once(cache, q);
	kmem_cache_destroy(cache);
}

KTEST(slab, shortage_gives_null_and_changes_nothing)
{
	struct kmem_cache *cache = cache_of_8("test");
	struct scarce scarce;
	unsigned int i;

	take(cache, PER_SLAB - 1);
	scarce_make(&scarce, GFP_KERNEL, 0);
	objects[PER_SLAB - 1] = take_at_once(cache, GFP_KERNEL);
	EXPECT(objects[PER_SLAB - 1]);			/* was there already */
	for (i = 0; i < 3; i++)
		EXPECT(!take_at_once(cache, GFP_KERNEL | __GFP_NOWARN));
	EXPECT_EQ(kmem_cache_nr_used(cache), PER_SLAB);
	EXPECT_EQ(slab_check(), 0);
	free_at_once(cache, objects[0]);
	EXPECT(take_at_once(cache, GFP_KERNEL) == objects[0]);
	scarce_release(&scarce);
	give_back(cache, 0, PER_SLAB);
	kmem_cache_destroy(cache);
}

KTEST(slab, atomic_request_may_use_what_the_floor_keeps)
{
	struct kmem_cache *cache = cache_of_8("test");
	struct scarce scarce;
	void *p;

	scarce_make(&scarce, GFP_KERNEL, 0);
	EXPECT(!take_at_once(cache, GFP_KERNEL | __GFP_NOWARN));
	p = take_at_once(cache, GFP_ATOMIC | __GFP_NOWARN);
	EXPECT(p);
	free_at_once(cache, p);
	scarce_release(&scarce);
	kmem_cache_destroy(cache);
}

/* --- wrong frees ---------------------------------------------------------- */

/* @p must be refused with @words, the caller named, and nothing changed. */
static __noinline void expect_refused(struct kmem_cache *cache, void *p,
				      const char *words)
{
	unsigned long used = kmem_cache_nr_used(cache);
	unsigned long pages = nr_free_pages();

	EXPECT_REPORT(words, kmem_cache_free(cache, p));
	EXPECT(ktest_report_contains("freed by expect_refused"));
	EXPECT_EQ(kmem_cache_nr_used(cache), used);
	EXPECT_EQ(nr_free_pages(), pages);
	EXPECT_EQ(slab_check(), 0);
}

KTEST(slab, free_of_null_is_nothing)
{
	struct kmem_cache *cache = cache_of_8("test");

	free_at_once(cache, NULL);
	EXPECT_EQ(kmem_cache_nr_used(cache), 0);
	kmem_cache_destroy(cache);
}

KTEST(slab, double_free_is_reported)
{
	struct kmem_cache *cache = cache_of_8("test-twice");

	take(cache, 6);
	free_at_once(cache, objects[4]);
	expect_refused(cache, objects[4], "double free of");
	EXPECT(ktest_report_contains("test-twice"));
	free_at_once(cache, objects[2]);
	free_at_once(cache, objects[5]);
	expect_refused(cache, objects[2], "double free of");
	expect_refused(cache, objects[4], "double free of");	/* the last */
	give_back(cache, 0, 2);
	free_at_once(cache, objects[3]);
	kmem_cache_destroy(cache);
}

KTEST(slab, double_free_into_an_empty_slab_is_reported)
{
	struct kmem_cache *cache = cache_of_8("test");
	void *p = take_at_once(cache, GFP_KERNEL);

	free_at_once(cache, p);
	expect_refused(cache, p, "double free of");
	kmem_cache_destroy(cache);
}

KTEST(slab, double_free_with_a_constructor_is_reported)
{
	struct kmem_cache *cache = cache_of_made();
	struct made *made = take_at_once(cache, GFP_KERNEL);
	uint32_t magic;

	REQUIRE(made);
	magic = made->magic;
	free_at_once(cache, made);
	expect_refused(cache, made, "double free of");
	EXPECT_EQ(peek32(&made->magic), magic);
	kmem_cache_destroy(cache);
}

/* Free, written to, freed again: the link is damaged, the key is not. */
KTEST(slab, double_free_of_a_changed_object_is_reported)
{
	struct kmem_cache *cache = cache_of_8("test");
	uint32_t saved, *link;

	take(cache, 2);
	link = LINK(objects[0], SIZE);
	free_at_once(cache, objects[0]);
	saved = peek32(link);
	poke32(link, 0xDEADBEEF);
	EXPECT_REPORT("double free of", kmem_cache_free(cache, objects[0]));
	poke32(link, saved);
	EXPECT_EQ(slab_check(), 0);
	free_at_once(cache, objects[1]);
	kmem_cache_destroy(cache);
}

/* The check is exact: contents that look free do not make an object free. */
KTEST(slab, used_object_that_looks_free_can_be_freed)
{
	struct kmem_cache *cache = cache_of_8("test");
	uint32_t next, key, *link;

	take(cache, 2);
	link = LINK(objects[0], SIZE);
	free_at_once(cache, objects[0]);
	next = peek32(&link[0]);
	key = peek32(&link[1]);
	EXPECT(take_at_once(cache, GFP_KERNEL) == objects[0]);
	EXPECT(peek32(&link[1]) != key);
	poke32(&link[0], next);
	poke32(&link[1], key);
	free_at_once(cache, objects[0]);
	EXPECT_EQ(kmem_cache_nr_used(cache), 1);
	EXPECT_EQ(slab_check(), 0);
	free_at_once(cache, objects[1]);
	kmem_cache_destroy(cache);
}

KTEST(slab, free_of_a_pointer_into_an_object_is_reported)
{
	struct kmem_cache *cache = cache_of_8("test");
	static const unsigned int offsets[] = { 1, 4, 8, SIZE / 2, SIZE - 1 };
	unsigned int i;

	take(cache, 3);
	memset(objects[1], 0x5A, SIZE);
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		expect_refused(cache, objects[1] + offsets[i],
			       "free of no object's start");
	EXPECT(!memchr_inv(objects[1], 0x5A, SIZE));
	give_back(cache, 0, 3);
	kmem_cache_destroy(cache);
}

/* 56 bytes: 73 objects and a rest of 8 bytes, where a 74th would begin. */
KTEST(slab, free_of_the_rest_behind_the_last_object_is_reported)
{
	struct kmem_cache *cache = kmem_cache_create("test", 56, 0, SLAB_PANIC,
						     NULL);
	void *p = take_at_once(cache, GFP_KERNEL);

	REQUIRE(p);
	expect_refused(cache, (char *)page_start(p) + 73 * 56,
		       "free of no object's start");
	free_at_once(cache, p);
	kmem_cache_destroy(cache);
}

KTEST(slab, free_to_another_cache_is_reported)
{
	struct kmem_cache *cache = cache_of_8("test-mine");
	struct kmem_cache *other = cache_of_8("test-other");
	void *p = take_at_once(other, GFP_KERNEL);

	expect_refused(cache, p, "free of another cache's");
	EXPECT(ktest_report_contains("test-mine"));
	EXPECT_EQ(kmem_cache_nr_used(other), 1);
	free_at_once(other, p);
	kmem_cache_destroy(other);
	kmem_cache_destroy(cache);
}

KTEST(slab, free_of_a_frame_that_is_no_slab_is_reported)
{
	struct kmem_cache *cache = cache_of_8("test");
	struct page *page = alloc_page(GFP_KERNEL);

	REQUIRE(page);
	expect_refused(cache, page_address(page), "free of what is in no slab");
	EXPECT_EQ(page->state, PAGE_USED);
	__free_page(page);
	expect_refused(cache, page_address(page), "free of what is in no slab");
	kmem_cache_destroy(cache);
}

KTEST(slab, free_of_an_address_without_a_frame_is_reported)
{
	struct kmem_cache *cache = cache_of_8("test");
	void *area = vmalloc(PAGE_SIZE);

	REQUIRE(area);
	expect_refused(cache, area, "free of what is in no slab");
	expect_refused(cache, (void *)8, "free of what is in no slab");
	expect_refused(cache, (void *)0x00400000, "free of what is in no slab");
	expect_refused(cache, (void *)(PAGE_OFFSET - 8),
		       "free of what is in no slab");
	expect_refused(cache, (void *)layout.high_memory,
		       "free of what is in no slab");
	expect_refused(cache, (void *)0xFFFFFFF8, "free of what is in no slab");
	expect_refused(cache, text_start, "free of what is in no slab");
	vfree(area);
	kmem_cache_destroy(cache);
}

/* --- writes after free ---------------------------------------------------- */

KTEST(slab, write_after_free_is_found_when_the_object_is_due)
{
	struct kmem_cache *cache = cache_of_8("test-late");
	void *p;

	take(cache, PER_SLAB);
	free_at_once(cache, objects[0]);
	free_at_once(cache, objects[1]);
	poke32(LINK(objects[1], SIZE), 0);
	EXPECT_REPORT("test-late was written after free",
		      p = take_at_once(cache, GFP_KERNEL));
	EXPECT(p && page_start(p) != page_start(objects[0]));
	EXPECT_EQ(slab_check(), 0);			/* and none lost */
	EXPECT_EQ(kmem_cache_nr_used(cache), PER_SLAB + 1);
	free_at_once(cache, p);
	give_back(cache, 0, PER_SLAB);
	EXPECT_EQ(kmem_cache_nr_used(cache), 0);
	kmem_cache_destroy(cache);
}

/* --- a long walk ---------------------------------------------------------- */

#define WALK_CACHES	4U
#define WALK_OBJECTS	160U
#define WALK_STEPS	12000U

static struct {
	unsigned char	*p;
	unsigned int	cache;
	int		fill;
} walk[WALK_OBJECTS];

static const size_t walk_size[WALK_CACHES] = { 8, 100, 700, 3000 };
static struct kmem_cache *walk_cache[WALK_CACHES];
static unsigned int walk_used[WALK_CACHES];

static void walk_step(struct random *random)
{
	unsigned int i = random_below(random, WALK_OBJECTS), c;

	if (walk[i].p) {
		c = walk[i].cache;
		EXPECT(!memchr_inv(walk[i].p, walk[i].fill, walk_size[c]));
		free_at_once(walk_cache[c], walk[i].p);
		walk[i].p = NULL;
		walk_used[c]--;
		return;
	}
	c = random_below(random, WALK_CACHES);
	walk[i].p = take_at_once(walk_cache[c], GFP_KERNEL);
	REQUIRE(walk[i].p);
	walk[i].cache = c;
	walk[i].fill = (int)random_below(random, 256);
	memset(walk[i].p, walk[i].fill, walk_size[c]);
	walk_used[c]++;
}

static void walk_end(void)
{
	unsigned int i;

	for (i = 0; i < WALK_OBJECTS; i++) {
		if (walk[i].p)
			free_at_once(walk_cache[walk[i].cache], walk[i].p);
		walk[i].p = NULL;
	}
	for (i = 0; i < WALK_CACHES; i++) {
		EXPECT_EQ(kmem_cache_nr_used(walk_cache[i]), 0);
		kmem_cache_destroy(walk_cache[i]);
	}
}

KTEST(slab, random_walk_agrees_with_a_model)
{
	unsigned int i, step;

	for (i = 0; i < WALK_CACHES; i++) {
		walk_used[i] = 0;
		walk_cache[i] = kmem_cache_create("test-walk", walk_size[i], 0,
						  SLAB_PANIC, NULL);
	}
	for (step = 0; step < WALK_STEPS; step++) {
		walk_step(ktest_random());
		if (step % 1000 != 0)
			continue;
		EXPECT_EQ(slab_check(), 0);
		for (i = 0; i < WALK_CACHES; i++)
			EXPECT_EQ(kmem_cache_nr_used(walk_cache[i]),
				  walk_used[i]);
	}
	walk_end();
}
