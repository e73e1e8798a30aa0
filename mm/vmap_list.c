/* SPDX-License-Identifier: MIT */
/*
 * vmap_list.c - ranges of the vmalloc window: first fit along an ordered list
 *
 * Problem     vmalloc wants addresses, not memory: a hole of the right size in a
 *             fixed window, with a page behind it that is never mapped.
 * Idea        The used sections form a list ordered by address (C11). Whoever
 *             walks it sees the holes between its elements and takes the first
 *             that is large enough. An area's size includes its guard, so the
 *             next one can only begin behind the guard.
 * Picture     VMALLOC_START                                       VMALLOC_END
 *             | area A |guard|    hole    | area B |guard|     hole     |
 *             |<-- A->size ->|            |<-- B->size ->|
 *              A->next = B
 * Invariants  V1  Areas are page aligned and lie inside the window.
 *             V2  Areas, each with its guard, do not overlap.
 *             V3  The last page of an area, its guard, is never mapped.
 *             V4  The list is in ascending order and nr_areas is its length.
 * Locks       vmap_lock (rank VMAP) covers the list and the areas' addresses.
 * Failure     No hole: -ENOSPC, the list is unchanged.
 * Cost        O(n) for n areas, in each operation.
 * Source      Linux 2.6.24, mm/vmalloc.c: __get_vm_area_node - without its bug
 *             that an empty list is not checked against the window's end.
 * Read first  find_hole, then vmap_insert.
 * See         tests/mm/test_vmap_list.c, mm/vmalloc.c
 */
#include <mm/vmap.h>

#include <kernel/lockrank.h>
#include <lib/errno.h>
#include <x86/spinlock.h>

static struct spinlock vmap_lock = SPINLOCK_INIT(RANK_VMAP);
static struct vm_struct *vmlist;
static unsigned long nr_areas;

static struct vmap_area *area_of(struct vm_struct *vm)
{
	return container_of(vm, struct vmap_area, vm);
}

static unsigned long vm_start(const struct vm_struct *vm)
{
	return (unsigned long)vm->addr;
}

static unsigned long vm_end(const struct vm_struct *vm)
{
	return vm_start(vm) + vm->size;
}

/* Does [addr, addr + size) end by @end? Written so that nothing can wrap. */
static bool fits(unsigned long addr, unsigned long size, unsigned long end)
{
	return addr <= end && size <= end - addr;
}

/*
 * The link behind which the first hole of @size bytes lies, and its address.
 * NULL when there is none.
 */
static struct vm_struct **find_hole(unsigned long size, unsigned long align,
				    unsigned long start, unsigned long end,
				    unsigned long *addr)
	__must_hold(&vmap_lock)
{
	struct vm_struct **link = &vmlist;

	*addr = ALIGN_UP(start, align);
	for (; *link; link = &(*link)->next) {
		if (vm_end(*link) <= *addr)
			continue;		/* lies below */
		if (fits(*addr, size, vm_start(*link)))
			break;
		*addr = ALIGN_UP(vm_end(*link), align);
	}
	return *addr >= start && fits(*addr, size, end) ? link : NULL;
}

int vmap_insert(struct vmap_area *area, unsigned long align,
		unsigned long start, unsigned long end)
{
	struct vm_struct **link;
	unsigned long addr;

	spin_lock(&vmap_lock);
	link = find_hole(area->vm.size, align, start, end, &addr);
	if (link) {
		area->vm.addr = (void *)addr;
		area->vm.next = *link;
		*link = &area->vm;
		nr_areas++;
	}
	spin_unlock(&vmap_lock);
	return link ? 0 : -ENOSPC;
}

/* The last area that begins at or below @addr. */
static struct vmap_area *find_below(unsigned long addr) __must_hold(&vmap_lock)
{
	struct vm_struct *vm, *below = NULL;

	for (vm = vmlist; vm && vm_start(vm) <= addr; vm = vm->next)
		below = vm;
	return below ? area_of(below) : NULL;
}

static struct vmap_area *find_locked(unsigned long addr)
	__must_hold(&vmap_lock)
{
	struct vmap_area *area;

	lock_assert_held(&vmap_lock);
	area = find_below(addr);
	if (!area || area->busy || vm_start(&area->vm) != addr)
		return NULL;
	return area;
}

struct vmap_area *vmap_find(unsigned long addr)
{
	struct vmap_area *area;

	spin_lock(&vmap_lock);
	area = find_locked(addr);
	spin_unlock(&vmap_lock);
	return area;
}

struct vmap_area *vmap_claim(unsigned long addr, unsigned long flags)
{
	struct vmap_area *area;

	spin_lock(&vmap_lock);
	area = find_locked(addr);
	if (area && flags && !(area->vm.flags & flags))
		area = NULL;
	if (area)
		area->busy = true;
	spin_unlock(&vmap_lock);
	return area;
}

void vmap_remove(struct vmap_area *area)
{
	struct vm_struct **link = &vmlist;

	spin_lock(&vmap_lock);
	while (*link != &area->vm)
		link = &(*link)->next;
	*link = area->vm.next;
	nr_areas--;
	spin_unlock(&vmap_lock);
}

/* No lock: the report may come from inside one. Bounded, should links be wrong. */
void vmap_neighbours(unsigned long addr, struct vmap_area **below,
		     struct vmap_area **above)
{
	struct vm_struct *vm = vmlist;
	unsigned long left = nr_areas;

	*below = *above = NULL;
	for (; vm && left-- && vm_start(vm) <= addr; vm = vm->next)
		*below = area_of(vm);
	if (vm && vm_start(vm) > addr)
		*above = area_of(vm);
}

unsigned long vmap_nr_areas(void)
{
	return nr_areas;
}

int vmap_for_each(int (*fn)(const struct vmap_area *area, void *arg), void *arg)
{
	struct vm_struct *vm;
	int result = 0;

	spin_lock(&vmap_lock);
	for (vm = vmlist; vm && !result; vm = vm->next)
		result = fn(area_of(vm), arg);
	spin_unlock(&vmap_lock);
	return result;
}
