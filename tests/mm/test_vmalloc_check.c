/* SPDX-License-Identifier: MIT */
/*
 * test_vmalloc_check.c - each invariant of vmalloc, broken and found
 *
 * W1 to W4 are those of mm/vmalloc.c and are reported as 11 to 14, GD1 and GD2
 * of mm/guard.c as 21 and 22. What a case breaks it mends before the books are
 * compared.
 */
#include <mm/vmalloc.h>

#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/vmap.h>
#include <tests/aids.h>
#include <tests/capture.h>
#include <tests/ktest.h>

static char *victim, *other;
static struct vm_struct *vm;

static void take_areas(void)
{
	victim = vmalloc(3 * PAGE_SIZE);
	other = vmalloc(2 * PAGE_SIZE);
	REQUIRE(victim && other);
	vm = find_vm_area(victim);
	REQUIRE(vm);
	REQUIRE(vmalloc_check() == 0);
}

static void give_areas(void)
{
	EXPECT_EQ(vmalloc_check(), 0);		/* mended */
	vfree(other);
	vfree(victim);
}

static void swap_pages(unsigned int i, unsigned int j)
{
	struct page *page = vm->pages[i];

	vm->pages[i] = vm->pages[j];
	vm->pages[j] = page;
}

KTEST(vmalloc_check, w1_finds_two_frames_exchanged)
{
	take_areas();
	swap_pages(0, 2);
	EXPECT_EQ(vmalloc_check(), 11);
	swap_pages(0, 2);
	give_areas();
}

KTEST(vmalloc_check, w1_finds_a_page_that_is_not_mapped)
{
	unsigned int i;

	take_areas();
	for (i = 0; i < 3; i++) {
		pte_t *pte = kernel_pte((unsigned long)victim + i * PAGE_SIZE);
		pte_t saved = *pte;

		pte_clear(pte);
		EXPECT_EQ(vmalloc_check(), 11);
		pte_set(pte, saved);
	}
	give_areas();
}

KTEST(vmalloc_check, w1_finds_a_wrong_number_of_frames)
{
	take_areas();
	vm->nr_pages--;
	EXPECT_EQ(vmalloc_check(), 11);
	vm->nr_pages += 2;
	EXPECT_EQ(vmalloc_check(), 11);
	vm->nr_pages--;
	give_areas();
}

KTEST(vmalloc_check, w2_finds_a_frame_that_is_not_in_use)
{
	take_areas();
	vm->pages[1]->state = PAGE_FREE;
	EXPECT_EQ(vmalloc_check(), 12);
	vm->pages[1]->state = PAGE_SLAB;
	EXPECT_EQ(vmalloc_check(), 12);
	vm->pages[1]->state = PAGE_USED;
	give_areas();
}

/* While it is made or removed an area is its owner's, and not yet, or no more,
 * what W1 to W4 say. */
KTEST(vmalloc_check, a_busy_area_is_left_alone)
{
	struct vmap_area *area;

	take_areas();
	area = vmap_claim((unsigned long)victim, 0);
	vm->pages[2]->order = 1;
	EXPECT_EQ(vmalloc_check(), 0);
	vmap_publish(area);
	EXPECT_EQ(vmalloc_check(), 12);
	vm->pages[2]->order = 0;
	give_areas();
}

KTEST(vmalloc_check, w2_finds_a_frame_of_a_larger_block)
{
	take_areas();
	vm->pages[2]->order = 1;
	EXPECT_EQ(vmalloc_check(), 12);
	vm->pages[2]->order = 0;
	give_areas();
}

/* In two areas, or twice in one: entry and array agree, and yet it is wrong. */
KTEST(vmalloc_check, w2_finds_a_frame_that_two_pages_share)
{
	struct page *mine, *shared[2];
	unsigned int i;
	pte_t *pte;

	take_areas();
	shared[0] = find_vm_area(other)->pages[0];
	shared[1] = vm->pages[2];
	mine = vm->pages[0];
	pte = kernel_pte((unsigned long)victim);
	for (i = 0; i < 2; i++) {
		vm->pages[0] = shared[i];
		pte_replace(pte, pte_make(page_to_phys(shared[i]),
					  PAGE_KERNEL));
		EXPECT_EQ(vmalloc_check(), 12);
	}
	vm->pages[0] = mine;
	pte_replace(pte, pte_make(page_to_phys(mine), PAGE_KERNEL));
	give_areas();
}

KTEST(vmalloc_check, w3_finds_a_size_that_was_not_asked_for)
{
	struct vmap_area *area;

	take_areas();
	area = vmap_find((unsigned long)victim);
	area->requested += PAGE_SIZE;
	EXPECT_EQ(vmalloc_check(), 13);
	area->requested -= PAGE_SIZE;
	give_areas();
}

KTEST(vmalloc_check, v_numbers_come_first)
{
	take_areas();
	vm->nr_pages--;
	vm->size++;
	EXPECT_EQ(vmalloc_check(), 1);
	vm->size--;
	EXPECT_EQ(vmalloc_check(), 11);
	vm->nr_pages++;
	give_areas();
}

KTEST(vmalloc_check, areas_of_others_frames_are_left_alone)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct vm_struct *reserved;
	char *p, *q;

	REQUIRE(page);
	p = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	q = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	reserved = get_vm_area(PAGE_SIZE, VM_IOREMAP);
	REQUIRE(p && q && reserved);
	EXPECT_EQ(vmalloc_check(), 0);
	free_vm_struct(remove_vm_area(reserved->addr));
	vunmap(p);
	vunmap(q);
	__free_page(page);
}

KTEST(vmalloc_check, frames_in_use_are_counted)
{
	unsigned long before = vmalloc_nr_pages();
	struct page *page = alloc_page(GFP_KERNEL);
	char *mapped;

	REQUIRE(page);
	take_areas();
	mapped = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(mapped);
	EXPECT_EQ(vmalloc_nr_pages(), before + 5);
	vunmap(mapped);
	give_areas();
	__free_page(page);
	vmap_purge();
	EXPECT_EQ(vmalloc_nr_pages(), before);
}

KTEST(vmalloc_check, w4_finds_a_frame_of_vmap_that_is_free)
{
	struct page *pages[2] = { alloc_page(GFP_KERNEL),
				  alloc_pages(GFP_KERNEL, 1) };
	unsigned int i;
	char *mapped;

	REQUIRE(pages[0] && pages[1]);
	mapped = vmap(pages, 2, VM_MAP, PAGE_KERNEL);
	REQUIRE(mapped);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(vmalloc_check(), 0);
		pages[i]->state = PAGE_FREE;
		EXPECT_EQ(vmalloc_check(), 14);
		pages[i]->state = PAGE_USED;
	}
	vunmap(mapped);
	__free_page(pages[0]);
	__free_pages(pages[1], 1);
}

/* The line of the area at @p, or the case ends. */
static const char *line_of(const void *p)
{
	char start[16];
	const char *line;

	snprintf(start, sizeof(start), "  %08lx  ", (unsigned long)p);
	line = strstr(captured, start);
	REQUIRE(line);
	return line;
}

static bool line_has(const char *line, const char *text)
{
	const char *end = strchr(line, '\n'), *found = strstr(line, text);

	return found && end && found < end;
}

KTEST(vmalloc_check, report_has_a_line_for_each_area_in_order)
{
	needs_page_starts();
	struct page *page = alloc_page(GFP_KERNEL);
	struct vm_struct *device;
	char *p, *mapped;

	REQUIRE(page);
	p = vmalloc(10000);
	mapped = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	device = get_vm_area(PAGE_SIZE, VM_IOREMAP);
	REQUIRE(p && mapped && device);
	capture_begin();
	vmalloc_report(capture);
	EXPECT((line_of(p) < line_of(mapped)) == (p < mapped));
	EXPECT((line_of(mapped) < line_of(device->addr)) ==
	       (mapped < (char *)device->addr));
	EXPECT(line_has(line_of(p), "10000"));
	EXPECT(line_has(line_of(p), "vmalloc"));
	EXPECT(line_has(line_of(p), "report_has_a_line_for_each_area"));
	EXPECT(line_has(line_of(mapped), "vmap"));
	EXPECT(line_has(line_of(device->addr), "ioremap"));
	EXPECT(!line_has(line_of(device->addr), "vmap"));
	free_vm_struct(remove_vm_area(device->addr));
	vunmap(mapped);
	vfree(p);
	__free_page(page);
}

/* Of any kind, with any guard=. */
KTEST(vmalloc_check, gd1_finds_a_first_byte_outside_of_the_first_page)
{
	struct vmap_area *area;
	unsigned long first;

	take_areas();
	area = container_of(vm, struct vmap_area, vm);
	first = area->first;
	area->first = (unsigned long)vm->addr + PAGE_SIZE;
	EXPECT_EQ(vmalloc_check(), 21);
	area->first = (unsigned long)vm->addr - 1;
	EXPECT_EQ(vmalloc_check(), 21);
	area->first = first;
	give_areas();
}

KTEST(vmalloc_check, gd2_finds_a_guard_that_is_not_as_large_as_it_should_be)
{
	struct vmap_area *area;

	take_areas();
	area = container_of(vm, struct vmap_area, vm);
	area->mapped -= PAGE_SIZE;
	EXPECT_EQ(vmalloc_check(), 22);
	area->mapped += 2 * PAGE_SIZE;
	EXPECT_EQ(vmalloc_check(), 22);
	area->mapped -= PAGE_SIZE;
	give_areas();
}
