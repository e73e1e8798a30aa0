/* SPDX-License-Identifier: MIT */
/* sweep_family.c - rows of the sweep: the relatives of vmalloc */
#include "sweep.h"

#include <lib/string.h>
#include <mm/kvmalloc.h>
#include <mm/page_alloc.h>
#include <mm/vm_map_ram.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>

#include "touch.h"

/* --- kinds ----------------------------------------------------------------- */

static bool expect_area(char *p, const struct operation *op)
{
	if (!p)
		return false;
	if (op->gfp & __GFP_ZERO)
		EXPECT(!memchr_inv(p, 0, op->size));
	pattern_fill(p, op->size, 5);
	EXPECT(pattern_holds(p, op->size, 5));
	EXPECT_FAULT(touch_read(p + ALIGN_UP(op->size, PAGE_SIZE)));
	vfree(p);
	return true;
}

static bool run_vmalloc_32(const struct operation *op)
{
	return expect_area(vmalloc_32(op->size), op);
}

static bool run_vmalloc_user(const struct operation *op)
{
	return expect_area(vmalloc_user(op->size), op);
}

static bool run_vcalloc(const struct operation *op)
{
	return expect_area(vcalloc(op->size / 4, 4), op);
}

static bool run_vmalloc_node(const struct operation *op)
{
	return expect_area(__vmalloc_node(op->size, MIB(1), op->gfp, 0,
					  (const void *)CALLER), op);
}

/* A block that is refused is 512 frames: it goes on. Their number is arbitrary. */
static bool run_vmalloc_huge(const struct operation *op)
{
	char *p = vmalloc_huge(op->size, op->gfp);

	if (!p)
		return false;
	p[0] = p[op->size - 1] = 1;
	EXPECT_FAULT(touch_read(p + ALIGN_UP(op->size, PAGE_SIZE)));
	EXPECT_EQ(pgtable_check(), 0);
	vfree(p);
	return true;
}

/* --- vrealloc -------------------------------------------------------------- */

/* From 5000 bytes to @op->size of them. */
static bool run_vrealloc(const struct operation *op)
{
	char *p, *q;

	p = vmalloc(5000);
	if (!p)
		return false;
	pattern_fill(p, 5000, 5);
	q = vrealloc(p, op->size, op->gfp);
	EXPECT(pattern_holds(q ? q : p, MIN(op->size, 5000UL), 5));
	vfree(q ? q : p);
	return q;
}

/* --- kvmalloc -------------------------------------------------------------- */

/* A block that is refused is one of vmalloc's the more. */
static bool run_kvmalloc(const struct operation *op)
{
	char *p = kvmalloc(op->size, op->gfp);

	if (!p)
		return false;
	pattern_fill(p, op->size, 6);
	EXPECT(pattern_holds(p, op->size, 6));
	kvfree(p);
	return true;
}

/* --- areas without frames -------------------------------------------------- */

static bool run_alloc_vm_area(const struct operation *op)
{
	struct vm_struct *vm = alloc_vm_area(op->size);

	if (!vm)
		return false;
	EXPECT(find_vm_area(vm->addr) == vm);
	EXPECT_FAULT(touch_read(vm->addr));
	free_vm_area(vm);
	return true;
}

/* Beginning without a block: it is what is allocated. */
static bool run_vm_map_ram(const struct operation *op)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = NULL;

	if (page)
		p = vm_map_ram(&page, 1, 0);
	if (p) {
		pattern_fill(p, PAGE_SIZE, 7);
		EXPECT(pattern_holds(page_address(page), PAGE_SIZE, 7));
		vm_unmap_ram(p, 1);
	}
	EXPECT(p || !page || (op->flags & SWEEP_SURVIVES));
	if (page)
		__free_page(page);
	return p;
}

const struct operation sweep_family[] = {
	{ "vmalloc_32 10000", run_vmalloc_32, 10000, 0, 0, 10 },
	{ "vmalloc_user 9000", run_vmalloc_user, 9000, __GFP_ZERO, 0, 10 },
	{ "vcalloc 2000", run_vcalloc, 2000, __GFP_ZERO, 0, 8 },
	{ "__vmalloc_node, aligned", run_vmalloc_node, 5000, GFP_KERNEL, 0, 9 },
	{ "vmalloc_huge of 2 MiB and a page", run_vmalloc_huge, MIB(2) + 1,
	  GFP_KERNEL, SWEEP_SURVIVES, 8 },
	{ "vrealloc that stays", run_vrealloc, 8192, GFP_KERNEL, 0, 9 },
	{ "vrealloc that moves", run_vrealloc, 20000, GFP_KERNEL, 0, 18 },
	{ "kvmalloc 64", run_kvmalloc, 64, GFP_KERNEL, 0, 2 },
	{ "kvmalloc 10000", run_kvmalloc, 10000, GFP_KERNEL, SWEEP_SURVIVES,
	  1 },
	{ "alloc_vm_area, two tables", run_alloc_vm_area, MIB(2) + PAGE_SIZE,
	  0, SWEEP_ANY_LINES, 6 },
	{ "vm_map_ram, its first block", run_vm_map_ram, 1, 0, SWEEP_SURVIVES,
	  6 },
	SWEEP_END
};
