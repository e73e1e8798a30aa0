/* SPDX-License-Identifier: MIT */
/* sweep_objects.c - rows of the sweep: frames, caches, objects, kmalloc */
#include "sweep.h"

#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <tests/ktest.h>

#include "touch.h"

static bool is_zero(const char *p, unsigned long size)
{
	while (size > 0 && p[size - 1] == 0)
		size--;
	return size == 0;
}

/* --- frames ---------------------------------------------------------------- */

static void expect_block(struct page *page, const struct operation *op)
{
	char *p = kmap_local_page(page);

	EXPECT_EQ(page->order, op->size);
	if (op->gfp & __GFP_ZERO)
		EXPECT(is_zero(p, PAGE_SIZE));
	memset(p, 'x', PAGE_SIZE);
	kunmap_local(p);
}

static bool run_alloc_pages(const struct operation *op)
{
	struct page *page = alloc_pages(op->gfp, (unsigned int)op->size);

	if (!page)
		return false;
	expect_block(page, op);
	__free_pages(page, (unsigned int)op->size);
	return true;
}

static bool run_get_free_pages(const struct operation *op)
{
	unsigned long addr = __get_free_pages(op->gfp, (unsigned int)op->size);

	if (!addr)
		return false;
	expect_block(virt_to_page((void *)addr), op);
	free_pages(addr, (unsigned int)op->size);
	return true;
}

static bool run_get_zeroed_page(const struct operation *op)
{
	unsigned long addr = get_zeroed_page(op->gfp);

	if (!addr)
		return false;
	EXPECT(is_zero((char *)addr, PAGE_SIZE));
	memset((void *)addr, 'x', PAGE_SIZE);
	free_pages(addr, 0);
	return true;
}

static bool run_alloc_pages_exact(const struct operation *op)
{
	char *p = alloc_pages_exact(op->size, op->gfp);

	if (!p)
		return false;
	memset(p, 'x', op->size);
	free_pages_exact(p, op->size);
	return true;
}

#define BULK_MAX	40U

/* What it got before it was refused is the caller's to give back. */
static bool run_bulk(const struct operation *op)
{
	struct page *pages[BULK_MAX];
	unsigned int nr = (unsigned int)op->size, i;
	unsigned int got = alloc_pages_bulk_array(op->gfp, nr, pages);

	for (i = 0; i < got; i++)
		EXPECT(page_is_single(pages[i], PAGE_USED));
	release_pages(pages, got);
	return got == nr;
}

const struct operation sweep_frames[] = {
	{ "alloc_pages GFP_KERNEL", run_alloc_pages, 0, GFP_KERNEL, 0, 1 },
	{ "alloc_pages GFP_ATOMIC", run_alloc_pages, 0, GFP_ATOMIC, 0, 1 },
	{ "alloc_pages GFP_HIGHUSER", run_alloc_pages, 0, GFP_HIGHUSER, 0, 1 },
	{ "alloc_pages GFP_DMA", run_alloc_pages, 0, GFP_DMA, 0, 1 },
	{ "alloc_pages zeroed", run_alloc_pages, 0, GFP_KERNEL | __GFP_ZERO, 0,
	  1 },
	{ "alloc_pages zeroed, highmem", run_alloc_pages, 0,
	  GFP_HIGHUSER | __GFP_ZERO, 0, 1 },
	{ "alloc_pages without a line", run_alloc_pages, 0,
	  GFP_KERNEL | __GFP_NOWARN, 0, 1 },
	{ "alloc_pages of order 3", run_alloc_pages, 3, GFP_KERNEL, 0, 1 },
	{ "alloc_pages of order 5, highmem", run_alloc_pages, 5,
	  GFP_HIGHUSER | __GFP_ZERO, 0, 1 },
	{ "__get_free_pages of order 2", run_get_free_pages, 2, GFP_KERNEL, 0,
	  1 },
	{ "get_zeroed_page", run_get_zeroed_page, 0, GFP_KERNEL, 0, 1 },
	{ "alloc_pages_exact of 5 pages", run_alloc_pages_exact,
	  5 * PAGE_SIZE, GFP_KERNEL, 0, 1 },
	{ "alloc_pages_bulk_array of 3", run_bulk, 3, GFP_KERNEL, 0, 3 },
	{ "alloc_pages_bulk_array of 40, highmem", run_bulk, BULK_MAX,
	  GFP_HIGHUSER | __GFP_ZERO, 0, BULK_MAX },
	SWEEP_END
};

/* --- caches ---------------------------------------------------------------- */

#define OBJECTS_MAX	40U

static void fill_with_z(void *object)
{
	memset(object, 'z', 600);
}

static bool run_cache_create(const struct operation *op)
{
	struct kmem_cache *cache = kmem_cache_create("swept", op->size, 0, 0,
						     NULL);

	if (!cache)
		return false;
	EXPECT_EQ(kmem_cache_size(cache), op->size);
	kmem_cache_destroy(cache);
	return true;
}

/* Objects of more than one slab; those that were given stay as they were. */
static bool take_objects(struct kmem_cache *cache, const struct operation *op,
			 void (*ctor)(void *))
{
	static char *objects[OBJECTS_MAX];
	unsigned int n = 0, i;

	for (; n < OBJECTS_MAX; n++) {
		objects[n] = kmem_cache_alloc(cache, op->gfp);
		if (!objects[n])
			break;
		if (ctor)
			EXPECT_EQ(objects[n][599], 'z');
		else
			pattern_fill(objects[n], op->size, n);
	}
	for (i = 0; i < n; i++) {
		if (!ctor)
			EXPECT(pattern_holds(objects[i], op->size, i));
		kmem_cache_free(cache, objects[i]);
	}
	return n == OBJECTS_MAX;
}

static bool in_a_cache(const struct operation *op, unsigned int flags,
		       void (*ctor)(void *))
{
	struct kmem_cache *cache = kmem_cache_create("swept", op->size, 0,
						     flags, ctor);
	bool good;

	if (!cache)
		return false;
	good = take_objects(cache, op, ctor);
	kmem_cache_destroy(cache);
	return good;
}

static bool run_cache_objects(const struct operation *op)
{
	return in_a_cache(op, SLAB_ORDER0, NULL);
}

static bool run_cache_objects_aligned(const struct operation *op)
{
	return in_a_cache(op, SLAB_HWCACHE_ALIGN, NULL);
}

static bool run_cache_objects_ctor(const struct operation *op)
{
	return in_a_cache(op, 0, fill_with_z);
}

/* --- kmalloc --------------------------------------------------------------- */

static bool run_kmalloc(const struct operation *op)
{
	char *p = kmalloc(op->size, op->gfp);

	if (!p)
		return false;
	EXPECT(ksize(p) >= op->size);
	pattern_fill(p, op->size, 1);
	EXPECT(pattern_holds(p, op->size, 1));
	kfree(p);
	return true;
}

static bool run_kzalloc(const struct operation *op)
{
	char *p = kzalloc(op->size, op->gfp);

	if (!p)
		return false;
	EXPECT(is_zero(p, op->size));
	memset(p, 'x', op->size);
	kfree(p);
	return true;
}

/* From 60 bytes to more: refused, the old ones stay where and as they are. */
static bool run_krealloc(const struct operation *op)
{
	char *p = kmalloc(60, op->gfp), *new;

	if (!p)
		return false;
	pattern_fill(p, 60, 2);
	new = krealloc(p, op->size, op->gfp);
	EXPECT(pattern_holds(new ? new : p, 60, 2));
	kfree(new ? new : p);
	return new;
}

static bool run_krealloc_of_null(const struct operation *op)
{
	void *p = krealloc(NULL, op->size, op->gfp);

	kfree(p);
	return p;
}

const struct operation sweep_objects[] = {
	{ "kmem_cache_create", run_cache_create, 64, GFP_KERNEL, 0, 1 },
	{ "40 objects of 200", run_cache_objects, 200, GFP_KERNEL, 0, 43 },
	{ "40 objects of 200, no line", run_cache_objects, 200,
	  GFP_KERNEL | __GFP_NOWARN, SWEEP_ANY_LINES, 43 },
	{ "40 objects of 1000, aligned", run_cache_objects_aligned, 1000,
	  GFP_ATOMIC, 0, 51 },
	{ "40 objects of 600, constructed", run_cache_objects_ctor, 600,
	  GFP_KERNEL, 0, 48 },
	{ "kmalloc 1", run_kmalloc, 1, GFP_KERNEL, 0, 2 },
	{ "kmalloc 64", run_kmalloc, 64, GFP_ATOMIC, 0, 2 },
	{ "kmalloc 192", run_kmalloc, 192, GFP_KERNEL, 0, 2 },
	{ "kmalloc 4096", run_kmalloc, 4096, GFP_KERNEL, 0, 2 },
	{ "kmalloc 4097: whole pages", run_kmalloc, 4097, GFP_KERNEL, 0, 1 },
	{ "kmalloc 100000", run_kmalloc, 100000, GFP_KERNEL, 0, 1 },
	{ "kmalloc 100, DMA: whole pages", run_kmalloc, 100, GFP_DMA, 0, 1 },
	{ "kmalloc 64, no line", run_kmalloc, 64, GFP_KERNEL | __GFP_NOWARN, 0,
	  2 },
	{ "kzalloc 500", run_kzalloc, 500, GFP_KERNEL, 0, 2 },
	{ "kzalloc 20000", run_kzalloc, 20000, GFP_KERNEL, 0, 1 },
	{ "krealloc to 2000", run_krealloc, 2000, GFP_KERNEL, 0, 4 },
	{ "krealloc to 20000", run_krealloc, 20000, GFP_KERNEL, 0, 3 },
	{ "krealloc of NULL", run_krealloc_of_null, 100, GFP_KERNEL, 0, 2 },
	SWEEP_END
};
