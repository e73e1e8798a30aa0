/* SPDX-License-Identifier: MIT */
/*
 * page.c - frames: given back wrongly, used after their time
 */
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <tests/sin.h>

#include "access.h"

static char global[PAGE_SIZE] __aligned(PAGE_SIZE);

static struct page *__noinline take(unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL, order);

	REQUIRE(page);
	return page;
}

SIN(page, double_free, BY(PAGE_FREE, "it is free already"))
{
	struct page *page = take(0);

	__free_page(page);
	COMMIT(__free_page(HIDE(page)));
}

/* It became the second half of a larger free block. */
SIN(page, double_free_of_a_merged_block, BY(PAGE_FREE, "it is free already"))
{
	struct page *page = take(1);

	__free_pages(page, 1);
	COMMIT(__free_page(HIDE(page) + 1));
}

SIN(page, free_with_a_larger_order,
    BY(PAGE_FREE, "it was allocated with another order"))
{
	struct page *page = take(1);

	COMMIT(__free_pages(page, 2));
	__free_pages(page, 1);
}

SIN(page, free_with_a_smaller_order,
    BY(PAGE_FREE, "it was allocated with another order"))
{
	struct page *page = take(1);

	COMMIT(__free_pages(page, 0));
	__free_pages(page, 1);
}

SIN(page, free_from_the_middle_of_a_block,
    BY(PAGE_FREE, "it is inside a larger block"))
{
	struct page *page = take(1);

	COMMIT(__free_page(page + 1));
	__free_pages(page, 1);
}

SIN(page, free_of_the_kernels_own_frame,
    BY(PAGE_FREE, "it was never allocated"))
{
	COMMIT(__free_page(virt_to_page(HIDE(&global[0]))));
}

/* Objects of this size are cut from slabs of several frames. */
SIN(page, free_of_a_slabs_frame, BY(PAGE_FREE, "it belongs to an object cache"))
{
	struct kmem_cache *cache = kmem_cache_create("sinner", 1400, 0, 0, NULL);
	void *p;

	REQUIRE(cache);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	REQUIRE(p);
	COMMIT(__free_page(virt_to_page(p) + 1));
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);
}

SIN(page, free_of_what_is_no_struct_page, BY(PAGE_FREE, "is no struct page"))
{
	struct page *page = take(0);

	COMMIT(__free_page((struct page *)((char *)HIDE(page) + 4)));
	__free_page(page);
}

SIN(page, free_of_an_address_inside_a_page,
    BY(PAGE_FREE, "is no address of a page"))
{
	unsigned long addr = __get_free_pages(GFP_KERNEL, 0);

	REQUIRE(addr);
	COMMIT(free_pages(HIDE(addr) + 8, 0));
	free_pages(addr, 0);
}

SIN(page, never_freed, BY(BOOKS, "books: pages:"))
{
	COMMIT(take(0));
}

SIN(page, read_after_free, BY(KASAN, "BAD READ CAUGHT"))
{
	struct page *page = take(0);

	__free_page(page);
	COMMIT(sin_read(page_address(HIDE(page))));
}

SIN(page, write_after_free, BY(KASAN, "BAD WRITE CAUGHT"))
{
	struct page *page = take(0);

	__free_page(page);
	COMMIT(sin_write(page_address(HIDE(page))));
}

/* Single frames, until a block was split: its other half is free. */
static struct page *__noinline take_before_a_free_one(struct list_head *taken)
{
	struct page *page;

	list_init(taken);
	do {
		page = take(0);
		list_add(&page->link, taken);
	} while (page[1].state != PAGE_FREE);
	return page;
}

SIN(page, write_past_the_end_into_a_free_frame, BY(KASAN, "BAD WRITE CAUGHT"))
{
	struct list_head taken;
	struct page *page = take_before_a_free_one(&taken), *next;

	COMMIT(sin_write((char *)page_address(page) + PAGE_SIZE));
	list_for_each_entry_safe(page, next, &taken, link)
		__free_page(page);
}

SIN(page, write_past_the_end_into_a_used_frame, NOTHING)
{
	struct page *block = take(1);

	COMMIT(sin_write((char *)page_address(block) + PAGE_SIZE));
	__free_pages(block, 1);
}
