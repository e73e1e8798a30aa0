/* SPDX-License-Identifier: MIT */
/*
 * family.c - the relatives of vmalloc: what their short cuts leave unwatched
 */
#include <mm/page_alloc.h>
#include <mm/vm_map_ram.h>
#include <tests/sin.h>

#include "neighbours.h"

static struct page *take_pages(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 1);

	REQUIRE(page);
	return page;
}

static char *map(struct page *page)
{
	char *p = vm_map_ram(&page, 1, 0);

	REQUIRE(p);
	sin_write(p);			/* its translation is remembered */
	return p;
}

/* No guard lies between two mappings of a block. */
SIN(family, write_past_a_mapping_into_the_next, NOTHING)
{
	struct page *pages = take_pages();
	char *p = map(pages), *q = map(pages + 1);

	COMMIT(sin_write(p + PAGE_SIZE));
	vm_unmap_ram(q, 1);
	vm_unmap_ram(p, 1);
	__free_pages(pages, 1);
}

SIN(family, write_behind_the_last_mapping, BY(CPU, "BAD WRITE CAUGHT"))
{
	struct page *pages = take_pages();
	char *p = map(pages);

	COMMIT(sin_write(p + PAGE_SIZE));
	vm_unmap_ram(p, 1);
	__free_pages(pages, 1);
}

/* The flush is put off, and the CPU remembers. */
SIN(family, write_after_vm_unmap_ram, NOTHING)
{
	struct page *pages = take_pages();
	char *p = map(pages);

	vm_unmap_ram(p, 1);
	COMMIT(sin_write(HIDE(p)));
	__free_pages(pages, 1);
}

SIN(family, write_after_vm_unmap_aliases, BY(CPU, "BAD WRITE CAUGHT"))
{
	struct page *pages = take_pages();
	char *p = map(pages), *keep = map(pages + 1);

	vm_unmap_ram(p, 1);
	vm_unmap_aliases();
	COMMIT(sin_write(HIDE(p)));
	vm_unmap_ram(keep, 1);
	__free_pages(pages, 1);
}

/* Queued, and nobody has come yet: the pages are still there. */
SIN(family, write_after_vfree_atomic, NOTHING)
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	vfree_atomic(p);
	COMMIT(sin_write(HIDE(p)));
	vfree_drain();
}
