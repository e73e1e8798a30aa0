/* SPDX-License-Identifier: MIT */
/*
 * walk_areas.c - vmap and vm_area beside a byte for each page of the window
 *
 * Idea        The model is a plain search: which is the lowest aligned run of
 *             pages that are nobody's? Areas come from vmap_insert, into any
 *             part of the window, and from get_vm_area; each is live or busy.
 *             The index changes now and then: vmem may take another run, but
 *             each finds one exactly when there is one.
 * Attacks     V1, V2, V4 to V7; W3
 */
#define _GNU_SOURCE

#include "walk.h"

#include <lib/errno.h>
#include <mm/slab.h>
#include <mm/vmap.h>

#define MAX_AREAS	300U
#define WINDOW_MAX	((PC_KERNEL_END - PAGE_OFFSET) / PAGE_SIZE)

struct area {
	unsigned long	start, size;	/* guard included */
	unsigned long	flags;
	bool		busy;
	struct vmap_area *record;
	bool		ours;		/* record is one of records[] */
};

static struct area areas[MAX_AREAS];	/* in no order */
static unsigned int nr_areas;
static struct vmap_area records[MAX_AREAS];
static uint8_t used[WINDOW_MAX];

static void begin(void)
{
	pc_boot(MIB(16), 0, 0);
}

static void choose(void)
{
	static const char *const names[] = { "list", "rbtree", "vmem" };
	const char *name = names[host_below(3)];

	walk_note("choose", (uint32_t)name[0], 0, 0);
	vmap_choose(name);
	MUST(strcmp(vmap_chosen(), name) == 0);
}

/* Where an area lies that could lie at @lowest; 0: nowhere. */
static unsigned long place(unsigned long lowest, const struct vm_struct *vm,
			   unsigned long align)
{
	unsigned long addr = (unsigned long)vm->addr;

	if (!lowest || strcmp(vmap_chosen(), "vmem") != 0)
		return lowest;
	MUST(IS_ALIGNED(addr, align));
	return addr;
}

/* --- the model ----------------------------------------------------------- */

static uint8_t *pages_from(unsigned long addr)
{
	return &used[(addr - VMALLOC_START) / PAGE_SIZE];
}

static unsigned long lowest_hole(unsigned long size, unsigned long align,
				 unsigned long start, unsigned long end)
{
	unsigned long addr = ALIGN_UP(start, align);
	const uint8_t *last;

	while (addr <= end && size <= end - addr) {
		last = memrchr(pages_from(addr), 1, size / PAGE_SIZE);
		if (!last)
			return addr;
		addr = ALIGN_UP(VMALLOC_START + (unsigned long)(last + 1 - used)
				* PAGE_SIZE, align);
	}
	return 0;
}

static struct area *area_from(unsigned long start)
{
	unsigned int i;

	for (i = 0; i < nr_areas; i++)
		if (areas[i].start == start)
			return &areas[i];
	return NULL;
}

static void add(struct area area)
{
	MUST(area.start && area.start == (unsigned long)area.record->vm.addr);
	MUST(!memchr(pages_from(area.start), 1, area.size / PAGE_SIZE));
	memset(pages_from(area.start), 1, area.size / PAGE_SIZE);
	areas[nr_areas++] = area;
}

static void drop(struct area *area)
{
	memset(pages_from(area->start), 0, area->size / PAGE_SIZE);
	*area = areas[--nr_areas];
}

/* --- operations ---------------------------------------------------------- */

static unsigned long random_pages(void)
{
	return one_in(20) ? host_below(WINDOW_MAX / 4) + 1 : host_below(64) + 1;
}

static unsigned long random_addr(void)
{
	unsigned long nr = (VMALLOC_END - VMALLOC_START) / PAGE_SIZE;

	if (nr_areas && one_in(2))
		return areas[host_below(nr_areas)].start;
	return VMALLOC_START + host_below((uint32_t)nr) * PAGE_SIZE;
}

static struct vmap_area *free_record(void)
{
	unsigned int i, taken, r;

	for (r = 0; r < MAX_AREAS; r++) {
		for (taken = i = 0; i < nr_areas; i++)
			taken |= areas[i].record == &records[r];
		if (!taken)
			return &records[r];
	}
	return NULL;
}

static void insert(void)
{
	struct area a = { .size = (random_pages() + 1) * PAGE_SIZE,
			  .flags = 1UL << host_below(3), .busy = one_in(3),
			  .record = free_record(), .ours = true };
	unsigned long align = PAGE_SIZE << (one_in(2) ? host_below(8) : 0);
	bool whole = one_in(2);
	unsigned long from = whole ? VMALLOC_START : random_addr();
	unsigned long to = whole ? VMALLOC_END : random_addr();
	int err;

	*a.record = (struct vmap_area){ .vm.size = a.size,
					.vm.flags = a.flags };
	a.start = lowest_hole(a.size, align, from, to);
	err = vmap_insert(a.record, align, from, to);
	walk_note("insert", a.size, align, (uint32_t)a.record->vm.addr);
	MUST(err == (a.start ? 0 : -ENOSPC));
	if (err)
		return;
	a.start = place(a.start, &a.record->vm, align);
	MUST(a.start >= from && a.start + a.size <= to);
	add(a);
	if (!a.busy)
		vmap_publish(a.record);
}

static unsigned long ioremap_align(unsigned long size)
{
	return MIN(roundup_pow2(size), KIB(512));
}

static void get(void)
{
	unsigned long size = random_pages() * PAGE_SIZE;
	unsigned long asked = size - host_below(PAGE_SIZE);
	struct area a = { .size = size + VM_GUARD_SIZE,
			  .flags = one_in(3) ? VM_IOREMAP : VM_MAP };
	unsigned long align = a.flags == VM_IOREMAP ? ioremap_align(size)
						    : PAGE_SIZE;
	struct vm_struct *vm;

	a.start = lowest_hole(a.size, align, VMALLOC_START, VMALLOC_END);
	vm = get_vm_area(asked, a.flags);
	walk_note("get_vm_area", asked, a.flags, vm ? (uint32_t)vm->addr : 0);
	MUST(!vm == !a.start);
	if (!vm)
		return;
	a.record = container_of(vm, struct vmap_area, vm);
	MUST(vm->size == a.size && a.record->requested == asked);
	a.start = place(a.start, vm, align);
	add(a);
}

/* What begins at any address, by vmap_claim and vmap_remove, or all at once. */
static void claim(void)
{
	unsigned long addr = random_addr() + (one_in(10) ? 8 : 0);
	unsigned long flags = one_in(4) ? 1UL << host_below(3) : 0;
	struct area *a = area_from(addr);
	struct vmap_area *found = vmap_find(addr);
	bool live = a && !a->busy;

	MUST(found == (live ? a->record : NULL));
	found = vmap_claim(addr, flags);
	walk_note("claim", addr, flags, found != NULL);
	live = live && (!flags || (a->flags & flags));
	MUST(found == (live ? a->record : NULL));
	if (live)
		a->busy = true;
}

static void release(struct area *a)
{
	struct vm_struct *vm;

	walk_note("release", a->start, a->size, a->busy);
	if (a->ours) {
		if (!a->busy)
			MUST(vmap_claim(a->start, 0) == a->record);
		vmap_remove(a->record);
	} else {
		if (a->busy)
			vmap_publish(a->record);
		vm = remove_vm_area((void *)a->start);
		MUST(vm == &a->record->vm);
		MUST(vm->size == a->size - VM_GUARD_SIZE);
		free_vm_struct(vm);
	}
	drop(a);
}

static void publish(struct area *a)
{
	walk_note("publish", a->start, a->size, a->busy);
	vmap_publish(a->record);
	a->busy = false;
}

static void ask_neighbours(void)
{
	unsigned long addr = random_addr() + host_below(PAGE_SIZE);
	struct vmap_area *below, *above;
	const struct area *low = NULL, *high = NULL;
	unsigned int i;

	for (i = 0; i < nr_areas; i++) {
		const struct area *a = &areas[i];

		if (a->busy)
			continue;
		if (a->start <= addr && (!low || a->start > low->start))
			low = a;
		if (a->start > addr && (!high || a->start < high->start))
			high = a;
	}
	vmap_neighbours(addr, &below, &above);
	walk_note("neighbours", addr, low ? low->start : 0,
		  high ? high->start : 0);
	MUST(below == (low ? low->record : NULL));
	MUST(above == (high ? high->record : NULL));
}

static void ask_for_nothing(void)
{
	unsigned long addr = random_addr();
	const struct area *a = area_from(addr);

	MUST(!get_vm_area(0, VM_MAP));
	MUST(!get_vm_area(VMALLOC_END - VMALLOC_START + host_below(1U << 30),
			  VM_MAP));
	MUST(find_vm_area((void *)addr) ==
	     (a && !a->busy ? &a->record->vm : NULL));
	if (!a)
		MUST(!remove_vm_area((void *)addr));
}

static void step(void)
{
	static unsigned int steps;
	bool filling = steps++ / 1500 % 2 == 0;
	uint32_t dice = host_below(100);
	struct area *a = nr_areas ? &areas[host_below(nr_areas)] : NULL;

	if (dice < 10)
		claim();
	else if (dice < 20)
		ask_neighbours();
	else if (dice < 23)
		ask_for_nothing();
	else if (dice < 24)
		choose();
	else if (a && dice < 30)
		publish(a);
	else if (a && (dice < (filling ? 55U : 75U) || nr_areas == MAX_AREAS))
		release(a);
	else if (dice % 2)
		insert();
	else
		get();
}

static int compare(const struct vmap_area *record, void *arg)
{
	unsigned long *last = arg;
	const struct area *a = area_from((unsigned long)record->vm.addr);

	MUST(a && a->record == record && a->size == record->vm.size);
	MUST(a->start >= *last);
	MUST(vmap_find(a->start) == (a->busy ? NULL : record));
	*last = a->start + a->size;
	return 0;
}

static void check(void)
{
	unsigned long last = VMALLOC_START;

	MUST(vmap_nr_areas() == nr_areas);
	MUST(vmap_for_each(compare, &last) == 0 && last <= VMALLOC_END);
	MUST(vmap_check() == 0);
	MUST(slab_check() == 0);
}

static void end(void)
{
	while (nr_areas)
		release(&areas[0]);
	MUST(vmap_nr_areas() == 0);
}

int main(void)
{
	static const struct walk walk = {
		"areas agree with a byte for each page on a long walk",
		100000, 500, begin, step, check, end,
	};

	return walk_run(&walk);
}
