/* SPDX-License-Identifier: MIT */
/*
 * slab_check.c - do S1 to S5 of slab.c and S6 to S8 of magazine.c hold?
 *
 * Idea        Walk every slab of a cache, each free object of the slab, and the
 *             magazine, and trust nothing on the way: all walks are bounded by
 *             the counts.
 * Locks       The cache's own, for the whole walk.
 * Cost        O(slabs + free objects): for tests and the debug monitor.
 * Read first  slab_check_cache.
 * See         mm/slab.c, tests/mm/test_slab_check.c
 */
#include "slab_internal.h"

#include <kernel/printk.h>

void slab_report_damage(const struct kmem_cache *cache, const void *object)
{
	printk(KERN_ERR "slab: %p in cache %s was written after free\n",
	       object, cache->name);
}

/* S1 for one slab. */
static bool frames_are_marked(const struct kmem_cache *cache,
			      const struct page *slab)
{
	unsigned int i;

	for (i = 0; i < 1U << cache->order; i++)
		if (slab[i].state != PAGE_SLAB ||
		    slab[i].order != cache->order ||
		    slab[i].cache != cache->index)
			return false;
	return true;
}

/* S4 and S5 for one slab. */
static int check_chain(const struct kmem_cache *cache, const struct page *slab)
{
	unsigned int left = cache->nr_objects - slab->nr_used;
	unsigned int i = slab->first_free;
	void *object;

	for (; left > 0 && i < cache->nr_objects; left--) {
		object = object_at(cache, slab, i);
		if (!link_intact(cache, object_link(cache, object))) {
			slab_report_damage(cache, object);
			return 5;
		}
		i = link_next(object_link(cache, object));
	}
	return left == 0 && i == SLAB_END ? 0 : 4;
}

static int check_slab(const struct kmem_cache *cache, const struct page *slab,
		      const struct list_head *list)
{
	bool full = list == &cache->full;

	if (!frames_are_marked(cache, slab))
		return 1;
	if (full != (slab->nr_used == cache->nr_objects) ||
	    slab->nr_used > cache->nr_objects)
		return 2;
	if (slab->nr_used == 0 && slab->link.next != list)
		return 3;
	return check_chain(cache, slab);
}

/* Check the slabs of a list, no more than S1 allows, and count them in *@nr. */
static int check_list(const struct kmem_cache *cache,
		      const struct list_head *list, unsigned long *nr)
	__must_hold(&cache->lock)
{
	const struct page *slab;
	int broken;

	list_for_each_entry(slab, list, link) {
		if (++*nr > cache->nr_slabs)
			return 1;
		broken = check_slab(cache, slab, list);
		if (broken)
			return broken;
	}
	return 0;
}

/* S6 to S8. */
static int check_magazine(const struct kmem_cache *cache)
{
	const struct magazine *magazine = &cache->magazine;
	const struct page *slab;
	unsigned int i, index;

	for (i = 0; i < magazine->nr; i++) {
		if (i >= cache->capacity)
			return 6;
		slab = slab_of(magazine->objects[i]);
		index = object_index(cache, magazine->objects[i]);
		if (!slab || slab->cache != cache->index || index == SLAB_END)
			return 6;
		if (slab_chain_has(cache, slab, index) ||
		    magazine_has(magazine, i, magazine->objects[i]))
			return 7;
		if (!link_is_idle(magazine->objects[i])) {
			slab_report_damage(cache, magazine->objects[i]);
			return 8;
		}
	}
	return 0;
}

int slab_check_cache(struct kmem_cache *cache)
{
	unsigned long nr = 0;
	int broken;

	spin_lock(&cache->lock);
	broken = check_list(cache, &cache->partial, &nr);
	if (!broken)
		broken = check_list(cache, &cache->full, &nr);
	if (!broken && nr != cache->nr_slabs)
		broken = 1;
	if (!broken)
		broken = check_magazine(cache);
	spin_unlock(&cache->lock);
	return broken;
}
