/* SPDX-License-Identifier: MIT */
/*
 * test_vmalloc_corners.c - odd requests, each decided on purpose
 *
 * Linux 2.6.24 is the model; where Lacuna decides otherwise, docs/linux.md says
 * why and names the case. A wrong free is made by wrong_free, so that the
 * report can be asked for its name.
 */
#include <mm/vmalloc.h>

#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>

#include "touch.h"

static unsigned long all_frames(void)
{
	return zones[ZONE_DMA].nr_managed + zones[ZONE_NORMAL].nr_managed +
	       zones[ZONE_HIGHMEM].nr_managed;
}

static void drop(struct vm_struct *vm)
{
	REQUIRE(vm);
	REQUIRE(remove_vm_area(vm->addr) == vm);
	free_vm_struct(vm);
}

/* --- the window ------------------------------------------------------------ */

KTEST(vmalloc_corners, window_ends_two_pages_below_the_kmap_slots)
{
	/* KASAN's shadow would lie in between. */
	EXPECT_EQ(VMALLOC_END, KASAN_SHADOW_START - 2 * PAGE_SIZE);
	EXPECT(KASAN_SHADOW_END <= PKMAP_BASE);
	EXPECT_EQ(VMALLOC_START % VMALLOC_GAP, 0);
	EXPECT(VMALLOC_START - layout.high_memory >= MIB(8));
	EXPECT(VMALLOC_START - layout.high_memory < MIB(16));
	EXPECT_FAULT(touch_read((void *)(VMALLOC_START - 1)));
	EXPECT_FAULT(touch_write((void *)VMALLOC_END));
}

/* --- sizes ----------------------------------------------------------------- */

KTEST(vmalloc_corners, size_counts_the_guard_while_the_area_is_linked) /* W3 */
{
	needs_one_guard();
	struct vm_struct *vm = get_vm_area(10000, VM_MAP);

	REQUIRE(vm);
	EXPECT_EQ(vm->size, 12288 + PAGE_SIZE);
	EXPECT(remove_vm_area(vm->addr) == vm);
	EXPECT_EQ(vm->size, 12288);
	EXPECT(!remove_vm_area(vm->addr));		/* once only */
	EXPECT_EQ(vm->size, 12288);
	free_vm_struct(vm);
}

KTEST(vmalloc_corners, size_0_is_null_without_a_word)
{
	uint64_t from = printk_position();

	EXPECT(!vmalloc(0));
	EXPECT(!vzalloc(0));
	EXPECT(!__vmalloc(0, GFP_KERNEL, PAGE_KERNEL));
	EXPECT(!get_vm_area(0, VM_MAP));
	EXPECT(!get_vm_area(0, VM_IOREMAP));
	EXPECT_EQ(printk_position(), from);
}

static void expect_too_much(unsigned long size)
{
	unsigned long areas = vmap_nr_areas(), pages;
	uint64_t from;

	slab_drain();
	pages = nr_free_pages();
	EXPECT_REPORT("expect_too_much", EXPECT(!vmalloc(size)));
	EXPECT(ktest_report_contains("vmalloc: "));
	from = printk_position();
	EXPECT(!__vmalloc(size, GFP_KERNEL | __GFP_HIGHMEM | __GFP_NOWARN,
			  PAGE_KERNEL));
	EXPECT_EQ(printk_position(), from);
	EXPECT_EQ(vmap_nr_areas(), areas);
	slab_drain();
	EXPECT_EQ(nr_free_pages(), pages);
}

KTEST(vmalloc_corners, more_than_there_is_is_null_with_a_line)
{
	expect_too_much(~0UL);			/* rounded up it wraps to 0  */
	expect_too_much(0xFFFFF000);		/* with the guard it does    */
	expect_too_much(0xFFFFE001);
	expect_too_much(0x80000000);
	if (all_frames() < GIB(4) / PAGE_SIZE)
		expect_too_much(all_frames() * PAGE_SIZE + 1);
}

/* In Linux 2.6.24 the end of the window is not looked at in an empty list. */
KTEST(vmalloc_corners, area_larger_than_the_window_is_refused)	/* bug 6 */
{
	static const unsigned long flags[] = { VM_MAP, VM_IOREMAP };
	unsigned long window = VMALLOC_END - VMALLOC_START;
	unsigned long areas = vmap_nr_areas();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		EXPECT_REPORT("area_larger_than_the_window_is_refused",
			      EXPECT(!get_vm_area(window, flags[i])));
		EXPECT_REPORT("no room", EXPECT(!get_vm_area(window + 1,
							     flags[i])));
		EXPECT(!get_vm_area(GIB(1), flags[i]));
		EXPECT(!get_vm_area(0x80000001, flags[i]));
		EXPECT(!get_vm_area(0xFFFFE000, flags[i]));
		EXPECT(!get_vm_area(0xFFFFE001, flags[i]));
		EXPECT(!get_vm_area(0xFFFFF000, flags[i]));
		EXPECT(!get_vm_area(0xFFFFF001, flags[i]));
		EXPECT(!get_vm_area(~0UL, flags[i]));
	}
	EXPECT_EQ(vmap_nr_areas(), areas);
	EXPECT_EQ(vmap_check(), 0);
	if (areas == 0)
		drop(get_vm_area(window - VM_GUARD_SIZE, VM_MAP));
}

/* --- device areas ---------------------------------------------------------- */

/* Linux 2.6.24 takes twice the size for a power of two: its quirk 4. */
KTEST(vmalloc_corners, device_area_is_aligned_to_its_size)
{
	static const struct { unsigned long size, align; } cases[] = {
		{ 1, 4096 }, { 4096, 4096 }, { 4097, 8192 }, { 8192, 8192 },
		{ 12288, 16384 }, { 65536, 65536 }, { 262144, 262144 },
		{ 262145, 524288 }, { 524288, 524288 }, { 524289, 524288 },
		{ 4194304, 524288 },
	};
	struct vm_struct *vm, *filler;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		filler = get_vm_area(PAGE_SIZE, VM_MAP);	/* shifts it */
		vm = get_vm_area(cases[i].size, VM_IOREMAP);
		REQUIRE(vm && filler);
		EXPECT(IS_ALIGNED((unsigned long)vm->addr, cases[i].align));
		drop(filler);
		drop(vm);
	}
}

/* A page of a device needs no more than a page's alignment, so none is lost. */
KTEST(vmalloc_corners, device_area_of_one_page_follows_at_once)	/* bug 4 */
{
	needs_one_guard();
	struct vm_struct *first = get_vm_area(4096, VM_IOREMAP);
	struct vm_struct *odd = get_vm_area(2 * PAGE_SIZE, VM_MAP);
	struct vm_struct *second = get_vm_area(4096, VM_IOREMAP);

	REQUIRE(first && odd && second);
	EXPECT_EQ((unsigned long)second->addr, (unsigned long)first->addr +
		  (1 + 1 + 2 + 1) * PAGE_SIZE);
	drop(first);
	drop(odd);
	drop(second);
}

KTEST(vmalloc_corners, other_areas_are_aligned_to_pages_only)
{
	needs_one_guard();
	struct vm_struct *filler = get_vm_area(2 * PAGE_SIZE, VM_MAP);
	struct vm_struct *vm = get_vm_area(MIB(1), VM_MAP);

	REQUIRE(filler && vm);
	EXPECT_EQ((unsigned long)vm->addr, (unsigned long)filler->addr +
		  3 * PAGE_SIZE);
	drop(filler);
	drop(vm);
}

/* 64 bits where the book has an unsigned long: a frame above 4 GiB fits. */
KTEST(vmalloc_corners, physical_address_of_an_area_is_not_cut)
{
	struct vm_struct *vm = get_vm_area(PAGE_SIZE, VM_IOREMAP);

	REQUIRE(vm);
	vm->phys_addr = phys_make(0xF12345000ULL);
	EXPECT_EQ(find_vm_area(vm->addr)->phys_addr, 0xF12345000ULL);
	drop(vm);
}

/* --- mapping and unmapping ------------------------------------------------- */

KTEST(vmalloc_corners, mapping_needs_no_flush_and_unmapping_one_for_all)
{
	char *warm = vmalloc(100 * PAGE_SIZE), *p;	/* its page tables */
	struct tlb_stats before;

	vfree(warm);
	vmap_purge();
	before = tlb_stats;
	p = vmalloc(100 * PAGE_SIZE);
	REQUIRE(p);
	EXPECT_EQ(tlb_stats.full, before.full);
	EXPECT_EQ(tlb_stats.pages, before.pages);
	vfree(p);
	vmap_purge();
	EXPECT_EQ(tlb_stats.full, before.full + 1);
	EXPECT_EQ(tlb_stats.pages, before.pages);
}

KTEST(vmalloc_corners, page_tables_are_kept_after_vfree)	/* attacks T1 */
{
	char *p = vmalloc(PAGE_SIZE);
	const pte_t *pte;
	unsigned long tables;

	REQUIRE(p);
	pte = kernel_pte((unsigned long)p);
	tables = pgtable_nr_tables();
	vfree(p);
	EXPECT_EQ(pgtable_nr_tables(), tables);
	EXPECT(kernel_pte((unsigned long)p) == pte);
	EXPECT_EQ(pte->raw, 0);
}

KTEST(vmalloc_corners, vmalloc_to_page_is_null_where_nothing_is_mapped)
{
	char *p = vmalloc(PAGE_SIZE), *low = kmalloc(64, GFP_KERNEL);

	REQUIRE(p && low);
	EXPECT(vmalloc_to_page(p));
	EXPECT(vmalloc_to_page(p + PAGE_SIZE - 1) == vmalloc_to_page(p));
	EXPECT(!vmalloc_to_page(p + PAGE_SIZE));		/* the guard  */
	EXPECT_EQ(vmalloc_to_pfn(p + PAGE_SIZE), 0);
	EXPECT(!vmalloc_to_page(p + 2 * PAGE_SIZE));		/* behind it  */
	EXPECT(!vmalloc_to_page((void *)(VMALLOC_END - 1)));
	EXPECT(!vmalloc_to_page((void *)VMALLOC_END));
	EXPECT(!vmalloc_to_page((void *)(VMALLOC_START - 1)));
	EXPECT(!vmalloc_to_page(low));				/* not its job */
	EXPECT(!vmalloc_to_page(text_start));
	EXPECT(!vmalloc_to_page(NULL));
	EXPECT_EQ(vmalloc_to_pfn(NULL), 0);
	vfree(p);
	EXPECT(!vmalloc_to_page(p));
	kfree(low);
}

/* Whoever maps 2 MiB at once has no page table there: the entry above is asked. */
KTEST(vmalloc_corners, vmalloc_to_page_finds_frames_of_large_pages)
{
	struct vm_struct *vm = get_vm_area(2 * LARGE_SIZE, VM_MAP);
	const uint64_t flags = PAGE_KERNEL_RO.raw | PTE_LARGE;
	const uint64_t beyond = ALIGN_UP((uint64_t)mem_map_end << PAGE_SHIFT,
					 LARGE_SIZE);
	unsigned long addr;
	pte_t *pmd;

	REQUIRE(vm);
	addr = ALIGN_UP((unsigned long)vm->addr, LARGE_SIZE);
	pgtable_forget(addr, addr + LARGE_SIZE);
	pmd = &kernel_pmd[(addr >> LARGE_SHIFT) % PTRS_PER_TABLE];
	EXPECT(!vmalloc_to_page((char *)addr + 0x123456));
	pte_set(pmd, (pte_t){ LARGE_SIZE | flags });
	EXPECT(vmalloc_to_page((char *)addr + 0x123456) == pfn_to_page(0x323));
	EXPECT_EQ(vmalloc_to_pfn((char *)addr + LARGE_SIZE - 1), 0x3ff);
	pte_replace(pmd, (pte_t){ beyond | flags });	/* a device's */
	EXPECT(!vmalloc_to_page((char *)addr + 0x123456));
	pte_clear(pmd);
	tlb_flush_all();
	EXPECT(remove_vm_area(vm->addr) == vm);
	free_vm_struct(vm);
}

/* --- wrong frees ----------------------------------------------------------- */

static __noinline void wrong_free(void (*fn)(const void *), const void *addr)
{
	fn(addr);
}

/* Refused with @words and the caller's name, and nothing has changed. */
static void expect_refused(void (*fn)(const void *), const void *addr,
			   const char *words)
{
	unsigned long areas = vmap_nr_areas(), pages = nr_free_pages();
	char text[16];

	snprintf(text, sizeof(text), "%08lx", (unsigned long)addr);
	EXPECT_REPORT(words, wrong_free(fn, addr));
	EXPECT(ktest_report_contains("wrong_free+"));
	EXPECT(ktest_report_contains(text));
	EXPECT_EQ(vmap_nr_areas(), areas);
	EXPECT_EQ(nr_free_pages(), pages);
	EXPECT_EQ(vmalloc_check(), 0);
}

KTEST(vmalloc_corners, free_of_null_is_nothing)
{
	uint64_t from = printk_position();
	unsigned long areas = vmap_nr_areas();

	vfree(NULL);
	vunmap(NULL);
	EXPECT(!remove_vm_area(NULL));
	EXPECT(!find_vm_area(NULL));
	EXPECT_EQ(printk_position(), from);
	EXPECT_EQ(vmap_nr_areas(), areas);
}

KTEST(vmalloc_corners, vfree_of_an_unaligned_address_is_reported)
{
	char *p = vmalloc(2 * PAGE_SIZE);

	REQUIRE(p);
	pattern_fill(p, 2 * PAGE_SIZE, 1);
	expect_refused(vfree, p + 1, "vfree: bad address");
	expect_refused(vfree, p + PAGE_SIZE - 1, "vfree: bad address");
	EXPECT(pattern_holds(p, 2 * PAGE_SIZE, 1));
	vfree(p);
}

KTEST(vmalloc_corners, vfree_of_an_interior_page_is_reported)
{
	char *p = vmalloc(2 * PAGE_SIZE);

	REQUIRE(p);
	pattern_fill(p, 2 * PAGE_SIZE, 1);
	expect_refused(vfree, p + PAGE_SIZE, "vfree: nonexistent area");
	expect_refused(vfree, p + 2 * PAGE_SIZE, "vfree: nonexistent area");
	expect_refused(vfree, p - PAGE_SIZE, "vfree: nonexistent area");
	EXPECT(pattern_holds(p, 2 * PAGE_SIZE, 1));
	vfree(p);
}

KTEST(vmalloc_corners, second_vfree_is_reported)
{
	char *keep = vmalloc(PAGE_SIZE), *p = vmalloc(PAGE_SIZE);

	REQUIRE(keep && p);
	vfree(p);
	expect_refused(vfree, p, "vfree: nonexistent area");
	vfree(keep);
	expect_refused(vfree, keep, "vfree: nonexistent area");
}

KTEST(vmalloc_corners, vfree_outside_the_window_is_reported)
{
	static char data[PAGE_SIZE] __aligned(PAGE_SIZE);
	struct page *page = alloc_page(GFP_KERNEL);
	void *small = kmalloc(64, GFP_KERNEL);

	REQUIRE(page && small);
	expect_refused(vfree, page_address(page), "vfree: nonexistent area");
	expect_refused(vfree, data, "vfree: nonexistent area");
	expect_refused(vfree, text_start, "vfree: nonexistent area");
	expect_refused(vfree, (void *)PAGE_SIZE, "vfree: nonexistent area");
	expect_refused(vfree, (void *)VMALLOC_END, "vfree: nonexistent area");
	expect_refused(vfree, (void *)0xFFFFF000, "vfree: nonexistent area");
	expect_refused(vfree, (char *)small + 1, "vfree: bad address");
	kfree(small);
	__free_page(page);
}

/* Linux 2.6.24 frees whatever area begins there. */
KTEST(vmalloc_corners, each_kind_of_area_has_its_own_end)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct vm_struct *device = get_vm_area(PAGE_SIZE, VM_IOREMAP);
	char *p = vmalloc(PAGE_SIZE), *mapped;

	REQUIRE(page && device && p);
	mapped = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(mapped);
	pattern_fill(p, PAGE_SIZE, 1);
	expect_refused(vfree, mapped, "vfree: nonexistent area");
	expect_refused(vfree, device->addr, "vfree: nonexistent area");
	expect_refused(vunmap, p, "vunmap: nonexistent area");
	expect_refused(vunmap, device->addr, "vunmap: nonexistent area");
	expect_refused(vunmap, mapped + 1, "vunmap: bad address");
	EXPECT(pattern_holds(p, PAGE_SIZE, 1));
	EXPECT_NO_FAULT(touch_write(mapped));
	vunmap(mapped);
	expect_refused(vunmap, mapped, "vunmap: nonexistent area");
	vfree(p);
	drop(device);
	__free_page(page);
}

KTEST(vmalloc_corners, remove_of_an_unknown_area_is_null)
{
	char *p = vmalloc(2 * PAGE_SIZE);

	REQUIRE(p);
	EXPECT(!remove_vm_area(p + PAGE_SIZE));
	EXPECT(!remove_vm_area(p + 1));
	EXPECT(!remove_vm_area((void *)PAGE_SIZE));
	EXPECT(find_vm_area(p));
	vfree(p);
}

/* --- vmap ------------------------------------------------------------------ */

KTEST(vmalloc_corners, vmap_of_no_or_too_many_frames_is_null)
{
	struct page *page = alloc_page(GFP_KERNEL);
	unsigned long areas = vmap_nr_areas();

	REQUIRE(page);
	EXPECT(!vmap(&page, 0, VM_MAP, PAGE_KERNEL));
	EXPECT(!vmap(NULL, 0, VM_MAP, PAGE_KERNEL));
	EXPECT(!vmap(&page, (unsigned int)all_frames() + 1, VM_MAP,
		     PAGE_KERNEL));
	/* 4 GiB and one page: the size would wrap to that page. */
	EXPECT(!vmap(&page, 0x100001, VM_MAP, PAGE_KERNEL));
	EXPECT(!vmap(&page, ~0U, VM_MAP, PAGE_KERNEL));
	EXPECT_EQ(vmap_nr_areas(), areas);
	__free_page(page);
}

KTEST(vmalloc_corners, vmap_of_what_is_no_page_is_reported)
{
	struct page *pages[3] = { alloc_page(GFP_KERNEL), NULL, NULL };
	unsigned long areas = vmap_nr_areas();

	REQUIRE(pages[0]);
	EXPECT_REPORT("entry 1 of 3",
		      EXPECT(!vmap(pages, 3, VM_MAP, PAGE_KERNEL)));
	EXPECT(ktest_report_contains("vmap_of_what_is_no_page_is_reported"));
	pages[1] = pages[0];
	pages[2] = (struct page *)((char *)pages[0] + 4);
	EXPECT_REPORT("entry 2 of 3",
		      EXPECT(!vmap(pages, 3, VM_MAP, PAGE_KERNEL)));
	pages[2] = mem_map + mem_map_end;
	EXPECT_REPORT("entry 2 of 3",
		      EXPECT(!vmap(pages, 3, VM_MAP, PAGE_KERNEL)));
	EXPECT_EQ(vmap_nr_areas(), areas);
	__free_page(pages[0]);
}

KTEST(vmalloc_corners, vunmap_leaves_the_frames_to_their_owner)
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	unsigned long pages;
	char *p;

	REQUIRE(page);
	p = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(p);
	pattern_fill(p, PAGE_SIZE, 4);
	pages = nr_free_pages();
	vunmap(p);
	EXPECT_EQ(nr_free_pages(), pages);
	EXPECT_EQ(page->state, PAGE_USED);
	EXPECT_EQ(page->count, 1);
	p = kmap_local_page(page);
	EXPECT(pattern_holds(p, PAGE_SIZE, 4));
	kunmap_local(p);
	__free_page(page);
}

KTEST(vmalloc_corners, record_of_a_live_area_is_not_freed)
{
	struct vm_struct *vm = get_vm_area(PAGE_SIZE, VM_MAP);

	REQUIRE(vm);
	EXPECT_REPORT("free_vm_struct: area", free_vm_struct(vm));
	EXPECT(ktest_report_contains("record_of_a_live_area_is_not_freed"));
	EXPECT_EQ(vmalloc_check(), 0);
	drop(vm);
	free_vm_struct(NULL);			/* from remove_vm_area */
}

/* An area without frames is nobody's to vfree. */
KTEST(vmalloc_corners, get_vm_area_with_vm_alloc_owns_no_frames)
{
	struct vm_struct *vm = get_vm_area(PAGE_SIZE, VM_ALLOC | VM_VPAGES |
					   VM_KEPT);

	REQUIRE(vm);
	EXPECT_EQ(vm->flags, 0);
	expect_refused(vfree, vm->addr, "vfree: nonexistent area");
	EXPECT_EQ(vmalloc_check(), 0);
	free_vm_struct(remove_vm_area(vm->addr));
}

/* Whatever flags say, the frames stay the caller's. */
KTEST(vmalloc_corners, vmap_with_vm_alloc_owns_no_frames)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p;

	REQUIRE(page);
	p = vmap(&page, 1, VM_ALLOC | VM_KEPT, PAGE_KERNEL);
	REQUIRE(p);
	EXPECT_EQ(find_vm_area(p)->flags, VM_MAP);
	expect_refused(vfree, p, "vfree: nonexistent area");
	vunmap(p);
	EXPECT_EQ(page->state, PAGE_USED);
	__free_page(page);
}
