/* SPDX-License-Identifier: MIT */
/*
 * vmalloc_check.c - the invariants of vmalloc proved
 *
 * Idea        Walk the areas and compare what they claim with what the page
 *             tables and mem_map say. That no frame is in two places is seen by
 *             a mark in each. Slow, and only for tests and reports.
 * See         mm/vmalloc.c (W1 to W4: 11 to 14), mm/guard.c (GD1 and GD2: 21, 22),
 *             mm/vmap_check.c (V1 to V7)
 */
#include <mm/page_alloc.h>
#include <mm/vmap.h>

#include "internal.h"

/* --- W1 to W4: what is mapped into them ---------------------------------------- */

static bool page_mapped(const struct vm_struct *vm, unsigned int i)
{
	return vmalloc_to_page((char *)vm->addr + i * PAGE_SIZE) ==
	       vm->pages[i];
}

/* W4. What is no frame of RAM, device registers, has no struct page. */
static int check_shown(const struct vm_struct *vm)
{
	const char *addr = vm->addr, *end = addr + vm->size - VM_GUARD_SIZE;
	const struct page *page;

	for (; addr < end; addr += PAGE_SIZE) {
		page = vmalloc_to_page(addr);
		if (page && page_is_free(page))
			return 14;
	}
	return 0;
}

static int check_area(const struct vmap_area *area, void *arg __unused)
{
	const struct vm_struct *vm = &area->vm;
	unsigned int i;

	if (vmap_find((unsigned long)vm->addr) != area)
		return 0;			/* busy */
	if (slack_before(area) >= PAGE_SIZE)
		return 21;
	if (vm->size != area->mapped + VM_GUARD_SIZE)
		return 22;
	if (!(vm->flags & VM_ALLOC))
		return check_shown(vm);
	if (slack_before(area) + area->requested > area->mapped)
		return 13;
	if (vm->nr_pages != vm_area_frames(area))
		return 11;
	for (i = 0; i < vm->nr_pages; i++) {
		if (!page_mapped(vm, i))
			return 11;
		if (vm->pages[i]->state != PAGE_USED || vm->pages[i]->order)
			return 12;
	}
	return 0;
}

/* A frame's link is its owner's: let it tell which entry of which area it is. */
static int mark_frames(const struct vmap_area *area, void *arg __unused)
{
	const struct vm_struct *vm = &area->vm;
	unsigned int i;

	for (i = 0; i < vm->nr_pages; i++)
		vm->pages[i]->link.next = (struct list_head *)&vm->pages[i];
	return 0;
}

/* Whoever shares a frame finds the mark of the one who came later. */
static int check_marks(const struct vmap_area *area, void *arg __unused)
{
	const struct vm_struct *vm = &area->vm;
	unsigned int i;

	for (i = 0; i < vm->nr_pages; i++)
		if (vm->pages[i]->link.next != (struct list_head *)&vm->pages[i])
			return 12;
	return 0;
}

int vmalloc_check(void)
{
	int (*const steps[])(const struct vmap_area *area, void *arg) = {
		check_area, mark_frames, check_marks,
	};
	int broken = vmap_check();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps) && !broken; i++)
		broken = vmap_for_each(steps[i], NULL);
	return broken;
}

static int add_pages(const struct vmap_area *area, void *arg)
{
	*(unsigned long *)arg += area->vm.nr_pages;
	return 0;
}

unsigned long vmalloc_nr_pages(void)
{
	unsigned long sum = 0;

	vmap_for_each(add_pages, &sum);
	return sum;
}
