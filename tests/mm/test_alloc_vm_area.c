/* SPDX-License-Identifier: MIT */
/*
 * test_alloc_vm_area.c - addresses reserved, mapped and unmapped by hand
 */
#include <mm/vmalloc.h>

#include <lib/errno.h>
#include <lib/string.h>
#include <mm/ioremap.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/trace.h>
#include <mm/vm_map_ram.h>
#include <mm/vmap.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/percpu.h>

#include "touch.h"

#define NR		4U

static struct page *frames[NR];

static void take_frames(void)
{
	unsigned int i;

	for (i = 0; i < NR; i++) {
		frames[i] = alloc_page(GFP_HIGHUSER);
		REQUIRE(frames[i]);
	}
}

static void give_frames(void)
{
	unsigned int i;

	for (i = 0; i < NR; i++)
		__free_page(frames[i]);
}

static struct vm_struct *take_area(unsigned long size)
{
	struct vm_struct *vm = alloc_vm_area(size);

	REQUIRE(vm);
	return vm;
}

static bool is_mapped(const char *p)
{
	const pte_t *pte = kernel_pte((unsigned long)p);

	return pte && pte_present(*pte);
}

/* The reports name them as the callers. */
static __noinline void free_area(struct vm_struct *vm)
{
	free_vm_area(vm);
}

static __noinline void unmap(const void *addr, unsigned long size)
{
	unmap_kernel_range((unsigned long)addr, size);
}

static __noinline int map(struct vm_struct *vm, pgprot_t prot)
{
	return map_vm_area(vm, prot, frames);
}

KTEST(alloc_vm_area, has_page_tables_and_no_pages)
{
	struct vm_struct *vm = take_area(MIB(2));
	unsigned long addr = (unsigned long)vm->addr;

	EXPECT_EQ(vm->size, MIB(2) + VM_GUARD_SIZE);
	EXPECT_EQ(vm->flags, VM_IOREMAP);
	EXPECT_EQ(vm->nr_pages, 0);
	EXPECT(find_vm_area(vm->addr) == vm);
	for (; addr < (unsigned long)vm->addr + MIB(2); addr += PAGE_SIZE)
		if (!kernel_pte(addr) || is_mapped((char *)addr))
			break;
	EXPECT_EQ(addr, (unsigned long)vm->addr + MIB(2));
	EXPECT_FAULT(touch_read(vm->addr));
	free_vm_area(vm);
	EXPECT(!find_vm_area((void *)(addr - MIB(2))));
}

/* The first 2 MiB from @addr on that have no page table. */
static unsigned long without_table(unsigned long addr)
{
	addr = ALIGN_UP(addr, LARGE_SIZE);
	while (addr < VMALLOC_END && kernel_pte(addr))
		addr += LARGE_SIZE;
	return addr;
}

KTEST(alloc_vm_area, its_guard_costs_no_page_table)		/* C3 */
{
	struct vm_struct *vm = take_area(MIB(16));
	unsigned long start = (unsigned long)vm->addr, border;

	free_vm_area(vm);
	border = without_table(start + PAGE_SIZE);
	vm = alloc_vm_area(border - start);	/* its guard begins there */
	if (!vm || (unsigned long)vm->addr != start || border >= VMALLOC_END) {
		free_vm_struct(vm ? remove_vm_area(vm->addr) : NULL);
		ktest_skip("no place of which the guard has no page table");
	}
	EXPECT(kernel_pte(border - PAGE_SIZE));
	EXPECT(!kernel_pte(border));
	free_vm_area(vm);
}

KTEST(alloc_vm_area, size_0_and_sizes_that_wrap_are_null)
{
	unsigned long areas = vmap_nr_areas();

	EXPECT(!alloc_vm_area(0));
	EXPECT_REPORT("size_0_and_sizes_that_wrap",
		      EXPECT(!alloc_vm_area(~0UL)));
	EXPECT(!alloc_vm_area(0xFFFFF001));
	EXPECT_EQ(vmap_nr_areas(), areas);
}

KTEST(alloc_vm_area, is_mapped_in_order_and_up_to_its_guard)
{
	struct vm_struct *vm = take_area(NR * PAGE_SIZE - 5);
	char *p = vm->addr;
	unsigned int i;

	take_frames();
	EXPECT_EQ(map(vm, PAGE_KERNEL), 0);
	for (i = 0; i < NR; i++)
		EXPECT(vmalloc_to_page(p + i * PAGE_SIZE) == frames[i]);
	pattern_fill(p, NR * PAGE_SIZE, 1);
	EXPECT(pattern_holds(p, NR * PAGE_SIZE, 1));
	EXPECT_FAULT(touch_write(p + NR * PAGE_SIZE));
	free_vm_area(vm);
	EXPECT_FAULT(touch_read(p));
	EXPECT_EQ(frames[0]->count, 1);
	give_frames();
}

KTEST(alloc_vm_area, part_of_it_is_unmapped_and_flushed)
{
	struct vm_struct *vm = take_area(NR * PAGE_SIZE);
	struct tlb_stats before;
	char *p = vm->addr;

	take_frames();
	REQUIRE(map(vm, PAGE_KERNEL) == 0);
	memset(p, 1, NR * PAGE_SIZE);
	before = tlb_stats;
	unmap(p + PAGE_SIZE, 2 * PAGE_SIZE);
	EXPECT_EQ(tlb_stats.pages, before.pages + 2);
	EXPECT_NO_FAULT(touch_read(p));
	EXPECT_FAULT(touch_read(p + PAGE_SIZE));
	EXPECT_FAULT(touch_write(p + 3 * PAGE_SIZE - 1));
	EXPECT_NO_FAULT(touch_read(p + 3 * PAGE_SIZE));
	unmap(p, 0);
	unmap(p, NR * PAGE_SIZE);
	EXPECT_EQ(map(vm, PAGE_KERNEL_RO), 0);		/* and once more */
	EXPECT_FAULT(touch_write(p));
	free_vm_area(vm);
	give_frames();
}

static void expect_not_mapped(struct vm_struct *vm, pgprot_t prot, int err,
			      const char *words)
{
	int got = 0;

	EXPECT_REPORT(words, got = map(vm, prot));
	EXPECT(ktest_report_contains("map+"));
	EXPECT_EQ(got, err);
}

KTEST(alloc_vm_area, wrong_mapping_is_reported_and_changes_nothing)
{
	struct vm_struct *vm = take_area(NR * PAGE_SIZE);
	struct page *saved;
	char *p = vm->addr;

	take_frames();
	saved = frames[2];
	frames[2] = NULL;
	expect_not_mapped(vm, PAGE_KERNEL, -EINVAL, "entry 2 of 4");
	frames[2] = virt_to_page(text_start);
	expect_not_mapped(vm, PAGE_KERNEL, -EINVAL, "not for this use");
	frames[2] = saved;
	EXPECT(!is_mapped(p));
	REQUIRE(map(vm, PAGE_KERNEL) == 0);
	unmap(p, PAGE_SIZE);
	expect_not_mapped(vm, PAGE_KERNEL, -EBUSY, "entry 1 of 4");
	EXPECT(!is_mapped(p));
	free_vm_area(vm);
	give_frames();
}

KTEST(alloc_vm_area, only_a_live_area_is_mapped)
{
	struct vm_struct *vm = take_area(NR * PAGE_SIZE);
	struct vm_struct copy = *vm;
	char *p = vm->addr;

	take_frames();
	expect_not_mapped(&copy, PAGE_KERNEL, -EINVAL, "is no live area");
	REQUIRE(remove_vm_area(p) == vm);
	expect_not_mapped(vm, PAGE_KERNEL, -EINVAL, "is no live area");
	EXPECT(!is_mapped(p));
	free_vm_struct(vm);
	give_frames();
}

static void expect_not_unmapped(const void *addr, unsigned long size)
{
	EXPECT_REPORT("unmap_kernel_range: refused", unmap(addr, size));
	EXPECT(ktest_report_contains("unmap+"));
}

KTEST(alloc_vm_area, wrong_range_is_not_unmapped)
{
	struct vm_struct *vm = take_area(NR * PAGE_SIZE);
	char *p = vm->addr, *own = vmalloc(PAGE_SIZE), *shared;

	take_frames();
	REQUIRE(own && map(vm, PAGE_KERNEL) == 0);
	shared = vm_map_ram(frames, 1, 0);
	REQUIRE(shared);
	expect_not_unmapped(p, (NR + 1) * PAGE_SIZE);	/* its guard too */
	expect_not_unmapped(p + NR * PAGE_SIZE, PAGE_SIZE);
	expect_not_unmapped(p + (NR + 1) * PAGE_SIZE, PAGE_SIZE);
	expect_not_unmapped(p + PAGE_SIZE, ~0UL - PAGE_SIZE + 1);
	expect_not_unmapped(p + 1, PAGE_SIZE);
	expect_not_unmapped(p, 100);
	expect_not_unmapped(own, PAGE_SIZE);		/* W1 */
	if (!trace_on)			/* else it is an area of vmap */
		expect_not_unmapped(shared, PAGE_SIZE);		/* R2 */
	expect_not_unmapped(text_start, PAGE_SIZE);
	expect_not_unmapped(NULL, PAGE_SIZE);
	EXPECT_NO_FAULT(touch_read(p + NR * PAGE_SIZE - 1); touch_read(own));
	vm_unmap_ram(shared, 1);
	vfree(own);
	free_vm_area(vm);
	give_frames();
}

static void expect_not_freed(struct vm_struct *vm)
{
	unsigned long areas = vmap_nr_areas();

	EXPECT_REPORT("is no area of alloc_vm_area", free_area(vm));
	EXPECT(ktest_report_contains("free_area+"));
	EXPECT_EQ(vmap_nr_areas(), areas);
}

KTEST(alloc_vm_area, wrong_record_is_reported)
{
	struct vm_struct *vm = take_area(PAGE_SIZE);
	struct vm_struct copy = *vm;
	char *p = vmalloc(PAGE_SIZE);
	void __iomem *device;

	REQUIRE(p);
	expect_not_freed(NULL);
	expect_not_freed((struct vm_struct *)0x1234);
	expect_not_freed(&copy);
	expect_not_freed(find_vm_area(p));
	device = ioremap(phys_make(0xFED00000), PAGE_SIZE);
	REQUIRE(device);
	expect_not_freed(find_vm_area((__force void *)device));
	iounmap(device);
	free_vm_area(vm);
	expect_not_freed(vm);				/* twice */
	vfree(p);
}

KTEST(alloc_vm_area, interrupt_handler_is_refused)
{
	struct vm_struct *vm = take_area(NR * PAGE_SIZE);

	take_frames();
	this_cpu->irq_depth++;
	EXPECT_REPORT("alloc_vm_area: refused", EXPECT(!alloc_vm_area(1)));
	EXPECT_REPORT("free_vm_area: refused", free_area(vm));
	EXPECT_REPORT("map_vm_area: refused",
		      EXPECT_EQ(map(vm, PAGE_KERNEL), -EINVAL));
	EXPECT_REPORT("unmap_kernel_range: refused", unmap(vm->addr, 4096));
	this_cpu->irq_depth--;
	EXPECT(find_vm_area(vm->addr) == vm);
	free_vm_area(vm);
	give_frames();
}
