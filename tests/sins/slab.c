/* SPDX-License-Identifier: MIT */
/*
 * slab.c - objects of a cache: over their ends, after their time
 *
 * In the default build objects touch each other, and what lies in one is nobody's
 * business. Only the link in a free object is looked at, when its turn comes.
 */
#include <lib/string.h>
#include <tests/sin.h>

#include "neighbours.h"

#define PAST_END	OBJECT_SIZE
#define BEHIND_LINK	8U

SIN(slab, write_past_the_end, BY(KASAN, "BAD WRITE CAUGHT"))
{
	struct objects o = objects_take();

	COMMIT(sin_write(o.first + PAST_END));
	objects_give(&o);
}

SIN(slab, write_before_the_start, BY(KASAN, "BAD WRITE CAUGHT"))
{
	struct objects o = objects_take();

	COMMIT(sin_write(o.second - 1));
	objects_give(&o);
}

SIN(slab, read_past_the_end, BY(KASAN, "BAD READ CAUGHT"))
{
	struct objects o = objects_take();

	COMMIT(sin_read(o.first + PAST_END));
	objects_give(&o);
}

SIN(slab, read_before_the_start, BY(KASAN, "BAD READ CAUGHT"))
{
	struct objects o = objects_take();

	COMMIT(sin_read(o.second - 1));
	objects_give(&o);
}

/* 8 bytes more than were asked for, but no more than the cache's objects have. */
SIN(slab, write_behind_what_kmalloc_was_asked_for,
    BY(KASAN, "BAD WRITE CAUGHT"))
{
	char *p = kmalloc(OBJECT_SIZE - 8, GFP_KERNEL);

	REQUIRE(p);
	COMMIT(sin_write(p + OBJECT_SIZE - 8));
	kfree(p);
}

/* Larger than a page: whole frames, the last of them partly unused. */
SIN(slab, write_past_the_end_of_a_large_block, BY(KASAN, "BAD WRITE CAUGHT"))
{
	char *p = kmalloc(PAGE_SIZE + 100, GFP_KERNEL);

	REQUIRE(p);
	COMMIT(sin_write(p + PAGE_SIZE + 100));
	kfree(p);
}

SIN(slab, memset_one_byte_too_long, BY(KASAN, "BAD WRITE CAUGHT"))
{
	struct objects o = objects_take();

	COMMIT(memset(o.first, 0, HIDE(OBJECT_SIZE + 1)));
	objects_give(&o);
}

SIN(slab, copy_of_one_byte_too_many, BY(KASAN, "BAD READ CAUGHT"))
{
	struct objects o = objects_take();
	char copy[OBJECT_SIZE + 1];

	COMMIT(memcpy(copy, o.first, HIDE(OBJECT_SIZE + 1)));
	objects_give(&o);
}

/* It may be touched, by somebody else: no means can tell. */
SIN(slab, write_far_past_the_end_into_another_object, NOTHING)
{
	struct objects o = objects_take();

	COMMIT(sin_write(o.first + (o.second - o.first)));
	objects_give(&o);
}

SIN_FATAL(slab, overrun_into_a_free_object,
	  BY(KASAN, "BAD WRITE CAUGHT"),
	  BY(FREE_LINK, "was written after free"))
{
	struct objects o = objects_take();

	kmem_cache_free(o.cache, o.second);
	COMMIT(sin_write(o.first + PAST_END));
	o.second = kmem_cache_alloc(o.cache, GFP_KERNEL);
	objects_give(&o);
}

SIN(slab, read_after_free, BY(KASAN, "BAD READ CAUGHT"))
{
	char *p = kmalloc(OBJECT_SIZE, GFP_KERNEL);

	REQUIRE(p);
	kfree(p);
	COMMIT(sin_read(HIDE(p) + BEHIND_LINK));
}

SIN(slab, write_after_free, BY(KASAN, "BAD WRITE CAUGHT"))
{
	char *p = kmalloc(OBJECT_SIZE, GFP_KERNEL);

	REQUIRE(p);
	kfree(p);
	COMMIT(sin_write(HIDE(p) + BEHIND_LINK));
}

/* The rest of the slab is written off, for ever. */
SIN_FATAL(slab, write_over_the_link_after_free,
	  BY(KASAN, "BAD WRITE CAUGHT"),
	  BY(FREE_LINK, "was written after free"))
{
	struct objects o = objects_take();

	kmem_cache_free(o.cache, o.first);
	COMMIT(sin_write(HIDE(o.first)));
	o.first = kmem_cache_alloc(o.cache, GFP_KERNEL);
	objects_give(&o);
}

SIN_FATAL(slab, write_over_the_link_of_an_object_nobody_asks_for,
	  BY(KASAN, "BAD WRITE CAUGHT"),
	  BY(CHECKS, "slab_check: invariant 5 is broken"))
{
	struct objects o = objects_take();

	kmem_cache_free(o.cache, o.first);
	sin_prepared();
	COMMIT(sin_write(HIDE(o.first)));
}

/* It may have been moved, and that the old pointer still works is luck. */
SIN(slab, use_of_what_krealloc_has_moved, BY(KASAN, "BAD WRITE CAUGHT"))
{
	char *p = kmalloc(OBJECT_SIZE, GFP_KERNEL);
	char *q = krealloc(p, 4 * OBJECT_SIZE, GFP_KERNEL);

	REQUIRE(p && q && p != q);
	COMMIT(sin_write(HIDE(p) + BEHIND_LINK));
	kfree(q);
}

/* Once somebody else owns it nobody can tell the two pointers; a quarantine puts
 * that off. */
SIN(slab, write_after_free_when_given_to_another,
    BY(KASAN, "BAD WRITE CAUGHT"))
{
	char *p = kmalloc(OBJECT_SIZE, GFP_KERNEL), *q;

	REQUIRE(p);
	kfree(p);
	q = kmalloc(OBJECT_SIZE, GFP_KERNEL);
	REQUIRE(q);
	COMMIT(sin_write(HIDE(p) + BEHIND_LINK));
	kfree(q);
}
