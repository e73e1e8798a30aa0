/* SPDX-License-Identifier: MIT */
/* vmap.h - ranges of the vmalloc window: reserve, find, release */
#ifndef MM_VMAP_H
#define MM_VMAP_H

#include <lib/format.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <mm/init.h>
#include <mm/kasan.h>
#include <mm/vmalloc.h>

#define AREA_FEW	4U		/* most areas have no more pages         */

/*
 * One area as the implementation sees it; readers of C12 see only ->vm.
 * Locks: V vmap_lock; o the owner, alone.
 */
struct vmap_area {
	struct vm_struct vm;		/* [V] list links, address and size      */
	unsigned long	requested;	/* [o] bytes asked for                   */
	unsigned long	mapped;		/* [V] bytes of its pages: no guard      */
	unsigned long	caller;		/* [o] code address of who asked         */
	unsigned long	first;		/* [V] its first byte, given to him      */
	unsigned long	freed_by;	/* [o] once it ends: whose end it was; 0:
					 * nobody had got it                     */
	struct vmap_area *prev;		/* [V] the record before it              */
	unsigned long	hole;		/* [V] bytes free behind its guard       */
	struct vmap_area *chain;	/* [o] area_stock.c, vmap_lazy.c         */
	struct page	*few[AREA_FEW];	/* [o] ->vm.pages of a small one         */
	union {				/* [V] while there are any: the index's  */
		struct list_head link;			/* vmap_vmem.c   */
		struct {
			struct rb_node node;		/* vmap_rbtree.c */
			unsigned long largest;		/* hole at or below the node */
		};
	};
};

/* vmap_init - an empty window [@start, @end), searched by vmem */
void vmap_init(unsigned long start, unsigned long end);

/*
 * vmap_choose - find holes by this index from now on: list, rbtree or vmem
 *
 * Any other name changes nothing. Context  boot, or a self-test.
 */
void vmap_choose(const char *name);
const char *vmap_chosen(void);

/*
 * vmap_insert - find room for @area and put it in the list
 *
 * @area->vm.size  is the size wanted, a multiple of the page size, guard
 *                 included. @align is a power of two.
 * Anywhere in [@start, @end), as the index likes. Nobody finds the area before
 * vmap_publish. Context  thread. Locks  takes vmap_lock.
 * Returns  0 and ->vm.addr, -ENOSPC or -ENOMEM; then nothing has changed.
 */
int __must_check vmap_insert(struct vmap_area *area, unsigned long align,
			     unsigned long start, unsigned long end);

/* vmap_publish - from now on the area is live: vmap_find finds it */
void vmap_publish(struct vmap_area *area);

/* vmap_find - the live area that begins at @addr exactly, or whose first byte is
 * there (mm/guard.c); or NULL */
struct vmap_area *vmap_find(unsigned long addr);

/*
 * vmap_claim - make the area whose first byte is at @addr the caller's, to remove
 * it
 *
 * From now on nobody else finds it, but its addresses stay taken until
 * vmap_remove: so nothing is mapped there before the flush.
 * @flags   one of them must be set in the area's, else it is left alone; 0: any.
 * Returns  NULL when there is none, or it is being removed by another.
 */
struct vmap_area *vmap_claim(unsigned long addr, unsigned long flags);
void vmap_remove(struct vmap_area *area);

/*
 * vmap_neighbours - the live areas around @addr; takes no lock. Reports, which
 * trust nothing, ask <mm/lookup.h>.
 *
 * *@below  the last one that begins at or below @addr, *@above the first behind
 * it; NULL where there is none. Needs no link of the list to be right.
 */
void vmap_neighbours(unsigned long addr, struct vmap_area **below,
		     struct vmap_area **above);

/* Areas in use: without those that area_stock.c keeps. */
unsigned long vmap_nr_areas(void);

/* vmap_for_each - call @fn for each area in address order, under vmap_lock;
 * stops at the first result other than 0 and returns it. */
int vmap_for_each(int (*fn)(const struct vmap_area *area, void *arg), void *arg);

/* Pages that the table of first pages consists of: kept, as page tables are.
 * vmap_forget_tables - give back those that lead to nothing; for self-tests. */
unsigned long vmap_nr_tables(void);
void vmap_forget_tables(void);

/*
 * Small areas that this CPU keeps, chained by ->chain (mm/area_stock.c); so many
 * of each size: none under KASAN, with guard=right and quarantine=, or when the
 * index says so.
 */
#define AREA_STOCK_PAGES	16U	/* the largest that is kept */
#define AREA_STOCK_CAPACITY	(KASAN_ON ? 0U : 4U)

struct area_stock {
	struct {
		struct vmap_area *first;
		unsigned int	nr;
	} of[AREA_STOCK_PAGES];		/* of[n]: areas of n + 1 pages */
	struct quarantine {
		struct vmap_area *oldest, *newest;	/* by ->chain */
		unsigned long	nr_pages, nr;
	} quarantine;			/* mm/quarantine.c */
};
extern unsigned int area_stock_limit;	/* [I] */

/* area_stock_init - an empty stock. area_stock_drain - all of it is removed, in
 * a plain thread; false: there was none. area_stock_nr - areas in it now, and in
 * quarantine. */
void area_stock_init(void);
bool area_stock_drain(void);
unsigned long area_stock_nr(void);

/* vmap_lazy_choose - from now on flush lazily or eagerly. Boot, or a self-test.
 * vmap_purge - flush what waits and release it; false: nothing did, or this is
 * no plain thread (mm/vmap_lazy.c). vmap_lazy_has - for reports: does it wait? */
extern bool vmap_lazy;			/* [I] */
void vmap_lazy_choose(const char *when);
bool vmap_purge(void);
bool vmap_lazy_has(const struct vmap_area *area);

/*
 * vmalloc_drain - nothing stays kept, unflushed or waiting (area_stock.c,
 * vmap_lazy.c, quarantine.c)
 *
 * Context  any, but only in a plain thread anything happens. Returns  false: there was
 * nothing to give back.
 */
bool vmalloc_drain(void);

/* quarantine_drain - what waits there is removed; false: nothing did, or this is
 * no plain thread. */
bool quarantine_drain(void);

int area_stock_check(void);		/* invariants Q1, Q2; 0 or the number */
int vmap_check(void);			/* invariants V1 to V7; 0 or the number */

#endif
