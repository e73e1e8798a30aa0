/* SPDX-License-Identifier: MIT */
/*
 * structures.c - what the allocators know, overwritten by somebody else
 *
 * These writes are all to memory that is the kernel's own and may be written, so
 * nothing stops them. The checks see by number what no longer holds.
 */
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/zone.h>
#include <tests/sin.h>

#include "neighbours.h"

/* The head of a free block of four frames or more in low memory. */
static struct page *free_block(void)
{
	struct buddy *b = &zones[ZONE_DMA].buddy;
	int order = buddy_largest(b);

	REQUIRE(order >= 2);
	return list_first_entry(&b->free[order], struct page, link);
}

static struct objects prepared_objects(void)
{
	struct objects o = objects_take();

	sin_prepared();
	return o;
}

static struct areas prepared_areas(void)
{
	struct areas a = areas_take(PAGE_SIZE);

	sin_prepared();
	return a;
}

SIN_FATAL(structures, free_frame_marked_used,
	  BY(CHECKS, "zone_check: invariant 1 is broken"))
{
	COMMIT(free_block()->state = PAGE_USED);
}

SIN_FATAL(structures, frame_inside_a_free_block_marked_used,
	  BY(CHECKS, "zone_check_frames: invariant 2 is broken"))
{
	COMMIT(free_block()[1].state = PAGE_USED);
}

SIN_FATAL(structures, free_block_taken_out_of_its_list,
	  BY(CHECKS, "zone_check: invariant 4 is broken"))
{
	COMMIT(list_del(&free_block()->link));
}

SIN_FATAL(structures, free_frames_miscounted,
	  BY(BOOKS, "books: pages:"), BY(CHECKS, "zone_check: invariant 4"))
{
	COMMIT(zones[ZONE_DMA].buddy.nr_free++);
}

SIN_FATAL(structures, slab_miscounted,
	  BY(BOOKS, "books: slab_objects:"),
	  BY(CHECKS, "slab_check: invariant"))
{
	struct objects o = prepared_objects();

	COMMIT(virt_to_page(o.first)->nr_used--);
}

SIN_FATAL(structures, frame_of_a_slab_marked_used,
	  BY(CHECKS, "slab_check: invariant 1 is broken"))
{
	struct objects o = prepared_objects();

	COMMIT(virt_to_page(o.first)->state = PAGE_USED);
}

SIN_FATAL(structures, link_between_areas_cut,
	  BY(CHECKS, "vmalloc_check: invariant 4 is broken"),
	  BY(BOOKS, "books: area_pages:"))
{
	struct areas a = prepared_areas();

	COMMIT(find_vm_area(a.first)->next = NULL);
}

SIN_FATAL(structures, address_of_an_area_changed,
	  BY(CHECKS, "vmalloc_check: invariant 1 is broken"))
{
	struct areas a = prepared_areas();
	struct vm_struct *vm = find_vm_area(a.first);

	COMMIT(vm->addr = (char *)vm->addr + 8);
}

SIN_FATAL(structures, size_of_an_area_changed,
	  BY(CHECKS, "vmalloc_check: invariant 3 is broken"))
{
	struct areas a = prepared_areas();

	COMMIT(find_vm_area(a.first)->size += PAGE_SIZE);
}

static void map_guard_of(const void *p)
{
	pte_t *pte = kernel_pte((unsigned long)p);

	pte_set(pte + 1, pte[0]);
}

SIN_FATAL(structures, guard_mapped,
	  BY(CHECKS, "vmalloc_check: invariant 3 is broken"))
{
	struct areas a = prepared_areas();

	COMMIT(map_guard_of(a.first));
}

SIN_FATAL(structures, one_frame_in_two_areas,
	  BY(CHECKS, "vmalloc_check: invariant 1"))
{
	struct areas a = prepared_areas();

	COMMIT(find_vm_area(a.first)->pages[0] =
	       find_vm_area(a.second)->pages[0]);
}

SIN_FATAL(structures, frame_freed_while_an_area_maps_it,
	  BY(CHECKS, "vmalloc_check: invariant 12 is broken"),
	  BY(BOOKS, "books: pages:"))
{
	struct areas a = prepared_areas();

	COMMIT(__free_page(vmalloc_to_page(a.first)));
}

SIN_FATAL(structures, frame_freed_while_vmap_shows_it,
	  BY(CHECKS, "vmalloc_check: invariant 14 is broken"),
	  BY(BOOKS, "books: pages:"))
{
	struct page *page = alloc_page(GFP_KERNEL);

	REQUIRE(page && vmap(&page, 1, VM_MAP, PAGE_KERNEL));
	sin_prepared();
	COMMIT(__free_page(page));
}

SIN_FATAL(structures, kernel_page_opened_to_users,
	  BY(CHECKS, "kspace_check: invariant 4 is broken"))
{
	COMMIT(kernel_pmd[0].raw |= PTE_USER;
	       kernel_pte((unsigned long)data_start)->raw |= PTE_USER);
}

SIN_FATAL(structures, text_mapped_writable,
	  BY(CHECKS, "kspace_check: invariant"))
{
	COMMIT(kernel_pte((unsigned long)text_start)->raw |= PTE_WRITE);
}

SIN_FATAL(structures, page_mapped_in_a_hole,
	  BY(CHECKS, "kspace_check: invariant 3 is broken"))
{
	COMMIT(REQUIRE(map_phys(VMALLOC_END, 0, PAGE_SIZE, PAGE_KERNEL) == 0));
}
