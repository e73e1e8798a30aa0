/* SPDX-License-Identifier: MIT */
/*
 * mixed_family.c - blocks that the relatives of vmalloc make
 *
 * They are no part of what mixed.c takes by itself: which address vm_map_ram or
 * kmap gives depends on what ran before, and so would the digest of test_mixed.c.
 */
#include "mixed.h"

#include <mm/highmem.h>
#include <mm/ioremap.h>
#include <mm/kvmalloc.h>
#include <mm/page_alloc.h>
#include <mm/vm_map_ram.h>
#include <mm/vmalloc.h>

#define DEVICE		0xFEC00000U	/* never touched */

/* --- frames in number, and their short mappings ---------------------------- */

static unsigned int nr_frames(const struct mixed_slot *slot)
{
	return (unsigned int)(slot->size / PAGE_SIZE);
}

static void give_bulk(struct mixed_slot *slot)
{
	release_pages(slot->frames, nr_frames(slot));
}

static bool take_bulk(struct mixed_slot *slot, struct random *random)
{
	unsigned int nr = 1 + random_below(random, MIXED_FRAMES_MAX), got;

	slot->size = nr * PAGE_SIZE;
	slot->p = slot->frames;
	got = alloc_pages_bulk_array(GFP_HIGHUSER | __GFP_NOWARN, nr,
				     slot->frames);
	if (got < nr)
		release_pages(slot->frames, got);
	return got == nr;
}

static void visit_bulk(const struct mixed_slot *slot,
		       void (*fn)(void *p, unsigned long size, uint32_t key))
{
	unsigned int i;
	void *addr;

	for (i = 0; i < nr_frames(slot); i++) {
		addr = kmap_local_page(slot->frames[i]);
		fn(addr, PAGE_SIZE, slot->key + i);
		kunmap_local(addr);
	}
}

static bool take_ram(struct mixed_slot *slot, struct random *random)
{
	if (!take_bulk(slot, random))
		return false;
	slot->p = vm_map_ram(slot->frames, nr_frames(slot), 0);
	if (!slot->p)
		give_bulk(slot);
	return slot->p;
}

static void give_ram(struct mixed_slot *slot)
{
	vm_unmap_ram(slot->p, nr_frames(slot));
	give_bulk(slot);
}

static bool take_kmap(struct mixed_slot *slot, struct random *random __unused)
{
	slot->size = PAGE_SIZE;
	slot->frames[0] = alloc_page(GFP_HIGHUSER | __GFP_NOWARN);
	if (!slot->frames[0])
		return false;
	slot->p = kmap(slot->frames[0]);
	if (!slot->p)
		give_bulk(slot);
	return slot->p;
}

static void give_kmap(struct mixed_slot *slot)
{
	kunmap(slot->frames[0]);
	give_bulk(slot);
}

/* --- areas ----------------------------------------------------------------- */

static bool take_either(struct mixed_slot *slot, struct random *random)
{
	slot->size = 1 + random_below(random, 8 * PAGE_SIZE);
	slot->p = kvmalloc(slot->size, GFP_KERNEL | __GFP_NOWARN);
	return slot->p;
}

static void give_either(struct mixed_slot *slot)
{
	kvfree(slot->p);
}

/* Rarely more than 2 MiB: that is many page-table entries. */
static bool take_huge(struct mixed_slot *slot, struct random *random)
{
	slot->size = (random_below(random, 32) ? 1 : MIB(2)) +
		     random_below(random, 4 * PAGE_SIZE);
	slot->p = vmalloc_huge(slot->size, GFP_KERNEL | __GFP_NOWARN);
	return slot->p;
}

static void give_huge(struct mixed_slot *slot)
{
	vfree(slot->p);
}

/* --- addresses without memory ---------------------------------------------- */

static void visit_nothing(const struct mixed_slot *slot __unused,
			  void (*fn)(void *p, unsigned long size,
				     uint32_t key) __unused)
{
}

static bool take_device(struct mixed_slot *slot, struct random *random)
{
	slot->size = 1 + random_below(random, 2 * PAGE_SIZE);
	slot->p = (__force void *)ioremap(phys_make(DEVICE), slot->size);
	return slot->p;
}

static void give_device(struct mixed_slot *slot)
{
	iounmap((__force void __iomem *)slot->p);
}

static bool take_range(struct mixed_slot *slot, struct random *random)
{
	slot->size = 1 + random_below(random, 20 * PAGE_SIZE);
	slot->p = alloc_vm_area(slot->size);
	return slot->p;
}

static void give_range(struct mixed_slot *slot)
{
	free_vm_area(slot->p);
}

/* --- all of them ----------------------------------------------------------- */

static const struct mixed_kind relatives[] = {
	{ "bulk", take_bulk, visit_bulk, give_bulk, NULL },
	{ "vm_map_ram", take_ram, mixed_visit_linear, give_ram, NULL },
	{ "kmap", take_kmap, mixed_visit_linear, give_kmap, NULL },
	{ "kvmalloc", take_either, mixed_visit_linear, give_either, NULL },
	{ "vmalloc_huge", take_huge, mixed_visit_linear, give_huge, NULL },
	{ "ioremap", take_device, visit_nothing, give_device, NULL },
	{ "alloc_vm_area", take_range, visit_nothing, give_range, NULL },
};

const struct mixed_kind *mixed_relative(struct random *random)
{
	return &relatives[random_below(random, ARRAY_SIZE(relatives))];
}
