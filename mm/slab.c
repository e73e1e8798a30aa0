/* SPDX-License-Identifier: MIT */
/*
 * slab.c - objects that are all of one size, cut from blocks of frames
 *
 * Problem     The kernel needs thousands of small records, and a page for each
 *             would waste most of it. A general heap fragments, and searches.
 * Idea        A cache serves one size. It cuts blocks of frames, its slabs,
 *             into equal objects, so any free object is as good as any other
 *             and none is searched for (Bonwick, "The Slab Allocator", 1994).
 *             Nothing but objects lies in a slab: what there is to know about
 *             it stands in the struct page of its first frame, and the free
 *             objects are a chain of indices kept in the objects themselves.
 * Picture     cache -> partial: slab <-> slab <-> empty slab
 *                      full:    slab <-> slab
 *
 *             a slab      | object 0 | object 1 | object 2 | object 3 | rest |
 *             its page    nr_used 2, first_free 3
 *             object 3    next = 1, key        free: the chain is 3, 1, end
 *             object 1    next = end, key      free
 *
 *             Each frame of a slab knows order and cache, so any address leads
 *             to its slab: round the frame's number down to the order.
 *             The key is made from the object's own address. An object that is
 *             freed with its key in place is probably free already, and only
 *             then is the chain walked to make sure. With a constructor an
 *             object must stay as it is while free; its link lies behind it.
 * Invariants  S1  A cache has nr_slabs slabs on its two lists, and all their
 *                 frames are PAGE_SLAB with the cache's number and order.
 *             S2  Slabs on the full list have nr_objects in use, those on the
 *                 partial list fewer.
 *             S3  At most one slab is empty, and it is the last partial one: so
 *                 it is used last, and a further one goes back at once.
 *             S4  The chain of a slab ends after nr_objects - nr_used objects.
 *                 (They are distinct: a chain that meets itself has no end.)
 *             S5  Each free object has its key and a link into its own slab.
 *             slab_check.c verifies them.
 * Locks       C: cache->lock (rank SLAB) covers the lists, the chains and the
 *             slabs' pages. Frames are taken without it, and constructors run
 *             without it; frames of a slab that has become empty go back under it.
 * Failure     No memory: NULL. A wrong free is reported with the caller and
 *             changes nothing. An object that was written to after it was freed
 *             is found when its turn comes; its slab's free objects are then
 *             written off, so that nobody is given a damaged one.
 * Cost        O(1) for alloc and free, but for making a slab. Most calls come no
 *             further than the magazine in front (mm/magazine.c).
 * Read first  slab_alloc, then slab_free_now.
 * See         mm/magazine.c, tests/mm/test_slab.c, docs/book/mm/slab.md
 */
#include <mm/slab.h>

#include <kernel/printk.h>
#include <lib/export.h>
#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/page_alloc.h>

#include "slab_internal.h"

/* Why a pointer cannot be freed to a cache. */
enum misuse {
	MISUSE_NONE,
	MISUSE_NO_SLAB,
	MISUSE_OTHER_CACHE,
	MISUSE_INSIDE,
	MISUSE_FREE_ALREADY,
};

static const char *const misuse_words[] = {
	[MISUSE_NO_SLAB] = "free of what is in no slab:",
	[MISUSE_OTHER_CACHE] = "free of another cache's",
	[MISUSE_INSIDE] = "free of no object's start:",
	[MISUSE_FREE_ALREADY] = "double free of",
};

unsigned int object_index(const struct kmem_cache *cache, const void *object)
{
	uint64_t offset = (uint32_t)object & cache->offset_mask;

	return object_begins(cache, object) ?
	       (uint32_t)(offset * cache->reciprocal >> 32) - SLAB_FIRST :
	       SLAB_END;
}

/* Bounded, even if the chain is damaged. */
bool slab_chain_has(const struct kmem_cache *cache, const struct page *slab,
		    unsigned int index)
{
	unsigned int left = cache->nr_objects - slab->nr_used;
	unsigned int i = slab->first_free;

	while (left-- > 0 && i < cache->nr_objects) {
		if (i == index)
			return true;
		i = link_next(object_link(cache, object_at(cache, slab, i)));
	}
	return false;
}

/* A block cut into free objects, not yet one of the cache's slabs. */
static struct page *slab_create(const struct kmem_cache *cache, gfp_t gfp)
{
	struct page *slab = alloc_pages(gfp & ~(__GFP_HIGHMEM | __GFP_ZERO),
					cache->order);
	unsigned int i, next;
	void *object;

	if (!slab)
		return NULL;
	for (i = 0; i < cache->nr_objects; i++) {
		object = object_at(cache, slab, i);
		next = i + 1 < cache->nr_objects ? i + 1 : SLAB_END;
		if (cache->ctor)
			cache->ctor(object);
		link_set(object_link(cache, object), next);
	}
	kasan_slab_create(cache, slab);
	return slab;
}

static void slab_insert(struct kmem_cache *cache, struct page *slab)
	__must_hold(&cache->lock)
{
	unsigned int i;

	lock_assert_held(&cache->lock);
	for (i = 0; i < 1U << cache->order; i++) {
		slab[i].state = PAGE_SLAB;
		slab[i].order = (uint8_t)cache->order;
		slab[i].cache = (uint8_t)cache->index;
	}
	slab->nr_used = 0;
	slab->first_free = 0;
	list_add(&slab->link, &cache->partial);
	cache->nr_slabs++;
	trace(TRACE_SLAB_GROW, cache->name, page_to_pfn(slab));
}

/* The reverse. Frames go back under the lock: those of the zones lie deeper. */
static void slab_remove(struct kmem_cache *cache, struct page *slab)
	__must_hold(&cache->lock)
{
	unsigned int i;

	lock_assert_held(&cache->lock);
	cache->nr_slabs--;
	trace(TRACE_SLAB_SHRINK, cache->name, page_to_pfn(slab));
	list_del(&slab->link);
	for (i = 0; i < 1U << cache->order; i++) {
		slab[i].state = i == 0 ? PAGE_USED : PAGE_TAIL;
		slab[i].cache = 0;
	}
	slab->count = 1;
	__free_pages(slab, cache->order);
}

static void slab_move(struct page *slab, struct list_head *list)
{
	list_del(&slab->link);
	list_add(&slab->link, list);
}

/* Take the first object off the chain; NULL when it was written after free. */
static __always_inline void *slab_pop(struct kmem_cache *cache,
				      struct page *slab)
{
	void *object = object_at(cache, slab, slab->first_free);
	struct free_link *link = object_link(cache, object);
	unsigned int next = link_next(link);

	if (unlikely(!link_intact(cache, link)))
		return NULL;
	link_clear(link);
	slab->first_free = (uint16_t)next;
	slab->nr_used++;
	if (unlikely(next == SLAB_END))
		slab_move(slab, &cache->full);
	return object;
}

/* From now on the slab has no free object: whoever holds one may free it. */
static void slab_write_off(struct kmem_cache *cache, struct page *slab)
	__must_hold(&cache->lock)
{
	slab_report_damage(cache, object_at(cache, slab, slab->first_free));
	slab->nr_used = (uint16_t)cache->nr_objects;
	slab->first_free = SLAB_END;
	slab_move(slab, &cache->full);
}

void *slab_take(struct kmem_cache *cache) __must_hold(&cache->lock)
{
	struct page *slab;
	void *object;

	lock_assert_held(&cache->lock);
	while (!list_empty(&cache->partial)) {
		slab = list_first_entry(&cache->partial, struct page, link);
		object = slab_pop(cache, slab);
		if (likely(object))
			return object;
		slab_write_off(cache, slab);
	}
	return NULL;
}

static void *cache_grow_and_take(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *slab = slab_create(cache, gfp);
	void *object;

	if (!slab)
		return NULL;
	spin_lock(&cache->lock);
	slab_insert(cache, slab);
	object = slab_pop(cache, slab);
	spin_unlock(&cache->lock);
	return object;
}

__noinline void *slab_alloc(struct kmem_cache *cache, gfp_t gfp,
			    unsigned long caller)
{
	bool open = magazine_open();
	void *object = NULL;

	ASSERT(!(gfp & __GFP_DMA));
	if (gfp & __GFP_WAIT)
		lock_assert_none_held();

	spin_lock(&cache->lock);
	if (open)
		object = magazine_refill(cache);
	else if (!fail_now(FAIL_OBJECT))
		object = slab_take(cache);
	spin_unlock(&cache->lock);
	if (!object)
		object = cache_grow_and_take(cache, gfp);
	kasan_slab_alloc(cache, object, caller);
	if ((gfp & __GFP_ZERO) && object) {
		ASSERT(!cache->ctor);
		memset(object, 0, cache->size);
	}
	return object;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *object = NULL;

	return magazine_alloc(cache, gfp, &object) ? object :
	       slab_alloc(cache, gfp, CALLER);
}
EXPORT_SYMBOL(kmem_cache_alloc);

static enum misuse object_misuse(const struct kmem_cache *cache,
				 const struct page *slab, const void *object)
{
	unsigned int index = object_index(cache, object);

	if (!slab || slab->state != PAGE_SLAB)
		return MISUSE_NO_SLAB;
	if (slab->cache != cache->index)
		return MISUSE_OTHER_CACHE;
	if (index == SLAB_END)
		return MISUSE_INSIDE;
	if ((link_has_key(object_link(cache, object)) &&
	     (slab_chain_has(cache, slab, index) ||
	      magazine_has(&cache->magazine, cache->magazine.nr, object))) ||
	    kasan_is_held(object))
		return MISUSE_FREE_ALREADY;
	return MISUSE_NONE;
}

/* S3: it becomes the last one, or goes when there is an empty one already. */
static void slab_emptied(struct kmem_cache *cache, struct page *slab)
	__must_hold(&cache->lock)
{
	struct page *last = list_entry(cache->partial.prev, struct page, link);

	if (last == slab)
		return;
	if (last->nr_used == 0) {
		slab_remove(cache, slab);
		return;
	}
	list_del(&slab->link);
	list_add_tail(&slab->link, &cache->partial);
}

void slab_give(struct kmem_cache *cache, struct page *slab, void *object)
	__must_hold(&cache->lock)
{
	lock_assert_held(&cache->lock);
	link_set(object_link(cache, object), slab->first_free);
	if (unlikely(slab->first_free == SLAB_END))
		slab_move(slab, &cache->partial);
	slab->first_free = (uint16_t)object_index(cache, object);
	if (--slab->nr_used == 0)
		slab_emptied(cache, slab);
}

void slab_free_now(struct kmem_cache *cache, void *object, unsigned long caller)
{
	struct page *slab = slab_of(object);
	bool open = magazine_open();
	enum misuse misuse;

	if (!object)
		return;
	spin_lock(&cache->lock);
	misuse = object_misuse(cache, slab, object);
	if (misuse == MISUSE_NONE) {
		slab_give(cache, slab, object);
		if (open && cache->magazine.nr == cache->capacity)
			magazine_flush(cache, cache->capacity / 2);
	}
	spin_unlock(&cache->lock);

	if (misuse != MISUSE_NONE) {
		printk(KERN_ERR "slab: %s %p, cache %s, freed by %pB\n",
		       misuse_words[misuse], object, cache->name,
		       (void *)caller);
		kasan_tell_owners(object);
	}
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	if (!magazine_open() || cache_number(object) != cache->index ||
	    !magazine_put(cache, object))
		slab_free(cache, object, CALLER);
}
EXPORT_SYMBOL(kmem_cache_free);

bool slab_object_used(struct kmem_cache *cache, const void *object)
{
	enum misuse misuse;

	spin_lock(&cache->lock);
	misuse = object_misuse(cache, slab_of(object), object);
	spin_unlock(&cache->lock);
	return misuse == MISUSE_NONE;
}

unsigned int kmem_cache_shrink(struct kmem_cache *cache)
{
	unsigned long nr;
	struct page *last;

	kasan_drain();
	spin_lock(&cache->lock);
	nr = cache->nr_slabs;
	if (!in_interrupt())
		magazine_flush(cache, 0);
	last = list_entry(cache->partial.prev, struct page, link);
	if (!list_empty(&cache->partial) && last->nr_used == 0)
		slab_remove(cache, last);
	nr -= cache->nr_slabs;
	spin_unlock(&cache->lock);
	return (unsigned int)nr;
}
EXPORT_SYMBOL(kmem_cache_shrink);
