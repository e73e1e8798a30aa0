/* SPDX-License-Identifier: MIT */
/*
 * page.h - one struct page for each page frame
 *
 * mem_map[pfn] says what frame pfn is used for. A block of 2^order frames is
 * described by its first one, the head; all its other frames are PAGE_TAIL, so
 * allocating, freeing, splitting and merging touch one or two heads only.
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include <lib/assert.h>
#include <lib/list.h>
#include <x86/layout.h>

#define MAX_ORDER	10			/* the largest block: 4 MiB */
#define NR_ORDERS	(MAX_ORDER + 1)

/* Who moves a frame from state to state stands behind each. */
enum page_state {
	PAGE_ABSENT,	/* no RAM here; page_init, for ever                    */
	PAGE_RESERVED,	/* RAM kept from the allocator; free_reserved_range    */
	PAGE_TAIL,	/* inside a block, free or used; buddy.c               */
	PAGE_FREE,	/* head of a free block of page->order; buddy.c        */
	PAGE_STOCK,	/* a free frame in a CPU's stock; pcp.c                */
	PAGE_USED,	/* head of an allocated block; page_alloc.c            */
	PAGE_SLAB,	/* each frame of a slab; slab.c, back to USED and TAIL */
	NR_PAGE_STATES
};

enum zone_id { ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM, NR_ZONES };

/*
 * Locks: I set once at init; Z zone->lock; C the cache's lock; o its owner;
 * a atomic.
 * 16 million of them describe 64 GiB: nothing may be added.
 */
struct page {
	union {
		struct {
			uint8_t	state;	/* [Z]  enum page_state                */
			uint8_t	order;	/* [Z]  of a head, and of PAGE_SLAB    */
		};
		uint16_t	block;	/*      both: just the state, order 0  */
	};
	uint8_t		zone;		/* [I]  enum zone_id                   */
	uint8_t		cache;		/* [C]  of PAGE_SLAB: which kmem_cache */
	union {
		uint32_t	count;	/* [a]  of PAGE_USED: references       */
		struct {
			uint16_t nr_used;	/* [C] of PAGE_SLAB: objects   */
			uint16_t first_free;	/* [C] index, or SLAB_END     */
		};
	};
	struct list_head link;		/* [Z] a free list, [C] a slab list, [o] */
};
_Static_assert(sizeof(void *) != 4 || sizeof(struct page) == 16,
	       "16 million of them must fit in low memory");

extern struct page *mem_map;		/* [I] */
extern pfn_t mem_map_end;		/* [I] number of entries */

/* The frame of a byte in a memory map, and the first one that is not below. */
#define PFN_DOWN(n)	((pfn_t)((n) >> PAGE_SHIFT))
#define PFN_UP(n)	PFN_DOWN((n) + PAGE_SIZE - 1)

static inline pfn_t phys_to_pfn(phys_addr_t phys)
{
	return PFN_DOWN(phys_raw(phys));
}

static inline phys_addr_t pfn_to_phys(pfn_t pfn)
{
	return phys_make((uint64_t)pfn << PAGE_SHIFT);
}

static inline struct page *pfn_to_page(pfn_t pfn)
{
	return &mem_map[pfn];
}

static inline pfn_t page_to_pfn(const struct page *page)
{
	return (pfn_t)(page - mem_map);
}

static inline phys_addr_t page_to_phys(const struct page *page)
{
	return pfn_to_phys(page_to_pfn(page));
}

/* Is there a struct page for this frame? */
static inline bool pfn_valid(pfn_t pfn)
{
	return pfn < mem_map_end;
}

/*
 * page_among - is @page the start of one of @nr entries from @first on?
 *
 * Any value is fine. Turned by four bits, an address inside of an entry has its
 * odd part on top, and is as far away as one beyond the last.
 */
static inline bool page_among(const struct page *page, const struct page *first,
			      pfn_t nr)
{
	uint32_t bytes = (uint32_t)((unsigned long)page - (unsigned long)first);

	return (bytes >> 4 | bytes << 28) < nr;
}

/* Does @page point to the start of an entry of mem_map? Any value is fine. */
static inline bool page_pointer_valid(const struct page *page)
{
	return page_among(page, mem_map, mem_map_end);
}

/* A block of one frame in @state, with one reference? Two comparisons do. */
static inline bool page_is_single(const struct page *page,
				  enum page_state state)
{
	return page->block == (uint16_t)state && page->count == 1;
}

static inline void page_make_single(struct page *page, enum page_state state)
{
	page->block = (uint16_t)state;
	page->count = 1;
}

static inline bool page_is_highmem(const struct page *page)
{
	return page->zone == ZONE_HIGHMEM;
}

/* The frame's address in the direct map; not for highmem frames. */
static inline void *page_address(const struct page *page)
{
	return phys_to_virt(page_to_phys(page));
}

static inline pfn_t virt_to_pfn(const void *addr)
{
	return phys_to_pfn(virt_to_phys(addr));
}

static inline struct page *virt_to_page(const void *addr)
{
	return pfn_to_page(virt_to_pfn(addr));
}

const char *page_state_name(unsigned int state);

/*
 * page_init - make mem_map for all RAM that memblock knows
 *
 * Frames are PAGE_RESERVED where memblock says so, PAGE_TAIL where there is other
 * RAM (the buddy makes heads of some), else PAGE_ABSENT. RAM whose
 * entries would take more than a third of low memory is left out, and said so.
 * Context  boot, after memblock_init and kspace_init.
 */
void page_init(void);

#endif
