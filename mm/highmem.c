/* SPDX-License-Identifier: MIT */
/*
 * highmem.c - an address for a frame that has none
 *
 * Problem     Frames above the direct map exist, but the kernel cannot touch them.
 * Idea        A handful of fixmap slots per CPU, used as a stack: the next one is
 *             always known, so mapping needs no search, no lock and no other CPU.
 *             An interrupt handler goes on where it found the stack, and leaves
 *             it so.
 * Picture     addresses, and their entries, go up ->
 *             | EMPTY | slot | slot | free ...            | FULL |
 *               never                ^ kmap_next            never zero
 * Invariants  H1  Slots below kmap_next are mapped. The entries of all others are
 *                 zero, but for those that a fault left which was recovered from.
 *             H2  The entry behind the last slot is not present, and not zero: one
 *                 look at the next entry tells whether it is free and whether
 *                 there is one.
 * Failure     Too deep, or given back in the wrong order: the kernel is wrong, and
 *             ends.
 * Read first  kmap_local_page, then kunmap_local.
 * See         tests/mm/test_highmem.c, mm/fixmap.c, mm/kmap.c
 */
#include <mm/highmem.h>

#include <lib/export.h>
#include <lib/string.h>
#include <mm/fixmap.h>
#include <mm/tlb.h>
#include <x86/percpu.h>

#include "internal.h"

/* The slots' entries, and the address of the first; both go up. */
#define FIRST_ENTRY	fixmap_entry(FIX_KMAP_LAST)
#define FIRST_ADDRESS	fixmap_address(FIX_KMAP_LAST)

unsigned int kmap_local_depth(void)
{
	return (unsigned int)((pte_t *)this_cpu->kmap_next - FIRST_ENTRY);
}

static __always_inline void *map_at(unsigned long entry, const struct page *page)
{
	this_cpu->kmap_next += sizeof(pte_t);
	pte_set_place((pte_t *)entry,
		      (unsigned long)page - (unsigned long)mem_map,
		      PAGE_KERNEL);
	return (void *)(FIRST_ADDRESS + (entry - (unsigned long)FIRST_ENTRY) *
					(PAGE_SIZE / sizeof(pte_t)));
}

/* The next entry is not zero: a fault has left it, or there is none (H2). */
static __noinline void *map_in_used(const struct page *page)
{
	unsigned int depth = kmap_local_depth();

	ASSERT(depth < KMAP_LOCAL_SLOTS);
	fixmap_clear(FIX_KMAP_LAST - depth);
	return map_at(this_cpu->kmap_next, page);
}

void *kmap_local_page(struct page *page)
{
	unsigned long entry = this_cpu->kmap_next;

	if (unlikely(!page_is_highmem(page)))
		return page_address(page);
	if (unlikely(*(uint32_t *)entry))
		return map_in_used(page);
	return map_at(entry, page);
}
EXPORT_SYMBOL(kmap_local_page);

/* Low memory keeps its address. All else is none of ours, or not the last one. */
static __noinline void unmap_other(const void *addr)
{
	ASSERT(addr_in_direct_map((unsigned long)addr));
}

void kunmap_local(const void *addr)
{
	unsigned long slot = (unsigned long)addr / PAGE_SIZE -
			     FIRST_ADDRESS / PAGE_SIZE;
	pte_t *next = FIRST_ENTRY + slot + 1;

	if (unlikely((unsigned long)next != this_cpu->kmap_next)) {
		unmap_other(addr);
		return;
	}
	pte_clear(next - 1);
	tlb_flush_local_page((unsigned long)addr);
	this_cpu->kmap_next -= sizeof(pte_t);
}
EXPORT_SYMBOL(kunmap_local);

/* --- whole frames, and bytes of them --------------------------------------- */

void clear_highpage(struct page *page)
{
	void *addr = kmap_local_page(page);

	memset(addr, 0, PAGE_SIZE);
	kunmap_local(addr);
}
EXPORT_SYMBOL(clear_highpage);

void copy_highpage(struct page *to, struct page *from)
{
	void *target = kmap_local_page(to);
	const void *source = kmap_local_page(from);

	memcpy(target, source, PAGE_SIZE);
	kunmap_local(source);
	kunmap_local(target);
}
EXPORT_SYMBOL(copy_highpage);

static bool inside_page(size_t offset, size_t len)
{
	return offset <= PAGE_SIZE && len <= PAGE_SIZE - offset;
}

void memcpy_to_page(struct page *page, size_t offset, const void *from,
		    size_t len)
{
	char *addr = kmap_local_page(page);

	ASSERT(inside_page(offset, len));
	memcpy(addr + offset, from, len);
	kunmap_local(addr);
}
EXPORT_SYMBOL(memcpy_to_page);

void memcpy_from_page(void *to, struct page *page, size_t offset, size_t len)
{
	const char *addr = kmap_local_page(page);

	ASSERT(inside_page(offset, len));
	memcpy(to, addr + offset, len);
	kunmap_local(addr);
}
EXPORT_SYMBOL(memcpy_from_page);

void memzero_page(struct page *page, size_t offset, size_t len)
{
	char *addr = kmap_local_page(page);

	ASSERT(inside_page(offset, len));
	memset(addr + offset, 0, len);
	kunmap_local(addr);
}
EXPORT_SYMBOL(memzero_page);
