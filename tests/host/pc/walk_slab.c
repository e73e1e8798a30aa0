/* SPDX-License-Identifier: MIT */
/*
 * walk_slab.c - slab, kmem_cache, kmalloc beside a table of objects
 *
 * Idea        Each object is filled with bytes of its own and is looked at when
 *             it goes: two that overlap spoil each other. When memory is said to
 *             be short, a block of that order must really not be there. Caches
 *             come and go, with constructors and without. Some of it interrupt
 *             handlers do, past the magazines.
 * Attacks     S1 to S8, KM1, KM2
 */
#include "walk_slab.h"

#include <lib/errno.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/zone.h>
#include <x86/percpu.h>

#define LOW_END		MIB(8)
#define SLAB_MAX_ORDER	3U		/* as mm/kmem_cache.c has it */
#define PATTERN_ENDS	256U		/* bytes looked at of a large object */

struct object objects[MAX_OBJECTS];
unsigned int nr_objects;
static unsigned long free_before, used_before;

static void begin(void)
{
	pc_boot(LOW_END, 0, 0);
	slab_drain();
	free_before = nr_free_pages();
	used_before = slab_nr_used();
}

/* --- bytes --------------------------------------------------------------- */

void object_fill(const struct object *o)
{
	size_t ends = MIN(o->size, PATTERN_ENDS);

	walk_fill(o->p, ends, o->tag);
	walk_fill(o->p + o->size - ends, ends, o->tag);
}

/* The first bytes may be overlaid by the last ones: see object_fill. */
bool object_intact(const struct object *o)
{
	size_t ends = MIN(o->size, PATTERN_ENDS);
	size_t first = MIN(ends, o->size - ends);

	return walk_filled(o->p, first, o->tag) &&
	       walk_filled(o->p + o->size - ends, ends, o->tag);
}

static bool is_zero(const struct object *o)
{
	size_t i;

	for (i = 0; i < o->size && !o->p[i]; i++)
		;
	return i == o->size;
}

/* --- objects ------------------------------------------------------------- */

struct object *object_add(void *p, size_t size, struct cache *cache)
{
	struct object *o = &objects[nr_objects++];

	MUST(nr_objects < MAX_OBJECTS);
	*o = (struct object){ p, size, host_random(), cache };
	return o;
}

void object_forget(struct object *o)
{
	*o = objects[--nr_objects];
}

struct object *any_object(bool of_kmalloc)
{
	unsigned int tries = 8;

	while (nr_objects && tries-- > 0) {
		struct object *o = &objects[host_below(nr_objects)];

		if (!o->cache == of_kmalloc)
			return o;
	}
	return NULL;
}

void must_be_short(gfp_t gfp, size_t size)
{
	unsigned int order =
		log2_ceil((uint32_t)(ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE));

	if (size <= KMALLOC_MAX_CACHE && !(gfp & __GFP_DMA))
		order = SLAB_MAX_ORDER;
	MUST(!alloc_pages(gfp | __GFP_NOWARN, order));
}

gfp_t random_gfp(void)
{
	static const gfp_t kinds[] = {
		GFP_KERNEL, GFP_KERNEL, GFP_KERNEL, GFP_ATOMIC, GFP_ATOMIC,
	};

	return (one_in(100) ? GFP_DMA : kinds[host_below(ARRAY_SIZE(kinds))]) |
	       __GFP_NOWARN;
}

gfp_t interrupt_begin(gfp_t gfp)
{
	this_cpu->irq_depth = one_in(5);
	return in_interrupt() ? gfp & ~__GFP_WAIT : gfp;
}

void interrupt_end(void)
{
	this_cpu->irq_depth = 0;
}

static size_t random_size(void)
{
	if (one_in(300))
		return host_below(KMALLOC_MAX / 4) + 1;
	return one_in(5) ? host_below(3 * PAGE_SIZE) + 1
			  : host_below(300) + 1;
}

static void take(void)
{
	size_t size = random_size();
	gfp_t gfp = interrupt_begin(random_gfp());
	bool zeroed = one_in(8);
	void *p = zeroed ? kzalloc(size, gfp) : kmalloc(size, gfp);

	walk_note("kmalloc", gfp, size, (uint32_t)p);
	if (!p)
		must_be_short(gfp, size);
	interrupt_end();
	if (!p)
		return;
	MUST(IS_ALIGNED((unsigned long)p, is_power_of_2(size) ?
			MIN(size, PAGE_SIZE) & ~7UL ?: 8 : 8));
	MUST(ksize(p) >= size && addr_in_direct_map((unsigned long)p));
	if (zeroed)
		MUST(is_zero(&(struct object){ p, size, 0, NULL }));
	object_fill(object_add(p, size, NULL));
}

static void give(struct object *o)
{
	walk_note("kfree", (uint32_t)o->p, o->size, o->tag);
	MUST(object_intact(o));
	interrupt_begin(0);
	kfree(o->p);
	interrupt_end();
	object_forget(o);
}

static void resize(struct object *o)
{
	size_t size = random_size(), had = ksize(o->p);
	gfp_t gfp = random_gfp() & ~__GFP_DMA;
	char *p = krealloc(o->p, size, gfp);

	walk_note("krealloc", (uint32_t)o->p, size, (uint32_t)p);
	if (!p) {
		MUST(object_intact(o));
		must_be_short(gfp, size);
		return;
	}
	MUST((p == o->p) == (size <= had));
	o->p = p;
	if (size > had)
		MUST(object_intact(o));
	o->size = size;
	object_fill(o);
}

/* --- what must be refused ------------------------------------------------ */

static void sin_against(struct object *o)
{
	uint32_t inside = host_below((uint32_t)MIN(o->size, PAGE_SIZE));
	char *p = o->p;

	walk_note("sin", (uint32_t)p, o->size, inside);
	switch (host_below(4)) {
	case 0:
		kfree(p + MAX(inside, 1));
		walk_expect("");
		break;
	case 1:
		give(o);
		kfree(p);
		walk_expect("");
		break;
	case 2:
		MUST(!krealloc(p + 1, 10, GFP_ATOMIC));
		walk_expect("");
		break;
	default:
		MUST(ksize(p + 1) == 0);
	}
}

static void commit_sin(void)
{
	bool of_kmalloc = one_in(2);
	struct object *o = any_object(of_kmalloc);

	if (one_in(8)) {
		kmem_cache_destroy((struct kmem_cache *)(void *)&objects[0]);
		walk_expect("is no cache");
	} else if (o && of_kmalloc) {
		sin_against(o);
	} else if (o) {
		caches_sin(o);
	}
}

/* --- the walk ------------------------------------------------------------ */

static void step(void)
{
	static unsigned int steps;
	bool filling = steps++ / 30000 % 2 == 0;
	uint32_t dice = host_below(100);
	struct object *o = any_object(true);

	if (dice < 3)
		commit_sin();
	else if (dice < 45)
		caches_step(host_below(40));
	else if (o && dice < 50)
		resize(o);
	else if (o && dice < (filling ? 67U : 82U))
		give(o);
	else
		take();
}

static void check(void)
{
	unsigned int i;

	for (i = 0; i < nr_objects; i++)
		MUST(object_intact(&objects[i]));
	MUST(slab_check() == 0);
	MUST(zone_check() == 0);
	MUST(slab_nr_used() == used_before + nr_objects + caches_nr());
}

static void end(void)
{
	while (nr_objects)
		if (objects[0].cache)
			caches_give(&objects[0]);
		else
			give(&objects[0]);
	caches_end();
	slab_drain();
	MUST(nr_free_pages() == free_before);
	MUST(zone_check_frames() == 0);
}

int main(void)
{
	static const struct walk slab = {
		"objects agree with a table of their own bytes on a long walk",
		150000, 5000, begin, step, check, end,
	};

	return walk_run(&slab);
}
