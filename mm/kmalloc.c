/* SPDX-License-Identifier: MIT */
/*
 * kmalloc.c - memory of any size, contiguous in physical memory too
 *
 * Problem     Most callers want so many bytes and have no cache for them.
 * Idea        A dozen caches in steps of 1.3 to 2, and the smallest one that is
 *             large enough serves the request. What is larger than a page
 *             is taken from the page allocator as a block of 2^order frames.
 * Picture     size  1..8  9..16  ..32  ..64  ..96  ...  ..4096 | up to 4 MiB
 *             cache    8     16    32    64    96  ...    4096 | order 1 to 10
 *
 *             kfree gets no size: the frame's struct page tells. page->cache
 *             is the number of the cache, 0 for what is in no slab, or
 *             KMALLOC_LARGE: the head of a block that kmalloc has in use.
 * Invariants  KM1 Powers of two are aligned to their size: the objects of such
 *                 a cache are, and blocks of frames are.
 *             KM2 The heads of blocks in use by kmalloc, and only they, have
 *                 KMALLOC_LARGE; nr_large counts them.
 * Locks       None of its own. nr_large is atomic.
 * Failure     NULL. A wrong kfree is reported with the caller.
 * Cost        A table look-up more than kmem_cache_alloc, which is why the fast
 *             halves of the magazine stand here once more. Up to half of the
 *             memory is unused, and much more with GFP_DMA: the caches take
 *             slabs from either zone, so these requests get whole pages.
 * Read first  kmalloc, kfree.
 * See         mm/magazine.c, tests/mm/test_kmalloc.c, docs/book/mm/kmalloc.md
 */
#include <mm/slab.h>

#include <kernel/printk.h>
#include <lib/export.h>
#include <lib/string.h>
#include <mm/page_alloc.h>

#include "slab_internal.h"

#define KMALLOC_LARGE	SLAB_NR_CACHES	/* in page->cache: no cache's number  */

_Static_assert(KMALLOC_LARGE <= UINT8_MAX, "page->cache has 8 bits");
_Static_assert(KMALLOC_MAX == PAGE_SIZE << MAX_ORDER, "the largest block");

/* 96 and 192 are there because many structures are a little over 64 or 128. */
static const struct {
	const char	*name;
	size_t		size;
} classes[] = {
	{ "kmalloc-8", 8 },	  { "kmalloc-16", 16 },
	{ "kmalloc-32", 32 },	  { "kmalloc-64", 64 },
	{ "kmalloc-96", 96 },	  { "kmalloc-128", 128 },
	{ "kmalloc-192", 192 },	  { "kmalloc-256", 256 },
	{ "kmalloc-512", 512 },	  { "kmalloc-1024", 1024 },
	{ "kmalloc-2048", 2048 }, { "kmalloc-4096", KMALLOC_MAX_CACHE },
};

/* [I] The cache for sizes up to 8 * n bytes is size_cache[n]. */
static struct kmem_cache *size_cache[KMALLOC_MAX_CACHE / KMALLOC_MIN + 1]
	__ro_after_init;
/* [I] The cache by page->cache. For numbers that are not kmalloc's it is one that
 * has no magazine, so that kfree need not ask whose number it is. */
static struct kmem_cache no_cache;
static struct kmem_cache *number_cache[KMALLOC_LARGE + 1] __ro_after_init = {
	[0 ... KMALLOC_LARGE] = &no_cache
};
static unsigned long nr_large;	/* [a] */

static void *large_alloc(size_t size, gfp_t gfp, unsigned long caller)
{
	unsigned int order;
	struct page *page;

	if (size > KMALLOC_MAX)
		return NULL;
	order = log2_ceil((uint32_t)(ALIGN_UP(size, PAGE_SIZE) >> PAGE_SHIFT));
	page = alloc_pages(gfp & ~__GFP_HIGHMEM, order);
	if (!page)
		return NULL;
	page->cache = KMALLOC_LARGE;
	kasan_kmalloc_large(page_address(page), size, caller);
	__atomic_fetch_add(&nr_large, 1, __ATOMIC_RELAXED);
	return page_address(page);
}

/* The head of the block that kmalloc returned as @p, or NULL. */
static struct page *large_head(const void *p)
{
	return IS_ALIGNED((unsigned long)p, PAGE_SIZE) &&
	       cache_number(p) == KMALLOC_LARGE ? virt_to_page(p) : NULL;
}

static void large_free(struct page *head)
{
	head->cache = 0;
	__atomic_fetch_sub(&nr_large, 1, __ATOMIC_RELAXED);
	__free_pages(head, head->order);
}

unsigned long kmalloc_nr_large(void)
{
	return __atomic_load_n(&nr_large, __ATOMIC_RELAXED);
}

static __noinline void *alloc_slowly(struct kmem_cache *cache, gfp_t gfp,
				     unsigned long caller)
{
	return gfp & __GFP_DMA ? large_alloc(cache->size, gfp, caller)
			       : slab_alloc(cache, gfp, caller);
}

void *kmalloc(size_t size, gfp_t gfp)
{
	struct kmem_cache *cache;
	void *object = NULL;

	if (unlikely(size > KMALLOC_MAX_CACHE))
		return large_alloc(size, gfp, CALLER);
	cache = size_cache[(size + KMALLOC_MIN - 1) / KMALLOC_MIN];
	if (!magazine_alloc(cache, gfp, &object))
		object = alloc_slowly(cache, gfp, CALLER);
	return kasan_kmalloc(object, size, CALLER);
}
EXPORT_SYMBOL(kmalloc);

void *kzalloc(size_t size, gfp_t gfp)
{
	return kasan_kmalloc(kmalloc(size, gfp | __GFP_ZERO), size, CALLER);
}
EXPORT_SYMBOL(kzalloc);

static __noinline void kfree_for(void *p, unsigned long caller)
{
	struct kmem_cache *cache = number_cache[cache_number(p)];
	struct page *head;

	if (cache != &no_cache) {
		slab_free(cache, p, caller);
		return;
	}
	head = large_head(p);
	if (head)
		large_free(head);
	else if (p)
		printk(KERN_ERR "slab: kfree of %p, not in use by kmalloc, "
		       "freed by %pB\n", p, (void *)caller);
}

void kfree(const void *p)
{
	struct kmem_cache *cache = number_cache[cache_number(p)];
	void *object = (void *)(unsigned long)p;

	if (!magazine_open() || !magazine_put(cache, object))
		kfree_for(object, CALLER);
}
EXPORT_SYMBOL(kfree);

size_t ksize(const void *p)
{
	struct kmem_cache *cache = number_cache[cache_number(p)];
	struct page *head;

	if (cache != &no_cache)
		return slab_object_used(cache, p) ?
		       kasan_ksize(p, cache->size) : 0;
	head = large_head(p);
	return head ? kasan_ksize(p, PAGE_SIZE << head->order) : 0;
}
EXPORT_SYMBOL(ksize);

void *krealloc(void *p, size_t size, gfp_t gfp)
{
	size_t old_size;
	void *new;

	if (!p)
		return kmalloc(size, gfp);
	old_size = ksize(p);
	if (old_size == 0 || size == 0) {
		kfree_for(p, CALLER);		/* reports a wrong pointer */
		return NULL;
	}
	if (size <= old_size)
		return kasan_kmalloc(p, size, CALLER);
	new = kmalloc(size, gfp);
	if (new) {
		memcpy(new, p, old_size);
		kfree_for(p, CALLER);
	}
	return new;
}
EXPORT_SYMBOL(krealloc);

void kmalloc_init(void)
{
	unsigned int class, n = 0;
	struct kmem_cache *cache;
	size_t size;

	for (class = 0; class < ARRAY_SIZE(classes); class++) {
		size = classes[class].size;
		cache = kmem_cache_create(classes[class].name, size,
					  is_power_of_2(size) ? size : 0,
					  SLAB_PANIC, NULL);
		number_cache[cache->index] = cache;
		while (n <= size / KMALLOC_MIN)
			size_cache[n++] = cache;
	}
}
