/* SPDX-License-Identifier: MIT */
/*
 * slab_free.c - objects given back wrongly, not at all, or to what is no more
 */
#include <mm/page_alloc.h>
#include <tests/sin.h>

#include "neighbours.h"

static char global[OBJECT_SIZE];

/* What is taken back nonetheless is in the magazine and in its slab: the link can
 * be right for one of them only. */
SIN(slab_free, twice, BY(SLAB_FREE, "double free of"),
    BY(FREE_LINK, "was written after free"), BY(KASAN, "double free"))
{
	struct objects o = objects_take();

	kmem_cache_free(o.cache, o.first);
	COMMIT(kmem_cache_free(o.cache, HIDE(o.first)));
	kmem_cache_free(o.cache, o.second);
	kmem_cache_destroy(o.cache);
}

/* Magazine and chain are searched: it is not the last one that was freed. */
SIN(slab_free, twice_with_another_in_between,
    BY(SLAB_FREE, "double free of"), BY(FREE_LINK, "was written after free"),
    BY(KASAN, "double free"))
{
	struct objects o = objects_take();

	kmem_cache_free(o.cache, o.first);
	kmem_cache_free(o.cache, o.second);
	COMMIT(kmem_cache_free(o.cache, HIDE(o.first)));
	kmem_cache_destroy(o.cache);
}

/* It was given to somebody else, who is blamed when he frees it. */
SIN(slab_free, twice_when_given_to_another,
    BY(KASAN, "double free"), BY(SLAB_FREE, "double free of"),
    BY(FREE_LINK, "was written after free"))
{
	char *p = kmalloc(OBJECT_SIZE, GFP_KERNEL), *q;

	REQUIRE(p);
	kfree(p);
	q = kmalloc(OBJECT_SIZE, GFP_KERNEL);
	REQUIRE(q);
	COMMIT(kfree(HIDE(p)));
	kfree(q);
}

SIN(slab_free, to_another_cache, BY(SLAB_FREE, "free of another cache's"))
{
	struct objects o = objects_take(), other = objects_take();

	COMMIT(kmem_cache_free(other.cache, o.first));
	objects_give(&other);
	objects_give(&o);
}

SIN(slab_free, from_its_middle, BY(SLAB_FREE, "free of no object's start"))
{
	struct objects o = objects_take();

	COMMIT(kmem_cache_free(o.cache, o.first + 8));
	objects_give(&o);
}

SIN(slab_free, kfree_from_its_middle,
    BY(SLAB_FREE, "free of no object's start"))
{
	char *p = kmalloc(OBJECT_SIZE, GFP_KERNEL);

	REQUIRE(p);
	COMMIT(kfree(HIDE(p) + 8));
	kfree(p);
}

SIN(slab_free, kfree_of_the_stack, BY(SLAB_FREE, "not in use by kmalloc"))
{
	char local[OBJECT_SIZE] = "";

	COMMIT(kfree(HIDE(&local[0])));
}

SIN(slab_free, kfree_of_a_global, BY(SLAB_FREE, "not in use by kmalloc"))
{
	COMMIT(kfree(HIDE(&global[0])));
}

SIN(slab_free, kfree_of_vmalloc_memory,
    BY(SLAB_FREE, "not in use by kmalloc"))
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	COMMIT(kfree(HIDE(p)));
	vfree(p);
}

SIN(slab_free, kfree_of_a_page, BY(SLAB_FREE, "not in use by kmalloc"))
{
	unsigned long page = __get_free_pages(GFP_KERNEL, 0);

	REQUIRE(page);
	COMMIT(kfree((void *)HIDE(page)));
	free_pages(page, 0);
}

SIN(slab_free, kfree_of_a_caches_object,
    BY(SLAB_FREE, "not in use by kmalloc"))
{
	struct objects o = objects_take();

	COMMIT(kfree(HIDE(o.first)));
	objects_give(&o);
}

SIN(slab_free, large_block_twice, BY(SLAB_FREE, "not in use by kmalloc"))
{
	char *p = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);

	REQUIRE(p);
	kfree(p);
	COMMIT(kfree(HIDE(p)));
}

SIN(slab_free, cache_with_objects_in_use,
    BY(SLAB_FREE, "has objects in use"), BY(RANK, "was destroyed"))
{
	struct objects o = objects_take();

	COMMIT(kmem_cache_destroy(o.cache));
	objects_give(&o);
}

SIN(slab_free, cache_twice, BY(SLAB_FREE, "is no cache"))
{
	struct objects o = objects_take();

	objects_give(&o);
	COMMIT(kmem_cache_destroy(HIDE(o.cache)));
}

SIN_FATAL(slab_free, use_of_a_destroyed_cache,
	  BY(KASAN, "BAD READ CAUGHT"), BY(RANK, "was destroyed"))
{
	struct objects o = objects_take();

	objects_give(&o);
	COMMIT(kmem_cache_alloc(HIDE(o.cache), GFP_KERNEL));
}

SIN(slab_free, never, BY(BOOKS, "books: slab_objects:"))
{
	COMMIT(REQUIRE(kmalloc(OBJECT_SIZE, GFP_KERNEL)));
}
