/* SPDX-License-Identifier: MIT */
/*
 * pgtable.c - PAE page tables: walk, map, unmap, protect
 *
 * Problem     The MMU wants a tree of 64-bit entries; the rest of the kernel
 *             wants "these frames at this address, with these permissions".
 * Idea        Kernel space is one page directory, kernel_pmd, for ever. Tables
 *             below it are made when first needed, from low memory so that they
 *             have an address, and kept: the window is small and reused. Only
 *             where a page of 2 MiB takes its place a table is given back.
 * Picture     CR3 -> kernel_pdpt[3] -> kernel_pmd[512] -> table[512] -> frame
 *                    [0..2] user        1 GiB, 2 MiB each   4 KiB each
 * Invariants  T1  A PMD entry of PKMAP or the fixmap leads to a table, for ever;
 *                 one of the window is not present, leads to a table, or is a
 *                 page of 2 MiB, and changes through not present only.
 *             T2  nr_tables counts the tables of kernel space.
 *             T3  kernel_tables[] has the address of the table that each entry of
 *                 kernel_pmd leads to, and NULL where it leads to none.
 * Locks       kspace_lock (rank KSPACE) covers hanging a table in. The entries
 *             of a range belong to whoever owns the range: no lock.
 * Failure     No frame for a table: -ENOMEM, and nothing stays mapped.
 * Cost        O(pages): 12 instructions to map one, 3 to unmap it, 2 to flush it;
 *             a table costs one frame per 2 MiB of window ever used.
 * Source      Intel SDM vol. 3, section 4.4 (PAE paging).
 * Read first  kernel_pte, then map_pages.
 * See         tests/mm/test_pgtable.c, mm/tlb.c
 */
#include <mm/pgtable.h>

#include <kernel/lockrank.h>
#include <lib/errno.h>
#include <mm/failnth.h>
#include <mm/kasan.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <mm/vmap.h>
#include <x86/cpu.h>
#include <x86/spinlock.h>

#include "internal.h"

pgprot_t PAGE_KERNEL __ro_after_init, PAGE_KERNEL_RO __ro_after_init,
	 PAGE_KERNEL_EXEC __ro_after_init, PAGE_KERNEL_NOCACHE __ro_after_init,
	 PAGE_KERNEL_WC __ro_after_init;

pte_t *kernel_tables[PTRS_PER_TABLE];

static struct spinlock kspace_lock = SPINLOCK_INIT(RANK_KSPACE);
static unsigned long nr_tables;

static unsigned int pmd_index(unsigned long addr)
{
	return (addr >> LARGE_SHIFT) % PTRS_PER_TABLE;
}

static unsigned int pte_index(unsigned long addr)
{
	return (addr >> PAGE_SHIFT) % PTRS_PER_TABLE;
}

static pte_t *table_of(pte_t pmd)
{
	return phys_to_virt(pte_phys(pmd));
}

/* The end of the 2 MiB that hold @addr, or @end if that comes first. */
static unsigned long table_end(unsigned long addr, unsigned long end)
{
	unsigned long next = ALIGN_DOWN(addr, LARGE_SIZE) + LARGE_SIZE;

	return next - 1 < end - 1 ? next : end;
}

void pgtable_init(void)
{
	uint64_t base = PTE_PRESENT | PTE_ACCESSED |
			(cpu_features.pge ? PTE_GLOBAL : 0);
	uint64_t nx = cpu_features.nx ? PTE_NX : 0;

	PAGE_KERNEL.raw = base | nx | PTE_WRITE | PTE_DIRTY;
	PAGE_KERNEL_RO.raw = base | nx;
	PAGE_KERNEL_EXEC.raw = base;
	PAGE_KERNEL_NOCACHE.raw = PAGE_KERNEL.raw | PTE_PCD | PTE_PWT;
	PAGE_KERNEL_WC.raw = PAGE_KERNEL.raw | PTE_PWT |
			     (cpu_features.pat ? 0 : PTE_PCD);
}

/* --- looking --------------------------------------------------------------- */

static pte_t walk_leaf(const struct pgtable_walk *walk)
{
	return walk->large ? walk->pmd : walk->pte;
}

phys_addr_t pgtable_phys(const struct pgtable_walk *walk, unsigned long addr)
{
	unsigned long size = walk->large ? LARGE_SIZE : PAGE_SIZE;
	uint64_t frame = phys_raw(pte_phys(walk_leaf(walk)));

	return phys_make(ALIGN_DOWN(frame, size) + (addr & (size - 1)));
}

bool pgtable_writable(const struct pgtable_walk *walk)
{
	return (walk->pmd.raw & PTE_WRITE) && (walk_leaf(walk).raw & PTE_WRITE);
}

bool pgtable_user(const struct pgtable_walk *walk)
{
	return walk->pmd.raw & walk_leaf(walk).raw & PTE_USER;
}

bool pgtable_executable(const struct pgtable_walk *walk)
{
	return !((walk->pmd.raw | walk_leaf(walk).raw) & PTE_NX);
}

struct page *page_in_large(unsigned long addr)
{
	pte_t pmd = kernel_pmd[pmd_index(addr)];

	if (!pte_present(pmd) || !(pmd.raw & PTE_LARGE) ||
	    !pfn_valid(pte_pfn(pmd)))
		return NULL;
	return pfn_to_page(ALIGN_DOWN(pte_pfn(pmd), PTRS_PER_TABLE) +
			   pte_index(addr));
}

/* --- making tables --------------------------------------------------------- */

/* Inner entries permit everything: the leaf decides. */
static pte_t table_entry(const pte_t *table)
{
	uint64_t phys = phys_raw(virt_to_phys(table));

	return (pte_t){ phys | PTE_PRESENT | PTE_WRITE };
}

void pgtable_hang(unsigned long addr, pte_t *table)
{
	pte_set(&kernel_pmd[pmd_index(addr)], table_entry(table));
	kernel_tables[pmd_index(addr)] = table;
	nr_tables++;
}

void pgtable_unhang(unsigned long addr)
{
	kernel_tables[pmd_index(addr)] = NULL;
	pte_clear(&kernel_pmd[pmd_index(addr)]);
	nr_tables--;
}

static int make_table(unsigned long addr)
{
	struct page *page = NULL;
	bool hung = false;

	if (!fail_now(FAIL_TABLE))
		page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!page)
		return -ENOMEM;
	spin_lock(&kspace_lock);
	if (!pte_present(kernel_pmd[pmd_index(addr)])) {
		pgtable_hang(addr, page_address(page));
		hung = true;
	}
	spin_unlock(&kspace_lock);
	if (!hung)			/* another CPU was faster */
		__free_page(page);
	return 0;
}

int pgtable_populate(unsigned long start, unsigned long end)
{
	unsigned long addr;

	for (addr = start; addr != end; addr = table_end(addr, end))
		if (!pte_present(kernel_pmd[pmd_index(addr)]) &&
		    make_table(addr) != 0)
			return -ENOMEM;
	return 0;
}

int pgtable_check(void)
{
	unsigned long counted = 0;
	const pte_t *table;
	unsigned int i;

	for (i = 0; i < PTRS_PER_TABLE; i++) {
		table = kernel_tables[i];
		counted += table != NULL;
		if (!table && pte_present(kernel_pmd[i]) &&
		    !(kernel_pmd[i].raw & PTE_LARGE))
			return 3;
		if (table && table_of(kernel_pmd[i]) != table)
			return pte_present(kernel_pmd[i]) ? 3 : 1;
	}
	return counted == nr_tables ? 0 : 2;
}

unsigned long pgtable_nr_tables(void)
{
	return nr_tables + kasan_nr_pages() + vmap_nr_tables();
}

/* --- leaves ---------------------------------------------------------------- */

static __always_inline void set_entries(pte_t *pte, struct page *const *pages,
					unsigned int nr, pgprot_t prot)
{
	const unsigned long first = (unsigned long)mem_map;
	const pte_t *const end = pte + nr;
	unsigned int i;

	for (; nr % 4 != 0; nr--, pte++, pages++)
		pte_set_place(pte, (unsigned long)*pages - first, prot);
	for (; pte != end; pte += 4, pages += 4)
		UNROLL_4
		for (i = 0; i < 4; i++)
			pte_set_place(&pte[i], (unsigned long)pages[i] - first,
				      prot);
}

static __noinline pte_t *make_pte(unsigned long addr)
{
	return make_table(addr) == 0 ? kernel_pte(addr) : NULL;
}

/* The entry of @addr, of a new table where there is none; or NULL. */
static pte_t *need_pte(unsigned long addr)
{
	pte_t *pte = kernel_pte(addr);

	return likely(pte) ? pte : make_pte(addr);
}

/* How many of @nr pages from @addr on have their entries in its table. */
static unsigned int pages_in_table(unsigned long addr, unsigned int nr)
{
	return MIN(nr, PTRS_PER_TABLE - pte_index(addr));
}

/* From one table into the next, or where one has to be made. */
static __noinline int map_in_tables(unsigned long addr,
				    struct page *const *pages, unsigned int nr,
				    pgprot_t prot)
{
	const unsigned long start = addr;
	unsigned int n;

	for (; nr > 0; nr -= n, pages += n, addr += n * PAGE_SIZE) {
		pte_t *pte = need_pte(addr);

		if (unlikely(!pte)) {
			unmap_range(start, addr);
			return -ENOMEM;
		}
		n = pages_in_table(addr, nr);
		set_entries(pte, pages, n, prot);
		trace(TRACE_MAP, (void *)addr, n);
	}
	return 0;
}

int map_pages(unsigned long addr, struct page *const *pages, unsigned int nr,
	      pgprot_t prot)
{
	pte_t *pte = kernel_pte(addr);

	if (unlikely(!pte || pte_index(addr) + nr > short_ways.entries))
		return map_in_tables(addr, pages, nr, prot);
	set_entries(pte, pages, nr, prot);
	return 0;
}

int map_phys(unsigned long addr, phys_addr_t phys, unsigned long size,
	     pgprot_t prot)
{
	const unsigned long start = addr, end = addr + size;
	pte_t entry = pte_make(phys, prot), *pte = NULL;

	for (; addr != end; addr += PAGE_SIZE, entry.raw += PAGE_SIZE) {
		pte = addr == start || addr % LARGE_SIZE == 0 ? need_pte(addr)
							      : pte + 1;
		if (unlikely(!pte))
			break;
		pte_set(pte, entry);
	}
	trace(TRACE_MAP, (void *)start, (addr - start) / PAGE_SIZE);
	if (likely(addr == end))
		return 0;
	unmap_range(start, addr);
	return -ENOMEM;
}

static __always_inline void clear_entries(pte_t *pte, unsigned int nr)
{
	const pte_t *const end = pte + nr;
	unsigned int i;

	for (; nr % 4 != 0; nr--, pte++)
		pte_clear(pte);
	for (; pte != end; pte += 4)
		UNROLL_4
		for (i = 0; i < 4; i++)
			pte_clear(&pte[i]);
}

static __noinline bool clear_in_tables(unsigned long start, unsigned long end)
{
	unsigned int nr = (unsigned int)((end - start) / PAGE_SIZE), n;
	bool any = false;

	for (; nr > 0; nr -= n, start += n * PAGE_SIZE) {
		pte_t *pte = kernel_pte(start);

		n = pages_in_table(start, nr);
		if (unlikely(!pte)) {
			any |= pgtable_unmap_large(start, end);
			continue;
		}
		trace(TRACE_UNMAP, (void *)start, n);
		clear_entries(pte, n);
		any = true;
	}
	return any;
}

static __always_inline bool clear_range(unsigned long start, unsigned long end)
{
	unsigned int nr = (unsigned int)((end - start) / PAGE_SIZE);
	pte_t *pte = kernel_pte(start);

	if (unlikely(!pte || pte_index(start) + nr > short_ways.entries))
		return clear_in_tables(start, end);
	clear_entries(pte, nr);
	return nr > 0;
}

bool unmap_range_noflush(unsigned long start, unsigned long end)
{
	return clear_range(start, end);
}

void unmap_range(unsigned long start, unsigned long end)
{
	if (clear_range(start, end))
		tlb_flush_kernel_range(start, end);
}

void protect_range(unsigned long start, unsigned long end, pgprot_t prot)
{
	unsigned long addr;

	for (addr = start; addr != end; addr += PAGE_SIZE) {
		pte_t *pte = kernel_pte(addr);

		if (pte && pte_present(*pte))
			pte_replace(pte, pte_make(pte_phys(*pte), prot));
	}
	tlb_flush_kernel_range(start, end);
}
