/* SPDX-License-Identifier: MIT */
/* test_kmem_cache.c - caches: made to measure, numbered, counted, destroyed */
#include <tests/ktest.h>

#include <lib/string.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <mm/zone.h>

#include "places.h"

static void construct_nothing(void *object)
{
	(void)object;
}

static struct page *head_of(const void *object)
{
	const struct page *frame = virt_to_page(object);

	return pfn_to_page(ALIGN_DOWN(page_to_pfn(frame), 1U << frame->order));
}

KTEST(kmem_cache, cache_is_made_used_and_destroyed)
{
	unsigned long before = slab_nr_used();
	struct kmem_cache *cache;
	void *p;

	cache = kmem_cache_create("test", 100, 0, 0, NULL);
	REQUIRE(cache);
	EXPECT_EQ(kmem_cache_size(cache), 104);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	REQUIRE(p);
	EXPECT_EQ(kmem_cache_nr_used(cache), 1);
	EXPECT_EQ(slab_nr_used() - before, 2);		/* record and object */
	kmem_cache_free(cache, p);
	EXPECT_EQ(kmem_cache_nr_used(cache), 0);
	kmem_cache_destroy(cache);
	EXPECT_EQ(slab_nr_used(), before);
}

/* --- what is possible ----------------------------------------------------- */

KTEST(kmem_cache, impossible_sizes_and_alignments_are_refused)
{
	EXPECT(!kmem_cache_create("test", 0, 0, 0, NULL));
	EXPECT(!kmem_cache_create("test", KMALLOC_MAX_CACHE + 1, 0, 0, NULL));
	EXPECT(!kmem_cache_create("test", SIZE_MAX, 0, 0, NULL));
	EXPECT(!kmem_cache_create("test", 64, 3, 0, NULL));
	EXPECT(!kmem_cache_create("test", 64, 96, 0, NULL));
	EXPECT(!kmem_cache_create("test", 64, 2 * PAGE_SIZE, 0, NULL));
	EXPECT(!kmem_cache_create("test", 64, SIZE_MAX, 0, NULL));
}

/* One object and the link behind it are more than the one frame has. */
KTEST(kmem_cache, order0_object_that_fits_no_frame_is_refused)
{
	const size_t most = KASAN_ON ? ALIGN_DOWN(PAGE_SIZE / 2 - KASAN_BEHIND,
						  8) : PAGE_SIZE - 8;
	struct kmem_cache *cache;

	EXPECT(!kmem_cache_create("test", most + 8, 0, SLAB_ORDER0,
				  construct_nothing));
	cache = kmem_cache_create("test", most, 0, SLAB_ORDER0,
				  construct_nothing);
	EXPECT(cache);
	kmem_cache_destroy(cache);
}

KTEST(kmem_cache, largest_object_may_have_everything_at_once)
{
	struct kmem_cache *cache;
	void *p, *q;

	cache = kmem_cache_create("test", KMALLOC_MAX_CACHE, PAGE_SIZE, 0,
				  construct_nothing);
	REQUIRE(cache);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	q = kmem_cache_alloc(cache, GFP_KERNEL);
	REQUIRE(p && q);
	EXPECT(IS_ALIGNED((unsigned long)p, PAGE_SIZE));
	EXPECT(IS_ALIGNED((unsigned long)q, PAGE_SIZE));
	memset(p, 1, KMALLOC_MAX_CACHE);
	memset(q, 2, KMALLOC_MAX_CACHE);
	EXPECT(!memchr_inv(p, 1, KMALLOC_MAX_CACHE));
	kmem_cache_free(cache, p);
	kmem_cache_free(cache, q);
	EXPECT_EQ(slab_check(), 0);
	kmem_cache_destroy(cache);
}

/* Are three objects of such a cache aligned to @align? */
static bool objects_are_aligned(size_t size, size_t align, unsigned int flags,
				size_t expected)
{
	struct kmem_cache *cache = kmem_cache_create("test", size, align,
						     flags | SLAB_PANIC, NULL);
	unsigned long bits = 0;
	void *p[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		bits |= (unsigned long)p[i];
	}
	for (i = 0; i < ARRAY_SIZE(p); i++)
		kmem_cache_free(cache, p[i]);
	kmem_cache_destroy(cache);
	return IS_ALIGNED(bits, expected);
}

KTEST(kmem_cache, objects_have_the_alignment_asked_for)
{
	size_t align;

	for (align = 1; align <= PAGE_SIZE; align *= 2) {
		EXPECT(objects_are_aligned(1, align, 0, align));
		EXPECT(objects_are_aligned(100, align, 0, align));
		EXPECT(objects_are_aligned(MIN(align + 1, PAGE_SIZE), align, 0,
					   align));
	}
}

KTEST(kmem_cache, objects_are_aligned_to_8_at_least)
{
	size_t size;

	for (size = 1; size < 80; size++)
		EXPECT(objects_are_aligned(size, 0, 0, 8));
}

KTEST(kmem_cache, hwcache_objects_begin_on_a_cache_line)
{
	EXPECT(objects_are_aligned(8, 0, SLAB_HWCACHE_ALIGN, 64));
	EXPECT(objects_are_aligned(65, 16, SLAB_HWCACHE_ALIGN, 64));
	EXPECT(objects_are_aligned(65, 128, SLAB_HWCACHE_ALIGN, 128));
	EXPECT(objects_are_aligned(200, 0, SLAB_HWCACHE_ALIGN, 64));
}

/* --- the size of a slab --------------------------------------------------- */

/* How many objects the first slab of such a cache gives before the second. */
static unsigned int fill_first_slab(struct kmem_cache *cache, void **first,
				    struct page **head)
{
	static void *objects[PAGE_SIZE / 8 + 1];
	unsigned int i, nr = 0;

	do {
		objects[nr] = kmem_cache_alloc(cache, GFP_KERNEL);
		REQUIRE(objects[nr]);
	} while (head_of(objects[nr++]) == head_of(objects[0]) &&
		 nr < ARRAY_SIZE(objects));
	*first = objects[0];
	*head = head_of(objects[0]);
	EXPECT_EQ((*head)->nr_used, nr - 1);
	for (i = 0; i < nr; i++)
		kmem_cache_free(cache, objects[i]);
	return nr - 1;
}

KTEST(kmem_cache, slab_wastes_at_most_an_eighth)
{
	struct kmem_cache *cache;
	struct page *head;
	unsigned int nr;
	size_t size, bytes;
	void *first;

	for (size = 8; size <= KMALLOC_MAX_CACHE; size += 8) {
		cache = kmem_cache_create("test", size, 0, SLAB_PANIC, NULL);
		nr = fill_first_slab(cache, &first, &head);
		EXPECT(head->order <= 3);
		bytes = PAGE_SIZE << head->order;
		EXPECT(bytes - (nr + KASAN_ON) * PLACE(size) <= bytes / 8);
		bytes /= 2;				/* would not do */
		EXPECT(head->order == 0 || PLACES(size, bytes) == 0 ||
		       bytes % PLACE(size) > bytes / 8);
		kmem_cache_destroy(cache);
	}
}

KTEST(kmem_cache, order0_slab_is_one_frame_whatever_it_wastes)
{
	static const size_t sizes[] = { 8, 400, 1304, 2600, 2056, 4096 };
	const unsigned int fitting = KASAN_ON ? 3 : ARRAY_SIZE(sizes);
	struct kmem_cache *cache;
	struct page *head;
	unsigned int i;
	void *first;

	for (i = 0; i < fitting; i++) {
		cache = kmem_cache_create("test", sizes[i], 0,
					  SLAB_ORDER0 | SLAB_PANIC, NULL);
		EXPECT_EQ(fill_first_slab(cache, &first, &head),
			  PLACES(sizes[i], PAGE_SIZE));
		EXPECT_EQ(virt_to_page(first)->order, 0);
		kmem_cache_destroy(cache);
	}
}

/* --- the table of caches -------------------------------------------------- */

KTEST(kmem_cache, no_more_than_254_caches_exist)
{
	static struct kmem_cache *caches[SLAB_NR_CACHES];
	unsigned int nr = 0, i;

	while (nr < SLAB_NR_CACHES &&
	       (caches[nr] = kmem_cache_create("test", 8, 0, 0, NULL)))
		nr++;
	EXPECT(nr > 100 && nr < SLAB_NR_CACHES - 12);	/* and kmalloc's */
	EXPECT(!kmem_cache_create("test", 8, 0, 0, NULL));
	kmem_cache_destroy(caches[nr / 2]);
	caches[nr / 2] = kmem_cache_create("test", 16, 0, 0, NULL);
	EXPECT(caches[nr / 2]);
	for (i = 0; i < nr; i++)
		kmem_cache_destroy(caches[i]);
}

/* Objects of the cache with the highest number find their way home. */
KTEST(kmem_cache, objects_of_the_last_cache_are_freed_to_it)
{
	static struct kmem_cache *caches[SLAB_NR_CACHES];
	unsigned int nr = 0, i;
	void *p;

	while (nr < SLAB_NR_CACHES &&
	       (caches[nr] = kmem_cache_create("test", 8, 0, 0, NULL)))
		nr++;
	REQUIRE(nr > 0);
	p = kmem_cache_alloc(caches[nr - 1], GFP_KERNEL);
	REQUIRE(p);
	EXPECT_EQ(virt_to_page(p)->cache, SLAB_NR_CACHES - 1);
	EXPECT_REPORT("free of another cache's",
		      kmem_cache_free(caches[0], p));
	kmem_cache_free(caches[nr - 1], p);
	EXPECT_EQ(kmem_cache_nr_used(caches[nr - 1]), 0);
	for (i = 0; i < nr; i++)
		kmem_cache_destroy(caches[i]);
}

/* A wrong free is recognised by that: no other frame may have a number. */
KTEST(kmem_cache, only_frames_of_slabs_have_a_number)	/* attacks S1 */
{
	void *large = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	unsigned long strange = 0;
	pfn_t pfn;

	EXPECT_EQ(virt_to_page(large)->cache, SLAB_NR_CACHES);
	for (pfn = 0; pfn < mem_map_end; pfn++)
		strange += pfn_to_page(pfn)->cache &&
			   pfn_to_page(pfn)->state != PAGE_SLAB;
	EXPECT_EQ(strange, 1);
	kfree(large);
	EXPECT_EQ(virt_to_page(large)->cache, 0);
}

KTEST(kmem_cache, making_and_destroying_leaks_nothing)
{
	unsigned long used, pages, i;
	struct kmem_cache *cache;
	void *p;

	slab_drain();
	used = slab_nr_used();
	pages = nr_free_pages();
	for (i = 0; i < 1000; i++) {
		cache = kmem_cache_create("test", 1 + i, 0, SLAB_PANIC,
					  i & 1 ? construct_nothing : NULL);
		p = kmem_cache_alloc(cache, GFP_KERNEL);
		kmem_cache_free(cache, p);
		kmem_cache_destroy(cache);
	}
	slab_drain();
	EXPECT_EQ(slab_nr_used(), used);
	EXPECT_EQ(nr_free_pages(), pages);
}

KTEST(kmem_cache, drain_gives_back_every_empty_slab)
{
	struct kmem_cache *a = kmem_cache_create("test-a", 8, 0, SLAB_PANIC,
						 NULL);
	struct kmem_cache *b = kmem_cache_create("test-b", 3000, 0, SLAB_PANIC,
						 NULL);
	unsigned long pages;
	void *p, *q;

	slab_drain();
	pages = nr_free_pages();
	p = kmem_cache_alloc(a, GFP_KERNEL);
	q = kmem_cache_alloc(b, GFP_KERNEL);
	REQUIRE(p && q);
	kmem_cache_free(b, q);
	slab_drain();
	EXPECT_EQ(pages - nr_free_pages(), 1);		/* a's is in use */
	kmem_cache_free(a, p);
	EXPECT_EQ(pages - nr_free_pages(), 1);
	slab_drain();
	EXPECT_EQ(nr_free_pages(), pages);
	kmem_cache_destroy(a);
	kmem_cache_destroy(b);
}

/* --- wrong destruction ---------------------------------------------------- */

KTEST(kmem_cache, cache_with_objects_in_use_is_not_destroyed)
{
	struct kmem_cache *cache = kmem_cache_create("test", 64, 0, SLAB_PANIC,
						     NULL);
	void *p = kmem_cache_alloc(cache, GFP_KERNEL);
	void *q;

	EXPECT_REPORT("objects in use", kmem_cache_destroy(cache));
	EXPECT(ktest_report_contains("by ktest_kmem_cache_cache_with_objects"));
	q = kmem_cache_alloc(cache, GFP_KERNEL);	/* still works */
	EXPECT(q);
	EXPECT_EQ(kmem_cache_nr_used(cache), 2);
	kmem_cache_free(cache, q);
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);
}

KTEST(kmem_cache, destroying_what_is_no_cache_is_reported)
{
	struct kmem_cache *cache = kmem_cache_create("test", 64, 0, SLAB_PANIC,
						     NULL);
	unsigned long used = slab_nr_used();

	kmem_cache_destroy(NULL);
	kmem_cache_destroy(cache);
	EXPECT_REPORT("is no cache", kmem_cache_destroy(cache));
	EXPECT_REPORT("is no cache", kmem_cache_destroy((void *)8));
	EXPECT_REPORT("is no cache", kmem_cache_destroy((void *)0xFFFFFFF8));
	EXPECT_EQ(used - slab_nr_used(), 1);
	EXPECT_EQ(slab_check(), 0);
}

/* --- the report ----------------------------------------------------------- */

static char report[8192];
static size_t report_length;

static void __printf(1, 2) report_print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_length += (size_t)vsnprintf(report + report_length,
					   sizeof(report) - report_length,
					   fmt, ap);
	va_end(ap);
	REQUIRE(report_length < sizeof(report));
}

KTEST(kmem_cache, report_has_a_line_for_each_cache)
{
	struct kmem_cache *cache = kmem_cache_create("test-listed", 2600, 0,
						     SLAB_PANIC, NULL);
	void *p = kmem_cache_alloc(cache, GFP_KERNEL);
	unsigned int order = virt_to_page(p)->order;
	unsigned int each = PLACES(2600U, PAGE_SIZE << order);
	const char *line, *end;
	char own[90];

	report_length = 0;
	slab_report(report_print);
	EXPECT(strstr(report, "\nkmem_cache "));
	EXPECT(strstr(report, "\nkmalloc-8 "));
	EXPECT(strstr(report, "\nkmalloc-4096 "));
	snprintf(own, sizeof(own), "\ntest-listed            1       %u   2600 "
		 "  %u    %u     %u      1     0     0/%2u\n", each,
		 PLACE(2600U), each, 1U << order, KASAN_ON ? 0U : 6U);
	EXPECT(strstr(report, own));
	for (line = report; (end = strchr(line, '\n')); line = end + 1)
		EXPECT(end - line < 80);
	kmem_cache_free(cache, p);	/* into the magazine, or the slab */
	report_length = 0;
	slab_report(report_print);
	EXPECT(strstr(report, "\ntest-listed            0 "));
	EXPECT(strstr(report, KASAN_ON ? "     1     1     0/ 0\n"
				       : "     1     0     1/ 6\n"));
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	free_at_once(cache, p);
	report_length = 0;
	slab_report(report_print);
	EXPECT(strstr(report, KASAN_ON ? "     1     1     0/ 0\n"
				       : "     1     1     0/ 6\n"));
	kmem_cache_destroy(cache);
}
