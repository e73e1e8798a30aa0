/* SPDX-License-Identifier: MIT */
/*
 * kasan_slab.c - objects under KASAN=1: redzones, records and the quarantine
 *
 * Problem     Objects of a slab touch each other, and a freed one is given to the
 *             next who asks: an overrun, or a use after free, hits a neighbour.
 * Idea        Behind each object lie its link, a record of who took and freed it,
 *             and what the alignment leaves: the redzone, poisoned. A freed
 *             object is poisoned too, and waits in a queue, the quarantine,
 *             before its slab gets it back; so it stays nobody's for a while.
 * Picture     | place 0: | object 0 |link|record| | object 1 |link|record| | ...
 *             | redzone  |          |  redzone    |          |  redzone    |
 *             |<-------->|<------- stride ------->|
 *             The first place stays empty, so that each object has a redzone
 *             before it as well.
 * Invariants  KQ1 An object in the quarantine is in use for its slab and freed
 *                 for its shadow.
 *             KQ2 The quarantine has at most QUARANTINE_MAX objects.
 * Locks       quarantine_lock (rank SLAB), never together with a cache's: an
 *             object that leaves is freed without it.
 * Cost        24 bytes and more for each object.
 * Read first  kasan_slab_free
 * See         mm/slab.c, tests/mm/test_kasan.c
 */
#include <mm/kasan.h>

#include <kernel/lockrank.h>
#include <kernel/printk.h>
#include <mm/failnth.h>
#include <x86/percpu.h>

#include "slab_internal.h"

#define QUARANTINE_MAX	512U

struct held {
	struct kmem_cache *cache;
	void		*object;
	unsigned long	caller;
};

static struct spinlock quarantine_lock = SPINLOCK_INIT(RANK_SLAB);
static struct held quarantine[QUARANTINE_MAX];	/* a ring */
static unsigned int first, nr_held;

/* It lies in the redzone, which only these two may touch. */
static struct kasan_record *record_of(const struct kmem_cache *cache,
				      const void *object)
{
	return (struct kasan_record *)(object_link(cache, object) + 1);
}

static __no_sanitize_address struct kasan_record
record_get(const struct kmem_cache *cache, const void *object)
{
	const struct kasan_record *record = record_of(cache, object);

	return (struct kasan_record){ record->alloc_caller,
				      record->free_caller, record->requested };
}

static __no_sanitize_address void
record_set(const struct kmem_cache *cache, const void *object,
	   unsigned long alloc_caller, unsigned long free_caller, size_t size)
{
	struct kasan_record *record = record_of(cache, object);

	record->alloc_caller = alloc_caller;
	record->free_caller = free_caller;
	record->requested = size;
}

bool kasan_is_held(const void *object)
{
	return kasan_shadow((unsigned long)object) == KASAN_HELD;
}

/* --- given and taken ------------------------------------------------------- */

void kasan_slab_create(const struct kmem_cache *cache, struct page *slab)
{
	unsigned int i;

	kasan_poison(page_address(slab), PAGE_SIZE << cache->order,
		     KASAN_REDZONE);
	for (i = 0; i < cache->nr_objects; i++) {
		void *object = object_at(cache, slab, i);

		kasan_poison(object, cache->size, KASAN_FREE);
		record_set(cache, object, 0, 0, cache->size);
	}
}

void kasan_slab_alloc(const struct kmem_cache *cache, void *object,
		      unsigned long caller)
{
	if (!object)
		return;
	kasan_unpoison(object, cache->size);
	record_set(cache, object, caller, 0, cache->size);
}

/* The smaller size keeps the rest of the object from being touched. */
void *kasan_kmalloc(void *p, size_t size, unsigned long caller)
{
	struct page *slab = slab_of(p);
	const struct kmem_cache *cache;

	if (!slab) {
		if (p)
			kasan_kmalloc_large(p, size, caller);
		return p;
	}
	cache = slab_caches[slab->cache];
	size = size ? size : KMALLOC_MIN;
	kasan_poison(p, cache->size, KASAN_REDZONE);
	kasan_unpoison(p, size);
	record_set(cache, p, caller, 0, size);
	return p;
}

size_t kasan_ksize(const void *p, size_t size)
{
	if (size)
		kasan_unpoison(p, size);
	return size;
}

/* --- the quarantine -------------------------------------------------------- */

/* Under the lock: the oldest one, or none. */
static struct held take_oldest(void)
{
	const struct held oldest = nr_held ? quarantine[first]
					   : (struct held){ 0 };

	if (nr_held) {
		first = (first + 1) % QUARANTINE_MAX;
		nr_held--;
	}
	return oldest;
}

/* Returns the one that has to leave for it, if any. */
static struct held hold(struct held held)
{
	struct held oldest = { 0 };

	spin_lock(&quarantine_lock);
	if (nr_held == QUARANTINE_MAX)
		oldest = take_oldest();
	quarantine[(first + nr_held++) % QUARANTINE_MAX] = held;
	spin_unlock(&quarantine_lock);
	return oldest;
}

static bool release(struct held held)
{
	if (!held.object)
		return false;
	kasan_poison(held.object, held.cache->size, KASAN_FREE);
	slab_free_now(held.cache, held.object, held.caller);
	return true;
}

bool kasan_slab_free(struct kmem_cache *cache, void *object,
		     unsigned long caller)
{
	struct kasan_record record;

	if (!slab_object_used(cache, object))
		return false;		/* slab_free_now says why */
	record = record_get(cache, object);
	record_set(cache, object, record.alloc_caller, caller,
		   record.requested);
	kasan_poison(object, cache->size, KASAN_HELD);
	release(hold((struct held){ cache, object, caller }));
	return true;
}

bool kasan_drain(void)
{
	struct held oldest;
	bool any = false;

	do {
		spin_lock(&quarantine_lock);
		oldest = take_oldest();
		spin_unlock(&quarantine_lock);
		any |= oldest.object != NULL;
	} while (release(oldest));
	return any;
}

/* What is refused on purpose stays refused. */
bool kasan_reclaim(void)
{
	return !failnth_kinds && in_plain_thread() && kasan_drain();
}

/* --- for reports: no lock -------------------------------------------------- */

/* Between two objects: the nearer one. */
bool kasan_find_object(unsigned long addr, struct kasan_object *object)
{
	const struct page *slab = slab_of((const void *)addr);
	const struct kmem_cache *cache;
	struct kasan_record record;
	unsigned long offset, past;
	unsigned int index;
	void *start;

	if (!slab || !slab_caches[slab->cache])
		return false;
	cache = slab_caches[slab->cache];
	offset = addr - (unsigned long)page_address(slab);
	index = offset < cache->stride ? 0 : offset / cache->stride - 1;
	past = offset % cache->stride;
	if (offset >= cache->stride && index + 1 < cache->nr_objects &&
	    past >= cache->size && cache->stride - past <= past - cache->size)
		index++;
	start = object_at(cache, slab, MIN(index, cache->nr_objects - 1));
	record = record_get(cache, start);
	*object = (struct kasan_object){
		.cache = cache->name,
		.start = (unsigned long)start,
		.requested = record.requested,
		.alloc_caller = record.alloc_caller,
		.free_caller = record.free_caller,
	};
	return true;
}

void kasan_tell_owners(const void *p)
{
	struct kasan_object object;

	if (!kasan_find_object((unsigned long)p, &object))
		return;
	printk("slab: %p was asked for by %pB", (void *)object.start,
	       (void *)object.alloc_caller);
	if (object.free_caller)
		printk(", freed before by %pB", (void *)object.free_caller);
	printk("\n");
}
