/* SPDX-License-Identifier: MIT */
/*
 * neighbours.h - objects, areas that lie side by side
 *
 * A cache of its own has a fresh slab, so its first two objects are neighbours;
 * first fit gives two areas that are asked for in a row addresses in a row.
 * Where there is a means against overruns, something of it lies in between.
 */
#ifndef TESTS_SINS_NEIGHBOURS_H
#define TESTS_SINS_NEIGHBOURS_H

#include <mm/slab.h>
#include <mm/vmalloc.h>

#include "access.h"

#define OBJECT_SIZE	64U

struct objects {
	struct kmem_cache *cache;
	char	*first, *second;
};

static __unused struct objects objects_take(void)
{
	struct objects o = {
		.cache = kmem_cache_create("sinner", OBJECT_SIZE, 0, 0, NULL),
	};

	REQUIRE(o.cache);
	o.first = kmem_cache_alloc(o.cache, GFP_KERNEL | __GFP_ZERO);
	o.second = kmem_cache_alloc(o.cache, GFP_KERNEL | __GFP_ZERO);
	REQUIRE(o.first && o.second);
	return o;
}

static __unused void objects_give(struct objects *o)
{
	kmem_cache_free(o->cache, o->first);
	kmem_cache_free(o->cache, o->second);
	kmem_cache_destroy(o->cache);
}

struct areas { char *first, *second; };

static __unused struct areas areas_take(unsigned long size)
{
	struct areas a = { .first = vmalloc(size) };

	a.second = vmalloc(PAGE_SIZE);
	REQUIRE(a.first && a.second);
	return a;
}

static __unused void areas_give(struct areas *a)
{
	vfree(a->first);
	vfree(a->second);
}

#endif
