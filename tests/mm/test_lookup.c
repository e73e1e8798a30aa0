/* SPDX-License-Identifier: MIT */
/* test_lookup.c - what may be read, and areas around an address, damaged or not */
#include <mm/lookup.h>

#include <lib/string.h>
#include <mm/fixmap.h>
#include <mm/ioremap.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <tests/sealed.h>
#include <tests/user_page.h>

static struct vmap_area *record_of(const void *addr)
{
	return vmap_find((unsigned long)addr);
}

/* --- may it be read? ------------------------------------------------------- */

KTEST(lookup, ram_is_readable_where_the_kernel_has_it)		/* LU1 */
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	EXPECT(lookup_readable(kernel_start, 1));
	EXPECT(lookup_readable(&layout, sizeof(layout)));
	EXPECT(lookup_readable(p, PAGE_SIZE));
	EXPECT(lookup_readable(p + PAGE_SIZE - 1, 1));
	vfree(p);
}

KTEST(lookup, the_last_byte_counts_too)			/* LU1 */
{
	char *p = vmalloc(2 * PAGE_SIZE);

	REQUIRE(p);
	EXPECT(!lookup_readable(p, 2 * PAGE_SIZE + 1));
	EXPECT(!lookup_readable(p + 2 * PAGE_SIZE - 3, 4));
	EXPECT(lookup_readable(p + PAGE_SIZE - 2, 4));
	EXPECT(lookup_readable(p + 1, 2 * PAGE_SIZE - 1));
	EXPECT(!lookup_readable(p - 1, 2));
	vfree(p);
}

KTEST(lookup, what_is_not_mapped_is_not_readable)		/* LU1 */
{
	EXPECT(!lookup_readable(NULL, 1));
	EXPECT(!lookup_readable((void *)(PAGE_OFFSET - 4), 8));
	EXPECT(!lookup_readable(boot_stack.guard, 1));
	EXPECT(!lookup_readable((char *)&boot_stack + PAGE_SIZE - 1, 2));
	EXPECT(!lookup_readable((void *)layout.high_memory, 4));
	EXPECT(!lookup_readable((void *)0xFFFFFFFC, 8));
	EXPECT(!lookup_readable((void *)kernel_start, 0xFFFFFFFF));
}

/* To read a register may make its device act. */
KTEST(lookup, a_devices_registers_are_left_alone)		/* LU1 */
{
	volatile void __iomem *p = ioremap(phys_make(0xFEE00000), PAGE_SIZE);

	REQUIRE(p);
	EXPECT(!lookup_readable((const void __force *)p, 4));
	iounmap(p);
}

static bool readable_as(pte_t entry)
{
	unsigned long addr = fixmap_address(FIX_TEST);
	bool readable;

	pte_set(fixmap_entry(FIX_TEST), entry);
	readable = lookup_readable((void *)addr, 4);
	pte_clear(fixmap_entry(FIX_TEST));
	tlb_flush_local_page(addr);
	return readable;
}

/* The CPU would fault on each of them. */
KTEST(lookup, an_entry_that_leads_nowhere_is_seen)		/* LU1 */
{
	pte_t good = pte_make(virt_to_phys(kernel_start), PAGE_KERNEL);
	pte_t bad = good;

	EXPECT(readable_as(good));
	bad.raw |= 1ULL << 51;			/* reserved, and no RAM   */
	EXPECT(!readable_as(bad));
	bad.raw = good.raw | 1ULL << 44;	/* cut to 32 bits: a frame */
	EXPECT(!readable_as(bad));
	bad.raw = good.raw & ~PTE_PRESENT;
	EXPECT(!readable_as(bad));
}

KTEST(lookup, a_reserved_bit_is_seen)				/* LU1 */
{
	pte_t good = pte_make(virt_to_phys(kernel_start), PAGE_KERNEL);
	unsigned int bit;

	for (bit = 52; bit < 63; bit++)
		EXPECT(!readable_as((pte_t){ good.raw | 1ULL << bit }));
	EXPECT_EQ(readable_as((pte_t){ good.raw | PTE_NX }), cpu_features.nx);
	for (bit = 9; bit < 12; bit++)		/* nobody's, and no harm */
		EXPECT(readable_as((pte_t){ good.raw | 1ULL << bit }));
}

KTEST(lookup, user_codes_pages_are_left_alone)		/* LU1: SMAP faults */
{
	static const char constant[8] = "user";

	EXPECT(!lookup_readable(user_page(constant), 1));
	user_page_end();
}

/* --- tables that lead nowhere ---------------------------------------------- */

static bool readable;			/* what walk_with found */

/* The walk of an address whose PMD entry is damaged: nobody uses its 2 MiB. */
static struct pgtable_walk walk_with(unsigned long addr, uint64_t raw)
{
	pte_t *pmd = &kernel_pmd[(addr >> LARGE_SHIFT) % PTRS_PER_TABLE];
	struct pgtable_walk walk;
	uint64_t before = pmd->raw;

	REQUIRE(!(before & PTE_PRESENT));
	pte_set(pmd, (pte_t){ raw });
	pgtable_lookup(addr, &walk);
	readable = lookup_readable((void *)addr, 4);
	pte_clear(pmd);
	tlb_flush_all();
	return walk;
}

/* Between PKMAP and the fixmap. */
#define NOWHERE		(PKMAP_END + 0x1234)

KTEST(lookup, a_table_outside_of_memory_is_not_followed)	/* LU1 */
{
	uint64_t raw = PTE_PRESENT | PTE_WRITE;

	EXPECT_EQ(walk_with(NOWHERE, raw | layout.lowmem_end).pte.raw, 0);
	EXPECT_EQ(walk_with(NOWHERE, raw | 0xFFFFF000).pte.raw, 0);
	EXPECT_EQ(walk_with(NOWHERE, raw | PTE_PHYS_MASK).pte.raw, 0);
	EXPECT_EQ(walk_with(NOWHERE, raw | GIB(4)).pte.raw, 0);
	EXPECT_EQ(walk_with(NOWHERE, raw | phys_raw(virt_to_phys(
			    boot_stack.guard))).pte.raw, 0);
}

static void expect_not_followed(uint64_t pmd)
{
	EXPECT_EQ(walk_with(NOWHERE, pmd).levels, 2);
	EXPECT(!readable);
}

/* To read video memory may disturb its device. */
KTEST(lookup, a_table_is_in_ram_and_its_entry_has_no_reserved_bit) /* LU1 */
{
	pte_t *table = (pte_t *)get_zeroed_page(GFP_KERNEL);
	unsigned int bit;
	uint64_t raw;

	REQUIRE(table);
	raw = phys_raw(virt_to_phys(table)) | PTE_PRESENT | PTE_WRITE;
	table[NOWHERE / PAGE_SIZE % PTRS_PER_TABLE] =
		pte_make(virt_to_phys(table), PAGE_KERNEL);
	EXPECT_EQ(walk_with(NOWHERE, raw).levels, 3);
	EXPECT(readable);
	for (bit = 52; bit < 63; bit++)
		expect_not_followed(raw | 1ULL << bit);
	if (!cpu_features.nx)
		expect_not_followed(raw | PTE_NX);
	if (pfn_to_page(0xA0)->state == PAGE_ABSENT)
		expect_not_followed(0xA0000 | PTE_PRESENT | PTE_WRITE);
	free_pages((unsigned long)table, 0);
}

KTEST(lookup, a_large_page_has_no_reserved_bit)			/* LU1 */
{
	uint64_t raw = PTE_PRESENT | PTE_LARGE | LARGE_SIZE;
	unsigned int bit;

	EXPECT(walk_with(NOWHERE, raw).large && readable);
	for (bit = 13; bit <= 20; bit++) {
		EXPECT(walk_with(NOWHERE, raw | 1ULL << bit).large);
		EXPECT(!readable);
	}
	EXPECT(walk_with(NOWHERE, raw | 1ULL << 62).large && !readable);
}

/* Of a quarter that nobody uses; a CPU that keeps its four entries for itself does
 * not see it. */
static unsigned int levels_with(uint64_t pdpt)
{
	struct pgtable_walk walk;

	UNSEALED(kernel_pdpt[1].raw = pdpt;
		 pgtable_lookup(GIB(1), &walk);
		 kernel_pdpt[1].raw = 0);
	tlb_flush_all();
	return walk.levels;
}

KTEST(lookup, an_entry_of_the_pdpt_has_no_reserved_bit)	/* LU1 */
{
	uint64_t raw = phys_raw(virt_to_phys(kernel_pmd)) | PTE_PRESENT;
	static const unsigned int reserved[] = { 1, 2, 6, 7, 8, 52, 62, 63 };
	unsigned int i;

	REQUIRE(kernel_pdpt[1].raw == 0);
	EXPECT(levels_with(raw) > 1);
	for (i = 0; i < ARRAY_SIZE(reserved); i++)
		EXPECT_EQ(levels_with(raw | 1ULL << reserved[i]), 1);
	EXPECT_EQ(levels_with(0xA0000 | PTE_PRESENT),
		  pfn_to_page(0xA0)->state == PAGE_ABSENT ? 1 : 2);
}

/* --- areas ----------------------------------------------------------------- */

KTEST(lookup, kept_areas_are_before_and_after_only)
{
	needs_one_guard();
	char *p = vmalloc(PAGE_SIZE), *kept = vmalloc(PAGE_SIZE);
	char *q = vmalloc(PAGE_SIZE);
	struct lookup_areas a;

	REQUIRE(p && kept == p + 2 * PAGE_SIZE && q == kept + 2 * PAGE_SIZE);
	vfree(kept);
	vmap_purge();
	if (!area_stock_nr())
		kept = p;		/* this index keeps none */
	lookup_areas((unsigned long)q - 1, &a);
	EXPECT(a.below == record_of(p) && a.above == record_of(q));
	EXPECT(a.after == a.above && a.live && !a.damaged);
	EXPECT_EQ(a.before->vm.addr == kept, true);
	vfree(p);
	vfree(q);
}

KTEST(lookup, nothing_is_found_beside_an_empty_window)
{
	struct lookup_areas a;

	vmalloc_drain();
	lookup_areas(VMALLOC_START + 5, &a);
	EXPECT(!a.below && !a.after && !a.live && !a.damaged);
	EXPECT_EQ(a.before->vm.size, 0);
}

KTEST(lookup, an_area_that_is_being_made_is_busy)
{
	char *p = vmalloc(PAGE_SIZE);
	struct vmap_area *area;
	struct lookup_areas a;

	REQUIRE(p);
	area = vmap_claim((unsigned long)p, 0);
	lookup_areas((unsigned long)p, &a);
	EXPECT(a.below == area && !a.live);
	vmap_publish(area);
	lookup_areas((unsigned long)p, &a);
	EXPECT(a.below == area && a.live);
	vfree(p);
}

/* What lookup_areas makes of a list whose link behind @p is @link. */
static void with_link(char *p, void *link, unsigned long addr,
		      struct lookup_areas *areas)
{
	struct vmap_area *area = record_of(p);
	struct vm_struct *next = area->vm.next;

	area->vm.next = link;
	lookup_areas(addr, areas);
	area->vm.next = next;
}

KTEST(lookup, a_damaged_link_leaves_what_the_table_knows)	/* LU1, LU2 */
{
	char *p = vmalloc(PAGE_SIZE), *q = vmalloc(PAGE_SIZE);
	char *r = vmalloc(PAGE_SIZE);
	void *const wild[] = {
		(void *)4, (void *)0xDEADBEEF, boot_stack.guard,
		(void *)layout.high_memory, (void *)0xFFFFFFF0,
		record_of(p), (char *)record_of(q) + 4,
		(char *)kernel_start, p + PAGE_SIZE,
	};
	struct lookup_areas a;
	unsigned int i;

	REQUIRE(p && q > p && r > q);
	for (i = 0; i < ARRAY_SIZE(wild); i++) {
		with_link(p, wild[i], (unsigned long)q + 5, &a);
		EXPECT(a.damaged == record_of(p) && a.live);
		EXPECT(a.below == record_of(q) && a.above == record_of(r));
		EXPECT(a.before == a.below && a.after == a.above);
	}
	with_link(p, NULL, (unsigned long)q + 5, &a);
	EXPECT(!a.damaged && a.below == record_of(p) && !a.above);
	vfree(p);
	vfree(q);
	vfree(r);
}

KTEST(lookup, damage_behind_what_is_asked_for_is_not_looked_for)
{
	char *p = vmalloc(PAGE_SIZE), *q = vmalloc(PAGE_SIZE);
	struct lookup_areas a;

	REQUIRE(p && q > p);
	with_link(q, (void *)4, (unsigned long)p + PAGE_SIZE, &a);
	EXPECT(!a.damaged && a.below == record_of(p));
	EXPECT(a.above == record_of(q));
	vfree(p);
	vfree(q);
}

/* Its size leads over the next two: they are found, by the table. */
KTEST(lookup, an_area_that_claims_its_neighbours_does_not_hide_them)	/* LU2 */
{
	needs_one_guard();
	char *p = vmalloc(PAGE_SIZE), *q = vmalloc(PAGE_SIZE);
	char *r = vmalloc(PAGE_SIZE);
	const struct vmap_area *at = NULL, *damaged = NULL;
	unsigned int n = 0;

	REQUIRE(p && q > p && r > q);
	record_of(p)->vm.size += 6 * PAGE_SIZE;
	while ((at = lookup_next(at, &damaged)))
		n += at == record_of(p) || at == record_of(q) ||
		     at == record_of(r);
	record_of(p)->vm.size -= 6 * PAGE_SIZE;
	EXPECT(damaged == record_of(p));
	EXPECT_EQ(n, 3);
	vfree(p);
	vfree(q);
	vfree(r);
}

KTEST(lookup, a_damaged_size_ends_the_list)			/* LU2 */
{
	needs_one_guard();
	static const unsigned long sizes[] = {
		0, PAGE_SIZE, 0xFFFFF000, 0x80000000, 5,
	};
	char *p = vmalloc(PAGE_SIZE);
	unsigned long size;
	struct lookup_areas a;
	unsigned int i;

	REQUIRE(p);
	size = record_of(p)->vm.size;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		record_of(p)->vm.size = sizes[i];
		lookup_areas((unsigned long)p, &a);
		EXPECT(a.damaged && !a.below && !a.live);
		record_of(p)->vm.size = size;
	}
	vfree(p);
}
