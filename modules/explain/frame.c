/* SPDX-License-Identifier: MIT */
/*
 * frame.c - the frame behind an address: state, zone, block, who else shows it
 *
 * Read first  explain_frame
 * See         mm/page.c, mm/buddy.c, mm/pcp.c, mm/kmap.c
 */
#include <mm/fixmap.h>
#include <mm/highmem.h>
#include <mm/memblock.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/zone.h>

#include "lines.h"

/* The block that a frame is inside of: its head, or NULL. */
static const struct page *find_head(pfn_t pfn)
{
	const struct page *head;
	unsigned int order;

	for (order = 1; order <= MAX_ORDER; order++) {
		head = pfn_to_page(ALIGN_DOWN(pfn, 1U << order));
		if ((head->state == PAGE_FREE || head->state == PAGE_USED) &&
		    head->order >= order && head->order <= MAX_ORDER)
			return head;
	}
	return NULL;
}

static void print_tail(pfn_t pfn, print_fn *print)
{
	const struct page *head = find_head(pfn);

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
}
