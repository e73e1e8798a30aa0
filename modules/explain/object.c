/* SPDX-License-Identifier: MIT */
/*
 * object.c - an object of a cache: which, whose, and what lies beside it
 *
 * Problem     An address in a slab says nothing. But the struct page of its frame
 *             leads to the cache, and the cache's measures to the object.
 * Idea        Only what can be true is believed: the numbers of a cache must fit
 *             each other and the slab, before anything is computed with them.
 * Locks       None, so an answer may be one operation old. This file reads the
 *             slab's own header: nobody else outside of mm/ does.
 * Read first  explain_object
 * See         mm/slab.c, mm/magazine.c
 */
#include <lib/string.h>
#include <mm/lookup.h>
#include <modules/page_head.h>

#include "../../mm/slab_internal.h"
#include "lines.h"

/* The head of the slab, if the frame's struct page can be right. */
static const struct page *slab_at(unsigned long addr)
{
	const struct page *page, *head;
	pfn_t pfn;

	if (!addr_in_direct_map(addr))
		return NULL;
	pfn = virt_to_pfn((const void *)addr);
	page = pfn_to_page(pfn);
	if (!pfn_valid(pfn) || page->state != PAGE_SLAB ||
	    page->order > MAX_ORDER || page->cache >= SLAB_NR_CACHES)
		return NULL;
	head = pfn_to_page(ALIGN_DOWN(pfn, 1U << page->order));
	return head->block == page->block && head->cache == page->cache ?
	       head : NULL;
}

/* The cache by number, if its measures are possible. */
static const struct kmem_cache *cache_of(const struct page *slab)
{
	const struct kmem_cache *cache = slab_caches[slab->cache];

	if (!lookup_readable(cache, sizeof(*cache)) ||
	    !lookup_readable(page_address(slab), PAGE_SIZE << slab->order) ||
	    cache->offset_mask != (PAGE_SIZE << slab->order) - 1 ||
	    cache->stride < sizeof(struct free_link) ||
	    !IS_ALIGNED(cache->stride | cache->link_offset, KMALLOC_MIN) ||
	    cache->link_offset > cache->stride - sizeof(struct free_link) ||
	    cache->nr_objects >= SLAB_END || cache->nr_objects + SLAB_FIRST >
	    (PAGE_SIZE << slab->order) / cache->stride ||
	    slab->nr_used > cache->nr_objects)
		return NULL;
	return cache;
}

/* A name may be anywhere, even where KASAN wants nobody to read. */
static __no_sanitize_address void copy_name(char *buf, const char *name)
{
	size_t i = 0;

	while (i < CACHE_NAME_MAX && lookup_readable(name + i, 1) && name[i]) {
		buf[i] = name[i];
		i++;
	}
	buf[i] = '\0';
}

void page_cache_name(const struct page *page, char name[CACHE_NAME_MAX + 1])
{
	const struct kmem_cache *cache = page->cache < SLAB_NR_CACHES ?
					 slab_caches[page->cache] : NULL;

	if (cache && lookup_readable(cache, sizeof(*cache)))
		copy_name(name, cache->name);
	else
		strscpy(name, "broken", CACHE_NAME_MAX + 1);
}

/* A chain that is damaged does not lead to all free objects. */
static const char *state_words(const struct kmem_cache *cache,
			       const struct page *slab, unsigned int index)
{
	const void *object = object_at(cache, slab, index);

	if (magazine_has(&cache->magazine,
			 MIN(cache->magazine.nr, MAGAZINE_MAX), object))
		return "free, in the magazine";
	if (kasan_is_held(object))
		return "freed, in quarantine";
	if (slab_chain_has(cache, slab, index))
		return "free";
	return link_has_key(object_link(cache, object)) ?
	       "freed, but its slab's chain does not lead to it" : "in use";
}

static void print_neighbours(const struct kmem_cache *cache,
			     unsigned int index, unsigned int offset,
			     print_fn *print)
{
	unsigned int gap = cache->stride - (unsigned int)cache->size;

	if (index > 0)
		print("          object %u ended %u byte%s before\n", index - 1,
		      gap + offset, plural(gap + offset));
	if (index + 1 < cache->nr_objects)
		print("          object %u begins %u byte%s further on\n",
		      index + 1, cache->stride - offset,
		      plural(cache->stride - offset));
}

static void print_object(const struct kmem_cache *cache,
			 const struct page *slab, unsigned int index,
			 unsigned int offset, print_fn *print)
{
	char name[CACHE_NAME_MAX + 1];

	copy_name(name, cache->name);
	print("  object  %u of %u in a slab of cache %s: %s\n", index,
	      cache->nr_objects, name,
	      state_words(cache, slab, index));
	if (offset < cache->size)
		print("          byte %u of its %zu, which begin at "
		      "%08lx\n", offset,
		      cache->size,
		      (unsigned long)object_at(cache, slab, index));
	else
		print("          %zu past the end of its %zu bytes, in what "
		      "keeps it apart\n", offset - cache->size + 1,
		      cache->size);
	print_neighbours(cache, index, offset, print);
}

void explain_object(const struct explain_spot *s, print_fn *print)
{
	const struct page *slab = slab_at(s->addr);
	const struct kmem_cache *cache = slab ? cache_of(slab) : NULL;
	unsigned int offset, index;

	if (!cache) {
		if (slab)
			print("  object  none: the records of its slab or "
			      "cache are damaged\n");
		return;
	}
	offset = (unsigned int)s->addr & cache->offset_mask;
	index = offset / cache->stride - SLAB_FIRST;
	if (index < cache->nr_objects)
		print_object(cache, slab, index, offset % cache->stride, print);
	else
		print("  object  none: what the objects leave over in a "
		      "slab\n");
}
