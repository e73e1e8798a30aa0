/* SPDX-License-Identifier: MIT */
/*
 * area.c - where in an area of the window, and what lies between two of them
 *
 * Read first  explain_area
 * See         kernel/explain.c, which says whose the area is
 */
#include <mm/vm_map_ram.h>

#include "lines.h"

static void print_kind(const struct vmap_area *area, print_fn *print)
{
	unsigned long flags = area->vm.flags;

	if (flags & VM_IOREMAP)
		print("  kind    ioremap: a device's, from physical %09llx "
		      "on\n",
		      phys_raw(area->vm.phys_addr));
	else
		print("  kind    %s\n", flags & VM_ALLOC ?
		      "vmalloc: the frames are the area's own" :
		      flags & VM_MAP ? "vmap: frames of somebody else" :
		      "reserved: who asked for it maps something, or nothing");
}

/* A block of vm_map_ram is one area, and many mappings. */
static void print_block(const struct ram_block *b, unsigned long addr,
			print_fn *print)
{
	unsigned int page = (unsigned int)((addr - b->start) / PAGE_SIZE);
	unsigned int first = page;

	print("  block   page %u of %lu that vm_map_ram cuts mappings from: ",
	      page, RAM_BLOCK_PAGES);
	while (first > 0 && b->count[first] == 0)
		first--;
	if (first + b->count[first] > page)
		print("of %u from %08lx on\n", b->count[first],
		      b->start + first * PAGE_SIZE);
	else
		print(page < b->next ? "unmapped, and not flushed yet\n" :
		      "not used yet\n");
}

static const struct ram_block *find_block(unsigned long addr)
{
	const struct ram_block *b = ram_block_at(addr);

	return lookup_readable(b, sizeof(*b)) && addr - b->start <
	       RAM_BLOCK_PAGES * PAGE_SIZE ? b : NULL;
}

/* With guard=right most of it lies before the first byte. */
static void print_slack(const struct vmap_area *area, unsigned long addr,
			print_fn *print)
{
	unsigned long start = (unsigned long)area->vm.addr;
	unsigned long end = area->first + area->requested;

	if (addr < area->first)
		print("  slack   byte %lu of %lu before what was asked for; "
		      "vfree looks at it\n", addr - start,
		      area->first - start);
	else if (addr >= end)
		print("  slack   byte %lu of %lu behind what was asked for; "
		      "vfree looks at it\n", addr - end,
		      start + area->mapped - end);
}

static void print_inside(const struct explain_spot *s, print_fn *print)
{
	const struct vmap_area *area = s->areas.below;
	unsigned long offset = s->addr - (unsigned long)area->vm.addr;
	unsigned long end = area->mapped;
	const struct ram_block *block = find_block(s->addr);

	print("  page    %lu of %lu, byte %lu of it; the guard begins %lu "
	      "byte%s further on\n", offset / PAGE_SIZE, end / PAGE_SIZE,
	      offset % PAGE_SIZE, end - offset, plural(end - offset));
	print_kind(area, print);
	if (area->vm.flags & VM_ALLOC)
		print_slack(area, s->addr, print);
	if (block)
		print_block(block, s->addr, print);
}

static void print_hole(const struct explain_spot *s, print_fn *print)
{
	const struct vmap_area *before = s->areas.before;
	unsigned long start = (unsigned long)before->vm.addr + before->vm.size;
	unsigned long end = s->areas.after ?
			    (unsigned long)s->areas.after->vm.addr :
			    VMALLOC_END;

	if (s->addr < start)
		print("  guard   of the freed area %08lx\n", before->first);
	else
		print("  hole    [%08lx, %08lx)  %lu KiB that nobody has\n",
		      start, end, (end - start) / 1024);
}

/* Kept, or remembered by who keeps it from being used again. */
static void print_freed(const struct explain_spot *s, print_fn *print)
{
	unsigned long pages = s->areas.before->mapped / PAGE_SIZE;

	if (memory_aids.quarantine)
		print("  waits   before anybody gets it again: "
		      "mm/quarantine.c\n");
	else if (s->areas.before->vm.flags & VM_KEPT)
		print("  kept    for the next one of %lu page%s: "
		      "mm/area_stock.c\n", pages, plural(pages));
	else
		print("  waits   for one flush with many others: "
		      "mm/vmap_lazy.c\n");
}

void explain_area(const struct explain_spot *s, print_fn *print)
{
	if (s->relation == REL_INSIDE || s->relation == REL_BUSY)
		print_inside(s, print);
	else if (s->relation == REL_FREED)
		print_freed(s, print);
	else if (s->relation != REL_GUARD && s->region == REGION_WINDOW &&
		 !s->areas.damaged)
		print_hole(s, print);
}
