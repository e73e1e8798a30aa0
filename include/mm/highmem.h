/* SPDX-License-Identifier: MIT */
/*
 * highmem.h - an address for a frame that has none
 *
 *	kmap_local_page		for this CPU, for a moment, as many as nest
 *	kmap			for everybody, for as long as one likes (mm/kmap.c)
 *
 * Both give low memory the address that it has anyway.
 */
#ifndef MM_HIGHMEM_H
#define MM_HIGHMEM_H

#include <mm/page.h>

/*
 * kmap_local_page - make a frame addressable for this CPU, for a short time
 *
 * Low memory has its address already and costs nothing. Highmem frames get one
 * of KMAP_LOCAL_SLOTS fixmap slots, used as a stack: undo in reverse order, with
 * any address of the page.
 * Context  any; not across a point where the thread could sleep.
 */
void kunmap_local(const void *addr);
void *kmap_local_page(struct page *page) __attribute__((returns_nonnull))
	__freed_by(kunmap_local, 1);

#define KMAP_SLOTS	512U

/*
 * kmap.c's own, shown to self-tests. Slots are numbered from 1 on: 0 is the end
 * of a chain, and nobody's. Locks  kmap_lock covers all but the counts.
 */
struct kmap_slot {
	int		count;		/* atomic: kmap.c's Picture         */
	struct page	*page;		/* NULL: none                       */
};
extern struct kmaps {
	struct kmap_slot slot[1 + KMAP_SLOTS];
	uint16_t	next[1 + KMAP_SLOTS];	/* in its chain             */
	uint16_t	first[KMAP_SLOTS];	/* of the chain of a hash   */
	unsigned int	cursor;		/* the slot that was taken last     */
	unsigned int	flushing;	/* how many slots                   */
} kmaps;

/* kmap_init - the page table of the slots, where there is HIGHMEM */
void kmap_init(void);

/*
 * kmap - an address for a frame that all may use, until kunmap
 *
 * Each kmap of one frame gives the same address, and needs its own kunmap. After
 * the last one the address may still work for a while, or be another frame's.
 * Context  thread, no spinlock held; elsewhere it is reported and refused.
 * Returns  the address, or NULL when all KMAP_SLOTS are in use (with a line).
 */
void *kmap(struct page *page);

/* kunmap - a frame that is not mapped, or has no user left, is reported with the
 * caller and nothing is changed. Context  as kmap. */
void kunmap(struct page *page);

/* kmap_drain - clear and flush all slots without users. Context  as kmap. */
void kmap_drain(void);

/* How many kmaps await their kunmap. */
unsigned long kmap_nr_users(void);

int kmap_check(void);		/* PK1 to PK5 (mm/kmap.c); 0 or the number */

/* kmap_local_depth - how many are mapped on this CPU now */
unsigned int kmap_local_depth(void);

/* kmap_atomic, kunmap_atomic - Linux's older names for the same */
static inline void *kmap_atomic(struct page *page)
{
	return kmap_local_page(page);
}

static inline void kunmap_atomic(const void *addr)
{
	kunmap_local(addr);
}

/* clear_highpage, copy_highpage - all of a frame of any zone; in any context */
void clear_highpage(struct page *page);
void copy_highpage(struct page *to, struct page *from);

/*
 * memcpy_to_page, memcpy_from_page, memzero_page - some bytes of such a frame
 *
 * Those from @offset on; the kernel is wrong, and ends, when they do not lie in
 * the one page.
 */
void memcpy_to_page(struct page *page, size_t offset, const void *from,
		    size_t len);
void memcpy_from_page(void *to, struct page *page, size_t offset, size_t len);
void memzero_page(struct page *page, size_t offset, size_t len);

#endif
