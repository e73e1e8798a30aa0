/* SPDX-License-Identifier: MIT */
/*
 * mixed.c - blocks of memory from all allocators, taken, checked and given back
 *
 * Sizes are such that each allocator must share what few frames there are: about
 * a page and a half on average.
 */
#include "mixed.h"

#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>

/* --- contents -------------------------------------------------------------- */

static bool intact;

/* One page, or less. Words first: most blocks are nothing else. */
static void write_piece(void *p, unsigned long size, uint32_t key)
{
	uint32_t *word = p;
	unsigned long i;

	for (i = 0; i < size / 4; i++)
		word[i] = key;
	memcpy(word + i, &key, size % 4);
}

static void check_piece(void *p, unsigned long size, uint32_t key)
{
	const uint32_t *word = p;
	unsigned long i;

	for (i = 0; i < size / 4; i++)
		intact &= word[i] == key;
	intact &= memcmp(word + i, &key, size % 4) == 0;
}

/* Each page has a key of its own. */
static uint32_t page_key(const struct mixed_slot *slot, unsigned long page)
{
	return slot->key + (uint32_t)page * 0x9E3779B1U;
}

void mixed_visit_linear(const struct mixed_slot *slot,
			void (*fn)(void *p, unsigned long size, uint32_t key))
{
	unsigned long at;

	for (at = 0; at < slot->size; at += PAGE_SIZE)
		fn((char *)slot->p + at, MIN(slot->size - at, PAGE_SIZE),
		   page_key(slot, at / PAGE_SIZE));
}

/* --- frames ---------------------------------------------------------------- */

static const gfp_t frame_flags[] = {
	GFP_KERNEL, GFP_KERNEL, GFP_ATOMIC, GFP_DMA, GFP_HIGHUSER, GFP_HIGHUSER,
};

/* Half of them are single frames, a quarter has order 1, and so on. */
static unsigned int random_order(struct random *random)
{
	unsigned int order = 0;

	while (order < MAX_ORDER && random_below(random, 2))
		order++;
	return order;
}

static bool take_frames(struct mixed_slot *slot, struct random *random)
{
	gfp_t gfp = frame_flags[random_below(random, ARRAY_SIZE(frame_flags))];

	slot->size = random_order(random);
	slot->p = alloc_pages(gfp | __GFP_NOWARN, (unsigned int)slot->size);
	return slot->p;
}

static void visit_frames(const struct mixed_slot *slot,
			 void (*fn)(void *p, unsigned long size, uint32_t key))
{
	struct page *page = slot->p;
	unsigned long i;
	void *addr;

	for (i = 0; i < 1UL << slot->size; i++) {
		addr = kmap_local_page(page + i);
		fn(addr, PAGE_SIZE, page_key(slot, i));
		kunmap_local(addr);
	}
}

static void give_frames(struct mixed_slot *slot)
{
	__free_pages(slot->p, (unsigned int)slot->size);
}

/* --- objects --------------------------------------------------------------- */

static struct { const char *name; size_t size; struct kmem_cache *cache; }
caches[] = {
	{ "mixed-24", 24, NULL }, { "mixed-200", 200, NULL },
	{ "mixed-1500", 1500, NULL },
};

void mixed_start(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches); i++)
		caches[i].cache = kmem_cache_create(caches[i].name,
						    caches[i].size, 0,
						    SLAB_PANIC, NULL);
}

void mixed_end(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches); i++)
		kmem_cache_destroy(caches[i].cache);
}

static bool take_object(struct mixed_slot *slot, struct random *random)
{
	unsigned int i = random_below(random, ARRAY_SIZE(caches));

	slot->size = caches[i].size;
	slot->p = kmem_cache_alloc(caches[i].cache, GFP_KERNEL | __GFP_NOWARN);
	return slot->p;
}

static void give_object(struct mixed_slot *slot)
{
	unsigned int i = 0;

	while (caches[i].size != slot->size)
		i++;
	kmem_cache_free(caches[i].cache, slot->p);
}

/* --- kmalloc --------------------------------------------------------------- */

/* As likely to have 4 bits as 14: from 8 bytes to 16 KiB. */
static unsigned long random_size(struct random *random)
{
	return 1 + random_below(random, 1U << (3 + random_below(random, 12)));
}

static gfp_t random_gfp(struct random *random)
{
	gfp_t gfp = random_below(random, 16) ? GFP_KERNEL : GFP_DMA;

	return gfp | __GFP_NOWARN;
}

static bool take_kmalloc(struct mixed_slot *slot, struct random *random)
{
	slot->size = random_size(random);
	slot->p = kmalloc(slot->size, random_gfp(random));
	return slot->p;
}

static void *resize_kmalloc(const struct mixed_slot *slot, unsigned long size,
			    struct random *random)
{
	return krealloc(slot->p, size, random_gfp(random));
}

static void give_kmalloc(struct mixed_slot *slot)
{
	kfree(slot->p);
}

/* --- the window ------------------------------------------------------------ */

/* One in sixteen is small and from low memory; others have up to eight pages. */
static bool take_vmalloc(struct mixed_slot *slot, struct random *random)
{
	gfp_t gfp = (random_below(random, 2) ? GFP_HIGHUSER : GFP_KERNEL) |
		    (random_below(random, 4) ? 0 : __GFP_ZERO);

	slot->size = 1 + random_below(random, 8 * PAGE_SIZE);
	slot->p = __vmalloc(slot->size, gfp | __GFP_NOWARN, PAGE_KERNEL);
	return slot->p;
}

static void *resize_vmalloc(const struct mixed_slot *slot, unsigned long size,
			    struct random *random __unused)
{
	return vrealloc(slot->p, size, GFP_KERNEL | __GFP_NOWARN);
}

static void give_vmalloc(struct mixed_slot *slot)
{
	vfree(slot->p);
}

static void free_frames(struct mixed_slot *slot)
{
	unsigned int i;

	for (i = 0; i < MIXED_FRAMES_MAX; i++)
		if (slot->frames[i])
			__free_page(slot->frames[i]);
}

static bool take_vmap(struct mixed_slot *slot, struct random *random)
{
	unsigned int nr = 1 + random_below(random, MIXED_FRAMES_MAX), i;

	slot->size = nr * PAGE_SIZE;
	memset(slot->frames, 0, sizeof(slot->frames));
	for (i = 0; i < nr; i++) {
		slot->frames[i] = alloc_page(GFP_HIGHUSER | __GFP_NOWARN);
		if (!slot->frames[i])
			break;
	}
	slot->p = i == nr ? vmap(slot->frames, nr, VM_MAP, PAGE_KERNEL) : NULL;
	if (!slot->p)
		free_frames(slot);
	return slot->p;
}

static void give_vmap(struct mixed_slot *slot)
{
	vunmap(slot->p);
	free_frames(slot);
}

/* --- all of them ----------------------------------------------------------- */

static const struct mixed_kind kinds[] = {
	{ "frames", take_frames, visit_frames, give_frames, NULL },
	{ "object", take_object, mixed_visit_linear, give_object, NULL },
	{ "kmalloc", take_kmalloc, mixed_visit_linear, give_kmalloc,
	  resize_kmalloc },
	{ "vmalloc", take_vmalloc, mixed_visit_linear, give_vmalloc,
	  resize_vmalloc },
	{ "vmap", take_vmap, mixed_visit_linear, give_vmap, NULL },
};

const char *mixed_name(const struct mixed_slot *slot)
{
	return slot->kind->name;
}

const struct mixed_kind *mixed_kind(struct random *random)
{
	return &kinds[random_below(random, ARRAY_SIZE(kinds))];
}

bool mixed_ask(struct mixed_slot *slot, const struct mixed_kind *kind,
	       struct random *random)
{
	if (!kind->take(slot, random))
		return false;
	slot->kind = kind;
	slot->key = random_next(random);
	return true;
}

void mixed_write(const struct mixed_slot *slot)
{
	slot->kind->visit(slot, write_piece);
}

bool mixed_take(struct mixed_slot *slot, struct random *random)
{
	bool good = mixed_ask(slot, mixed_kind(random), random);

	if (good)
		mixed_write(slot);
	return good;
}

bool mixed_check(const struct mixed_slot *slot)
{
	intact = true;
	slot->kind->visit(slot, check_piece);
	return intact;
}

bool mixed_reask(struct mixed_slot *slot, struct mixed_slot *wanted,
		 struct random *random)
{
	*wanted = *slot;
	if (!slot->kind->resize)
		return true;
	wanted->size = random_size(random);
	wanted->p = slot->kind->resize(slot, wanted->size, random);
	return wanted->p;
}

/* The bytes that both have are still there: then the block is written anew. */
void mixed_settle(struct mixed_slot *slot, const struct mixed_slot *wanted)
{
	slot->p = wanted->p;
	slot->size = MIN(slot->size, wanted->size);
	EXPECT(mixed_check(slot));
	*slot = *wanted;
	mixed_write(slot);
}

bool mixed_resize(struct mixed_slot *slot, struct random *random)
{
	struct mixed_slot wanted;

	if (!mixed_reask(slot, &wanted, random))
		return false;
	if (slot->kind->resize)
		mixed_settle(slot, &wanted);
	return true;
}

void mixed_give(struct mixed_slot *slot)
{
	slot->kind->give(slot);
	slot->kind = NULL;
}
