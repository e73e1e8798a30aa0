/* SPDX-License-Identifier: MIT */
/*
 * test_vmalloc_huge.c - areas in pages of 2 MiB, or of 4 KiB, or of both
 */
#include <mm/vmalloc.h>

#include <kernel/explain.h>
#include <lib/string.h>
#include <mm/crumbs.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/vmap.h>
#include <mm/vread.h>
#include <mm/zone.h>
#include <tests/capture.h>
#include <tests/ktest.h>

#include "touch.h"

#define GFP	(GFP_KERNEL | __GFP_NOWARN)
#define NR	512U				/* frames of 2 MiB */

static bool is_large(const char *p)
{
	struct pgtable_walk walk;

	return pgtable_lookup((unsigned long)p, &walk) && walk.large;
}

/* So small that there may be no block of 2 MiB. */
static char *take(unsigned long size)
{
	char *p = vmalloc_huge(size, GFP);

	if (!p || (size >= MIB(2) && !is_large(p))) {
		vfree(p);
		ktest_skip("this machine has no 2 MiB in a row to give");
	}
	return p;
}

static void expect_whole(char *p, unsigned long size)
{
	const struct vm_struct *vm = find_vm_area(p);
	unsigned int i;

	EXPECT_EQ(vm->nr_pages, ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE);
	for (i = 0; i < vm->nr_pages; i++) {
		EXPECT(vmalloc_to_page(p + i * PAGE_SIZE) == vm->pages[i]);
		EXPECT_EQ(vm->pages[i]->order, 0);		/* W2 */
	}
	for (i = 0; i < size; i += 997)
		p[i] = (char)pattern_byte(i, 1);
	for (i = 0; i < size; i += 997)
		if (p[i] != (char)pattern_byte(i, 1))
			break;
	EXPECT(i >= size);
	EXPECT_FAULT(touch_write(p + ALIGN_UP(size, PAGE_SIZE)));
	EXPECT_FAULT(touch_read(p - 1));
	EXPECT_EQ(vmalloc_check(), 0);
	EXPECT_EQ(pgtable_check(), 0);
}

KTEST(vmalloc_huge, check_finds_a_guard_under_a_large_page)	/* attacks V3 */
{
	struct vmap_area *below, *above;
	unsigned long guard;
	char *p;

	vmalloc_drain();
	p = take(MIB(2));
	guard = (unsigned long)p + MIB(2);
	vmap_neighbours(guard, &below, &above);
	if (above && (unsigned long)above->vm.addr < guard + MIB(2)) {
		vfree(p);
		ktest_skip("others have the addresses behind it");
	}
	REQUIRE(map_pages_large(guard, find_vm_area(p)->pages, 512,
				PAGE_KERNEL) == 0);
	EXPECT_EQ(vmap_check(), 3);
	unmap_range(guard, guard + MIB(2));
	EXPECT_EQ(vmap_check(), 0);
	vfree(p);
}

KTEST(vmalloc_huge, two_mib_are_one_entry)
{
	unsigned long tables, pages = nr_free_pages();
	char *p = take(MIB(2));

	tables = pgtable_nr_tables();
	EXPECT_EQ((unsigned long)p % LARGE_SIZE, 0);
	EXPECT(is_large(p) && is_large(p + MIB(2) - 1));
	EXPECT(!kernel_pte((unsigned long)p));
	expect_whole(p, MIB(2));
	vfree(p);
	vmap_purge();
	EXPECT_FAULT(touch_read(p));
	EXPECT_FAULT(touch_write(p + MIB(2) - 1));
	EXPECT_EQ(pgtable_nr_tables(), tables);
	EXPECT(nr_free_pages() + 8 >= pages);
}

KTEST(vmalloc_huge, rest_is_mapped_page_by_page)
{
	char *p = take(MIB(2) + 5000);

	EXPECT(is_large(p) && !is_large(p + MIB(2)));
	expect_whole(p, MIB(2) + 5000);
	poke(p + MIB(2) + 5000, 1);
	EXPECT_REPORT("byte 2102152 of 2102152", vfree(p));
}

KTEST(vmalloc_huge, less_than_two_mib_is_as_vmalloc)
{
	char *p = take(MIB(1));

	EXPECT(!is_large(p));
	expect_whole(p, MIB(1));
	vfree(p);
	EXPECT(!vmalloc_huge(0, GFP));
	EXPECT_REPORT("vmalloc: ", EXPECT(!vmalloc_huge(~0UL, GFP_KERNEL)));
}

/* Every other frame is taken: no block, and yet 2 MiB (C6). */
KTEST(vmalloc_huge, crumbs_serve_as_well)
{
	struct crumbs crumbs;
	char *p;

	crumbs_make(&crumbs);
	p = vmalloc_huge(MIB(2) + PAGE_SIZE, GFP);
	if (p) {
		EXPECT(!is_large(p));
		EXPECT_EQ((unsigned long)p % LARGE_SIZE, 0);
		expect_whole(p, MIB(2) + PAGE_SIZE);
		vfree(p);
	}
	crumbs_release(&crumbs);
	if (!p)
		ktest_skip("this machine has no 2 MiB to give");
}

/* Where small pages were, a large one comes, and small ones again: PL1. */
KTEST(vmalloc_huge, page_table_in_the_way_gives_way)
{
	char *small = __vmalloc_node(MIB(2), MIB(2), GFP, 0, text_start), *p;
	struct page *before;

	if (!small)
		ktest_skip("this machine has no 2 MiB to give");
	memset(small, 1, MIB(2));
	EXPECT(kernel_pte((unsigned long)small));
	vfree(small);
	p = take(MIB(2));
	before = vmalloc_to_page(p);
	memset(p, 2, MIB(2));
	EXPECT(!memchr_inv(p, 2, MIB(2)));
	vfree(p);
	small = __vmalloc_node(MIB(2), MIB(2), GFP, 0, text_start);
	REQUIRE(small);
	memset(small, 3, MIB(2));
	EXPECT(!memchr_inv(small, 3, MIB(2)));
	EXPECT(!is_large(small) && before);
	vfree(small);
}

KTEST(vmalloc_huge, highmem_first_and_dma_when_asked)		/* C9 */
{
	char *p = take(MIB(2)), *dma;

	if (zones[ZONE_HIGHMEM].buddy.nr_blocks[MAX_ORDER] > 1)
		EXPECT(page_is_highmem(vmalloc_to_page(p)));
	vfree(p);
	dma = vmalloc_huge(MIB(2), GFP | __GFP_DMA);
	if (dma)
		EXPECT_EQ(vmalloc_to_page(dma + MIB(2) - 1)->zone, ZONE_DMA);
	vfree(dma);
}

KTEST(vmalloc_huge, frames_become_one_block_again)
{
	struct page *first;
	char *p = take(MIB(2));

	first = vmalloc_to_page(p);
	EXPECT_EQ(page_to_pfn(first) % NR, 0);
	vfree(p);
	first = alloc_pages(GFP_HIGHUSER, 9);
	EXPECT(first);
	__free_pages(first, 9);
}

KTEST(vmalloc_huge, can_be_resized_read_and_explained)
{
	char *p = take(MIB(2) + MIB(1)), byte = 0;

	p[MIB(2) - 1] = 7;
	EXPECT_EQ(vread(&byte, p + MIB(2) - 1, 1), 1);
	EXPECT_EQ(byte, 7);
	EXPECT(vrealloc(p, MIB(1), GFP) == p);		/* slack: a large page's */
	EXPECT_EQ(vmalloc_check(), 0);
	EXPECT(vrealloc(p, MIB(2), GFP) == p);
	capture_begin();
	explain_details((unsigned long)p + 5, NULL, capture);
	EXPECT(strstr(captured, "a 2 MiB page: read, write"));
	vfree(p);
}

KTEST(vmalloc_huge, split_block_is_single_frames)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);
	unsigned long free;
	unsigned int i;

	REQUIRE(page);
	split_page(page, 2);
	free = nr_free_pages();
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(page[i].state, PAGE_USED);
		EXPECT_EQ(page[i].count, 1);
		__free_page(page + i);
	}
	EXPECT_EQ(nr_free_pages(), free + 4);
}
