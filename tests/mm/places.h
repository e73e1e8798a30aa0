/* SPDX-License-Identifier: MIT */
/*
 * places.h - how objects lie in a slab, in this build
 *
 * Under KASAN there is more behind an object, the first place of a slab stays
 * empty, and what is freed waits in the quarantine.
 */
#ifndef TESTS_MM_PLACES_H
#define TESTS_MM_PLACES_H

#include <mm/kasan.h>
#include <mm/slab.h>
#include <tests/poke.h>

/* Bytes from one object of @size to the next; how many @bytes have room for. */
#define PLACE(size)	 ALIGN_UP((size) + KASAN_BEHIND, KMALLOC_MIN)
#define PLACES(size, bytes) \
	((unsigned int)((bytes) / PLACE(size)) - KASAN_ON)

/* The two words of a free object that are slab.c's: without a constructor its
 * own first ones. */
#define LINK(object, size) \
	((uint32_t *)(void *)((char *)(object) + (KASAN_ON ? (size) : 0)))

/* Freed, and its slab has it: no quarantine. */
static inline void free_at_once(struct kmem_cache *cache, void *object)
{
	kmem_cache_free(cache, object);
	kasan_drain();
}

#endif
