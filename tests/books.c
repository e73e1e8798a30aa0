/* SPDX-License-Identifier: MIT */
/*
 * books.c - what must balance after each case
 *
 * Idea        Give back every stock first (x_drain), then compare what is counted
 *             and verify what must hold (x_check). A case that leaks, or damages
 *             a structure, fails itself and not one of its successors. Page
 *             tables of the window are kept by design: they count as free.
 */
#include <tests/ktest.h>

#include <mm/highmem.h>
#include <mm/kspace.h>
#include <mm/memblock.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/vm_map_ram.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <x86/cpu.h>
#include <x86/percpu.h>

static const struct {
	const char *name;
	int (*check)(void);
} checks[] = {
	{ "memblock_check", memblock_check },
	{ "zone_check", zone_check },
	{ "pcp_check", pcp_check },
	{ "slab_check", slab_check },
	{ "vmalloc_check", vmalloc_check },
	{ "kmap_check", kmap_check },
	{ "vm_map_ram_check", vm_map_ram_check },
	{ "area_stock_check", area_stock_check },
	{ "quarantine_check", quarantine_check },
}, slow_checks[] = {
	{ "zone_check_frames", zone_check_frames },
	{ "kspace_check", kspace_check },
	{ "pgtable_check", pgtable_check },
};

void books_read(struct books *b)
{
	vfree_drain();
	vm_unmap_aliases();
	vmalloc_drain();
	kmap_drain();
	slab_drain();
	pcp_drain();
	b->pages = nr_free_pages() + pgtable_nr_tables();
	b->slab_objects = slab_nr_used();
	b->areas = vmap_nr_areas();
	b->area_pages = vmalloc_nr_pages();
	b->lock_rank = this_cpu->lock_rank;
	b->irq_depth = this_cpu->irq_depth;
	b->interrupts_on = (read_eflags() & EFLAGS_IF) != 0;
	b->recovery = (unsigned long)this_cpu->recovery;
	b->kmap_depth = kmap_local_depth();
	b->kmap_users = kmap_nr_users();
}

static bool compare(const char *what, unsigned long before, unsigned long after,
		    print_fn *print)
{
	if (before != after)
		print("  # books: %s: %lu before the case, %lu after it\n",
		      what, before, after);
	return before == after;
}

static bool verify(const char *name, int broken, print_fn *print)
{
	if (broken)
		print("  # books: %s: invariant %d is broken\n", name, broken);
	return !broken;
}

bool books_compare(const struct books *before, print_fn *print)
{
	struct books after;
	bool good = true;
	unsigned int i;

	books_read(&after);
#define COMPARE(field) \
	good &= compare(#field, before->field, after.field, print)
	COMPARE(pages);
	COMPARE(slab_objects);
	COMPARE(areas);
	COMPARE(area_pages);
	COMPARE(lock_rank);
	COMPARE(irq_depth);
	COMPARE(interrupts_on);
	COMPARE(recovery);
	COMPARE(kmap_depth);
	COMPARE(kmap_users);
#undef COMPARE
	for (i = 0; i < ARRAY_SIZE(checks); i++)
		good &= verify(checks[i].name, checks[i].check(), print);
	return good;
}

bool books_audit(print_fn *print)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(slow_checks); i++)
		good &= verify(slow_checks[i].name, slow_checks[i].check(),
			       print);
	return good;
}
