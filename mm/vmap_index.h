/* SPDX-License-Identifier: MIT */
/*
 * vmap_index.h - one question, several answers: behind which area is a hole?
 *
 * Every hole of the window lies behind an area, or behind the window's start:
 * so the record of what lies before a hole describes it, and no hole needs a
 * record of its own. vmap.c keeps the records in order and says which of them
 * have a hole; an index knows how to find one that is large enough.
 */
#ifndef MM_VMAP_INDEX_H
#define MM_VMAP_INDEX_H

#include <mm/vmap.h>

/* What is looked for: a range of @size bytes in [@start, @end). */
struct vmap_want {
	unsigned long	size, align;	/* align is a power of two */
	unsigned long	start, end;
};

/* All of them run under vmap_lock. */
struct vmap_index {
	const char	*name;
	bool		keeps;		/* small areas in stock: area_stock.c */

	/* A record whose hole has room, or NULL only when there is none. */
	struct vmap_area *(*find)(const struct vmap_want *want);

	/* The record has a hole from now on; it has none, or another. */
	void		(*add)(struct vmap_area *area);
	void		(*remove)(struct vmap_area *area);

	/* Does it know these @nr_holes, and is it in order? */
	bool		(*check)(unsigned long nr_holes);
};

extern const struct vmap_index vmap_list, vmap_rbtree, vmap_vmem;

/* For vmap_check.c: does the index know so many holes? How many areas are live? */
bool vmap_index_holds(unsigned long nr_holes);
unsigned long vmap_nr_live(void);

/* The window's start: no area, but the record before the first one. */
extern struct vmap_area vmlist;

/*
 * The table from an area's first page to the area, which mm/vmap.c keeps: pages
 * of pointers, one for each pair of pages, each for 8 MiB of kernel space.
 */
#define PAIR_SIZE	(2 * PAGE_SIZE)
#define VMAP_ENTRIES	(PAGE_SIZE / sizeof(struct vmap_area *))
#define TABLE_SPAN	(VMAP_ENTRIES * PAIR_SIZE)
#define VMAP_TABLES	((0UL - PAGE_OFFSET) / TABLE_SPAN)
extern struct vmap_area **vmap_tables[VMAP_TABLES];

static inline struct vmap_area *vmap_area_of(struct vm_struct *vm)
{
	return container_of(vm, struct vmap_area, vm);
}

/* The record of the next area, or NULL. */
static inline struct vmap_area *vmap_next(const struct vmap_area *area)
{
	return area->vm.next ? vmap_area_of(area->vm.next) : NULL;
}

static inline unsigned long vmap_start(const struct vmap_area *area)
{
	return (unsigned long)area->vm.addr;
}

/* Behind the guard, where the hole begins. */
static inline unsigned long vmap_end(const struct vmap_area *area)
{
	return vmap_start(area) + area->vm.size;
}

/*
 * Where in the hole behind @area the range would begin; 0: it does not fit.
 * Written so that nothing can wrap unnoticed.
 */
static inline unsigned long vmap_fit(const struct vmap_area *area,
				     const struct vmap_want *want)
{
	unsigned long start = MAX(vmap_end(area), want->start);
	unsigned long end = MIN(vmap_end(area) + area->hole, want->end);
	unsigned long addr = ALIGN_UP(start, want->align);

	return addr >= start && addr <= end && want->size <= end - addr ?
	       addr : 0;
}

#endif
