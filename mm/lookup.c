/* SPDX-License-Identifier: MIT */
/*
 * lookup.c - whose is an address? For reports, also in a kernel that is broken
 *
 * Problem     A report is wanted most when something has been written over. Then a
 *             record's link leads anywhere, and whoever follows it faults inside
 *             of the report: nothing is printed at all.
 * Idea        Look before each step. An address may be read when the page tables,
 *             themselves looked at like that (pgtable_lookup), lead to a frame of
 *             RAM that the kernel may touch. A record counts only when what it
 *             says of itself can be true. What does not pass is left out.
 * Picture     the table     live area, live area, ...          each looked at
 *             the list      vmlist -> kept -> live -> busy     to the first bad one
 * Invariants  LU1 Nothing is read that lookup_readable has not allowed, but for
 *                 what is part of the image and the entries of mem_map.
 *             LU2 Each walk ends: addresses in the list only rise.
 * Locks       None: a report may come from inside of one.
 * Cost        The tables from one end to the other, 60,000 instructions: more than
 *             vmap_neighbours, which trusts them.
 * Read first  lookup_readable, then lookup_records
 * See         kernel/explain.c, tests/mm/test_lookup.c, docs/book/mm/lookup.md
 */
#include <mm/lookup.h>

#include <mm/freed.h>
#include <mm/kspace.h>
#include <mm/page.h>
#include <x86/cpu.h>

#include "vmap_index.h"

/* --- page tables ----------------------------------------------------------- */

/* The table that an entry leads to; NULL if none can be there. Before memblock has
 * found low memory's end there are only those of the image. */
static const pte_t *table_behind(pte_t entry)
{
	phys_addr_t phys = pte_phys(entry);

	if (!pte_present(entry) ||
	    phys_raw(phys) >= MAX(layout.lowmem_end, image_end()) ||
	    kspace_stack_guard((unsigned long)phys_to_virt(phys)))
		return NULL;
	return phys_to_virt(phys);
}

bool pgtable_lookup(unsigned long addr, struct pgtable_walk *walk)
{
	const pte_t *table = phys_to_virt(phys_make(read_cr3() & ~0x1fUL));

	*walk = (struct pgtable_walk){
		.pdpt_index = (unsigned int)(addr >> 30),
		.pmd_index = (addr >> LARGE_SHIFT) % PTRS_PER_TABLE,
		.pte_index = (addr >> PAGE_SHIFT) % PTRS_PER_TABLE,
	};
	walk->pdpt = table[walk->pdpt_index];
	table = table_behind(walk->pdpt);
	if (!table)
		return false;
	walk->pmd = table[walk->pmd_index];
	walk->large = pte_present(walk->pmd) && (walk->pmd.raw & PTE_LARGE);
	table = walk->large ? NULL : table_behind(walk->pmd);
	if (table)
		walk->pte = table[walk->pte_index];
	return walk->large || pte_present(walk->pte);
}

/* An entry can have bits that the CPU refuses: a frame number beyond all RAM is
 * one such. User pages SMAP refuses. */
static bool page_readable(unsigned long addr)
{
	struct pgtable_walk walk;
	uint64_t pfn;

	if (addr < PAGE_OFFSET || !pgtable_lookup(addr, &walk) ||
	    pgtable_user(&walk))
		return false;
	pfn = phys_raw(pgtable_phys(&walk, addr)) >> PAGE_SHIFT;
	return pfn < mem_map_end &&
	       pfn_to_page((pfn_t)pfn)->state != PAGE_ABSENT;
}

bool lookup_readable(const void *p, size_t size)
{
	unsigned long at = ALIGN_DOWN((unsigned long)p, PAGE_SIZE);
	unsigned long last = (unsigned long)p + size - 1;

	if (last < (unsigned long)p)
		return false;
	while (page_readable(at) && last - at >= PAGE_SIZE)
		at += PAGE_SIZE;
	return last - at < PAGE_SIZE && page_readable(at);
}

/* --- areas ----------------------------------------------------------------- */

static bool is_record(const struct vmap_area *area)
{
	unsigned long start, size;

	if (!IS_ALIGNED((unsigned long)area, sizeof(unsigned long)) ||
	    !lookup_readable(area, sizeof(*area)))
		return false;
	start = vmap_start(area);
	size = area->vm.size;
	return IS_ALIGNED(start | size, PAGE_SIZE) && addr_in_vmalloc(start) &&
	       size > VM_GUARD_SIZE && size <= VMALLOC_END - start;
}

static bool is_live(const struct vmap_area *area)
{
	unsigned long start = vmap_start(area);
	struct vmap_area *const *entry =
		&vmap_tables[start / TABLE_SPAN % VMAP_TABLES]
			    [start / PAIR_SIZE % VMAP_ENTRIES];

	return lookup_readable(entry, sizeof(*entry)) && *entry == area;
}

/* What the table knows, which needs no link of the list. */
static void find_by_table(unsigned long addr, struct lookup_areas *a)
{
	const struct vmap_area *area;
	unsigned int i;

	a->below = a->above = NULL;
	for (i = 0; i < VMAP_TABLES * VMAP_ENTRIES && !a->above; i++) {
		struct vmap_area *const *table = vmap_tables[i / VMAP_ENTRIES];

		if (i % VMAP_ENTRIES == 0 && !lookup_readable(table, PAGE_SIZE))
			i += VMAP_ENTRIES - 1;
		else if ((area = table[i % VMAP_ENTRIES]) && is_record(area))
			*(vmap_start(area) <= addr ? &a->below : &a->above) =
				area;
	}
}

void lookup_areas(unsigned long addr, struct lookup_areas *a)
{
	const struct vmap_area *at, *next;

	*a = (struct lookup_areas){ .before = &vmlist };
	for (at = &vmlist; !a->above && (next = vmap_next(at)); at = next) {
		bool kept, behind;

		if (!is_record(next) || vmap_start(next) < vmap_end(at)) {
			a->damaged = true;
			find_by_table(addr, a);
			break;
		}
		kept = next->vm.flags & VM_KEPT;
		behind = vmap_start(next) > addr;
		if (behind && !a->after)
			a->after = next;
		if (!behind)
			a->before = next;
		if (!kept)
			*(behind ? &a->above : &a->below) = next;
	}
	a->live = a->below && is_live(a->below);
}

/* What was freed and waits, or is kept for the next one, is in the list. */
bool freed_area_find(unsigned long addr, struct freed_area *freed)
{
	const struct vmap_area *area;
	struct lookup_areas around;

	lookup_areas(addr, &around);
	area = around.before;
	if (!(area->vm.flags & VM_KEPT) ||
	    addr - vmap_start(area) >= area->mapped)
		return false;
	*freed = (struct freed_area){
		area->first, vmap_start(area) + area->mapped - area->first,
		area->requested, area->caller, area->freed_by };
	return true;
}
