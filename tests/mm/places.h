/* SPDX-License-Identifier: MIT */
/*
 * places.h - how objects lie in a slab, in this build
 *
 * Under KASAN there is more behind an object, the first place of a slab stays
 * empty, and what is freed waits in the quarantine; else in a magazine.
 */
#ifndef TESTS_MM_PLACES_H
#define TESTS_MM_PLACES_H

#include <kernel/lockrank.h>
#include <mm/kasan.h>
#include <mm/slab.h>
#include <tests/poke.h>
#include <x86/spinlock.h>

/* Bytes from one object of @size to the next; how many @bytes have room for. */
#define PLACE(size)	 ALIGN_UP((size) + KASAN_BEHIND, KMALLOC_MIN)
#define PLACES(size, bytes) \
	((unsigned int)((bytes) / PLACE(size)) - KASAN_ON)

/* The two words of a free object that are slab.c's: without a constructor its
 * own first ones. */
#define LINK(object, size) \
	((uint32_t *)(void *)((char *)(object) + (KASAN_ON ? (size) : 0)))

/* Who holds a lock is given objects by the slabs, not by a magazine. */
static inline void *take_at_once(struct kmem_cache *cache, gfp_t gfp)
{
	struct spinlock lock = SPINLOCK_INIT(RANK_VMAP);
	void *object;

	spin_lock(&lock);
	object = kmem_cache_alloc(cache, gfp & ~__GFP_WAIT);
	spin_unlock(&lock);
	return object;
}

/* Freed, and its slab has it: no magazine, no quarantine. */
static inline void free_at_once(struct kmem_cache *cache, void *object)
{
	struct spinlock lock = SPINLOCK_INIT(RANK_VMAP);

	spin_lock(&lock);
	kmem_cache_free(cache, object);
	spin_unlock(&lock);
	kasan_drain();
}

#endif
