/* SPDX-License-Identifier: MIT */
/*
 * vm_map_ram.c - frames shown in the window for a short time, and cheaply
 *
 * Problem     vmap makes a record, searches a range, and its end flushes: for a
 *             mapping that lives for a few lines of code that is nearly all of
 *             the cost.
 * Idea        Reserve a block of the window once and cut the mappings from it,
 *             front to back. What was unmapped is not used again; when the block
 *             is used up and nothing in it is mapped, one flush for all of it,
 *             and it begins anew. If something still is, the CPU takes another
 *             block, and the last to unmap gives this one back.
 * Picture     start      1 MiB, one page table                        guard
 *             | A A A | dirty | B | dirty | C C | never used yet ...  |  X  |
 *              count: 3        1           2      ^ next
 *             live = 6 pages, and 1 for the CPU that fills it
 * Invariants  R1  A block is an area without a finder, aligned to 1 MiB, which its
 *                 pages and the first page of its guard fill, and blocks[] leads
 *                 to it from each address of these.
 *             R2  A page of it is mapped exactly if it is part of a mapping: from
 *                 i on, count[i] of them. No two mappings share a page.
 *             R3  live is the pages of all mappings, and 1 if a CPU fills the block.
 *             R4  No page from next on was mapped since the last flush.
 * Locks       None. Filling is the CPU's alone, and threads are not preempted;
 *             count[] and the entries of a mapping belong to its owner; live is
 *             atomic, and who brings it to 0 gives the block back.
 * Failure     No block: vmap. A wrong address is reported, nothing is changed.
 * Cost        O(pages), and a full flush for each 224 of them or more: a block
 *             in which fewer than SHARE_MAX pages are left is used up.
 * Source      Linux since 2.6.28, mm/vmalloc.c: there a bitmap says what is free;
 *             next says the same where nothing is used twice between flushes.
 * Read first  vm_map_ram, vm_unmap_ram, then next_block.
 * See         tests/mm/test_vm_map_ram.c, mm/tlb.c
 */
#include <mm/vm_map_ram.h>

#include <kernel/printk.h>
#include <lib/export.h>
#include <mm/kspace.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/vmap.h>
#include <x86/percpu.h>

#include "internal.h"

#define NR_PLACES	((0UL - PAGE_OFFSET) / RAM_BLOCK_SIZE)

_Static_assert(LARGE_SIZE % RAM_BLOCK_SIZE == 0, "one table for a block");

static struct ram_block *blocks[NR_PLACES];

static struct ram_block **place_of(unsigned long addr)
{
	return &blocks[addr / RAM_BLOCK_SIZE % NR_PLACES];
}

const struct ram_block *ram_block_at(unsigned long addr)
{
	return *place_of(addr);
}

/* --- blocks ---------------------------------------------------------------- */

/* Its area is never published: nobody but us gives it back (R1). */
static struct ram_block *create_block(void)
{
	const struct vm_request req = {
		.size = RAM_BLOCK_PAGES * PAGE_SIZE,
		.align = RAM_BLOCK_SIZE,
		WHOLE_WINDOW,
		.flags = VM_MAP | VM_BLOCK,
		.gfp = GFP_KERNEL | __GFP_NOWARN,
		.caller = (unsigned long)vm_map_ram + 1,
	};
	struct ram_block *b = kzalloc(sizeof(*b), req.gfp);

	if (!b)
		return NULL;
	b->area = vm_area_create_tables(&req);
	if (!b->area) {
		kfree(b);
		return NULL;
	}
	b->start = (unsigned long)b->area->vm.addr;
	b->ptes = kernel_pte(b->start);
	b->live = 1;
	*place_of(b->start) = b;
	return b;
}

static void flush_block(const struct ram_block *b)
{
	tlb_flush_kernel_range(b->start, b->start + b->next * PAGE_SIZE);
}

/* Its entries are cleared already, so unmapping would see no need to flush. */
static __noinline void destroy_block(struct ram_block *b)
{
	flush_block(b);
	*place_of(b->start) = NULL;
	vm_area_detach(b->area);
	vm_area_forget(b->area);
	kfree(b);
}

static void put_block(struct ram_block *b, unsigned int nr)
{
	if (unlikely(__atomic_sub_fetch(&b->live, nr, __ATOMIC_ACQ_REL) == 0))
		destroy_block(b);
}

/* A block in which nothing is used: this CPU's own again, or a new one. */
static struct ram_block *next_block(void)
{
	struct ram_block *b = this_cpu->ram_block, *new;

	if (b && __atomic_load_n(&b->live, __ATOMIC_ACQUIRE) == 1) {
		flush_block(b);
		b->next = 0;
		return b;
	}
	new = create_block();
	if (!new)
		return NULL;
	this_cpu->ram_block = new;
	if (b)
		put_block(b, 1);
	return new;
}

/* --- mappings -------------------------------------------------------------- */

/* Only frames of the image may be such as must not be written (K2), and those are
 * reserved: kspace_permits need not be asked about others. */
static __always_inline bool all_permitted(struct page *const *pages,
					  unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (unlikely(!page_pointer_valid(pages[i]) ||
			     (pages[i]->state == PAGE_RESERVED &&
			      !kspace_permits(pages[i], PAGE_KERNEL))))
			return false;
	return true;
}

static __always_inline void *map_in(struct ram_block *b, struct page *const *pages,
		    unsigned int count)
{
	const pgprot_t prot = PAGE_KERNEL;
	unsigned int i, first = b->next;
	pte_t *pte = &b->ptes[first];

	b->next += count;
	b->count[first] = (uint8_t)count;
	__atomic_fetch_add(&b->live, count, __ATOMIC_RELAXED);
	for (i = 0; i < count; i++)
		pte_set(&pte[i], pte_make(page_to_phys(pages[i]), prot));
	return (void *)(b->start + first * PAGE_SIZE);
}

static __noinline void *map_slowly(struct page **pages, unsigned int count,
				   unsigned long caller)
{
	struct ram_block *b = NULL;

	if (!vm_context_allows("vm_map_ram", caller))
		return NULL;
	if (count - 1 < short_ways.shared) {
		if (!all_permitted(pages, count)) {
			printk(KERN_ERR "vm_map_ram: refused: of %u entries "
			       "one is no page or not to be written; called "
			       "by %pB\n", count, (void *)caller);
			return NULL;
		}
		b = next_block();
	}
	return b ? map_in(b, pages, count)
		 : vmap(pages, count, VM_MAP, PAGE_KERNEL);
}

void *vm_map_ram(struct page **pages, unsigned int count, int node __unused)
{
	struct ram_block *b = this_cpu->ram_block;

	if (unlikely(!in_plain_thread() || !b ||
		     count - 1 >= short_ways.shared ||
		     b->next > RAM_BLOCK_PAGES - RAM_SHARE_MAX ||
		     !all_permitted(pages, count)))
		return map_slowly(pages, count, CALLER);
	return map_in(b, pages, count);
}
EXPORT_SYMBOL(vm_map_ram);

/* What is in no block is an area of vmap, or a mistake. */
static __noinline void unmap_slowly(const void *addr, unsigned int count,
				    unsigned long caller)
{
	const struct vm_struct *vm;

	if (!vm_context_allows("vm_unmap_ram", caller) || !addr)
		return;
	vm = find_vm_area(addr);
	if (vm && (vm->flags & VM_MAP) &&
	    (vm->size - VM_GUARD_SIZE) / PAGE_SIZE == count)
		vunmap(addr);
	else
		printk(KERN_ERR "vm_unmap_ram: %p is no mapping of %u pages, "
		       "called by %pB\n", addr, count, (void *)caller);
}

void vm_unmap_ram(const void *addr, unsigned int count)
{
	struct ram_block *b = *place_of((unsigned long)addr);
	unsigned long first = (unsigned long)addr % RAM_BLOCK_SIZE / PAGE_SIZE;
	unsigned int i;

	if (unlikely(!in_plain_thread() || !b || !count ||
		     b->count[first] != count ||
		     (unsigned long)addr != b->start + first * PAGE_SIZE)) {
		unmap_slowly(addr, count, CALLER);
		return;
	}
	b->count[first] = 0;
	for (i = 0; i < count; i++)
		pte_clear(&b->ptes[first + i]);
	put_block(b, count);
}
EXPORT_SYMBOL(vm_unmap_ram);

void vm_unmap_aliases(void)
{
	struct ram_block *own = this_cpu->ram_block;
	unsigned int i;

	if (!vm_context_allows("vm_unmap_aliases", CALLER))
		return;
	if (own && __atomic_load_n(&own->live, __ATOMIC_ACQUIRE) == 1) {
		this_cpu->ram_block = NULL;
		put_block(own, 1);
	}
	for (i = 0; i < NR_PLACES; i++)
		if (blocks[i])
			flush_block(blocks[i]);
	vmap_purge();			/* what vfree and vunmap owe */
}
EXPORT_SYMBOL(vm_unmap_aliases);

/* --- the proof ------------------------------------------------------------- */

static int check_block(const struct ram_block *b)
{
	unsigned int i, left = 0, mapped = 0;

	if (b->start % RAM_BLOCK_SIZE ||
	    b->area->mapped != RAM_BLOCK_PAGES * PAGE_SIZE ||
	    *place_of(b->start) != b || find_vm_area(b->area->vm.addr))
		return 1;
	for (i = 0; i <= RAM_BLOCK_PAGES; i++) {
		if ((left && b->count[i]) ||
		    pte_present(b->ptes[i]) != (left + b->count[i] > 0))
			return 2;
		left += b->count[i];
		if (left && i >= b->next)
			return 4;
		mapped += left > 0;
		left -= left > 0;
	}
	return b->live == mapped + (b == this_cpu->ram_block) ? 0 : 3;
}

int vm_map_ram_check(void)
{
	unsigned int i;
	int broken = 0;

	for (i = 0; i < NR_PLACES && !broken; i++)
		if (blocks[i])
			broken = check_block(blocks[i]);
	return broken;
}
