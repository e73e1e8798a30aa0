/* SPDX-License-Identifier: MIT */
/* walk_slab.h - what both halves of walk_slab share: the table of objects */
#ifndef TESTS_HOST_WALK_SLAB_H
#define TESTS_HOST_WALK_SLAB_H

#include "walk.h"

#include <mm/slab.h>

#define MAX_OBJECTS	20000U

struct cache {
	struct kmem_cache *kmem;
	size_t		size, align;
	bool		ctor;
	unsigned int	nr_objects;
};

struct object {
	char		*p;
	size_t		size;		/* asked for */
	uint32_t	tag;
	struct cache	*cache;		/* NULL: of kmalloc */
};

extern struct object objects[MAX_OBJECTS];
extern unsigned int nr_objects;

void object_fill(const struct object *o);
bool object_intact(const struct object *o);
/* With a tag of its own, and not filled. */
struct object *object_add(void *p, size_t size, struct cache *cache);
void object_forget(struct object *o);
struct object *any_object(bool of_kmalloc);
gfp_t random_gfp(void);

/*
 * What follows may be done by an interrupt handler, which finds no magazine: then
 * it must not wait. Returns @gfp, or what a handler may ask instead.
 */
gfp_t interrupt_begin(gfp_t gfp);
void interrupt_end(void);

/* Refused: then the block that was missing is still not to be had. */
void must_be_short(gfp_t gfp, size_t size);

/* walk_slab_caches.c */
void caches_step(uint32_t dice);
void caches_sin(struct object *o);
void caches_give(struct object *o);
unsigned int caches_nr(void);
void caches_end(void);

#endif
