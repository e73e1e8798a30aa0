/* SPDX-License-Identifier: MIT */
/*
 * test_page_alloc_free.c - frames given back, rightly and wrongly
 *
 * A wrong free must be reported with its caller and leave every counter, list
 * and struct page as it was (A2).
 */
#include <mm/page_alloc.h>

#include <lib/string.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>
#include <tests/ktest.h>

KTEST(page_alloc, null_and_address_0_are_nothing_to_free)
{
	unsigned long before = nr_free_pages();

	__free_page(NULL);
	__free_pages(NULL, 7);
	__free_pages(NULL, 99);
	free_pages(0, 3);
	EXPECT_EQ(nr_free_pages(), before);
}

KTEST(page_alloc, second_reference_keeps_the_block)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);
	unsigned long before = nr_free_pages();

	REQUIRE(page);
	get_page(page);
	get_page(page);
	EXPECT_EQ(page->count, 3);
	__free_pages(page, 2);
	__free_pages(page, 2);
	EXPECT_EQ(page->state, PAGE_USED);
	EXPECT_EQ(page->count, 1);
	EXPECT_EQ(nr_free_pages(), before);
	__free_pages(page, 2);
	EXPECT(page->state != PAGE_USED);
	EXPECT_EQ(nr_free_pages(), before + 4);
}

/* --- wrong frees ---------------------------------------------------------- */

/* All counters of all zones in one number; each changes it. */
static uint32_t books_digest(void)
{
	uint32_t digest = 0;
	unsigned int id, order;

	for (id = 0; id < NR_ZONES; id++) {
		const struct zone *zone = &zones[id];

		digest = digest * 31 + zone->nr_managed;
		digest = digest * 31 + zone->buddy.nr_free;
		digest = digest * 31 + zone->buddy.nonempty;
		for (order = 0; order < NR_ORDERS; order++)
			digest = digest * 31 + zone->buddy.nr_blocks[order];
	}
	return digest;
}

static __noinline void free_wrongly(struct page *page, unsigned int order)
{
	__free_pages(page, order);
	barrier();				/* the call is not the last */
}

static void expect_refused(struct page *page, unsigned int order,
			   const char *words)
{
	bool valid = page_pointer_valid(page);
	struct page before = valid ? *page : (struct page){ 0 };
	uint32_t digest = books_digest();

	EXPECT_REPORT(words, free_wrongly(page, order));
	EXPECT(ktest_report_contains("by free_wrongly+"));
	EXPECT_EQ(books_digest(), digest);
	EXPECT(!valid || memcmp(page, &before, sizeof(before)) == 0);
	EXPECT_EQ(zone_check(), 0);
}

KTEST(page_alloc, freeing_twice_is_refused)		/* attacks A2 */
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);
	struct page *other = alloc_pages(GFP_KERNEL, 3);

	REQUIRE(page && other);
	__free_pages(page, 3);
	expect_refused(page, 3, "it is free already");
	__free_pages(other, 3);
	expect_refused(page, 3, "it is free already");
	expect_refused(other, 3, "it is free already");
}

/* The upper half is no head any more once it has merged with the lower. */
KTEST(page_alloc, freeing_twice_after_a_merge_is_refused) /* attacks A2 */
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);
	unsigned int i;

	REQUIRE(page);
	for (i = 1; i < 8; i++) {		/* eight blocks of one frame */
		page[i].state = PAGE_USED;
		page[i].order = 0;
		page[i].count = 1;
	}
	page->order = 0;
	for (i = 0; i < 8; i++)
		__free_page(page + i);
	for (i = 0; i < 8 && PCP_CAPACITY > 0; i++)	/* not merged yet */
		expect_refused(page + i, 0, "it is free already");
	pcp_drain();
	EXPECT_EQ(page[5].state, PAGE_TAIL);
	for (i = 1; i < 8; i++)
		expect_refused(page + i, 0, "it is free already");
}

KTEST(page_alloc, freeing_with_another_order_is_refused)	/* attacks A2 */
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);
	static const unsigned int wrong[] = { 0, 1, 2, 4, 10, 11, 31, 32, 256 };
	unsigned int i;

	REQUIRE(page);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_refused(page, wrong[i],
			       "it was allocated with another order");
	EXPECT(ktest_report_contains("freed with order 256"));
	__free_pages(page, 3);
}

KTEST(page_alloc, freeing_a_tail_is_refused)		/* attacks A2 */
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);
	unsigned int i;

	REQUIRE(page);
	for (i = 1; i < 8; i++) {
		expect_refused(page + i, 0, "it is inside a larger block");
		expect_refused(page + i, 3, "it is inside a larger block");
	}
	__free_pages(page, 3);
}

KTEST(page_alloc, freeing_what_boot_reserved_is_refused)	/* attacks A2 */
{
	expect_refused(pfn_to_page(0), 0, "it was never allocated");
	expect_refused(virt_to_page(text_start), 0, "it was never allocated");
	expect_refused(virt_to_page(zones), 0, "it was never allocated");
	expect_refused(virt_to_page(mem_map), 0, "it was never allocated");
}

KTEST(page_alloc, freeing_where_there_is_no_ram_is_refused) /* attacks A2 */
{
	struct page *video = pfn_to_page(0xB8);

	REQUIRE(video->state == PAGE_ABSENT);
	expect_refused(video, 0,
		       "frame 000b8 not freed: it was never allocated");
	expect_refused(video, 3, "it was never allocated");
}

KTEST(page_alloc, freeing_a_slab_is_refused)		/* attacks A2 */
{
	char *object = kmalloc(64, GFP_KERNEL);
	struct page *page;

	REQUIRE(object);
	page = virt_to_page(object);
	expect_refused(page, 0, "it belongs to an object cache");
	expect_refused(page, 1, "it belongs to an object cache");
	EXPECT_EQ(slab_check(), 0);
	kfree(object);
}

KTEST(page_alloc, freeing_what_is_no_struct_page_is_refused) /* attacks A2 */
{
	struct page *page = alloc_page(GFP_KERNEL), local = { 0 };
	unsigned int i;

	REQUIRE(page);
	for (i = 1; i < sizeof(*page); i++)
		expect_refused((void *)((char *)page + i), 0,
			       "is no struct page");
	expect_refused(mem_map - 1, 0, "is no struct page");
	expect_refused(mem_map + mem_map_end, 0, "is no struct page");
	expect_refused((struct page *)16, 0, "is no struct page");
	expect_refused((struct page *)~15UL, 0, "is no struct page");
	local = *page;
	expect_refused(&local, 0, "is no struct page");
	__free_page(page);
}

/* --- wrong addresses ------------------------------------------------------ */

static __noinline void free_address_wrongly(unsigned long addr)
{
	free_pages(addr, 0);
	barrier();
}

static void expect_address_refused(unsigned long addr, const char *words)
{
	uint32_t digest = books_digest();

	EXPECT_REPORT(words, free_address_wrongly(addr));
	EXPECT(ktest_report_contains("by free_address_wrongly+"));
	EXPECT_EQ(books_digest(), digest);
}

KTEST(page_alloc, freeing_a_wrong_address_is_refused)	/* attacks A2 */
{
	static const char words[] = "is no address of a page";
	unsigned long addr = __get_free_pages(GFP_KERNEL, 0);
	void *area = vmalloc(PAGE_SIZE);

	REQUIRE(addr && area);
	expect_address_refused(addr + 1, words);
	expect_address_refused(addr + PAGE_SIZE - 1, words);
	expect_address_refused(PAGE_SIZE, words);
	expect_address_refused(PAGE_OFFSET - PAGE_SIZE, words);
	expect_address_refused(layout.high_memory, words);
	expect_address_refused((unsigned long)area, words);
	expect_address_refused(FIXADDR_START, words);
	expect_address_refused(PAGE_OFFSET, "it was never allocated");
	vfree(area);
	free_pages(addr, 0);
	expect_address_refused(addr, "it is free already");
}

/* --- frames that boot kept back ------------------------------------------- */

/* An allocated block becomes eight frames: 'R' reserved, others used. */
static void make_frames(struct page *page, const char *kinds)
{
	unsigned int i;

	for (i = 0; i < 8; i++) {
		bool reserved = kinds[i] == 'R';

		page[i].state = reserved ? PAGE_RESERVED : PAGE_USED;
		page[i].order = 0;
		page[i].count = 1;
		page_zone(page)->nr_managed -= reserved;
	}
}

static void expect_frames(struct page *page, const char *kinds)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		if (kinds[i] == 'R')
			EXPECT_EQ(page[i].state, PAGE_RESERVED);
		else if (kinds[i] == 'U')
			EXPECT_EQ(page[i].state, PAGE_USED);
		else
			EXPECT(page[i].state == PAGE_FREE ||
			       page[i].state == PAGE_TAIL);
}

KTEST(page_alloc, release_frees_reserved_frames_and_no_others)
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);
	unsigned long before, managed;
	uint64_t start;
	unsigned int i;

	REQUIRE(page);
	start = phys_raw(page_to_phys(page));
	managed = page_zone(page)->nr_managed;
	make_frames(page, "UURRURRU");
	before = nr_free_pages();
	EXPECT_EQ(free_reserved_range(start, start + 8 * PAGE_SIZE), 4);
	EXPECT_EQ(nr_free_pages(), before + 4);
	EXPECT_EQ(page_zone(page)->nr_managed, managed);
	EXPECT_EQ(free_reserved_range(start, start + 8 * PAGE_SIZE), 0);
	expect_frames(page, "UUffUffU");
	EXPECT_EQ(zone_check(), 0);
	for (i = 0; i < 8; i++)
		if (page[i].state == PAGE_USED)
			__free_page(page + i);
}

KTEST(page_alloc, release_takes_whole_frames_inside_the_range)
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);
	uint64_t start;

	REQUIRE(page);
	start = phys_raw(page_to_phys(page));
	make_frames(page, "RRRRRRRR");
	EXPECT_EQ(free_reserved_range(start + 1, start + 2 * PAGE_SIZE), 1);
	expect_frames(page, "RfRRRRRR");
	EXPECT_EQ(free_reserved_range(start + 3 * PAGE_SIZE,
				      start + 5 * PAGE_SIZE - 1), 1);
	expect_frames(page, "RfRfRRRR");
	EXPECT_EQ(free_reserved_range(start + 5 * PAGE_SIZE,
				      start + 5 * PAGE_SIZE), 0);
	EXPECT_EQ(free_reserved_range(phys_raw(pfn_to_phys(mem_map_end)),
				      UINT64_MAX), 0);
	expect_frames(page, "RfRfRRRR");
	EXPECT_EQ(free_reserved_range(start, start + 8 * PAGE_SIZE), 6);
	EXPECT_EQ(zone_check(), 0);
}
