/* SPDX-License-Identifier: MIT */
/* slab_internal.h - what slab.c, magazine.c, kmem_cache.c, kmalloc.c share */
#ifndef MM_SLAB_INTERNAL_H
#define MM_SLAB_INTERNAL_H

#include <mm/failnth.h>
#include <mm/kasan.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <mm/trace.h>
#include <x86/spinlock.h>

#define MAGAZINE_MAX	14U	/* objects in a magazine at most, and ...   */
#define MAGAZINE_BYTES	KIB(16)	/* ... how much memory                      */

/* magazine.c: free objects that are at hand without a lock. */
struct magazine {
	unsigned int	nr;
	void		*objects[MAGAZINE_MAX];	/* the last one goes first  */
};

/* Locks: I set once at creation; C lock; T the thread that runs, alone. */
struct kmem_cache {
	struct spinlock	lock;		/*     rank SLAB                      */
	const char	*name;		/* [I]                                */
	size_t		size;		/* [I] bytes of an object to be used  */
	unsigned int	stride;		/* [I] from one object to the next    */
	unsigned int	reciprocal;	/* [I] 2^32 / stride, rounded up      */
	unsigned int	link_offset;	/* [I] of a free object's link        */
	unsigned int	nr_objects;	/* [I] in a slab                      */
	unsigned int	offset_mask;	/* [I] bytes of a slab, less 1        */
	unsigned int	offset_end;	/* [I] behind the last object         */
	unsigned int	capacity;	/* [I] of the magazine, 0: has none   */
	unsigned int	order;		/* [I] a slab has 2^order frames      */
	unsigned int	flags;		/* [I] SLAB_                          */
	unsigned int	index;		/* [I] in slab_caches                 */
	void		(*ctor)(void *); /* [I] or NULL                       */
	unsigned long	nr_slabs;	/* [C] on both lists                  */
	struct list_head partial;	/* [C] slabs with a free object       */
	struct list_head full;		/* [C] slabs without one              */
	struct magazine	magazine;	/* [T] the one CPU's                  */
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

/*
 * Does the place of an object begin at @object, which lies in a slab of @cache?
 * A slab lies at a multiple of its size. That the stride s divides the offset is
 * seen in the lower half of offset * r, where the reciprocal r = (2^32 + e) / s
 * is rounded up, so e < s. For offset = q * s + t the product is q * 2^32 +
 * q * e + t * r. Objects end within 2^15 bytes, so q * e <= offset < 2^15, and
 * s <= 2^13, so r >= 2^19. If t = 0, the lower half is q * e < r. Else it is at
 * least r, and below 2^32: t * r <= (s - 1) * r = 2^32 + e - r, and e + q * e < r.
 * The upper half is q, the object's place, in either case.
 */
static __always_inline bool object_begins(const struct kmem_cache *cache,
					  const void *object)
{
	uint32_t offset = (uint32_t)object & cache->offset_mask;

	return offset >= SLAB_FIRST * cache->stride &&
	       offset < cache->offset_end &&
	       offset * cache->reciprocal < cache->reciprocal;
}

/* S8: both words are the key, of an object in a magazine. */
static __always_inline bool link_is_idle(const struct free_link *link)
{
	uint32_t key = link_key(link);

	return link->key == key && link->next == key;
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

/* slab.c: the slow halves of kmem_cache_alloc, for @caller ... */
void *slab_alloc(struct kmem_cache *cache, gfp_t gfp, unsigned long caller);

/* ... and of kmem_cache_free. Any @object is fine. */
void slab_free_now(struct kmem_cache *cache, void *object,
		   unsigned long caller);

/* The same, or later. */
static inline void slab_free(struct kmem_cache *cache, void *object,
			     unsigned long caller)
{
	if (!kasan_slab_free(cache, object, caller))
		slab_free_now(cache, object, caller);
}

/* slab.c: does a used object of @cache begin at @object? */
bool slab_object_used(struct kmem_cache *cache, const void *object);

/* slab.c: an object of the first slab that has one, or NULL. */
void *slab_take(struct kmem_cache *cache);

/* The reverse, for an object of @slab that is in use. */
void slab_give(struct kmem_cache *cache, struct page *slab, void *object);

/* slab.c: what S4 and S6 ask. SLAB_END: no object begins there. */
unsigned int object_index(const struct kmem_cache *cache, const void *object);
bool slab_chain_has(const struct kmem_cache *cache, const struct page *slab,
		    unsigned int index);

/* slab_check.c: S1 to S8 for one cache; 0 or the number. */
int slab_check_cache(struct kmem_cache *cache);

/* slab_check.c: say that a free object, or its link, was written to. */
void slab_report_damage(const struct kmem_cache *cache, const void *object);

/* --- magazine.c ------------------------------------------------------------ */

/* Is @object among the first @nr? Any context; the cache is locked. */
bool magazine_has(const struct magazine *magazine, unsigned int nr,
		  const void *object);

/* The last object that nobody has written to. If there is none, one of the slabs,
 * which then fill half of the magazine too. NULL: they have none either. */
void *magazine_refill(struct kmem_cache *cache);

/* To the slabs, until @keep are left. */
void magazine_flush(struct kmem_cache *cache, unsigned int keep);

/*
 * May magazines be touched here and now? Not while allocations fail on purpose:
 * each of them has to be seen by mm/failnth.c.
 */
static inline bool magazine_open(void)
{
	return likely(!(this_cpu->context | failnth_kinds));
}

/* The last object, into *@object. False: there is none, or it was written to. */
static __always_inline bool magazine_take(struct kmem_cache *cache,
					  void **object)
{
	struct magazine *magazine = &cache->magazine;
	struct free_link *link;

	if (unlikely(magazine->nr == 0))
		return false;
	link = magazine->objects[magazine->nr - 1];
	if (unlikely(!link_is_idle(link)))
		return false;
	link_clear(link);
	magazine->nr--;
	*object = link;
	return true;
}

/* False: it is full, or @object, in a slab of @cache, is none that is in use. */
static __always_inline bool magazine_put(struct kmem_cache *cache, void *object)
{
	struct magazine *magazine = &cache->magazine;

	if (unlikely(magazine->nr >= cache->capacity ||
		     !object_begins(cache, object) || link_has_key(object)))
		return false;
	link_set(object, 0);
	magazine->objects[magazine->nr++] = object;
	return true;
}

/* The fast half of kmem_cache_alloc. False: slab_alloc knows what to do. */
static __always_inline bool magazine_alloc(struct kmem_cache *cache, gfp_t gfp,
					   void **object)
{
	return likely(!(gfp & (__GFP_DMA | __GFP_ZERO))) && magazine_open() &&
	       magazine_take(cache, object);
}

/*
 * The number of the cache that the byte at @p belongs to, KMALLOC_LARGE, or 0.
 * Any @p is fine: one outside of the direct map may be taken for a frame that has
 * no address, and is in no slab either.
 */
static __always_inline unsigned int cache_number(const void *p)
{
	pfn_t pfn = virt_to_pfn(p);

	return likely(pfn_valid(pfn)) ? pfn_to_page(pfn)->cache : 0;
}

/* kmalloc.c: its caches, and the blocks of whole pages that it has in use. */
void kmalloc_init(void);
unsigned long kmalloc_nr_large(void);

#endif
