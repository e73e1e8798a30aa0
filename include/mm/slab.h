/* SPDX-License-Identifier: MIT */
/* slab.h - objects smaller than a page: caches of one size, and kmalloc */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include <lib/format.h>
#include <mm/gfp.h>
#include <mm/kasan.h>

struct kmem_cache;

#define SLAB_NR_CACHES	255	/* page->cache has 8 bits; 0 is nobody's    */
#define SLAB_HWCACHE_ALIGN 0x1U	/* objects begin on a 64-byte cache line   */
#define SLAB_ORDER0	0x2U	/* slabs of one frame, whatever that wastes */
#define SLAB_PANIC	0x4U	/* creation must not fail: panic instead    */

#define KMALLOC_MIN	8UL
#define KMALLOC_MAX_CACHE 4096UL /* larger requests go to whole pages      */
#define KMALLOC_ONE_FRAME (KASAN_ON ? 1024UL : KMALLOC_MAX_CACHE) /* a slab's */
#define KMALLOC_MAX	(4UL * 1024 * 1024)

/* slab_init - the cache of caches and kmalloc's caches. After zone_init. */
void slab_init(void);

/*
 * kmem_cache_destroy - give the cache and all its slabs back
 *
 * NULL is fine. A cache with objects still in use, or a pointer that is no
 * cache, is reported with the caller and nothing is changed. Context  thread;
 * nobody may use the cache meanwhile.
 */
void kmem_cache_destroy(struct kmem_cache *cache);

/*
 * kmem_cache_create - a cache of objects of @size bytes
 *
 * @name   is kept, not copied. @align 0 or a power of two up to a page; objects
 *         are always aligned to 8.
 * @ctor   runs once for each object when its slab is made; an object comes back
 *         from kmem_cache_alloc as it was freed. NULL: contents are arbitrary.
 * Context thread. Returns NULL when @size is 0 or more than KMALLOC_MAX_CACHE,
 *         @align is bad, not one object fits into a slab (SLAB_ORDER0), all
 *         254 caches exist, or memory is short.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size,
				     size_t align, unsigned int flags,
				     void (*ctor)(void *))
	__freed_by(kmem_cache_destroy, 1);

/* NULL is fine. A pointer that is no used object of @cache is reported with the
 * caller and nothing is changed. Context  any. */
void kmem_cache_free(struct kmem_cache *cache, void *object);

/*
 * kmem_cache_alloc - an object of low memory
 *
 * @gfp    __GFP_ZERO is for caches without a constructor; __GFP_DMA is not
 *         possible, because slabs lie in either zone: use kmalloc.
 * Context any; with __GFP_WAIT thread, no spinlock held. Returns NULL when
 *         there is no memory.
 */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
	__freed_by(kmem_cache_free, 2);

/* kmem_cache_shrink - give back empty slabs; returns how many */
unsigned int kmem_cache_shrink(struct kmem_cache *cache);

size_t kmem_cache_size(const struct kmem_cache *cache);
unsigned long kmem_cache_nr_used(struct kmem_cache *cache);

/* NULL is fine; a wrong pointer is reported with the caller, nothing changed.
 * Only what kmalloc returned is right, not an object of another cache. */
void kfree(const void *p);

/*
 * kmalloc, kzalloc - @size bytes, aligned to 8, powers of two to their size
 *
 * @gfp     __GFP_DMA costs whole pages, however small @size is.
 * Returns  memory of the direct map, NULL when there is none or @size is more
 *          than KMALLOC_MAX. A size of 0 gives the smallest object (Linux gives
 *          a pointer that must not be used: docs/linux.md).
 * Context  any with GFP_ATOMIC, else thread.
 */
void *kmalloc(size_t size, gfp_t gfp) __freed_by(kfree, 1);
void *kzalloc(size_t size, gfp_t gfp) __freed_by(kfree, 1);

/*
 * krealloc - the same bytes in an object of at least @size
 *
 * @p NULL: kmalloc. @size 0: kfree, returns NULL. Where ksize(@p) is enough, @p
 * itself is returned and @gfp is not looked at; else the bytes are copied and
 * @p is freed. On failure, which a wrong @p is too (reported with the caller),
 * @p stays as it was.
 */
void *krealloc(void *p, size_t size, gfp_t gfp) __freed_by(kfree, 1);

/* ksize - how many bytes @p really has; 0 for NULL or a wrong pointer */
size_t ksize(const void *p);

/* Objects in use in all caches; large kmalloc blocks count as one each. */
unsigned long slab_nr_used(void);

void slab_drain(void);			/* all empty slabs back to the pages  */
int slab_check(void);			/* invariants S1 to S8; 0 or number   */

/*
 * slab_report - a line for each cache, in the spirit of Linux's /proc/slabinfo
 *
 * Objects in use and in all; bytes of one, and from one to the next; objects and
 * pages of a slab; slabs, and those of them that are empty; free objects in the
 * magazine, and how many it holds at most.
 */
void slab_report(print_fn *print);

#endif
