/* SPDX-License-Identifier: MIT */
/* sweep_areas.c - rows of the sweep: the window, page tables, and what uses both */
#include "sweep.h"

#include <kernel/monitor.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/crumbs.h>
#include <mm/ioremap.h>
#include <mm/page_alloc.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#include "hoard.h"
#include "touch.h"

#define FRAMES_MAX	600U

static struct page *frames[FRAMES_MAX];

/* --- vmalloc --------------------------------------------------------------- */

static bool expect_buffer(char *p, const struct operation *op)
{
	unsigned long i;

	if (!p)
		return false;
	for (i = 0; (op->gfp & __GFP_ZERO) && i < op->size; i += 61)
		EXPECT_EQ(p[i], 0);
	pattern_fill(p, op->size, 3);
	EXPECT(pattern_holds(p, op->size, 3));
	EXPECT_FAULT(touch_read(p + ALIGN_UP(op->size, PAGE_SIZE)));
	vfree(p);
	return true;
}

static bool run_vmalloc(const struct operation *op)
{
	return expect_buffer(vmalloc(op->size), op);
}

static bool run_vzalloc(const struct operation *op)
{
	return expect_buffer(vzalloc(op->size), op);
}

static bool run_vmalloc_flags(const struct operation *op)
{
	return expect_buffer(__vmalloc(op->size, op->gfp, PAGE_KERNEL), op);
}

static bool run_vmalloc_read_only(const struct operation *op)
{
	char *p = __vmalloc(op->size, op->gfp, PAGE_KERNEL_RO);

	if (!p)
		return false;
	EXPECT_FAULT(touch_write(p));
	vfree(p);
	return true;
}

const struct operation sweep_areas[] = {
	{ "vmalloc 1", run_vmalloc, 1, GFP_KERNEL, 0, 8 },
	{ "vmalloc 10000", run_vmalloc, 10000, GFP_KERNEL, 0, 10 },
	{ "vmalloc of 600 pages, two tables", run_vmalloc, 600 * PAGE_SIZE,
	  GFP_KERNEL, 0, 611 },
	{ "vmalloc of 1030 pages, array too", run_vmalloc, 1030 * PAGE_SIZE,
	  GFP_KERNEL, 0, 1045 },
	{ "vzalloc 9000", run_vzalloc, 9000, GFP_KERNEL | __GFP_ZERO, 0, 10 },
	{ "__vmalloc of low memory", run_vmalloc_flags, 5000, GFP_KERNEL, 0,
	  9 },
	{ "__vmalloc without a line", run_vmalloc_flags, 5000,
	  GFP_HIGHUSER | __GFP_NOWARN, 0, 9 },
	{ "__vmalloc read-only", run_vmalloc_read_only, 5000, GFP_HIGHUSER, 0,
	  9 },
	SWEEP_END
};

/* --- ranges and tables ----------------------------------------------------- */

static bool is_mapped(unsigned long start, unsigned long end)
{
	struct pgtable_walk w;

	while (start < end && !pgtable_lookup(start, &w))
		start += PAGE_SIZE;
	return start < end;
}

static unsigned int take_frames(unsigned int nr)
{
	unsigned int n = 0;

	while (n < nr && (frames[n] = alloc_page(GFP_HIGHUSER)))
		n++;
	return n;
}

static void give_frames(unsigned int nr)
{
	while (nr-- > 0)
		__free_page(frames[nr]);
}

static bool run_vmap(const struct operation *op)
{
	unsigned int nr = take_frames((unsigned int)op->size);
	char *p = NULL;

	if (nr == op->size)
		p = vmap(frames, nr, VM_MAP, PAGE_KERNEL);
	if (p) {
		pattern_fill(p, op->size * PAGE_SIZE, 4);
		EXPECT_FAULT(touch_read(p + op->size * PAGE_SIZE));
		vunmap(p);
	}
	give_frames(nr);
	return p;
}

static bool expect_reserved(struct vm_struct *vm)
{
	if (!vm)
		return false;
	EXPECT(find_vm_area(vm->addr) == vm);
	EXPECT(remove_vm_area(vm->addr) == vm);
	free_vm_struct(vm);
	return true;
}

/* No machine has RAM there: PC firmware has devices below 4 GiB. */
static bool run_ioremap(const struct operation *op)
{
	void __iomem *p = ioremap(phys_make(0xF0000000), op->size);
	const char *mapped = (__force const char *)p;
	const struct vm_struct *vm;

	if (!p)
		return false;
	vm = find_vm_area(mapped);
	EXPECT(vm && vm->phys_addr == phys_make(0xF0000000));
	EXPECT(is_mapped((unsigned long)mapped,
			 (unsigned long)mapped + PAGE_SIZE));
	iounmap(p);
	EXPECT(!is_mapped((unsigned long)mapped,
			  (unsigned long)mapped + op->size));
	return true;
}

static bool run_get_vm_area(const struct operation *op)
{
	return expect_reserved(get_vm_area(op->size, VM_IOREMAP));
}

/* Of the window's last 8 MiB, to which another table of areas leads. */
static bool run_get_vm_area_within(const struct operation *op)
{
	return expect_reserved(__get_vm_area(op->size, 0, VMALLOC_END - MIB(4),
					     VMALLOC_END));
}

/* In a range of one's own, of @op->size bytes. */
static bool in_a_range(const struct operation *op,
		       int (*map)(unsigned long start, unsigned long size))
{
	struct vm_struct *vm = get_vm_area(op->size, 0);
	unsigned long start;
	int err;

	if (!vm)
		return false;
	start = (unsigned long)vm->addr;
	err = map(start, op->size);
	EXPECT(err == 0 || err == -ENOMEM);
	if (err)
		EXPECT(!is_mapped(start, start + op->size));
	EXPECT(remove_vm_area((void *)start) == vm);
	EXPECT(!is_mapped(start, start + op->size));
	free_vm_struct(vm);
	return err == 0;
}

static int map_one_frame_everywhere(unsigned long start, unsigned long size)
{
	unsigned int i;

	for (i = 0; i < size / PAGE_SIZE; i++)
		frames[i] = virt_to_page(frames);
	return map_pages(start, frames, i, PAGE_KERNEL_RO);
}

static int map_the_image(unsigned long start, unsigned long size)
{
	return map_phys(start, virt_to_phys(text_start), size, PAGE_KERNEL_RO);
}

static int populate(unsigned long start, unsigned long size)
{
	return pgtable_populate(start, start + size);
}

static bool run_map_pages(const struct operation *op)
{
	return in_a_range(op, map_one_frame_everywhere);
}

static bool run_map_phys(const struct operation *op)
{
	return in_a_range(op, map_the_image);
}

static bool run_populate(const struct operation *op)
{
	return in_a_range(op, populate);
}

const struct operation sweep_tables[] = {
	{ "vmap of 1 frame", run_vmap, 1, 0, SWEEP_ANY_LINES, 8 },
	{ "vmap of 600 frames, two tables", run_vmap, 600, 0, SWEEP_ANY_LINES,
	  609 },
	{ "ioremap of a page", run_ioremap, PAGE_SIZE, 0, 0, 7 },
	{ "ioremap, two tables", run_ioremap, 600 * PAGE_SIZE, 0, 0, 9 },
	{ "get_vm_area", run_get_vm_area, 20000, 0, 0, 5 },
	{ "__get_vm_area at the end", run_get_vm_area_within, 20000, 0, 0, 5 },
	{ "map_pages, two tables", run_map_pages, 600 * PAGE_SIZE, 0,
	  SWEEP_ANY_LINES, 9 },
	{ "map_phys, four tables", run_map_phys, MIB(6) + PAGE_SIZE, 0,
	  SWEEP_ANY_LINES, 13 },
	{ "pgtable_populate, eight tables", run_populate, MIB(14) + PAGE_SIZE,
	  0, SWEEP_ANY_LINES, 21 },
	SWEEP_END
};

/* --- instruments that use what there is ------------------------------------ */

/* All memory but some frames is taken: the rest may last for seconds else. */
static bool run_crumbs(const struct operation *op)
{
	static struct list_head held[NR_ZONES];
	struct crumbs crumbs;
	unsigned int nr;

	nr = take_frames((unsigned int)op->size);
	hoard_all(held);
	give_frames(nr);
	sweep_arm();
	crumbs_make(&crumbs);
	sweep_disarm();
	EXPECT(nr_free_pages() <= nr);
	crumbs_release(&crumbs);
	hoard_release_all(held);
	return true;
}

static const char *keys;

static void write_nothing(const char *text __unused, size_t len __unused)
{
}

static int next_key(void)
{
	return *keys ? *keys++ : -1;
}

/* It has a buffer to show, and does without; what a visitor does not get he has
 * not to give back. */
static bool run_monitor(const struct operation *op)
{
	struct console typist = {
		.name = "typist", .write = write_nothing, .read = next_key,
	};

	keys = op->size ? "vmalloc 10000\ralloc 2\rkmap\rexit\r" :
			  "vmlist\rexit\r";
	console_register(&typist);
	monitor_run();
	console_unregister(&typist);
	return true;
}

const struct operation sweep_rest[] = {
	{ "monitor_run", run_monitor, 0, 0, SWEEP_SURVIVES, 10 },
	{ "monitor_run, what a visitor takes", run_monitor, 1, 0,
	  SWEEP_SURVIVES, 16 },
	{ "crumbs_make", run_crumbs, 48, 0, SWEEP_SURVIVES | SWEEP_ARMS, 51 },
	SWEEP_END
};
