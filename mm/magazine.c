/* SPDX-License-Identifier: MIT */
/*
 * magazine.c - a few free objects at hand, so that most calls need no lock
 *
 * Problem     A slab is shared by threads and interrupt handlers, and one day by
 *             CPUs. Its lock, interrupts off and on, and the care for its lists
 *             cost several times what giving an object away costs.
 * Idea        In front of each cache stands a magazine, a small stack of free
 *             objects (Bonwick and Adams, "Magazines and Vmem", 2001). Only a
 *             thread that holds no lock touches it. Such a thread is not
 *             preempted, and handlers go to the slabs, so nothing has to be
 *             locked. An empty magazine is filled by half under one lock, a full
 *             one gives half back: either way it then serves as many calls again.
 * Picture     a thread without a lock      a handler, or who holds a lock
 *                |          ^                   |          ^
 *             kfree      kmalloc             kfree      kmalloc
 *                v          |                   |          |
 *              magazine: o o o o                |          |
 *                |          ^                   |          |
 *            full: half   empty: half           |          |
 *                v          |                   v          |
 *             lock [ slab <-> slab <-> slab <-> slab <-> slab ]
 *
 *             An object in a magazine is in use for its slab, and free for
 *             everybody else. It keeps the key of a free one, and its link leads
 *             to index 0, where nobody follows it: both words are the key. A
 *             comparison of each finds what was written after it was freed. Who
 *             frees an object with its key in place goes the slow way, which
 *             looks whether it is free already.
 * Invariants  S6  A magazine holds at most cache->capacity objects, and each of
 *                 them begins where an object of the cache does.
 *             S7  Each is in use for its slab, and none is there twice.
 *             S8  Each has its key and the link to 0.
 *             slab_check.c verifies them; S1 to S5 are slab.c's.
 * Locks       T: none. A magazine is the running thread's, as long as that holds
 *             no lock but the cache's. One CPU runs; a second one needs a magazine
 *             of its own in each cache.
 * Failure     A handler may be refused while a magazine has objects. One that was
 *             written to is reported when its turn comes, and lost.
 * Cost        About 30 instructions each way. It keeps up to 14 objects or 16 KiB
 *             of each cache from the others; kmalloc's caches keep 64 KiB in all.
 *             Caches with a constructor, where the link lies behind the object,
 *             have no magazine; nor has any under KASAN, where that is so too.
 * Read first  magazine_take and magazine_put in slab_internal.h
 * See         tests/mm/test_magazine.c, docs/book/mm/magazine.md
 */
#include "slab_internal.h"

bool magazine_has(const struct magazine *magazine, unsigned int nr,
		  const void *object)
{
	while (nr-- > 0)
		if (magazine->objects[nr] == object)
			return true;
	return false;
}

void *magazine_refill(struct kmem_cache *cache) __must_hold(&cache->lock)
{
	struct magazine *magazine = &cache->magazine;
	void *object, *more;

	while (magazine->nr > 0) {
		if (magazine_take(cache, &object))
			return object;
		slab_report_damage(cache, magazine->objects[--magazine->nr]);
	}
	object = slab_take(cache);
	while (magazine->nr < cache->capacity / 2 &&
	       (more = slab_take(cache))) {
		link_set(more, 0);
		magazine->objects[magazine->nr++] = more;
	}
	return object;
}

void magazine_flush(struct kmem_cache *cache, unsigned int keep)
	__must_hold(&cache->lock)
{
	struct magazine *magazine = &cache->magazine;
	struct page *slab;
	void *object;

	while (magazine->nr > keep) {
		object = magazine->objects[--magazine->nr];
		slab = slab_of(object);
		if (slab && link_is_idle(object))
			slab_give(cache, slab, object);
		else
			slab_report_damage(cache, object);
	}
}
