/* SPDX-License-Identifier: MIT */
/*
 * vmap.c - the vmalloc window: which of its addresses are used, and by which area
 *
 * Problem     vmalloc, vmap and ioremap put different things into the window, but
 *             each needs the same first: a range of addresses with a page behind
 *             it that is never mapped, and in the end a range that nobody can
 *             reach any more. What was reserved must be found again, at once,
 *             when somebody frees it.
 * Idea        The used sections form a list ordered by address (C11). Between two
 *             of them may be a hole, and the record of the area before a hole
 *             says how large it is; so a hole needs no record of its own, and two
 *             that meet are one by addition. Which hole is taken is an index's
 *             answer (vmap_index.h); what follows from it is done here, in the
 *             same few steps for all of them. Removal has a fixed order: claim
 *             the area, unmap and flush it, unlink it. In between its addresses
 *             are still taken, so nobody can map anything there that a stale
 *             translation would hide.
 * Picture     VMALLOC_START                                       VMALLOC_END
 *             | area A |guard|    hole    | area B |guard|     hole     |
 *            ^|<-- A->size ->|<- A->hole->|<-- B->size ->|<-- B->hole ->|
 *       vmlist|   A->next = B, B->prev = A, A->prev = vmlist
 *
 *             An area has two pages at least, so of two pages only one can be
 *             the first of one: a table with a pointer for each pair of pages
 *             leads from an address to its live area.
 *
 *             create -> busy -> publish -> live -> claim -> busy -> remove
 *                    found by none     found by all     found by none
 * Invariants  V1  Areas are page aligned and lie inside the window.
 *             V2  Areas, each with its guard, do not overlap.
 *             V3  The last page of an area, its guard, is never mapped.
 *             V4  The list is in ascending order, ->prev is its reverse, and
 *                 nr_areas its length.
 *             V5  ->hole is what lies between an area's end and the next area, or
 *                 the window's end; that of vmlist, before the first area.
 *             V6  The index knows each record with a hole, and no other.
 *             V7  The table leads from an area's first page to the area, or to
 *                 nothing while it is busy; from no other page to any.
 * Locks       vmap_lock (rank VMAP) covers list, holes and index. An entry of the
 *             table belongs to whoever owns the range, as a page table's does;
 *             two who would claim one area meet in one atomic exchange.
 * Failure     No hole: -ENOSPC, no page for the table: -ENOMEM; nothing changed.
 * Cost        The index's, and a few steps. Finding: two memory accesses.
 * Source      Linux 2.6.24, mm/vmalloc.c; Bonwick and Adams (vmap_vmem.c) for
 *             holes described by their neighbour.
 * Read first  vmap_insert, vmap_remove; then mm/vm_area.c.
 * See         mm/vmap_vmem.c, tests/mm/vmap_cases.h
 */
#include <mm/vmap.h>

#include <kernel/lockrank.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/page_alloc.h>
#include <x86/spinlock.h>

#include "area_stock.h"
#include "vmap_index.h"

static struct spinlock vmap_lock = SPINLOCK_INIT(RANK_VMAP);
struct vmap_area vmlist;
static unsigned long nr_areas;
static unsigned long window_end __ro_after_init;

static const struct vmap_index *const indexes[] = {
	&vmap_vmem, &vmap_rbtree, &vmap_list,
};
static const struct vmap_index *index __ro_after_init = &vmap_vmem;

/* --- from an address to its area ------------------------------------------- */

struct vmap_area **vmap_tables[VMAP_TABLES];

static struct vmap_area ***table_at(unsigned long addr)
{
	return &vmap_tables[addr / TABLE_SPAN % VMAP_TABLES];
}

/* NULL: no area ever began in this part of the window. */
static struct vmap_area **entry_of(unsigned long addr)
{
	struct vmap_area **table = *table_at(addr);

	return table ? &table[addr / PAIR_SIZE % VMAP_ENTRIES] : NULL;
}

static __noinline int make_table(unsigned long addr)
{
	struct vmap_area **none = NULL;
	struct page *page = NULL;

	if (!fail_now(FAIL_TABLE))
		page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!page)
		return -ENOMEM;
	if (!__atomic_compare_exchange_n(table_at(addr), &none,
					 page_address(page), false,
					 __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		__free_page(page);	/* another CPU was faster */
	return 0;
}

void vmap_publish(struct vmap_area *area)
{
	__atomic_store_n(entry_of(vmap_start(area)), area, __ATOMIC_RELEASE);
}

/* No lock: who knows an area's address sees to it that it stays. */
struct vmap_area *vmap_find(unsigned long addr)
{
	struct vmap_area **entry = entry_of(addr), *area = NULL;

	if (entry)
		area = __atomic_load_n(entry, __ATOMIC_ACQUIRE);
	return area && (vmap_start(area) == addr || area->first == addr) ?
	       area : NULL;
}

struct vmap_area *vmap_claim(unsigned long addr, unsigned long flags)
{
	struct vmap_area **entry = entry_of(addr), *area;

	if (!entry)
		return NULL;
	area = __atomic_load_n(entry, __ATOMIC_ACQUIRE);
	if (!area || area->first != addr ||
	    (flags && !(area->vm.flags & flags)))
		return NULL;
	if (!__atomic_compare_exchange_n(entry, &area, NULL, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return NULL;		/* another was faster */
	return area;
}

static bool table_is_empty(struct vmap_area *const *table)
{
	return !memchr_inv(table, 0, PAGE_SIZE);
}

unsigned long vmap_nr_live(void)
{
	unsigned long n = 0;
	unsigned int i, j;

	for (i = 0; i < VMAP_TABLES; i++)
		for (j = 0; vmap_tables[i] && j < VMAP_ENTRIES; j++)
			n += vmap_tables[i][j] != NULL;
	return n;
}

unsigned long vmap_nr_tables(void)
{
	unsigned long n = 0;
	unsigned int i;

	for (i = 0; i < VMAP_TABLES; i++)
		n += vmap_tables[i] != NULL;
	return n;
}

void vmap_forget_tables(void)
{
	unsigned int i;

	vmalloc_drain();		/* a kept area wants its entry again */
	for (i = 0; i < VMAP_TABLES; i++)
		if (vmap_tables[i] && table_is_empty(vmap_tables[i])) {
			free_pages((unsigned long)vmap_tables[i], 0);
			vmap_tables[i] = NULL;
		}
}

/* --- list and holes ---------------------------------------------------------- */

static void set_hole(struct vmap_area *area, unsigned long size)
	__must_hold(&vmap_lock)
{
	if (area->hole)
		index->remove(area);
	area->hole = size;
	if (size)
		index->add(area);
}

/* @area begins at @addr, in the hole behind @before, which becomes two. */
static void link_behind(struct vmap_area *before, struct vmap_area *area,
			unsigned long addr) __must_hold(&vmap_lock)
{
	struct vmap_area *next = vmap_next(before);
	unsigned long end = vmap_end(before) + before->hole;

	area->vm.addr = (void *)addr;
	area->first = addr;
	area->vm.next = before->vm.next;
	area->prev = before;
	area->hole = 0;
	before->vm.next = &area->vm;
	if (next)
		next->prev = area;
	set_hole(before, addr - vmap_end(before));
	set_hole(area, end - vmap_end(area));
	nr_areas++;
	trace(TRACE_AREA_TAKE, area, 0);
}

int vmap_insert(struct vmap_area *area, unsigned long align,
		unsigned long start, unsigned long end)
{
	const struct vmap_want want = { area->vm.size, align, start, end };
	struct vmap_area *before;

	spin_lock(&vmap_lock);
	before = index->find(&want);
	if (likely(before))
		link_behind(before, area, vmap_fit(before, &want));
	spin_unlock(&vmap_lock);
	if (unlikely(!before))
		return -ENOSPC;
	if (likely(*table_at(vmap_start(area))) ||
	    make_table(vmap_start(area)) == 0)
		return 0;
	vmap_remove(area);
	return -ENOMEM;
}

void vmap_remove(struct vmap_area *area)
{
	struct vmap_area *before, *next;
	unsigned long freed;

	spin_lock(&vmap_lock);
	before = area->prev;
	next = vmap_next(area);
	freed = area->vm.size + area->hole;
	set_hole(area, 0);
	before->vm.next = area->vm.next;
	if (next)
		next->prev = before;
	set_hole(before, before->hole + freed);
	nr_areas--;
	trace(TRACE_AREA_FREE, area, 0);
	spin_unlock(&vmap_lock);
}

/* The pages of a pair, or all that a table leads to, when there is none. */
static unsigned long span_at(unsigned long addr)
{
	return *table_at(addr) ? PAIR_SIZE : TABLE_SPAN;
}

/* The area that begins in the pair of pages of @addr, or NULL. */
static struct vmap_area *live_at(unsigned long addr)
{
	struct vmap_area **entry = entry_of(addr);

	return entry ? *entry : NULL;
}

void vmap_neighbours(unsigned long addr, struct vmap_area **below,
		     struct vmap_area **above)
{
	unsigned long start = vmap_start(&vmlist), at;

	*below = *above = NULL;
	if (nr_areas == 0)
		return;
	for (at = MIN(addr, window_end - 1); at >= start && !*below;
	     at = ALIGN_DOWN(at, span_at(at)) - 1)
		if (live_at(at) && vmap_start(live_at(at)) <= addr)
			*below = live_at(at);
	for (at = MAX(addr, start); at - 1 < window_end - 1 && !*above;
	     at = ALIGN_DOWN(at, span_at(at)) + span_at(at))	/* 0: 4 GiB */
		if (live_at(at) && vmap_start(live_at(at)) > addr)
			*above = live_at(at);
}

unsigned long vmap_nr_areas(void)
{
	return nr_areas - area_stock_nr();
}

int vmap_for_each(int (*fn)(const struct vmap_area *area, void *arg), void *arg)
{
	unsigned long left = nr_areas + 1;	/* a damaged list may have no end */
	struct vmap_area *area = &vmlist;
	int result = 0;

	spin_lock(&vmap_lock);
	while (!result && left-- > 0 && (area = vmap_next(area)))
		result = fn(area, arg);
	spin_unlock(&vmap_lock);
	return result;
}

/* --- which index ------------------------------------------------------------- */

static const struct vmap_index *index_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(indexes); i++)
		if (strcmp(indexes[i]->name, name) == 0)
			return indexes[i];
	return index;
}

void vmap_choose(const char *name)
{
	const struct vmap_index *chosen = index_named(name);
	struct vmap_area *area;

	area_stock_drain();
	area_stock_limit = chosen->keeps ? short_ways.areas : 0;
	spin_lock(&vmap_lock);
	for (area = &vmlist; area; area = vmap_next(area))
		if (area->hole)
			index->remove(area);
	index = chosen;
	for (area = &vmlist; area; area = vmap_next(area))
		if (area->hole)
			index->add(area);
	spin_unlock(&vmap_lock);
}

const char *vmap_chosen(void)
{
	return index->name;
}

bool vmap_index_holds(unsigned long nr_holes)
{
	bool good;

	spin_lock(&vmap_lock);
	good = index->check(nr_holes);
	spin_unlock(&vmap_lock);
	return good;
}

void vmap_init(unsigned long start, unsigned long end)
{
	spin_lock(&vmap_lock);
	vmlist.vm.addr = (void *)start;
	window_end = end;
	set_hole(&vmlist, end - start);
	spin_unlock(&vmap_lock);
}
