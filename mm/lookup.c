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
 * Read first  lookup_readable, then lookup_areas
 * See         kernel/explain.c, tests/mm/test_lookup.c, docs/book/mm/lookup.md
 */
#include <mm/lookup.h>

#include <mm/kspace.h>
#include <mm/page.h>
#include <x86/cpu.h>

#include "vmap_index.h"

/* --- page tables ----------------------------------------------------------- */

/*
 * Bits that make the CPU refuse an entry (Intel SDM vol. 3, 4.4.2): always, of the
 * PDPT, of a page of 2 MiB. A frame number that is too large for the CPU is not
 * among them: no RAM is there. QEMU sets PTE_ACCESSED in the PDPT.
 */
#define REFUSED		0x7FF0000000000000ULL
#define REFUSED_PDPT	0x80000000000001C6ULL
#define REFUSED_LARGE	0x00000000001FE000ULL

static bool would_follow(pte_t entry, uint64_t refused)
{
	refused |= REFUSED | (cpu_features.nx ? 0 : PTE_NX);
	return pte_present(entry) && !(entry.raw & refused);
}

static bool is_ram(uint64_t phys)
{
	return phys >> PAGE_SHIFT < mem_map_end &&
	       mem_map[phys >> PAGE_SHIFT].state != PAGE_ABSENT;
}

/* The table that an entry leads to; NULL if none can be there. Before memblock has
 * found low memory's end there are only those of the image. */
static const pte_t *table_behind(pte_t entry, uint64_t refused)
{
	uint64_t phys = phys_raw(pte_phys(entry));

	if (!would_follow(entry, refused) ||
	    phys >= MAX(layout.lowmem_end, image_end()) ||
	    (mem_map_end && !is_ram(phys)) ||
	    kspace_stack_guard(PAGE_OFFSET + (unsigned long)phys))
		return NULL;
	return phys_to_virt(phys_make(phys));
}

bool pgtable_lookup(unsigned long addr, struct pgtable_walk *walk)
{
	const pte_t *table = phys_to_virt(phys_make(read_cr3() & ~0x1fUL));

	*walk = (struct pgtable_walk){
		.levels = 1,
		.pdpt_index = (unsigned int)(addr >> 30),
		.pmd_index = (addr >> LARGE_SHIFT) % PTRS_PER_TABLE,
		.pte_index = (addr >> PAGE_SHIFT) % PTRS_PER_TABLE,
	};
	walk->pdpt = table[walk->pdpt_index];
	table = table_behind(walk->pdpt, REFUSED_PDPT);
	if (!table)
		return false;
	walk->levels = 2;
	walk->pmd = table[walk->pmd_index];
	walk->large = pte_present(walk->pmd) && (walk->pmd.raw & PTE_LARGE);
	if (walk->large)
		return would_follow(walk->pmd, REFUSED_LARGE);
	table = table_behind(walk->pmd, 0);
	if (!table)
		return false;
	walk->levels = 3;
	walk->pte = table[walk->pte_index];
	return would_follow(walk->pte, 0);
}

/* User pages SMAP refuses. */
static bool page_readable(unsigned long addr)
{
	struct pgtable_walk walk;

	return addr >= PAGE_OFFSET && pgtable_lookup(addr, &walk) &&
	       !pgtable_user(&walk) &&
	       is_ram(phys_raw(pgtable_phys(&walk, addr)));
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

bool lookup_is_area(const struct vmap_area *area)
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

/* The first one behind @at that the table knows, which needs no link. */
static const struct vmap_area *next_by_table(const struct vmap_area *at)
{
	unsigned long n = (vmap_start(at) - PAGE_OFFSET) / PAIR_SIZE;
	const struct vmap_area *area;

	for (; n < VMAP_TABLES * VMAP_ENTRIES; n++) {
		struct vmap_area *const *table = vmap_tables[n / VMAP_ENTRIES];

		if (!lookup_readable(table, PAGE_SIZE))
			n |= VMAP_ENTRIES - 1;
		else if ((area = table[n % VMAP_ENTRIES]) && area != at &&
			 lookup_is_area(area) && is_live(area))
			return area;
	}
	return NULL;
}

const struct vmap_area *lookup_next(const struct vmap_area *at,
				    const struct vmap_area **damaged)
{
	const struct vmap_area *next;

	at = at ? at : &vmlist;
	next = vmap_next(at);
	if (!*damaged && next &&
	    (!lookup_is_area(next) || vmap_start(next) < vmap_end(at)))
		*damaged = at;
	return *damaged ? next_by_table(at) : next;
}

void lookup_areas(unsigned long addr, struct lookup_areas *a)
{
	const struct vmap_area *at = NULL;

	*a = (struct lookup_areas){ .before = &vmlist };
	while (!a->above && (at = lookup_next(at, &a->damaged))) {
		bool behind = vmap_start(at) > addr;

		if (!behind)
			a->before = at;
		else if (!a->after)
			a->after = at;
		if (!(at->vm.flags & VM_KEPT))
			*(behind ? &a->above : &a->below) = at;
	}
	a->live = a->below && is_live(a->below);
}

/* What was freed and waits, or is kept for the next one, is in the list. What waits
 * for a flush alone is busy, as what is being made: it says who freed it, too. */
const struct vmap_area *freed_area_find(unsigned long addr)
{
	const struct vmap_area *area;
	struct lookup_areas around;

	lookup_areas(addr, &around);
	area = around.before;
	if (addr - vmap_start(area) < area->mapped &&
	    ((area->vm.flags & VM_KEPT) ||
	     (!around.live && vmap_lazy_has(area))))
		return area;
	return NULL;
}
