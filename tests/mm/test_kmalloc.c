/* SPDX-License-Identifier: MIT */
/* test_kmalloc.c - any size from 8 bytes to 4 MiB, and every wrong kfree */
#include <tests/ktest.h>

#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>

#include "scarce.h"

static const size_t cache_sizes[] = {
	8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096
};

static bool aligned(const void *p, size_t align)
{
	return IS_ALIGNED((unsigned long)p, align);
}

/* May this machine have no block of so many frames? The large ones are rare. */
static bool block_is_there(unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);

	__free_pages(page, order);
	return page;
}

KTEST(kmalloc, memory_is_given_used_and_taken_back)
{
	unsigned long used = slab_nr_used();
	char *p = kmalloc(100, GFP_KERNEL);

	REQUIRE(p);
	EXPECT_EQ(ksize(p), 128);
	memset(p, 'x', ksize(p));
	EXPECT_EQ(slab_nr_used() - used, 1);
	kfree(p);
	EXPECT_EQ(slab_nr_used(), used);
}

/* --- sizes ---------------------------------------------------------------- */

KTEST(kmalloc, each_size_up_to_a_page_gets_the_smallest_cache)
{
	unsigned int class = 0;
	unsigned char *p;
	size_t size;

	for (size = 1; size <= KMALLOC_MAX_CACHE; size++) {
		if (size > cache_sizes[class])
			class++;
		p = kmalloc(size, GFP_KERNEL);
		REQUIRE(p);
		p[0] = p[size - 1] = 1;
		EXPECT_EQ(ksize(p), cache_sizes[class]);
		kfree(p);
	}
	EXPECT_EQ(slab_check(), 0);
}

KTEST(kmalloc, size_0_gives_the_smallest_object)
{
	char *p = kmalloc(0, GFP_KERNEL);
	char *q = kmalloc(0, GFP_KERNEL);

	EXPECT(p && q && p != q);
	EXPECT_EQ(ksize(p), KMALLOC_MIN);
	kfree(p);
	kfree(q);
}

/* Around each power of two, the block must have the size that it should. */
static void check_large(size_t size, unsigned int order)
{
	unsigned long pages = nr_free_pages();
	char *p;

	if (!block_is_there(order)) {
		ktest_note("no block of order %u here", order);
		return;
	}
	p = kmalloc(size, GFP_KERNEL);
	REQUIRE(p);
	p[0] = p[size - 1] = 1;
	EXPECT_EQ(ksize(p), PAGE_SIZE << order);
	EXPECT_EQ(pages - nr_free_pages(), 1UL << order);
	kfree(p);
	EXPECT_EQ(nr_free_pages(), pages);
}

KTEST(kmalloc, large_sizes_get_the_smallest_block)
{
	unsigned int order;

	check_large(PAGE_SIZE + 1, 1);
	for (order = 1; order < MAX_ORDER; order++) {
		check_large((PAGE_SIZE << order) - 1, order);
		check_large(PAGE_SIZE << order, order);
		check_large((PAGE_SIZE << order) + 1, order + 1);
	}
	check_large(KMALLOC_MAX - 1, MAX_ORDER);
	check_large(KMALLOC_MAX, MAX_ORDER);
}

KTEST(kmalloc, more_than_4_mib_is_refused)
{
	EXPECT(!kmalloc(KMALLOC_MAX + 1, GFP_KERNEL));
	EXPECT(!kmalloc(2 * KMALLOC_MAX, GFP_KERNEL));
	EXPECT(!kmalloc(SIZE_MAX - PAGE_SIZE, GFP_KERNEL));
	EXPECT(!kmalloc(SIZE_MAX, GFP_KERNEL));
	EXPECT(!kzalloc(SIZE_MAX, GFP_KERNEL));
	EXPECT(!kmalloc(SIZE_MAX, GFP_DMA));
}

KTEST(kmalloc, powers_of_two_are_aligned_to_their_size)	/* attacks KM1 */
{
	void *p[5];
	size_t size;
	unsigned int i;

	for (size = 8; size <= MIB(1); size *= 2) {
		for (i = 0; i < ARRAY_SIZE(p); i++) {
			p[i] = kmalloc(size, GFP_KERNEL | __GFP_NOWARN);
			EXPECT(aligned(p[i], size));
		}
		EXPECT(p[0] || size > KIB(64));
		for (i = 0; i < ARRAY_SIZE(p); i++)
			kfree(p[i]);
	}
}

KTEST(kmalloc, all_sizes_are_aligned_to_8)
{
	void *p[3];
	size_t size;
	unsigned int i;

	for (size = 1; size < 5000; size += 7) {
		for (i = 0; i < ARRAY_SIZE(p); i++) {
			p[i] = kmalloc(size, GFP_KERNEL);
			EXPECT(p[i] && aligned(p[i], 8));
		}
		for (i = 0; i < ARRAY_SIZE(p); i++)
			kfree(p[i]);
	}
}

/* --- flags ---------------------------------------------------------------- */

KTEST(kmalloc, memory_is_of_the_direct_map)
{
	static const size_t sizes[] = { 8, 4096, 20000 };
	unsigned int i;
	void *p;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		p = kmalloc(sizes[i], GFP_HIGHUSER);
		EXPECT(addr_in_direct_map((unsigned long)p));
		kfree(p);
	}
}

KTEST(kmalloc, dma_requests_of_any_size_lie_below_16_mib)
{
	static const size_t sizes[] = { 0, 8, 100, 4096, 4097, 20000 };
	unsigned int i;
	void *p;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		p = kmalloc(sizes[i], GFP_DMA);
		REQUIRE(p);
		EXPECT(phys_raw(virt_to_phys(p)) + ksize(p) <= DMA_END);
		EXPECT(ksize(p) >= PAGE_SIZE);		/* whole pages */
		kfree(p);
	}
}

/* Small, of whole pages, and for DMA: dirtied, freed, and asked for again. */
KTEST(kmalloc, kzalloc_gives_zeroes)
{
	static const size_t sizes[] = { 0, 1, 96, 4096, 5000, 40000 };
	unsigned int i;
	char *p;

	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		gfp_t gfp = i & 1 ? GFP_DMA : GFP_KERNEL;

		p = kmalloc(sizes[i / 2], gfp);
		REQUIRE(p);
		memset(p, 0xFF, ksize(p));
		kfree(p);
		p = kzalloc(sizes[i / 2], gfp);
		REQUIRE(p);
		EXPECT(!memchr_inv(p, 0, ksize(p)));
		kfree(p);
	}
}

/* --- krealloc ------------------------------------------------------------- */

KTEST(kmalloc, krealloc_of_null_is_kmalloc)
{
	unsigned long used = slab_nr_used();
	char *p = krealloc(NULL, 100, GFP_KERNEL);
	char *q = krealloc(NULL, 0, GFP_KERNEL);

	EXPECT_EQ(ksize(p), 128);
	EXPECT_EQ(ksize(q), KMALLOC_MIN);
	kfree(p);
	kfree(q);
	EXPECT_EQ(slab_nr_used(), used);
}

KTEST(kmalloc, krealloc_to_0_is_kfree)
{
	unsigned long used = slab_nr_used();

	EXPECT(!krealloc(kmalloc(100, GFP_KERNEL), 0, GFP_KERNEL));
	EXPECT(!krealloc(kmalloc(10000, GFP_KERNEL), 0, GFP_KERNEL));
	EXPECT_EQ(slab_nr_used(), used);
}

KTEST(kmalloc, krealloc_stays_in_place_where_it_fits)
{
	char *p = kmalloc(65, GFP_KERNEL), *q = kmalloc(5000, GFP_KERNEL);

	REQUIRE(p && q);
	EXPECT(krealloc(p, 96, GFP_KERNEL) == p);
	EXPECT(krealloc(p, 1, GFP_KERNEL) == p);
	EXPECT(krealloc(q, 8192, GFP_KERNEL) == q);
	EXPECT(krealloc(q, 1, GFP_KERNEL) == q);
	kfree(p);
	kfree(q);
}

/* From 1 byte to 128 KiB: cache to cache, to pages, and from block to block. */
KTEST(kmalloc, krealloc_carries_the_bytes_along)
{
	unsigned long used = slab_nr_used();
	unsigned char *p = NULL;
	size_t size, i;

	for (size = 1; size <= KIB(128); size = size * 2 + 1) {
		p = krealloc(p, size, GFP_KERNEL);
		REQUIRE(p);
		for (i = 0; i < size / 2; i++)
			REQUIRE(p[i] == (unsigned char)(i * 7));
		for (i = 0; i < size; i++)
			p[i] = (unsigned char)(i * 7);
		EXPECT_EQ(slab_nr_used() - used, 1);
	}
	kfree(p);
}

KTEST(kmalloc, failed_krealloc_leaves_the_old_memory)
{
	char *p = kmalloc(100, GFP_KERNEL);
	unsigned long used = slab_nr_used();

	REQUIRE(p);
	memset(p, 'k', 100);
	EXPECT(!krealloc(p, KMALLOC_MAX + 1, GFP_KERNEL));
	EXPECT(!krealloc(p, SIZE_MAX, GFP_KERNEL));
	EXPECT_EQ(slab_nr_used(), used);
	EXPECT_EQ(ksize(p), 128);
	EXPECT(!memchr_inv(p, 'k', 100));
	kfree(p);
}

KTEST(kmalloc, krealloc_of_a_wrong_pointer_is_reported)
{
	char *p = kmalloc(100, GFP_KERNEL);

	REQUIRE(p);
	EXPECT_REPORT("free of no object's start",
		      EXPECT(!krealloc(p + 8, 1, GFP_KERNEL)));
	EXPECT_REPORT("not in use by kmalloc",
		      EXPECT(!krealloc((void *)16, 1, GFP_KERNEL)));
	EXPECT_REPORT("not in use by kmalloc",
		      EXPECT(!krealloc((void *)16, 0, GFP_KERNEL)));
	kfree(p);
	EXPECT_REPORT("double free of",
		      EXPECT(!krealloc(p, 1000, GFP_KERNEL)));
	EXPECT(ktest_report_contains("freed by ktest_kmalloc_krealloc_of_a"));
}

/* --- wrong frees ---------------------------------------------------------- */

/* @p must be refused with @words, the caller named, and nothing changed. */
static __noinline void expect_refused(const void *p, const char *words)
{
	unsigned long used = slab_nr_used();
	unsigned long pages = nr_free_pages();

	EXPECT_EQ(ksize(p), 0);
	EXPECT_REPORT(words, kfree(p));
	EXPECT(ktest_report_contains("freed by expect_refused"));
	EXPECT_EQ(slab_nr_used(), used);
	EXPECT_EQ(nr_free_pages(), pages);
	EXPECT_EQ(slab_check(), 0);
}

KTEST(kmalloc, kfree_of_null_is_nothing)
{
	unsigned long used = slab_nr_used();

	kfree(NULL);
	EXPECT_EQ(ksize(NULL), 0);
	EXPECT_EQ(slab_nr_used(), used);
}

KTEST(kmalloc, double_kfree_is_reported)
{
	size_t size;
	char *p, *q;

	for (size = 8; size <= KMALLOC_MAX_CACHE; size *= 2) {
		p = kmalloc(size, GFP_KERNEL);
		q = kmalloc(size, GFP_KERNEL);		/* keeps the slab */
		REQUIRE(p && q);
		memset(p, 0, size);
		kfree(p);
		expect_refused(p, "double free of");
		kfree(q);
	}
}

KTEST(kmalloc, double_kfree_of_whole_pages_is_reported)
{
	char *p = kmalloc(10000, GFP_KERNEL);
	struct page *page;

	REQUIRE(p);
	kfree(p);
	expect_refused(p, "not in use by kmalloc");
	page = alloc_pages(GFP_KERNEL, 2);		/* now of others */
	REQUIRE(page);
	expect_refused(page_address(page), "not in use by kmalloc");
	EXPECT_EQ(page->state, PAGE_USED);
	__free_pages(page, 2);
}

KTEST(kmalloc, kfree_of_an_interior_pointer_is_reported)
{
	char *p = kmalloc(100, GFP_KERNEL);
	char *q = kmalloc(10000, GFP_KERNEL);

	REQUIRE(p && q);
	expect_refused(p + 1, "free of no object's start");
	expect_refused(p + 64, "free of no object's start");
	expect_refused(q + 1, "not in use by kmalloc");
	expect_refused(q + PAGE_SIZE, "not in use by kmalloc");
	expect_refused(q + 10000, "not in use by kmalloc");
	EXPECT_EQ(ksize(p), 128);
	EXPECT_EQ(ksize(q), 4 * PAGE_SIZE);
	kfree(p);
	kfree(q);
}

/* What has a cache of its own is not kmalloc's, as Linux has it. */
KTEST(kmalloc, kfree_of_another_caches_object_is_reported)
{
	struct kmem_cache *cache = kmem_cache_create("test", 64, 0, SLAB_PANIC,
						     NULL);
	void *p = kmem_cache_alloc(cache, GFP_KERNEL);

	REQUIRE(p);
	expect_refused(p, "not in use by kmalloc");
	expect_refused(cache, "not in use by kmalloc");
	EXPECT_EQ(kmem_cache_nr_used(cache), 1);
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);
}

KTEST(kmalloc, kfree_of_somebodys_page_is_reported)	/* attacks KM2 */
{
	unsigned int order;
	struct page *page;

	for (order = 0; order < 4; order++) {
		page = alloc_pages(GFP_KERNEL, order);
		REQUIRE(page);
		expect_refused(page_address(page), "not in use by kmalloc");
		EXPECT_EQ(page->state, PAGE_USED);
		EXPECT_EQ(page->count, 1);
		__free_pages(page, order);
	}
}

KTEST(kmalloc, kfree_of_an_address_without_a_frame_is_reported)
{
	void *area = vmalloc(PAGE_SIZE);
	int on_the_stack = 0;

	REQUIRE(area);
	expect_refused(area, "not in use by kmalloc");
	expect_refused((void *)8, "not in use by kmalloc");
	expect_refused((void *)PAGE_SIZE, "not in use by kmalloc");
	expect_refused((void *)0x40000000, "not in use by kmalloc");
	expect_refused((void *)(PAGE_OFFSET - PAGE_SIZE),
		       "not in use by kmalloc");
	expect_refused((void *)layout.high_memory, "not in use by kmalloc");
	expect_refused((void *)PKMAP_BASE, "not in use by kmalloc");
	expect_refused((void *)0xFFFFF000, "not in use by kmalloc");
	expect_refused(text_start, "not in use by kmalloc");
	expect_refused(cache_sizes, "not in use by kmalloc");
	expect_refused(&on_the_stack, "not in use by kmalloc");
	vfree(area);
}

KTEST(kmalloc, reference_keeps_a_block_after_kfree)
{
	unsigned long used = slab_nr_used();
	char *p = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	struct page *page;

	REQUIRE(p);
	page = virt_to_page(p);
	get_page(page);
	kfree(p);
	EXPECT_EQ(page->state, PAGE_USED);
	EXPECT_EQ(slab_nr_used(), used);
	expect_refused(p, "not in use by kmalloc");
	__free_pages(page, 1);
}

/* By one multiplication: for each size there are, at each byte of an object. */
KTEST(kmalloc, only_the_start_of_an_object_has_a_size)
{
	unsigned int class, wrong;
	size_t size, offset;
	char *p, *q;

	for (class = 0; class < ARRAY_SIZE(cache_sizes); class++) {
		size = cache_sizes[class];
		p = kmalloc(size, GFP_KERNEL);
		q = kmalloc(size, GFP_KERNEL);
		REQUIRE(p && q);
		EXPECT(ksize(p) == size && ksize(q) == size);
		for (offset = 1, wrong = 0; offset < size; offset++)
			wrong += ksize(p + offset) || ksize(q + offset);
		EXPECT_EQ(wrong, 0);
		kfree(p);
		kfree(q);
	}
}

/* --- shortage ------------------------------------------------------------- */

KTEST(kmalloc, last_free_frames_become_objects_to_the_last_byte)
{
	enum { FRAMES = 6, SIZE = 256, MOST = 2 * FRAMES * 16 };
	struct scarce scarce;
	void **chain = NULL, **p;
	struct page *spare[FRAMES];
	unsigned int i, nr = 0;

	for (i = 0; i < FRAMES; i++) {
		spare[i] = alloc_page(GFP_KERNEL);
		REQUIRE(spare[i]);
	}
	slab_drain();
	scarce_make(&scarce, GFP_KERNEL, 0);
	while ((p = kmalloc(SIZE, GFP_KERNEL | __GFP_NOWARN))) {
		*p = chain;			/* from partial slabs */
		chain = p;
	}
	for (i = 0; i < FRAMES; i++)
		__free_page(spare[i]);
	while (nr < MOST && (p = kmalloc(SIZE, GFP_KERNEL | __GFP_NOWARN))) {
		*p = chain;
		chain = p;
		nr++;
	}
	EXPECT_EQ(nr, KASAN_ON ? FRAMES * (PAGE_SIZE / (2 * SIZE) - 1) :
		      FRAMES * PAGE_SIZE / SIZE);
	EXPECT(!kmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN));
	EXPECT(!kmalloc(2 * PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN));
	EXPECT_EQ(slab_check(), 0);
	scarce_release(&scarce);
	for (; chain; chain = p) {
		p = *chain;
		kfree(chain);
	}
}

KTEST(kmalloc, krealloc_that_finds_no_memory_leaves_the_old)
{
	char *p = kmalloc(100, GFP_KERNEL);
	struct scarce scarce;

	REQUIRE(p);
	memset(p, 'k', 100);
	scarce_make(&scarce, GFP_KERNEL, 0);
	EXPECT(!krealloc(p, 3 * PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN));
	EXPECT(krealloc(p, 128, GFP_KERNEL | __GFP_NOWARN) == p);
	scarce_release(&scarce);
	EXPECT(!memchr_inv(p, 'k', 100));
	kfree(p);
}

/* --- a long walk ---------------------------------------------------------- */

#define WALK_OBJECTS	120U
#define WALK_STEPS	10000U

static struct {
	unsigned char	*p;
	size_t		size;
	int		fill;
} walk[WALK_OBJECTS];

/* Mostly small, some larger than a page, few of many pages. */
static size_t walk_pick_size(struct random *random)
{
	switch (random_below(random, 16)) {
	case 0:
		return random_below(random, 40000);
	case 1:
	case 2:
	case 3:
		return random_below(random, 5000);
	default:
		return random_below(random, 300);
	}
}

static void walk_step(struct random *random)
{
	unsigned int i = random_below(random, WALK_OBJECTS);
	size_t old = walk[i].size;

	if (walk[i].p)
		EXPECT(!memchr_inv(walk[i].p, walk[i].fill, old));
	if (walk[i].p && random_below(random, 3) > 0) {
		kfree(walk[i].p);
		walk[i].p = NULL;
		return;
	}
	walk[i].size = walk_pick_size(random) + 1;
	if (walk[i].p) {
		walk[i].p = krealloc(walk[i].p, walk[i].size, GFP_KERNEL);
		REQUIRE(walk[i].p);
		EXPECT(!memchr_inv(walk[i].p, walk[i].fill,
				   MIN(old, walk[i].size)));
	} else {
		walk[i].p = kmalloc(walk[i].size, GFP_KERNEL);
		REQUIRE(walk[i].p);
	}
	EXPECT(ksize(walk[i].p) >= walk[i].size);
	walk[i].fill = (int)random_below(random, 256);
	memset(walk[i].p, walk[i].fill, walk[i].size);
}

KTEST(kmalloc, random_walk_agrees_with_a_model)
{
	unsigned long used = slab_nr_used();
	unsigned int i, step, nr;

	for (step = 0; step < WALK_STEPS; step++) {
		walk_step(ktest_random());
		if (step % 1000 != 0)
			continue;
		for (i = nr = 0; i < WALK_OBJECTS; i++)
			nr += walk[i].p != NULL;
		EXPECT_EQ(slab_nr_used() - used, nr);
		EXPECT_EQ(slab_check(), 0);
	}
	for (i = 0; i < WALK_OBJECTS; i++) {
		kfree(walk[i].p);
		walk[i].p = NULL;
	}
	EXPECT_EQ(slab_nr_used(), used);
}
