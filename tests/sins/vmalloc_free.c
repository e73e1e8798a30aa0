/* SPDX-License-Identifier: MIT */
/*
 * vmalloc_free.c - areas given back wrongly, in the wrong place, or not at all
 */
#include <kernel/lockrank.h>
#include <mm/page_alloc.h>
#include <tests/sin.h>
#include <x86/spinlock.h>

#include "neighbours.h"

static char *take(unsigned long size)
{
	char *p = vmalloc(size);

	REQUIRE(p);
	return p;
}

static void vfree_if_there(char *p)
{
	if (find_vm_area(p))
		vfree(p);
}

SIN(vmalloc_free, twice, BY(AREA_FREE, "vfree: nonexistent area"))
{
	char *p = take(PAGE_SIZE);

	vfree(p);
	COMMIT(vfree(HIDE(p)));
}

SIN(vmalloc_free, from_its_middle, BY(AREA_FREE, "vfree: nonexistent area"))
{
	char *p = take(2 * PAGE_SIZE);

	COMMIT(vfree(p + PAGE_SIZE));
	vfree(p);
}

SIN(vmalloc_free, from_inside_a_page, BY(AREA_FREE, "vfree: bad address"))
{
	char *p = take(PAGE_SIZE);

	COMMIT(vfree(HIDE(p) + 16));
	vfree(p);
}

SIN(vmalloc_free, vfree_of_kmalloc_memory,
    BY(AREA_FREE, "vfree: nonexistent area"))
{
	char *p = kmalloc(PAGE_SIZE, GFP_KERNEL);

	REQUIRE(p);
	COMMIT(vfree(HIDE(p)));
	kfree(p);
}

SIN(vmalloc_free, vfree_of_the_stack, BY(AREA_FREE, "vfree: bad address"))
{
	int local = 0;

	COMMIT(vfree(HIDE(&local)));
}

SIN(vmalloc_free, vfree_of_what_vmap_gave,
    BY(AREA_FREE, "vfree: nonexistent area"))
{
	char *p = take(PAGE_SIZE), *again;
	struct page *page = vmalloc_to_page(p);

	again = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(again);
	COMMIT(vfree(again));
	vunmap(again);
	vfree(p);
}

SIN(vmalloc_free, vunmap_of_what_vmalloc_gave,
    BY(AREA_FREE, "vunmap: nonexistent area"))
{
	char *p = take(PAGE_SIZE);

	COMMIT(vunmap(p));
	vfree(p);
}

SIN(vmalloc_free, in_an_interrupt, BY(CONTEXT, "vfree: refused"))
{
	char *p = take(PAGE_SIZE);

	this_cpu->irq_depth++;
	COMMIT(vfree(p));
	this_cpu->irq_depth--;
	vfree_if_there(p);
}

SIN(vmalloc_free, vmalloc_in_an_interrupt, BY(CONTEXT, "vmalloc: refused"))
{
	char *volatile p = NULL;

	this_cpu->irq_depth++;
	COMMIT(p = vmalloc(PAGE_SIZE));
	this_cpu->irq_depth--;
	vfree(p);
}

SIN(vmalloc_free, under_a_spinlock,
    BY(CONTEXT, "vfree: refused"),
    BY(RANK, "rank VMAP taken while holding rank ZONE"))
{
	struct spinlock lock = SPINLOCK_INIT(RANK_ZONE);
	char *p = take(PAGE_SIZE);

	spin_lock(&lock);
	COMMIT(vfree(p));
	spin_unlock(&lock);
	vfree_if_there(p);
}

SIN(vmalloc_free, never, BY(BOOKS, "books: areas:"))
{
	COMMIT(take(PAGE_SIZE));
}

/* The area goes, and one of its frames is forgotten. */
SIN(vmalloc_free, all_but_one_frame, BY(BOOKS, "books: pages:"))
{
	char *p = take(3 * PAGE_SIZE);

	COMMIT(find_vm_area(p)->nr_pages--);
	vfree(p);
}

SIN(vmalloc_free, vunmap_never, BY(BOOKS, "books: areas:"))
{
	struct page *page = alloc_page(GFP_KERNEL);

	REQUIRE(page);
	COMMIT(REQUIRE(vmap(&page, 1, VM_MAP, PAGE_KERNEL)));
}
