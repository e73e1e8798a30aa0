/* SPDX-License-Identifier: MIT */
/* test_explain.c - what lies at an address, in words */
#include <kernel/explain.h>

#include <lib/string.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/vm_map_ram.h>
#include <mm/vmalloc.h>
#include <mm/vmap.h>
#include <tests/aids.h>
#include <tests/capture.h>
#include <tests/ktest.h>
#include <tests/poke.h>
#include <tests/sealed.h>

static const char *details(unsigned long addr)
{
	capture_begin();
	explain_details(addr, NULL, capture);
	return captured;
}

static const char *place(unsigned long addr)
{
	static char buf[80];

	explain_place(addr, buf, sizeof(buf));
	return buf;
}

#define EXPECT_SAYS(addr, words)					\
	do {								\
		if (!strstr(details(addr), words))			\
			ktest_fail(__FILE__, __LINE__,			\
				   "explain %08lx does not say \"%s\":\n%s", \
				   (unsigned long)(addr), words,	\
				   captured);				\
	} while (0)

/* Two areas with a gap of at least two pages between the first one's guard and
 * the second: the middle one of three is given back. */
struct gap { char *below, *above; };

static struct gap make_gap(void)
{
	struct gap g = { .below = vmalloc(10000) };
	char *middle = vmalloc(2 * PAGE_SIZE);

	g.above = vmalloc(PAGE_SIZE);
	vfree(middle);
	vmap_purge();
	return g;
}

static void free_gap(struct gap *g)
{
	vfree(g->below);
	vfree(g->above);
}

KTEST(explain, each_region_has_its_own_words)
{
	static const char constant[] = "constant";
	static int variable;

	EXPECT_STR(place(0), "in page 0: a NULL pointer");
	EXPECT_STR(place(PAGE_SIZE - 1), "in page 0: a NULL pointer");
	EXPECT_STR(place(PAGE_SIZE), "in user space, which is empty");
	EXPECT_STR(place((unsigned long)place),
		   "in the kernel's text (read, execute)");
	EXPECT_STR(place((unsigned long)constant),
		   "in the kernel's constants (read only)");
	EXPECT_STR(place((unsigned long)&variable),
		   "in the kernel's data (read, write)");
	EXPECT_STR(place(PAGE_OFFSET), "in the direct map (read, write)");
	EXPECT_STR(place(PKMAP_BASE), "in the kmap slots");
	EXPECT_STR(place(FIXADDR_START), "in the fixed slots");
	EXPECT_STR(place(0xFFFFFFFF), "in a hole of the address map");
}

KTEST(explain, stack_guards_are_called_by_name)
{
	EXPECT_STR(place((unsigned long)boot_stack.guard),
		   "the guard below the boot stack");
	EXPECT_STR(
		place((unsigned long)double_fault_stack.guard + PAGE_SIZE - 1),
		"the guard below the double-fault stack");
}

KTEST(explain, inside_an_area_names_the_byte)
{
	needs_page_starts();
	char *p = vmalloc(10000);
	char want[80];

	REQUIRE(p);
	snprintf(want, sizeof(want), "inside vmalloc area %08lx",
		 (unsigned long)p);
	EXPECT_STR(place((unsigned long)p), want);
	EXPECT_STR(place((unsigned long)p + 12287), want);
	EXPECT_SAYS((unsigned long)p + 10001, "byte 10001 of it");
	vfree(p);
}

KTEST(explain, both_ends_are_counted_from_one)			/* C1 */
{
	needs_page_starts();
	char *p = vmalloc(10000);

	REQUIRE(p);
	EXPECT_SAYS((unsigned long)p + 12288,
		    "2289 bytes past the end as asked for (10000)");
	EXPECT_SAYS((unsigned long)p + 12288,
		    "1 past the end as mapped (12288): this is the guard page");
	EXPECT_SAYS((unsigned long)p + 12288 + 4095, "4096 past the end");
	vfree(p);
}

KTEST(explain, gap_between_two_areas_gives_both_distances)	/* C14 */
{
	needs_page_starts();
	needs_gaps();
	struct gap g = make_gap();
	unsigned long addr = (unsigned long)g.above - 1;
	char want[80];

	REQUIRE(g.below && g.above);
	EXPECT_SAYS(addr, "1 byte before the start of area");
	snprintf(want, sizeof(want), "%lu past the end as mapped",
		 addr - (unsigned long)g.below - 12288 + 1);
	EXPECT_SAYS(addr, want);
	EXPECT(strstr(place(addr), "between vmalloc areas"));
	free_gap(&g);
}

KTEST(explain, before_the_first_area_counts_to_its_start)	/* C14 */
{
	struct vm_struct *low = get_vm_area(PAGE_SIZE, 0);
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(low && p);
	free_vm_struct(remove_vm_area(low->addr));
	EXPECT_SAYS((unsigned long)p - 2, "2 bytes before the start of area");
	EXPECT_SAYS(VMALLOC_START - 1, "before the start of area");
	vfree(p);
}

KTEST(explain, hole_behind_the_direct_map_counts_from_its_end)
{
	EXPECT_STR(place(layout.high_memory),
		   "in the hole behind the direct map, 1 past its end");
	EXPECT(strstr(place(VMALLOC_START - 1), "behind the direct map"));
}

KTEST(explain, underrun_into_a_neighbours_guard_is_called_one)	/* C14 */
{
	needs_one_guard();
	char *p = vmalloc(PAGE_SIZE);
	char *q = vmalloc(PAGE_SIZE);
	char want[80];

	REQUIRE(p && q == p + 2 * PAGE_SIZE);
	snprintf(want, sizeof(want), "before the start of vmalloc area %08lx",
		 (unsigned long)q);
	EXPECT_STR(place((unsigned long)q - 1), want);
	EXPECT_SAYS((unsigned long)q - 1, "1 byte before the start of area");
	EXPECT_SAYS((unsigned long)q - 1, "4096 past the end as mapped");
	vfree(p);
	vfree(q);
}

KTEST(explain, guard_hit_names_the_neighbour_that_was_saved)	/* C2 */
{
	char *p = vmalloc(PAGE_SIZE);
	char *q = vmalloc(PAGE_SIZE);
	char want[80];

	REQUIRE(p && q);
	snprintf(want, sizeof(want), "saved   %08lx", (unsigned long)q);
	EXPECT_SAYS((unsigned long)p + PAGE_SIZE, want);
	EXPECT_SAYS((unsigned long)q + PAGE_SIZE, "nothing lies behind it");
	vfree(p);
	vfree(q);
}

KTEST(explain, owner_is_the_function_that_allocated)
{
	char *p = vmalloc(3 * PAGE_SIZE);

	REQUIRE(p);
	EXPECT_SAYS((unsigned long)p + 3 * PAGE_SIZE,
		    "ktest_explain_owner_is_the_function_that_allocated");
	EXPECT_SAYS((unsigned long)p + 3 * PAGE_SIZE,
		    "asked for 12288 bytes; 3 frames");
	vfree(p);
}

KTEST(explain, tables_are_followed_to_the_level_that_ends_them)
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	EXPECT_SAYS(0x10, "PDPT 0 = 0: not present");
	EXPECT_SAYS((unsigned long)p, ": read, write");
	EXPECT_SAYS((unsigned long)p + PAGE_SIZE, "= 0: not present");
	vfree(p);
}

KTEST(explain, picture_marks_the_hit_under_its_page)
{
	needs_page_starts();
	char *p = vmalloc(10000);
	const char *mark, *line;

	REQUIRE(p);
	EXPECT_SAYS((unsigned long)p + 12288, "| page 2 ,,,");
	EXPECT_SAYS((unsigned long)p + 12288, "| GUARD");
	mark = strstr(captured, "X here");
	REQUIRE(mark);
	for (line = mark; line[-1] != '\n'; line--)
		;
	EXPECT_EQ(mark - line, 3 + 3 * 14);	/* the fourth cell's first column */
	vfree(p);
}

KTEST(explain, picture_does_not_wrap_at_either_end_of_memory)
{
	EXPECT_SAYS(0, "   00000000 ");
	EXPECT_SAYS(0xFFFFFFFF, "fffff000\n");
	EXPECT(!strstr(details(0xFFFFFFFF), "00000000"));
}

KTEST(explain, any_address_can_be_explained)
{
	char *p = vmalloc(5 * PAGE_SIZE + 1);
	unsigned int i;

	REQUIRE(p);
	for (i = 0; i < 200; i++) {
		details(random_next(ktest_random()));
		EXPECT(captured_length > 0);
		EXPECT(captured_length < sizeof(captured) - 1);
		details(VMALLOC_START + random_below(ktest_random(),
						     10 * PAGE_SIZE));
		EXPECT(captured_length > 0);
		EXPECT(captured_length < sizeof(captured) - 1);
	}
	vfree(p);
}

/* --- what is freed, what is busy ------------------------------------------- */

KTEST(explain, a_freed_area_is_told_with_who_had_it)
{
	char *p = vmalloc(5000), want[80];

	REQUIRE(p);
	vfree(p);
	if (!area_stock_nr())
		ktest_skip("this index keeps no area");
	snprintf(want, sizeof(want), "in the freed vmalloc area %08lx",
		 (unsigned long)p);
	EXPECT_STR(place((unsigned long)p + 4), want);
	EXPECT_SAYS((unsigned long)p + 4, "byte 4 of it: it had 5000");
	EXPECT_SAYS((unsigned long)p + 4, "ktest_explain_a_freed_area_is_told");
	EXPECT_SAYS((unsigned long)p + 4, "| freed");
}

KTEST(explain, a_use_after_vfree_is_reported_as_one)		/* C1 */
{
	volatile char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	vfree((char *)p);
	if (!area_stock_nr())
		ktest_skip("this index keeps no area");
	EXPECT_BAD_ACCESS("in the freed vmalloc area", poke(p, 1));
	EXPECT(ktest_report_contains("had asked for it"));
}

KTEST(explain, an_area_that_is_being_made_is_busy)
{
	char *p = vmalloc(PAGE_SIZE);
	struct vmap_area *area;

	REQUIRE(p);
	area = vmap_claim((unsigned long)p, 0);
	EXPECT(strstr(place((unsigned long)p), ", which is busy"));
	EXPECT_SAYS((unsigned long)p, "it is being made or removed");
	vmap_publish(area);
	EXPECT(!strstr(place((unsigned long)p), "busy"));
	vfree(p);
}

static __noinline void free_it(char *p)
{
	vfree(p);
}

/* The same record twice: freed by somebody, and made again out of the stock. */
KTEST(explain, what_waits_for_a_flush_is_freed_and_not_being_made)
{
	needs_gaps();
	bool at_boot = vmap_lazy;
	struct vmap_area *area;
	char *p, *q;

	vmalloc_drain();
	p = vmalloc(10000);
	q = vmalloc(PAGE_SIZE);
	REQUIRE(p && q);
	UNSEALED(vmap_lazy_choose("lazy"));
	vfree(q);
	free_it(p);
	EXPECT(strstr(place((unsigned long)p + 5), "in the freed vmalloc"));
	EXPECT_SAYS((unsigned long)p + 5, "byte 5 of it: it had 10000");
	EXPECT_SAYS((unsigned long)p + 5, "freed   by free_it+");
	EXPECT_SAYS((unsigned long)p + 5, "| freed");
	EXPECT(!strstr(captured, "past the end"));
	vmap_purge();
	p = vmalloc(10000);
	REQUIRE(p);
	area = vmap_claim((unsigned long)p, 0);
	REQUIRE(area);
	EXPECT(strstr(place((unsigned long)p), ", which is busy"));
	EXPECT(!strstr(details((unsigned long)p), "  freed "));
	vmap_publish(area);
	vfree(p);
	UNSEALED(vmap_lazy = at_boot);
	vmalloc_drain();
}

KTEST(explain, a_block_of_vm_map_ram_is_not_busy)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p;

	REQUIRE(page);
	p = vm_map_ram(&page, 1, 0);
	REQUIRE(p);
	EXPECT(strstr(place((unsigned long)p), "inside vmalloc area"));
	EXPECT(!strstr(place((unsigned long)p), "busy"));
	vm_unmap_ram(p, 1);
	__free_page(page);
}
