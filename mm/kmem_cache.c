/* SPDX-License-Identifier: MIT */
/*
 * kmem_cache.c - the caches themselves: made, numbered, counted, destroyed
 *
 * Problem     Somebody who frees an object has only its address, and a struct
 *             page has one byte to say which cache that belongs to.
 * Idea        Each cache has a number, its place in a table; 0 is what frames
 *             have that are in no slab. The records of caches are objects too:
 *             they come from the cache of caches, the only one that is not
 *             allocated, number 1.
 * Picture     page->cache -> slab_caches: | - | 1 | 2 | 3 | ...
 *                                               |   `---`-> records, which are
 *                                               |           objects of number 1
 *                                               `-> cache_of_caches
 * Locks       L: caches_lock (rank SLAB_LIST, outside of SLAB) covers the table
 *             and keeps each cache in it from being destroyed. Who has an
 *             object of a cache needs no lock to look up the cache.
 * Failure     A cache that cannot be made: NULL, or panic if so wished. One
 *             that cannot be destroyed: reported with the caller, unchanged.
 * Cost        Making and destroying search the table.
 * Read first  cache_set_up, kmem_cache_create.
 * See         mm/slab.c, tests/mm/test_kmem_cache.c, docs/book/mm/kmem_cache.md
 */
#include <mm/slab.h>

#include <kernel/lockrank.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/export.h>

#include "slab_internal.h"

#define CACHE_LINE	64U
#define SLAB_MAX_ORDER	3		/* of the largest slab: 32 KiB */

_Static_assert((PAGE_SIZE << SLAB_MAX_ORDER) / KMALLOC_MIN < UINT16_MAX,
	       "page->nr_used and page->first_free have 16 bits");

struct kmem_cache *slab_caches[SLAB_NR_CACHES];
static struct spinlock caches_lock = SPINLOCK_INIT(RANK_SLAB_LIST);
static struct kmem_cache cache_of_caches;

/* Without the places that stay empty under KASAN. */
static unsigned int nr_objects(size_t stride, unsigned int order)
{
	unsigned int places = (unsigned int)((PAGE_SIZE << order) / stride);

	return places > SLAB_FIRST ? places - SLAB_FIRST : 0;
}

/* The smallest slab whose rest behind the last object is at most an eighth. */
static unsigned int order_for(size_t stride, unsigned int flags)
{
	unsigned int order = 0;

	if (flags & SLAB_ORDER0)
		return 0;
	while (order < SLAB_MAX_ORDER &&
	       (nr_objects(stride, order) == 0 ||
		(PAGE_SIZE << order) % stride > (PAGE_SIZE << order) / 8))
		order++;
	return order;
}

/* Everything but the number. False: there can be no such cache. */
static bool cache_set_up(struct kmem_cache *cache, const char *name,
			 size_t size, size_t align, unsigned int flags,
			 void (*ctor)(void *))
{
	size_t stride, link_offset;

	if (size == 0 || size > KMALLOC_MAX_CACHE || align > PAGE_SIZE ||
	    (align && !is_power_of_2(align)))
		return false;
	align = MAX(align, (flags & SLAB_HWCACHE_ALIGN) ? CACHE_LINE
							: KMALLOC_MIN);
	size = ALIGN_UP(size, KMALLOC_MIN);
	link_offset = ctor || KASAN_ON ? size : 0;
	stride = ALIGN_UP(MAX(size, link_offset + KMALLOC_MIN) + SLAB_RECORD,
			  align);

	*cache = (struct kmem_cache){
		.lock = SPINLOCK_INIT(RANK_SLAB),
		.name = name,
		.size = size,
		.stride = stride,
		.reciprocal = UINT32_MAX / stride + 1,
		.link_offset = link_offset,
		.order = order_for(stride, flags),
		.flags = flags,
		.ctor = ctor,
	};
	cache->offset_mask = (PAGE_SIZE << cache->order) - 1;
	cache->nr_objects = nr_objects(stride, cache->order);
	cache->offset_end = (cache->nr_objects + SLAB_FIRST) * stride;
	cache->capacity = link_offset ? 0 : MIN(MAGAZINE_BYTES / stride,
						MAGAZINE_MAX);
	list_init(&cache->partial);
	list_init(&cache->full);
	return cache->nr_objects > 0;
}

/* Give the cache the lowest free number, but 0. */
static bool cache_register(struct kmem_cache *cache)
{
	unsigned int i = 1;

	spin_lock(&caches_lock);
	while (i < SLAB_NR_CACHES && slab_caches[i])
		i++;
	if (i < SLAB_NR_CACHES) {
		cache->index = i;
		slab_caches[i] = cache;
	}
	spin_unlock(&caches_lock);
	return i < SLAB_NR_CACHES;
}

/* Forget the cache. Any pointer is fine: -ENOENT when there is none such. */
static int cache_unregister(const struct kmem_cache *cache)
{
	unsigned int i = 1;
	int err = -ENOENT;

	spin_lock(&caches_lock);
	while (i < SLAB_NR_CACHES && slab_caches[i] != cache)
		i++;
	if (i < SLAB_NR_CACHES)
		err = kmem_cache_nr_used(slab_caches[i]) ? -EBUSY : 0;
	if (!err)
		slab_caches[i] = NULL;
	spin_unlock(&caches_lock);
	return err;
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size,
				     size_t align, unsigned int flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *cache = kmem_cache_alloc(&cache_of_caches,
						    GFP_KERNEL);

	if (!cache)
		goto refuse;
	if (!cache_set_up(cache, name, size, align, flags, ctor) ||
	    !cache_register(cache))
		goto free_record;
	return cache;

free_record:
	kmem_cache_free(&cache_of_caches, cache);
refuse:
	if (flags & SLAB_PANIC)
		panic("slab: cannot create cache %s", name);
	return NULL;
}
EXPORT_SYMBOL(kmem_cache_create);

void kmem_cache_destroy(struct kmem_cache *cache)
{
	int err;

	if (!cache)
		return;
	err = cache_unregister(cache);
	if (err) {
		printk(KERN_ERR "slab: cache at %p not destroyed, %s, by %pB\n",
		       (void *)cache, err == -EBUSY ? "has objects in use"
						    : "is no cache",
		       (void *)CALLER);
		return;
	}
	kmem_cache_shrink(cache);
	spin_lock_destroy(&cache->lock);
	kmem_cache_free(&cache_of_caches, cache);
}
EXPORT_SYMBOL(kmem_cache_destroy);

size_t kmem_cache_size(const struct kmem_cache *cache)
{
	return cache->size;
}
EXPORT_SYMBOL(kmem_cache_size);

static unsigned long list_nr_used(const struct list_head *slabs)
{
	const struct page *slab;
	unsigned long n = 0;

	list_for_each_entry(slab, slabs, link)
		n += slab->nr_used;
	return n;
}

unsigned long kmem_cache_nr_used(struct kmem_cache *cache)
{
	unsigned long n;

	kasan_drain();
	spin_lock(&cache->lock);
	n = list_nr_used(&cache->partial) + list_nr_used(&cache->full) -
	    cache->magazine.nr;
	spin_unlock(&cache->lock);
	return n;
}
EXPORT_SYMBOL(kmem_cache_nr_used);

unsigned long slab_nr_used(void)
{
	unsigned long n = kmalloc_nr_large();
	unsigned int i;

	spin_lock(&caches_lock);
	for (i = 0; i < SLAB_NR_CACHES; i++)
		if (slab_caches[i])
			n += kmem_cache_nr_used(slab_caches[i]);
	spin_unlock(&caches_lock);
	return n;
}

void slab_drain(void)
{
	unsigned int i;

	spin_lock(&caches_lock);
	for (i = 0; i < SLAB_NR_CACHES; i++)
		if (slab_caches[i])
			kmem_cache_shrink(slab_caches[i]);
	spin_unlock(&caches_lock);
}

void slab_init(void)
{
	bool ok = cache_set_up(&cache_of_caches, "kmem_cache",
			       sizeof(struct kmem_cache), 0, SLAB_ORDER0,
			       NULL) && cache_register(&cache_of_caches);

	ASSERT(ok);
	kmalloc_init();
}

int slab_check(void)
{
	unsigned int i;
	int broken = 0;

	spin_lock(&caches_lock);
	for (i = 0; i < SLAB_NR_CACHES && !broken; i++)
		if (slab_caches[i])
			broken = slab_check_cache(slab_caches[i]);
	spin_unlock(&caches_lock);
	return broken;
}

static void cache_report(struct kmem_cache *cache, print_fn *print)
{
	unsigned long nr_used = kmem_cache_nr_used(cache);
	const struct page *last = list_entry(cache->partial.prev, struct page,
					     link);
	bool empty = !list_empty(&cache->partial) && last->nr_used == 0;

	print("%-16s %7lu %7lu %6zu %6u %4u %5u %6lu %5u %5u/%2u\n",
	      cache->name, nr_used, cache->nr_slabs * cache->nr_objects,
	      cache->size, cache->stride, cache->nr_objects,
	      1U << cache->order, cache->nr_slabs, empty,
	      cache->magazine.nr, cache->capacity);
}

void slab_report(print_fn *print)
{
	unsigned int i;

	print("cache             active   total   size stride each pages  "
	      "slabs empty magazine\n");
	spin_lock(&caches_lock);
	for (i = 1; i < SLAB_NR_CACHES; i++)
		if (slab_caches[i])
			cache_report(slab_caches[i], print);
	spin_unlock(&caches_lock);
	print("kmalloc, blocks of whole pages: %lu\n", kmalloc_nr_large());
}
