/* SPDX-License-Identifier: MIT */
/*
 * test_trace.c - every event is told once, and none that was not asked for
 *
 * Each case has a writer of its own, which keeps what it is told, and traces only
 * what it does itself. That a whole run can be played again is shown from outside
 * (tests/machine/test_trace.py).
 */
#include <mm/trace.h>

#include <lib/errno.h>
#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/highmem.h>
#include <mm/ioremap.h>
#include <mm/page_alloc.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/vm_map_ram.h>
#include <mm/vmalloc.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <tests/sealed.h>

#define ALL		(TRACE_BIT(NR_TRACE_EVENTS) - 1)
#define MOST		4096U

static struct told {
	enum trace_event event;
	unsigned long	what, n;
} told[MOST];
static unsigned int nr_told;

static void note(enum trace_event event, const void *what, unsigned long n)
{
	if (nr_told < MOST)
		told[nr_told] = (struct told){ event, (unsigned long)what, n };
	nr_told++;
}

/* What may have been on before, since the whole run may be traced. */
static unsigned int on_before;
static trace_fn *writer_before;

static void switch_to(unsigned int events, trace_fn *writer)
{
	vmalloc_drain();		/* nothing taken now is freed later */
	kmap_drain();
	slab_drain();
	pcp_drain();
	UNSEALED(trace_choose(events, writer); vmap_choose(vmap_chosen()));
}

static void listen(unsigned int events)
{
	on_before = trace_on;
	writer_before = trace_writer;
	nr_told = 0;
	switch_to(events, note);
	nr_told = 0;
}

static void hush(void)
{
	unsigned int nr = nr_told;

	switch_to(on_before, writer_before);
	nr_told = nr;
	EXPECT(nr <= MOST);
}

static unsigned int count(enum trace_event event)
{
	unsigned int i, n = 0;

	for (i = 0; i < MIN(nr_told, MOST); i++)
		n += told[i].event == event;
	return n;
}

/* Pages of all events of this kind. */
static unsigned long pages(enum trace_event event)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < MIN(nr_told, MOST); i++)
		sum += told[i].event == event ? told[i].n : 0;
	return sum;
}

/* Where the first one of this kind stands; nr_told: there is none. */
static unsigned int first(enum trace_event event)
{
	unsigned int i = 0;

	while (i < nr_told && told[i].event != event)
		i++;
	return i;
}

KTEST(trace, a_block_is_taken_and_freed_once)
{
	struct page *page;

	listen(ALL);
	page = alloc_pages(GFP_KERNEL, 3);
	__free_pages(page, 3);
	hush();
	REQUIRE(page);
	EXPECT_EQ(count(TRACE_TAKE), 1);
	EXPECT_EQ(count(TRACE_FREE), 1);
	EXPECT_EQ(told[first(TRACE_TAKE)].what, (unsigned long)page);
	EXPECT_EQ(told[first(TRACE_TAKE)].n, 3);
	EXPECT_EQ(told[first(TRACE_FREE)].what, (unsigned long)page);
}

/* Whatever was halved on the way down is whole again on the way up. */
KTEST(trace, as_many_blocks_merge_as_were_split)
{
	struct page *page[8];
	unsigned int i;

	listen(ALL);
	for (i = 0; i < ARRAY_SIZE(page); i++)
		page[i] = alloc_page(GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(page); i++)
		__free_page(page[i]);
	hush();
	EXPECT_EQ(count(TRACE_TAKE), ARRAY_SIZE(page));
	EXPECT_EQ(count(TRACE_SPLIT), count(TRACE_MERGE));
	EXPECT_EQ(count(TRACE_FREE), ARRAY_SIZE(page));
}

KTEST(trace, no_frame_and_no_area_is_kept_meanwhile)		/* TR1 */
{
	needs_gaps();
	unsigned long frames;
	struct page *page;

	listen(ALL);
	page = alloc_page(GFP_KERNEL);
	__free_page(page);
	vfree(vmalloc(PAGE_SIZE));
	frames = pcp_nr_frames(&zones[ZONE_DMA]) +
		 pcp_nr_frames(&zones[ZONE_NORMAL]) +
		 pcp_nr_frames(&zones[ZONE_HIGHMEM]);
	EXPECT_EQ(frames, 0);
	EXPECT_EQ(area_stock_nr(), 0);
	hush();
}

KTEST(trace, an_area_is_told_from_its_beginning_to_its_end)
{
	char *p;

	vmalloc_drain();
	listen(ALL);
	p = vmalloc(3 * PAGE_SIZE);
	vfree(p);
	vmalloc_drain();
	hush();
	REQUIRE(p);
	EXPECT_EQ(count(TRACE_AREA_TAKE), 1);
	EXPECT_EQ(count(TRACE_AREA_FREE), 1);
	EXPECT_EQ(pages(TRACE_MAP), 3);
	EXPECT_EQ(pages(TRACE_UNMAP), 3);
	EXPECT_EQ(told[first(TRACE_MAP)].what, (unsigned long)p);
	EXPECT(count(TRACE_FLUSH) > 0);
	EXPECT(first(TRACE_AREA_TAKE) < first(TRACE_MAP));
	EXPECT(first(TRACE_MAP) < first(TRACE_UNMAP));
	EXPECT(first(TRACE_UNMAP) < first(TRACE_FLUSH));
	EXPECT(first(TRACE_FLUSH) < first(TRACE_AREA_FREE));
}

/* Each way to map has its hook. */
KTEST(trace, vmap_and_vm_map_ram_and_ioremap_are_told)
{
	struct page *page = alloc_page(GFP_KERNEL);
	void __iomem *device;
	void *p;

	REQUIRE(page);
	vmalloc_drain();
	listen(TRACE_BIT(TRACE_MAP) | TRACE_BIT(TRACE_UNMAP));
	p = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	vunmap(p);
	EXPECT_EQ(pages(TRACE_MAP), 1);
	p = vm_map_ram(&page, 1, 0);
	vm_unmap_ram(p, 1);
	EXPECT_EQ(pages(TRACE_MAP), 2);
	device = ioremap(phys_make(0xFEE00000U), 2 * PAGE_SIZE);
	EXPECT_EQ(pages(TRACE_MAP), 4);
	iounmap(device);
	vmalloc_drain();
	hush();
	EXPECT_EQ(pages(TRACE_UNMAP), 4);
	EXPECT_EQ(count(TRACE_TAKE), 0);	/* not asked for */
	__free_page(page);
}

/* Two page tables' worth of the window's end that never had any; 0: none left. */
static unsigned long without_tables(void)
{
	unsigned long addr = ALIGN_DOWN(VMALLOC_END, LARGE_SIZE);

	while ((addr -= LARGE_SIZE) > VMALLOC_START)
		if (!kernel_pte(addr) && !kernel_pte(addr - LARGE_SIZE))
			return addr - LARGE_SIZE;
	return 0;
}

/* What ioremap does, half-way. */
KTEST(trace, what_is_mapped_in_vain_is_told_before_it_is_unmapped)
{
	unsigned long addr = without_tables();
	int err;

	if (!addr)
		ktest_skip("the window has all its page tables already");
	listen(TRACE_BIT(TRACE_MAP) | TRACE_BIT(TRACE_UNMAP));
	failnth_arm(1U << FAIL_TABLE, 2);
	err = map_phys(addr, phys_make(0xFE000000U), 600 * PAGE_SIZE,
		       PAGE_KERNEL_NOCACHE);
	failnth_disarm();
	hush();
	EXPECT_EQ(err, -ENOMEM);
	EXPECT_EQ(pages(TRACE_MAP), PTRS_PER_TABLE);
	EXPECT_EQ(pages(TRACE_UNMAP), PTRS_PER_TABLE);
	EXPECT(first(TRACE_MAP) < first(TRACE_UNMAP));
}

/* In pages of 2 MiB or of 4 KiB, as there are frames: the sum is the same. The
 * array of its frames is an area of one page itself, under KASAN. */
KTEST(trace, a_large_area_is_told_whole)
{
	void *p;

	vmalloc_drain();
	listen(TRACE_BIT(TRACE_MAP) | TRACE_BIT(TRACE_UNMAP));
	p = vmalloc_huge(LARGE_SIZE, GFP_KERNEL | __GFP_NOWARN);
	vfree(p);
	vmalloc_drain();
	hush();
	if (!p)
		ktest_skip("no 2 MiB");
	EXPECT(pages(TRACE_MAP) - LARGE_SIZE / PAGE_SIZE <= KASAN_ON);
	EXPECT_EQ(pages(TRACE_UNMAP), pages(TRACE_MAP));
}

KTEST(trace, slabs_are_told_when_they_come_and_go)
{
	struct kmem_cache *cache = kmem_cache_create("traced", 64, 0, 0, NULL);
	void *object;

	REQUIRE(cache);
	listen(TRACE_BIT(TRACE_SLAB_GROW) | TRACE_BIT(TRACE_SLAB_SHRINK));
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(count(TRACE_SLAB_GROW), 1);
	EXPECT_STR((const char *)told[0].what, "traced");
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
	hush();
	EXPECT_EQ(told[first(TRACE_SLAB_SHRINK)].n, told[0].n);
	EXPECT(count(TRACE_SLAB_SHRINK) > 0);
}

KTEST(trace, a_slot_of_kmap_is_told_when_it_is_taken_and_cleared)
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	unsigned long addr;

	REQUIRE(page);
	if (!page_is_highmem(page)) {
		__free_page(page);
		ktest_skip("no HIGHMEM");
	}
	kmap_drain();
	listen(TRACE_BIT(TRACE_KMAP) | TRACE_BIT(TRACE_KUNMAP));
	addr = (unsigned long)kmap(page);
	kunmap(page);
	EXPECT_EQ((unsigned long)kmap(page), addr);	/* still there */
	kunmap(page);
	kmap_drain();
	hush();
	EXPECT_EQ(nr_told, 2);
	EXPECT_EQ(told[0].event, TRACE_KMAP);
	EXPECT_EQ(told[0].what, addr);
	EXPECT_EQ(told[0].n, page_to_pfn(page));
	EXPECT_EQ(told[1].event, TRACE_KUNMAP);
	EXPECT_EQ(told[1].what, addr);
	__free_page(page);
}

KTEST(trace, a_size_that_changes_in_place_is_told)
{
	needs_page_starts();
	char *p = vmalloc(100);

	REQUIRE(p);
	listen(TRACE_BIT(TRACE_AREA_ASKED));
	EXPECT(vrealloc(p, 200, GFP_KERNEL) == p);
	hush();
	EXPECT_EQ(nr_told, 1);
	vfree(p);
}

KTEST(trace, off_it_tells_nothing_and_the_short_ways_are_open)
{
	needs_kept_areas();
	listen(0);
	__free_page(alloc_page(GFP_KERNEL));
	vfree(vmalloc(PAGE_SIZE));
	EXPECT_EQ(nr_told, 0);
	EXPECT_EQ(short_ways.frames, PCP_CAPACITY);
	EXPECT_EQ(short_ways.areas, AREA_STOCK_CAPACITY);
	hush();
}
