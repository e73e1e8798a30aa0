/* SPDX-License-Identifier: MIT */
/*
 * kmap.c - an address that a frame without one keeps for as long as one likes
 *
 * Problem     kmap_local's addresses are this CPU's, for a moment. Who wants one
 *             that everybody may use and that outlives a sleep needs a slot of
 *             its own; but to flush at each end of use would cost more than the
 *             use.
 * Idea        512 slots, handed out in a circle. A slot whose last user has gone
 *             keeps its mapping: whoever wants the same frame again has it for
 *             nothing. Only when the circle is through are all unused ones
 *             cleared, with one flush for all of them. A hash finds the slot of
 *             a frame.
 * Picture     count  0   free; no CPU remembers it          ^ flush, all at once
 *                    1   no user; still mapped       kmap v | ^ kunmap
 *                    n   n - 1 users                      v | ^
 *                   -1   cleared, the flush is under way
 *
 *             | 3 | 1 | 2 | 1 |  cursor ->  | 0 | 2 | 0 | 0 | ... |   512 slots
 * Invariants  PK1 The entry of a slot with a count from 1 on maps its frame, which
 *                 is HIGHMEM; all others are zero and have no frame.
 *             PK2 A slot with a frame is in the chain of its hash, once; no other
 *                 slot is in any.
 *             PK3 No frame has two slots.
 *             PK4 No slot below the cursor is free: the circle is through when
 *                 the cursor has reached the end.
 *             PK5 A frame with users is not free memory.
 * Locks       kmap_lock (rank KMAP) covers all but the counts, which are atomic:
 *             from 1 on a count is raised, and down to 1 lowered, without the
 *             lock. Above 1 the slot stays its frame's. Only under the lock does
 *             a count go from 0 to 1, or from 1 to FLUSHING and on to 0.
 * Failure     All 512 in use: NULL and a line. A frame that is not mapped, or has
 *             no user left, is reported with the caller and nothing is changed.
 * Source      Linux 2.6.24, mm/highmem.c; deviations in docs/linux.md.
 * Read first  kmap, then take_slot and flush_unused.
 * See         tests/mm/test_kmap.c, mm/highmem.c
 */
#include <mm/highmem.h>

#include <kernel/lockrank.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/export.h>
#include <mm/tlb.h>
#include <mm/zone.h>
#include <x86/spinlock.h>

#include "internal.h"

#define NR_SLOTS	KMAP_SLOTS
#define FLUSHING	(-1)

_Static_assert(PKMAP_END - PKMAP_BASE == NR_SLOTS * PAGE_SIZE, "one for each");

static struct spinlock kmap_lock = SPINLOCK_INIT(RANK_KMAP);

struct kmaps kmaps;

static unsigned long slot_address(unsigned int n)
{
	return PKMAP_BASE + (n - 1) * PAGE_SIZE;
}

static unsigned int hash(const struct page *page)
{
	return (unsigned long)page / sizeof(*page) % NR_SLOTS;
}

static bool count_change(struct kmap_slot *slot, int from, int to)
{
	return __atomic_compare_exchange_n(&slot->count, &from, to, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* --- under the lock -------------------------------------------------------- */

static unsigned int find_slot(const struct page *page) __must_hold(&kmap_lock)
{
	unsigned int n = kmaps.first[hash(page)];

	while (n && kmaps.slot[n].page != page)
		n = kmaps.next[n];
	return n;
}

static void unlink_slot(unsigned int n) __must_hold(&kmap_lock)
{
	uint16_t *link = &kmaps.first[hash(kmaps.slot[n].page)];

	while (*link != n)
		link = &kmaps.next[*link];
	*link = kmaps.next[n];
	kmaps.slot[n].page = NULL;
}

/* A free slot from the cursor on gets the frame; 0: the circle is through. */
static unsigned int take_slot(struct page *page) __must_hold(&kmap_lock)
{
	uint16_t *first = &kmaps.first[hash(page)];
	unsigned int n;
	pte_t *entry;

	do
		if (kmaps.cursor == NR_SLOTS)
			return 0;
	while (kmaps.slot[++kmaps.cursor].count != 0);
	n = kmaps.cursor;
	entry = kernel_pte(slot_address(n));
	ASSERT(entry);				/* kmap_init made its table */
	pte_set(entry, pte_make(page_to_phys(page), PAGE_KERNEL));
	kmaps.slot[n] = (struct kmap_slot){ .count = 1, .page = page };
	kmaps.next[n] = *first;
	trace(TRACE_KMAP, (void *)slot_address(n), page_to_pfn(page));
	__atomic_store_n(first, (uint16_t)n, __ATOMIC_RELEASE);
	return n;
}

/* --- the end of the circle ------------------------------------------------- */

static unsigned int clear_unused(void) __must_hold(&kmap_lock)
{
	unsigned int n, cleared = 0;

	for (n = 1; n <= NR_SLOTS; n++) {
		if (!count_change(&kmaps.slot[n], 1, FLUSHING))
			continue;
		trace(TRACE_KUNMAP, (void *)slot_address(n), 0);
		unlink_slot(n);
		pte_clear(kernel_pte(slot_address(n)));
		cleared++;
	}
	return cleared;
}

/*
 * The slots are nobody's while they are flushed, and that is outside of the lock:
 * on several CPUs it waits for those that may want the lock. True if slots have
 * become free, or will soon.
 */
static bool flush_unused(void)
{
	unsigned int n, cleared;
	bool some;

	spin_lock(&kmap_lock);
	cleared = clear_unused();
	kmaps.flushing += cleared;
	some = kmaps.flushing > 0;
	spin_unlock(&kmap_lock);
	if (cleared == 0)
		return some;
	tlb_flush_kernel_range(PKMAP_BASE, PKMAP_END);
	spin_lock(&kmap_lock);
	for (n = 1; n <= NR_SLOTS; n++)
		count_change(&kmaps.slot[n], FLUSHING, 0);
	kmaps.flushing -= cleared;
	kmaps.cursor = 0;
	spin_unlock(&kmap_lock);
	return true;
}

void kmap_drain(void)
{
	if (vm_context_allows("kmap_drain", CALLER))
		flush_unused();
}

/* --- for everybody --------------------------------------------------------- */

static __noinline void *kmap_slow(struct page *page, unsigned long caller)
{
	unsigned int n;

	if (!vm_context_allows("kmap", caller))
		return NULL;
	do {
		spin_lock(&kmap_lock);
		n = find_slot(page);
		if (!n)
			n = take_slot(page);
		__atomic_add_fetch(&kmaps.slot[n].count, n != 0,
				   __ATOMIC_ACQUIRE);
		spin_unlock(&kmap_lock);
	} while (!n && flush_unused());
	if (n)
		return (void *)slot_address(n);
	printk(KERN_WARNING "kmap: refused: all %u slots are in use; called by "
	       "%pB\n", NR_SLOTS, (void *)caller);
	return NULL;
}

/*
 * A count from 1 on is raised without the lock. If the slot was cleared and has
 * become another frame's in between, that one's count is put right again.
 */
void *kmap(struct page *page)
{
	unsigned int n;
	int count;

	if (!page_is_highmem(page) && in_plain_thread())
		return page_address(page);
	n = READ_ONCE(kmaps.first[hash(page)]);
	count = READ_ONCE(kmaps.slot[n].count);
	if (likely(kmaps.slot[n].page == page && count > 0 &&
		   in_plain_thread() &&
		   count_change(&kmaps.slot[n], count, count + 1))) {
		if (likely(READ_ONCE(kmaps.slot[n].page) == page))
			return (void *)slot_address(n);
		__atomic_sub_fetch(&kmaps.slot[n].count, 1, __ATOMIC_RELEASE);
	}
	return kmap_slow(page, CALLER);
}
EXPORT_SYMBOL(kmap);

static __noinline void kunmap_slow(struct page *page, unsigned long caller)
{
	bool found = false;
	unsigned int n;

	if (!vm_context_allows("kunmap", caller))
		return;
	spin_lock(&kmap_lock);
	n = find_slot(page);
	if (n && kmaps.slot[n].count > 1) {
		__atomic_sub_fetch(&kmaps.slot[n].count, 1, __ATOMIC_RELEASE);
		found = true;
	}
	spin_unlock(&kmap_lock);
	if (!found)
		printk(KERN_ERR "kunmap: page %p is not mapped, or by nobody "
		       "any more; called by %pB\n", (void *)page,
		       (void *)caller);
}

void kunmap(struct page *page)
{
	unsigned int n;
	int count;

	if (!page_is_highmem(page) && in_plain_thread())
		return;
	n = READ_ONCE(kmaps.first[hash(page)]);
	count = READ_ONCE(kmaps.slot[n].count);
	if (likely(kmaps.slot[n].page == page && count > 1 &&
		   in_plain_thread() &&
		   count_change(&kmaps.slot[n], count, count - 1)))
		return;
	kunmap_slow(page, CALLER);
}
EXPORT_SYMBOL(kunmap);

/* --- bring-up and proof ---------------------------------------------------- */

void kmap_init(void)
{
	if (zones[ZONE_HIGHMEM].nr_present &&
	    pgtable_populate(PKMAP_BASE, PKMAP_END) != 0)
		panic("kmap: no frame for the page table of its slots");
	trace(TRACE_MACHINE, NULL, 0);	/* no part is without its place now */
}

unsigned long kmap_nr_users(void)
{
	unsigned long users = 0;
	unsigned int n;

	for (n = 1; n <= NR_SLOTS; n++)
		users += (unsigned int)MAX(kmaps.slot[n].count - 1, 0);
	return users;
}

/* What it maps, 0: nothing. Without HIGHMEM there is not even a table. */
static uint64_t slot_entry(unsigned int n)
{
	const pte_t *pte = kernel_pte(slot_address(n));

	return pte ? pte->raw : 0;
}

static int check_slot(unsigned int n) __must_hold(&kmap_lock)
{
	const struct page *page = kmaps.slot[n].page;
	uint64_t entry = 0;

	if ((kmaps.slot[n].count > 0) != (page != NULL))
		return 1;
	if (page)
		entry = pte_make(page_to_phys(page), PAGE_KERNEL).raw;
	if (slot_entry(n) != entry || (page && !page_is_highmem(page)))
		return 1;
	if (n <= kmaps.cursor && kmaps.slot[n].count == 0)
		return 4;
	return kmaps.slot[n].count > 1 && page_is_free(page) ? 5 : 0;
}

/* *@chained: how many slots, to be compared with how many have a frame. */
static int check_chain(unsigned int h, unsigned int *chained)
	__must_hold(&kmap_lock)
{
	unsigned int n, later;

	for (n = kmaps.first[h]; n; n = kmaps.next[n]) {
		if (!kmaps.slot[n].page || hash(kmaps.slot[n].page) != h ||
		    ++*chained > NR_SLOTS)
			return 2;
		for (later = kmaps.next[n]; later; later = kmaps.next[later])
			if (kmaps.slot[later].page == kmaps.slot[n].page)
				return later == n ? 2 : 3;
	}
	return 0;
}

int kmap_check(void)
{
	unsigned int i, chained = 0, mapped = 0;
	int broken = 0;

	spin_lock(&kmap_lock);
	for (i = 1; i <= NR_SLOTS && !broken; i++) {
		mapped += kmaps.slot[i].page != NULL;
		broken = check_slot(i);
	}
	for (i = 0; i < NR_SLOTS && !broken; i++)
		broken = check_chain(i, &chained);
	spin_unlock(&kmap_lock);
	return broken ? broken : chained == mapped ? 0 : 2;
}
