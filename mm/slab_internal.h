/* SPDX-License-Identifier: MIT */
/* slab_internal.h - what slab.c, slab_check.c, kmem_cache.c, kmalloc.c share */
#ifndef MM_SLAB_INTERNAL_H
#define MM_SLAB_INTERNAL_H

#include <mm/kasan.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <x86/spinlock.h>

#define SLAB_KMALLOC	0x8U	/* a cache's flag: its objects are kfree's  */

/* Locks: I set once at creation; C lock. */
struct kmem_cache {
	struct spinlock	lock;		/*     rank SLAB                      */
	const char	*name;		/* [I]                                */
	size_t		size;		/* [I] bytes of an object to be used  */
	unsigned int	stride;		/* [I] from one object to the next    */
	unsigned int	reciprocal;	/* [I] 2^32 / stride, rounded up      */
	unsigned int	link_offset;	/* [I] of a free object's link        */
	unsigned int	nr_objects;	/* [I] in a slab                      */
	unsigned int	order;		/* [I] a slab has 2^order frames      */
	unsigned int	flags;		/* [I] SLAB_                          */
	unsigned int	index;		/* [I] in slab_caches                 */
	void		(*ctor)(void *); /* [I] or NULL                       */
	unsigned long	nr_slabs;	/* [C] on both lists                  */
	struct list_head partial;	/* [C] slabs with a free object       */
	struct list_head full;		/* [C] slabs without one              */
};

#define SLAB_END	0xffffU		/* the end of a chain of indices      */
#define SLAB_KEY	0x5ab0f4eeU	/* against accidents: it is no secret */

/* What a free object holds, at cache->link_offset. */
struct free_link {
	uint32_t	next;		/* index or SLAB_END, twice, ^ key: so
					 * that a stray value is no index     */
	uint32_t	key;		/* link_key; 0 while it is used       */
};
_Static_assert(sizeof(struct free_link) == KMALLOC_MIN,
	       "the smallest object has room for it");

/* KASAN=1: what else lies behind an object, and how many places stay empty. */
struct kasan_record {
	unsigned long	alloc_caller, free_caller;	/* 0: not yet       */
	size_t		requested;
};
_Static_assert(!KASAN_ON || sizeof(struct free_link) +
	       sizeof(struct kasan_record) == KASAN_BEHIND, "kasan.h knows it");
#define SLAB_RECORD	(KASAN_ON ? sizeof(struct kasan_record) : 0)
#define SLAB_FIRST	((unsigned int)KASAN_ON)

static inline void *object_at(const struct kmem_cache *cache,
			      const struct page *slab, unsigned int index)
{
	return (char *)page_address(slab) +
	       (index + SLAB_FIRST) * cache->stride;
}

static inline struct free_link *object_link(const struct kmem_cache *cache,
					    const void *object)
{
	return (struct free_link *)((unsigned long)object + cache->link_offset);
}

/* The links of free objects: memory that is nobody's at the moment. */
static inline uint32_t link_key(const struct free_link *link)
{
	return (uint32_t)link ^ SLAB_KEY;
}

static inline __no_sanitize_address bool
link_has_key(const struct free_link *link)
{
	return link->key == link_key(link);
}

static inline __no_sanitize_address void link_clear(struct free_link *link)
{
	link->key = 0;
}

static inline __no_sanitize_address void link_set(struct free_link *link,
						  unsigned int next)
{
	link->key = link_key(link);
	link->next = (next << 16 | next) ^ link->key;
}

static inline __no_sanitize_address unsigned int
link_next(const struct free_link *link)
{
	return (link->next ^ link_key(link)) & 0xffff;
}

/* S5 for one link. */
static inline __no_sanitize_address bool
link_intact(const struct kmem_cache *cache, const struct free_link *link)
{
	unsigned int next = link_next(link);

	return link->key == link_key(link) &&
	       (link->next ^ link->key) >> 16 == next &&
	       (next < cache->nr_objects || next == SLAB_END);
}

/* kmem_cache.c: [L] the caches by number, NULL where there is none. */
extern struct kmem_cache *slab_caches[SLAB_NR_CACHES];

/*
 * slab_of - the head of the slab that holds the byte at @p, or NULL
 *
 * Any @p is fine. An answer stays true for as long as an object of the slab is
 * in use, or its cache is locked.
 */
static inline struct page *slab_of(const void *p)
{
	struct page *page;

	if (!addr_in_direct_map((unsigned long)p))
		return NULL;
	page = virt_to_page(p);
	if (page->state != PAGE_SLAB)
		return NULL;
	return pfn_to_page(ALIGN_DOWN(page_to_pfn(page), 1U << page->order));
}

/* slab.c: kmem_cache_free with @slab == slab_of(@object), for @caller. */
void slab_free_now(struct kmem_cache *cache, struct page *slab, void *object,
		   unsigned long caller);

/* The same, or later. */
static inline void slab_free(struct kmem_cache *cache, struct page *slab,
			     void *object, unsigned long caller)
{
	if (!kasan_slab_free(cache, slab, object, caller))
		slab_free_now(cache, slab, object, caller);
}

/* slab.c: does a used object of @cache begin at @object? */
bool slab_object_used(struct kmem_cache *cache, const struct page *slab,
		      const void *object);

/* slab_check.c: S1 to S5 for one cache; 0 or the number. */
int slab_check_cache(struct kmem_cache *cache);

/* slab_check.c: say that a free object, or its link, was written to. */
void slab_report_damage(const struct kmem_cache *cache, const void *object);

/* kmalloc.c: its caches, and the blocks of whole pages that it has in use. */
void kmalloc_init(void);
unsigned long kmalloc_nr_large(void);

#endif
