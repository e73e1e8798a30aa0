/* SPDX-License-Identifier: MIT */
/*
 * vmallocinfo.c - who has what of the window: a line for each area, or caller
 *
 * Idea        The records have it all. Summed by caller without any memory: one
 *             walk finds the lowest code address above the last one shown, and
 *             adds up its areas on the way.
 * Cost        A walk; one for each caller, when they are summed.
 * See         include/mm/vmalloc.h, tests/mm/test_vmallocinfo.c; Linux's
 *             /proc/vmallocinfo
 */
#include <mm/vmap.h>

static const char *kind_name(const struct vmap_area *area)
{
	unsigned long flags = area->vm.flags;

	if (flags & VM_KEPT)
		return "kept";
	if (flags & VM_BLOCK)
		return "ram";
	if (vmap_find((unsigned long)area->vm.addr) != area)
		return "busy";	/* being made, or freed and not flushed */
	if (flags & VM_ALLOC)
		return flags & VM_VPAGES ? "vmalloc+" : "vmalloc";
	if (flags & VM_MAP)
		return "vmap";
	return flags & VM_IOREMAP ? "ioremap" : "reserved";
}

static int print_area(const struct vmap_area *area, void *arg)
{
	unsigned long start = (unsigned long)area->vm.addr;
	print_fn *print = *(print_fn **)arg;
	uint64_t phys = phys_raw(area->vm.phys_addr);

	print("  %08lx  %08lx  %9lu  %6u  %-8s  %pB", start,
	      start + area->mapped, area->requested,
	      area->vm.nr_pages, kind_name(area),
	      (void *)area->caller);
	if (phys)
		print(", phys %llx", phys);
	print("\n");
	return 0;
}

void vmalloc_report(print_fn *print)
{
	print("  start     guard         asked   pages  kind      caller\n");
	vmap_for_each(print_area, &print);
}

/* Of the lowest caller above @after: ~0UL while there is none. */
struct sum { unsigned long after, caller, asked; unsigned int areas, pages; };

static int add_to_sum(const struct vmap_area *area, void *arg)
{
	struct sum *sum = arg;

	if (area->caller <= sum->after || area->caller > sum->caller ||
	    area->vm.flags == VM_KEPT)
		return 0;
	if (area->caller < sum->caller)
		*sum = (struct sum){ .after = sum->after,
				     .caller = area->caller };
	sum->asked += area->requested;
	sum->pages += area->vm.nr_pages;
	sum->areas++;
	return 0;
}

void vmalloc_report_callers(print_fn *print)
{
	struct sum sum = { .caller = 0 };

	print("   areas       asked   pages  caller\n");
	for (;;) {
		sum = (struct sum){ .after = sum.caller, .caller = ~0UL };
		vmap_for_each(add_to_sum, &sum);
		if (!sum.areas)
			break;
		print("  %6u  %10lu  %6u  %pB\n", sum.areas, sum.asked,
		      sum.pages, (void *)sum.caller);
	}
}
