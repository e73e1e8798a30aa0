/* SPDX-License-Identifier: MIT */
/*
 * frame.c - the frame behind an address: state, zone, block, whose, where else
 *
 * Idea        The struct page says what a frame is, page_owner who took it and gave
 *             it back, if it is on. Without it an area's list of frames names the
 *             owner still: all lists are searched.
 * Failure     A record that is damaged is left out (mm/lookup.c), and no list has
 *             more entries than its area pages.
 * Read first  explain_frame
 * See         mm/page.c, mm/buddy.c, mm/pcp.c, mm/kmap.c
 */
#include <mm/fixmap.h>
#include <mm/highmem.h>
#include <mm/memblock.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/zone.h>

#include <modules/owners.h>
#include <modules/page_head.h>

#include "lines.h"

#define AREAS_SHOWN	4U		/* of one frame, at most */

static void print_tail(pfn_t pfn, print_fn *print)
{
	const struct page *head = page_head(pfn);

	if (!head) {
		print("          of a block without a head: it is being cut, "
		      "or damaged\n");
		return;
	}
	print("          number %u in a %s block of order %u, which begins at "
	      "frame %x\n", pfn - page_to_pfn(head), head->state == PAGE_FREE ?
	      "free" : "used", head->order, page_to_pfn(head));
	if (head->cache == SLAB_NR_CACHES)
		print("          of kmalloc, which takes whole pages for "
		      "much\n");
}

static void print_used(const struct page *page, print_fn *print)
{
	print("          a block of order %u, references: %u%s\n", page->order,
	      page->count, page->cache == SLAB_NR_CACHES ?
	      ", kmalloc's" : "");
}

static void print_reserved(pfn_t pfn, print_fn *print)
{
	const struct memblock_range *range =
		memblock_find(&memblock.reserved,
			      phys_raw(pfn_to_phys(pfn)));

	if (range && lookup_readable(range->owner, 1))
		print("          at boot, for: %.40s\n", range->owner);
}

static void print_state(pfn_t pfn, print_fn *print)
{
	const struct page *page = pfn_to_page(pfn);
	const struct page_stock *stock;

	switch (page->state) {
	case PAGE_TAIL:
		print_tail(pfn, print);
		break;
	case PAGE_FREE:
		print("          a block of order %u\n", page->order);
		break;
	case PAGE_USED:
		print_used(page, print);
		break;
	case PAGE_RESERVED:
		print_reserved(pfn, print);
		break;
	case PAGE_STOCK:
		stock = this_cpu->page_stock[page->zone % NR_ZONES];
		if (lookup_readable(stock, sizeof(*stock)))
			print("          one of %u that this CPU has at hand\n",
			      stock->nr);
		break;
	case PAGE_SLAB:
		print("          of a slab of order %u, its number %u\n",
		      page->order, pfn % (1U << page->order % NR_ORDERS));
	}
}

/* Under other addresses, too? */
static void print_mappings(const struct page *page, print_fn *print)
{
	unsigned int n, depth = MIN(kmap_local_depth(), KMAP_LOCAL_SLOTS);
	int users;

	for (n = 1; n <= KMAP_SLOTS; n++) {
		users = kmaps.slot[n].count - 1;
		if (kmaps.slot[n].page == page && users >= 0)
			print("          mapped by kmap at %08lx, for %d "
			      "user%s\n",
			      PKMAP_BASE + (n - 1) * PAGE_SIZE, users,
			      plural((unsigned int)users));
	}
	for (n = 0; n < depth; n++)
		if (pte_pfn(*fixmap_entry(FIX_KMAP_LAST - n)) ==
		    page_to_pfn(page))
			print("          mapped by kmap_local at %08lx, depth "
			      "%u of %u\n", fixmap_address(FIX_KMAP_LAST - n),
			      n + 1, depth);
}

/* Which page of @area is this? A list may be anywhere, as a cache's name. */
static __no_sanitize_address bool find_in(const struct vmap_area *area,
					  const struct page *page,
					  unsigned long *n)
{
	struct page *const *pages = area->vm.pages;
	unsigned long nr = MIN((unsigned long)area->vm.nr_pages,
			       area->vm.size / PAGE_SIZE);

	if ((area->vm.flags & VM_KEPT) ||
	    !IS_ALIGNED((unsigned long)pages, sizeof(*pages)) ||
	    !lookup_readable(pages, nr * sizeof(*pages)))
		return false;
	for (*n = 0; *n < nr; ++*n)
		if (pages[*n] == page)
			return true;
	return false;
}

/* The areas that have it in their lists, but @own, which has been told of. */
static void print_areas(const struct page *page, const struct vmap_area *own,
			print_fn *print)
{
	const struct vmap_area *area = NULL, *damaged = NULL;
	unsigned int left = AREAS_SHOWN;
	unsigned long n;

	while (left > 0 && (area = lookup_next(area, &damaged))) {
		if (area == own || !find_in(area, page, &n))
			continue;
		print("          page %lu of %s area %08lx, which %pB asked "
		      "for\n", n, area->vm.flags & VM_ALLOC ? "vmalloc" :
		      "vmap", area->first, (void *)area->caller);
		left--;
	}
}

void explain_frame(const struct explain_spot *s, print_fn *print)
{
	struct pgtable_walk w;
	const struct page *page;
	uint64_t phys;
	pfn_t pfn;

	if (!pgtable_lookup(s->addr, &w))
		return;
	phys = phys_raw(pgtable_phys(&w, s->addr));
	print("  frame   %llx at physical %09llx", phys >> PAGE_SHIFT, phys);
	if (phys >> PAGE_SHIFT >= mem_map_end) {
		print(": no RAM, it has no struct page\n");
		return;
	}
	pfn = phys_to_pfn(phys_make(phys));
	page = pfn_to_page(pfn);
	print(", zone %s: %s\n", page->zone < NR_ZONES ?
	      page_zone(page)->name : "broken", page_state_name(page->state));
	print_state(pfn, print);
	print_mappings(page, print);
	print_areas(page, s->areas.below, print);
	owners_tell(pfn, "          ", print);
}
