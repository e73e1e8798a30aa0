/* SPDX-License-Identifier: MIT */
/*
 * walk_slab_caches.c - caches come and go, with constructors and without
 *
 * Idea        An object of a cache with a constructor is never written to: it
 *             must be as it was made whenever it comes back.
 * See         walk_slab.c
 */
#include "walk_slab.h"

#define MAX_CACHES	12U
#define CTOR_TAG	0xC0C0U

static struct cache caches[MAX_CACHES];
static unsigned int nr_caches;

static size_t size_constructed;		/* of the cache that is asked now */

static void constructor(void *object)
{
	const struct object o = { object, size_constructed, CTOR_TAG, NULL };

	object_fill(&o);
}

static struct cache *any_cache(void)
{
	struct cache *c = &caches[host_below(MAX_CACHES)];

	return c->kmem ? c : NULL;
}

static void create_cache(void)
{
	struct cache *c = &caches[host_below(MAX_CACHES)];
	size_t size = host_below(one_in(4) ? 4300 : 200);
	size_t align = one_in(2) ? 0 : host_below(2) + (1U << host_below(12));
	bool ctor = one_in(2);
	bool possible = size > 0 && size <= KMALLOC_MAX_CACHE &&
			(!align || is_power_of_2(align));

	if (c->kmem)
		return;
	c->kmem = kmem_cache_create("walk", size, align, 0,
				    ctor ? constructor : NULL);
	walk_note("create", size, align, (uint32_t)c->kmem);
	if (!c->kmem) {
		if (possible)
			must_be_short(GFP_KERNEL, 1);
		return;
	}
	MUST(possible && kmem_cache_size(c->kmem) >= size);
	c->size = size;
	c->align = MAX(align, KMALLOC_MIN);
	c->ctor = ctor;
	c->nr_objects = 0;
	nr_caches++;
}

static void destroy_cache(struct cache *c)
{
	walk_note("destroy", (uint32_t)c->kmem, c->nr_objects, 0);
	kmem_cache_destroy(c->kmem);
	if (c->nr_objects) {
		walk_expect("has objects in use");
		return;
	}
	c->kmem = NULL;
	nr_caches--;
}

static void take_from(struct cache *c)
{
	gfp_t gfp = random_gfp() & ~__GFP_DMA;
	struct object *o;
	void *p;

	size_constructed = c->size;
	gfp = interrupt_begin(gfp);
	p = kmem_cache_alloc(c->kmem, gfp);
	walk_note("cache_alloc", (uint32_t)c->kmem, gfp, (uint32_t)p);
	if (!p)
		must_be_short(gfp, 1);
	interrupt_end();
	if (!p)
		return;
	MUST(IS_ALIGNED((unsigned long)p, c->align));
	c->nr_objects++;
	o = object_add(p, c->size, c);
	if (!c->ctor) {
		object_fill(o);
		return;
	}
	o->tag = CTOR_TAG;
	MUST(object_intact(o));
}

void caches_give(struct object *o)
{
	walk_note("cache_free", (uint32_t)o->p, o->size, o->tag);
	MUST(object_intact(o));
	interrupt_begin(0);
	kmem_cache_free(o->cache->kmem, o->p);
	interrupt_end();
	o->cache->nr_objects--;
	object_forget(o);
}

/* Not always without objects, and then it must stay. */
static void retire_cache(struct cache *c)
{
	unsigned int i = one_in(4) ? nr_objects : 0;

	while (i-- > 0)
		if (objects[i].cache == c)
			caches_give(&objects[i]);
	destroy_cache(c);
}

/* --- for walk_slab.c ------------------------------------------------------ */

void caches_sin(struct object *o)
{
	struct kmem_cache *kmem = o->cache->kmem;
	struct cache *other = any_cache();
	char *p = o->p;

	walk_note("sin", (uint32_t)kmem, (uint32_t)p, o->size);
	switch (host_below(4)) {
	case 0:
		kfree(p);
		walk_expect("not in use by kmalloc");
		break;
	case 1:
		caches_give(o);
		kmem_cache_free(kmem, p);
		walk_expect("");
		break;
	case 2:
		kmem_cache_free(kmem, p + 1);
		walk_expect("no object's start");
		break;
	default:
		if (!other || other->kmem == kmem)
			break;
		kmem_cache_free(other->kmem, p);
		walk_expect("free of another cache's");
	}
}

void caches_step(uint32_t dice)
{
	struct cache *c = any_cache();
	struct object *o = any_object(false);

	if (dice == 0)
		create_cache();
	else if (dice == 1 && c)
		retire_cache(c);
	else if (dice == 2)
		slab_drain();
	else if (dice == 3 && c)
		kmem_cache_shrink(c->kmem);
	else if (o && dice % 2)
		caches_give(o);
	else if (c)
		take_from(c);
}

unsigned int caches_nr(void)
{
	return nr_caches;
}

void caches_end(void)
{
	unsigned int i;

	for (i = 0; i < MAX_CACHES; i++)
		if (caches[i].kmem)
			destroy_cache(&caches[i]);
}
