/* SPDX-License-Identifier: MIT */
/*
 * step_handler.c - what an interrupt handler may do to the memory manager
 *
 * Idea        All that the headers allow in any context. Frames and objects are
 *             taken by one call and looked at by a later one, when the thread has
 *             gone on; what it gives back is its own, or was put into a box by
 *             the thread, which is how a driver's last user of an area frees it.
 *             The checks whose structures only a lock protects must hold at any
 *             time that a handler can see, so it calls those, too.
 * Picture     thread:   vmalloc ---> [ box ] ---> vfree_atomic   :handler
 * See         tests/mm/step.c, tests/mm/test_step.c
 */
#include "step_handler.h"

#include <mm/highmem.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/vmap.h>
#include <mm/vread.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#include "step.h"

#define KEPT		24U
#define BOXES		8U
#define ROUNDS		4U		/* by chance, each must hit something */
#define CHECK_RARELY	32U		/* they look at everything there is */

/* --- what it keeps --------------------------------------------------------- */

static struct { struct page *page; unsigned int order; } frames[KEPT];
static uint32_t *objects[KEPT];

/* By kmap_local, which the thread may be in the middle of. */
static uint32_t stamp_of(struct page *page, const uint32_t *stamp)
{
	uint32_t *p = kmap_local_page(page), found;

	if (stamp)
		*p = *stamp;
	found = *p;
	kunmap_local(p);
	return found;
}

static void take_frames(uint32_t i, struct random *random)
{
	gfp_t zone = random_below(random, 2) ? __GFP_HIGHMEM : 0;
	uint32_t stamp = i + 1;

	frames[i].order = random_below(random, 3) ? 0 : random_below(random, 4);
	frames[i].page = alloc_pages(GFP_ATOMIC | __GFP_NOWARN | zone,
				     frames[i].order);
	if (frames[i].page)
		stamp_of(frames[i].page, &stamp);
}

static void use_frames(struct random *random)
{
	uint32_t i = random_below(random, KEPT);

	if (!frames[i].page) {
		take_frames(i, random);
		return;
	}
	if (stamp_of(frames[i].page, NULL) != i + 1)
		step_fault("its frame has other contents", i);
	__free_pages(frames[i].page, frames[i].order);
	frames[i].page = NULL;
}

/* One in eight is too large for a cache: whole frames. */
static uint32_t *take_object(uint32_t i, struct random *random)
{
	size_t size = random_below(random, 8) ? 8 + random_below(random, 300)
					      : 2 * PAGE_SIZE;
	uint32_t *object = kmalloc(size, GFP_ATOMIC | __GFP_NOWARN);

	if (object)
		*object = i + 1;
	return object;
}

static void use_objects(struct random *random)
{
	uint32_t i = random_below(random, KEPT);

	if (!objects[i]) {
		objects[i] = take_object(i, random);
		return;
	}
	if (*objects[i] != i + 1)
		step_fault("its object has other contents", i);
	kfree(objects[i]);
	objects[i] = NULL;
}

/* --- what a thread puts into boxes ----------------------------------------- */

static void *area_box[BOXES], *object_box[BOXES], *frame_box[BOXES];

static void *take_out(void **boxes, uint32_t i)
{
	return __atomic_exchange_n(&boxes[i], NULL, __ATOMIC_ACQUIRE);
}

static void put_in(void **boxes, uint32_t i, void *p)
{
	__atomic_store_n(&boxes[i], p, __ATOMIC_RELEASE);
}

/* Only a thread fills boxes: an empty one stays empty meanwhile. */
static void feed(uint32_t i, struct random *random)
{
	if (!area_box[i])
		put_in(area_box, i, vmalloc(1 + random_below(random,
							     5 * PAGE_SIZE)));
	else if (!object_box[i])
		put_in(object_box, i, kmalloc(8 + random_below(random, 3000),
					      GFP_KERNEL | __GFP_NOWARN));
	else if (!frame_box[i])
		put_in(frame_box, i, alloc_page(GFP_KERNEL | __GFP_NOWARN));
}

void step_handler_feed(struct random *random)
{
	feed(random_below(random, BOXES), random);
}

void step_handler_fill(struct random *random)
{
	uint32_t i;

	for (i = 0; i < BOXES; i++)
		feed(i, random);
}

static void free_area(struct random *random)
{
	vfree_atomic(take_out(area_box, random_below(random, BOXES)));
}

static void free_others(struct random *random)
{
	uint32_t i = random_below(random, BOXES);

	kfree(take_out(object_box, i));
	__free_pages(take_out(frame_box, i), 0);
}

/* --- what it only looks at ------------------------------------------------- */

/* Most areas begin in the first few MiB. */
static void look_at_areas(struct random *random)
{
	unsigned long at = VMALLOC_START + random_below(random, MIB(4));
	struct vmap_area *below, *above;
	char bytes[64];

	vread(bytes, (char *)at, sizeof(bytes));
	vmap_neighbours(at, &below, &above);
	if (below && above && below->vm.addr >= above->vm.addr)
		step_fault("two areas in the wrong order", at);
	vmalloc_to_page((void *)at);
}

static void check(const char *name, int broken)
{
	if (broken)
		step_fault(name, (unsigned long)broken);
}

static void check_some(struct random *random)
{
	switch (random_below(random, CHECK_RARELY)) {
	case 0:
		check("vmap_check", vmap_check());
		break;
	case 1:
		check("zone_check", zone_check());
		break;
	case 2:
		check("kmap_check", kmap_check());
		break;
	}
}

/* --- all of it ------------------------------------------------------------- */

static void (*const deeds[])(struct random *random) = {
	use_frames, use_objects, free_area, free_others, look_at_areas,
	check_some,
};

void step_handler_some(struct random *random)
{
	deeds[random_below(random, ARRAY_SIZE(deeds))](random);
}

void step_handler_all(struct random *random)
{
	unsigned int i;

	for (i = 0; i < ROUNDS * ARRAY_SIZE(deeds); i++)
		deeds[i % ARRAY_SIZE(deeds)](random);
}

void step_handler_end(void)
{
	unsigned int i;

	for (i = 0; i < KEPT; i++) {
		__free_pages(frames[i].page, frames[i].order);
		frames[i].page = NULL;
		kfree(objects[i]);
		objects[i] = NULL;
	}
	for (i = 0; i < BOXES; i++) {
		vfree(take_out(area_box, i));
		kfree(take_out(object_box, i));
		__free_pages(take_out(frame_box, i), 0);
	}
}
