/* SPDX-License-Identifier: MIT */
/*
 * test_pgtable.c - frames appear where they are mapped, as they are allowed to
 *
 * Most cases work in a range of the window of their own, around the border of
 * two page tables. The invariants are those of mm/pgtable.c.
 */
#include <mm/pgtable.h>

#include <lib/errno.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/ktest.h>
#include <x86/cpu.h>

#include "scarce.h"
#include "touch.h"

#define NR_FRAMES	8U
#define ARENA_SIZE	(2 * LARGE_SIZE)

static struct vmap_area arena;		/* two page tables' worth of window  */
static unsigned long first, border;	/* its start, and the second table's */
static struct page *frames[NR_FRAMES];

static void take_arena(void)
{
	arena = (struct vmap_area){
		.vm.size = ARENA_SIZE + VM_GUARD_SIZE,
		.vm.flags = VM_MAP,
	};
	REQUIRE(vmap_insert(&arena, LARGE_SIZE, VMALLOC_START,
			    VMALLOC_END) == 0);
	first = (unsigned long)arena.vm.addr;
	border = first + LARGE_SIZE;
}

static void give_arena(void)
{
	unmap_range(first, first + ARENA_SIZE);
	vmap_remove(&arena);
}

static void take_frames(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		char *p;

		frames[i] = alloc_page(GFP_HIGHUSER);
		REQUIRE(frames[i]);
		p = kmap_local_page(frames[i]);
		pattern_fill(p, PAGE_SIZE, i);
		kunmap_local(p);
	}
}

static void give_frames(unsigned int nr)
{
	while (nr-- > 0)
		__free_page(frames[nr]);
}

static bool frame_holds(struct page *page, uint32_t key)
{
	char *p = kmap_local_page(page);
	bool good = pattern_holds(p, PAGE_SIZE, key);

	kunmap_local(p);
	return good;
}

/* --- entries --------------------------------------------------------------- */

KTEST(pgtable, entry_keeps_all_64_bits)
{
	pte_t pte = pte_make(phys_make(0x000A123456789000ULL), PAGE_KERNEL);

	EXPECT(pte_present(pte));
	EXPECT_EQ(pte_phys(pte), 0x000A123456789000ULL);
	EXPECT_EQ(pte.raw & ~PTE_PHYS_MASK, PAGE_KERNEL.raw);
}

KTEST(pgtable, entry_is_written_whole_and_cleared_whole)
{
	const pte_t a = { 0x8000000123456063ULL };
	const pte_t b = { 0x0000000F00FFF121ULL };
	pte_t entry = { 0 };

	pte_set(&entry, a);
	EXPECT_EQ(entry.raw, a.raw);
	pte_replace(&entry, b);
	EXPECT_EQ(entry.raw, b.raw);
	pte_clear(&entry);
	EXPECT_EQ(entry.raw, 0);
	EXPECT(!pte_present(entry));
}

KTEST(pgtable, permissions_are_what_their_names_say)
{
	EXPECT(PAGE_KERNEL.raw & PTE_WRITE);
	EXPECT(!(PAGE_KERNEL_RO.raw & PTE_WRITE));
	EXPECT(!(PAGE_KERNEL_EXEC.raw & (PTE_WRITE | PTE_NX)));
	EXPECT_EQ(PAGE_KERNEL_NOCACHE.raw, PAGE_KERNEL.raw | PTE_PCD | PTE_PWT);
	EXPECT_EQ(!(PAGE_KERNEL.raw & PTE_NX), !cpu_features.nx);
	EXPECT_EQ(!(PAGE_KERNEL_RO.raw & PTE_NX), !cpu_features.nx);
	EXPECT_EQ(!(PAGE_KERNEL.raw & PTE_GLOBAL), !cpu_features.pge);
	EXPECT(!((PAGE_KERNEL.raw | PAGE_KERNEL_RO.raw | PAGE_KERNEL_EXEC.raw |
		  PAGE_KERNEL_NOCACHE.raw) & PTE_USER));
}

/* --- looking --------------------------------------------------------------- */

KTEST(pgtable, lookup_walks_every_region)
{
	struct pgtable_walk w;

	EXPECT(!pgtable_lookup(0, &w));				/* page 0   */
	EXPECT_EQ(w.pdpt.raw | w.pmd.raw | w.pte.raw, 0);
	EXPECT(!pgtable_lookup(PAGE_OFFSET - 1, &w));		/* user     */
	EXPECT_EQ(w.pdpt_index, 2);

	EXPECT(pgtable_lookup((unsigned long)text_start + 5, &w));
	EXPECT_EQ(w.pdpt_index, 3);
	EXPECT(!w.large);
	EXPECT_EQ(pgtable_phys(&w, (unsigned long)text_start + 5),
		  virt_to_phys(text_start + 5));

	EXPECT(!pgtable_lookup(layout.high_memory, &w));	/* the hole */
	EXPECT(!pgtable_lookup(VMALLOC_START - 1, &w));
	EXPECT(!pgtable_lookup(VMALLOC_END, &w));
	EXPECT(!pgtable_lookup(FIXADDR_END, &w));		/* the last */
	EXPECT(pte_present(w.pmd));
	EXPECT_EQ(w.pmd_index, 511);
	EXPECT_EQ(w.pte_index, 511);
	EXPECT_EQ(w.pte.raw, 0);
}

/* The offset has 12 bits in a small page and 21 in a large one. */
KTEST(pgtable, lookup_in_a_2_mib_page_keeps_the_offset)
{
	unsigned long addr = ALIGN_UP((unsigned long)kernel_end, LARGE_SIZE);
	struct pgtable_walk w;

	REQUIRE(addr + LARGE_SIZE <= layout.high_memory);
	EXPECT(pgtable_lookup(addr + 0x123456, &w));
	EXPECT(w.large);
	EXPECT_EQ(w.pte.raw, 0);
	EXPECT_EQ(pgtable_phys(&w, addr + 0x123456),
		  virt_to_phys((char *)addr + 0x123456));
	EXPECT(!kernel_pte(addr + 0x123456));
}

/* --- making tables --------------------------------------------------------- */

/* An address of the window whose page table was never needed, 0: none left. */
static unsigned long without_table(void)
{
	unsigned long addr = ALIGN_DOWN(VMALLOC_END, LARGE_SIZE) - LARGE_SIZE;

	for (; addr >= VMALLOC_START; addr -= LARGE_SIZE)
		if (!kernel_pte(addr))
			return addr;
	return 0;
}

KTEST(pgtable, populate_makes_and_counts_each_table_once)	/* attacks T2 */
{
	unsigned long addr = without_table(), tables = pgtable_nr_tables();
	unsigned long pages = nr_free_pages();
	const pte_t *pte;

	if (!addr)
		ktest_skip("the window has all its page tables already");
	EXPECT_EQ(pgtable_populate(addr + PAGE_SIZE, addr + 2 * PAGE_SIZE), 0);
	EXPECT_EQ(pgtable_nr_tables(), tables + 1);
	EXPECT_EQ(nr_free_pages(), pages - 1);
	pte = kernel_pte(addr);
	REQUIRE(pte);
	EXPECT(!memchr_inv(pte, 0, PAGE_SIZE));		/* maps nothing yet */

	EXPECT_EQ(pgtable_populate(addr, addr + LARGE_SIZE), 0);
	EXPECT(kernel_pte(addr) == pte);		/* attacks T1 */
	EXPECT_EQ(pgtable_nr_tables(), tables + 1);
	EXPECT_EQ(nr_free_pages(), pages - 1);
}

KTEST(pgtable, tables_lie_in_low_memory)
{
	unsigned long addr, table;

	take_arena();
	REQUIRE(pgtable_populate(first, first + ARENA_SIZE) == 0);
	for (addr = VMALLOC_START; addr < VMALLOC_END; addr += LARGE_SIZE) {
		table = (unsigned long)kernel_pte(addr);
		EXPECT(!table || addr_in_direct_map(table));
	}
	give_arena();
}

/* --- mapping --------------------------------------------------------------- */

KTEST(pgtable, mapped_frames_show_their_contents_in_order)
{
	unsigned int i;

	take_arena();
	take_frames(NR_FRAMES);
	REQUIRE(map_pages(first, frames, NR_FRAMES, PAGE_KERNEL) == 0);
	for (i = 0; i < NR_FRAMES; i++)
		EXPECT(pattern_holds((char *)first + i * PAGE_SIZE, PAGE_SIZE, i));
	pattern_fill((char *)first + 3 * PAGE_SIZE, PAGE_SIZE, 77);
	EXPECT(frame_holds(frames[3], 77));
	EXPECT(frame_holds(frames[4], 4));
	give_arena();
	give_frames(NR_FRAMES);
}

KTEST(pgtable, unmapped_pages_fault_and_their_neighbours_do_not)
{
	const char *p;

	take_arena();
	take_frames(4);
	p = (const char *)first;
	REQUIRE(map_pages(first, frames, 4, PAGE_KERNEL) == 0);
	EXPECT_NO_FAULT(touch_read(p + PAGE_SIZE); touch_read(p + 2 * PAGE_SIZE));
	unmap_range(first + PAGE_SIZE, first + 3 * PAGE_SIZE);
	EXPECT_NO_FAULT(touch_read(p + PAGE_SIZE - 1));
	EXPECT_FAULT(touch_read(p + PAGE_SIZE));
	EXPECT_FAULT(touch_read(p + 3 * PAGE_SIZE - 1));
	EXPECT_NO_FAULT(touch_read(p + 3 * PAGE_SIZE));
	EXPECT(frame_holds(frames[1], 1));		/* the frame is not */
	give_arena();
	give_frames(4);
}

KTEST(pgtable, mapping_crosses_the_border_of_two_tables)
{
	unsigned long addr;
	volatile unsigned int i;

	take_arena();
	take_frames(6);
	addr = border - 3 * PAGE_SIZE;
	REQUIRE(map_pages(addr, frames, 6, PAGE_KERNEL) == 0);
	EXPECT_EQ((unsigned long)kernel_pte(border) % PAGE_SIZE, 0);
	for (i = 0; i < 6; i++)
		EXPECT(pattern_holds((char *)addr + i * PAGE_SIZE, PAGE_SIZE, i));
	EXPECT_FAULT(touch_read((char *)addr - 1));
	EXPECT_FAULT(touch_read((char *)addr + 6 * PAGE_SIZE));
	unmap_range(addr, addr + 6 * PAGE_SIZE);
	for (i = 0; i < 6; i++)
		EXPECT_FAULT(touch_read((char *)addr + i * PAGE_SIZE));
	give_arena();
	give_frames(6);
}

/* Looked up and never touched: there need be no memory at this address. */
KTEST(pgtable, physical_address_above_4_gib_reaches_the_entry)
{
	const phys_addr_t phys = phys_make(0xD23456000ULL);
	struct pgtable_walk w;

	take_arena();
	REQUIRE(map_phys(border - PAGE_SIZE, phys, 2 * PAGE_SIZE,
			 PAGE_KERNEL_NOCACHE) == 0);
	EXPECT(pgtable_lookup(border - PAGE_SIZE + 0x10, &w));
	EXPECT_EQ(pgtable_phys(&w, border - PAGE_SIZE + 0x10),
		  phys_add(phys, 0x10));
	EXPECT_EQ(w.pte.raw & (PTE_PCD | PTE_PWT), PTE_PCD | PTE_PWT);
	EXPECT(pgtable_lookup(border, &w));
	EXPECT_EQ(pgtable_phys(&w, border), phys_add(phys, PAGE_SIZE));
	give_arena();
}

/* The whole way where the machine has such a frame: no half gets lost. */
static struct page *frame_above_4_gib(struct scarce *s)
{
	struct page *page;

	list_init(&s->held);
	while ((page = alloc_pages(__GFP_HIGHMEM | __GFP_NOWARN, MAX_ORDER))) {
		list_add(&page->link, &s->held);
		if (page_to_pfn(page) >= PFN_DOWN(GIB(4)))
			return page;
	}
	return NULL;
}

KTEST(pgtable, contents_above_4_gib_are_reached_through_the_window)
{
	struct scarce blocks;
	struct page *page = frame_above_4_gib(&blocks);

	if (!page)	/* then the topmost frame is the next best */
		page = alloc_page(GFP_HIGHUSER);
	else
		list_del(&page->link);
	scarce_release(&blocks);
	REQUIRE(page);
	take_arena();
	REQUIRE(map_pages(first, &page, 1, PAGE_KERNEL) == 0);
	pattern_fill((char *)first, PAGE_SIZE, 9);
	unmap_range(first, first + PAGE_SIZE);
	EXPECT(frame_holds(page, 9));
	give_arena();
	__free_pages(page, page->order);
}

/* --- permissions ----------------------------------------------------------- */

KTEST(pgtable, read_only_page_faults_on_write_and_keeps_its_bytes)
{
	struct pgtable_walk w;
	char *p;

	take_arena();
	take_frames(1);
	REQUIRE(map_pages(first, frames, 1, PAGE_KERNEL_RO) == 0);
	p = (char *)first;
	EXPECT(pgtable_lookup(first, &w) && !pgtable_writable(&w));
	EXPECT_FAULT(touch_write(p + 100));
	EXPECT_EQ(ktest_last_fault()->error & 3, 3);	/* present, write */
	EXPECT_EQ(ktest_last_fault()->addr, first + 100);
	EXPECT(pattern_holds(p, PAGE_SIZE, 0));
	give_arena();
	give_frames(1);
}

KTEST(pgtable, executable_page_runs_and_others_fault_on_fetch)
{
	struct pgtable_walk w;
	char *p;

	if (!cpu_features.nx)
		ktest_skip("this CPU executes whatever it can read");
	take_arena();
	take_frames(1);
	REQUIRE(map_pages(first, frames, 1, PAGE_KERNEL) == 0);
	p = (char *)first;
	p[8] = (char)OPCODE_RET;
	EXPECT_FAULT(touch_fetch(p + 8));
	EXPECT_EQ(ktest_last_fault()->error & 0x11, 0x11); /* present, fetch */
	EXPECT(pgtable_lookup(first, &w) && !pgtable_executable(&w));
	protect_range(first, first + PAGE_SIZE, PAGE_KERNEL_EXEC);
	EXPECT_NO_FAULT(touch_fetch(p + 8));
	EXPECT(pgtable_lookup(first, &w) && pgtable_executable(&w));
	EXPECT_FAULT(touch_write(p + 8));
	give_arena();
	give_frames(1);
}

KTEST(pgtable, protect_changes_what_is_mapped_and_nothing_else)
{
	unsigned long addr;
	char *p;

	take_arena();
	take_frames(3);
	addr = border - PAGE_SIZE;
	p = (char *)addr;
	REQUIRE(map_pages(addr, frames, 1, PAGE_KERNEL) == 0);
	REQUIRE(map_pages(border + PAGE_SIZE, &frames[1], 2, PAGE_KERNEL) == 0);
	protect_range(addr, addr + 3 * PAGE_SIZE, PAGE_KERNEL_RO);
	EXPECT_FAULT(touch_write(p));
	EXPECT_FAULT(touch_read(p + PAGE_SIZE));	/* was not mapped */
	EXPECT_FAULT(touch_write(p + 2 * PAGE_SIZE));
	EXPECT_NO_FAULT(touch_write(p + 3 * PAGE_SIZE));	/* outside */
	EXPECT(pattern_holds(p, PAGE_SIZE, 0));
	EXPECT(pattern_holds(p + 2 * PAGE_SIZE, PAGE_SIZE, 1));
	protect_range(addr, addr + PAGE_SIZE, PAGE_KERNEL);
	EXPECT_NO_FAULT(touch_write(p));
	give_arena();
	give_frames(3);
}

/* --- what cannot be done --------------------------------------------------- */

KTEST(pgtable, unmapping_where_no_table_is_changes_and_flushes_nothing)
{
	struct tlb_stats before;
	unsigned long tables;

	take_arena();
	pgtable_forget(first, first + ARENA_SIZE);
	tables = pgtable_nr_tables();
	before = tlb_stats;
	unmap_range(first, first + ARENA_SIZE);
	unmap_range(first + PAGE_SIZE, first + PAGE_SIZE);
	EXPECT(!unmap_range_noflush(first, first + ARENA_SIZE));
	EXPECT_EQ(tlb_stats.pages, before.pages);
	EXPECT_EQ(tlb_stats.full, before.full);
	EXPECT_EQ(pgtable_nr_tables(), tables);
	EXPECT(!kernel_pte(first));
	give_arena();
}

KTEST(pgtable, unmapping_without_a_flush_leaves_it_to_the_caller)
{
	struct tlb_stats before;

	take_arena();
	take_frames(6);
	REQUIRE(map_pages(border - 3 * PAGE_SIZE, frames, 6, PAGE_KERNEL) == 0);
	before = tlb_stats;
	EXPECT(unmap_range_noflush(border - 2 * PAGE_SIZE,
				   border + 2 * PAGE_SIZE));
	EXPECT_EQ(tlb_stats.pages, before.pages);
	EXPECT_EQ(tlb_stats.full, before.full);
	EXPECT_EQ(kernel_pte(border - 2 * PAGE_SIZE)->raw, 0);
	EXPECT_EQ(kernel_pte(border + PAGE_SIZE)->raw, 0);
	EXPECT(pte_present(*kernel_pte(border - 3 * PAGE_SIZE)));
	EXPECT(pte_present(*kernel_pte(border + 2 * PAGE_SIZE)));
	tlb_flush_kernel_range(border - 2 * PAGE_SIZE, border + 2 * PAGE_SIZE);
	EXPECT_FAULT(touch_read((char *)border));
	give_arena();
	give_frames(6);
}

/*
 * The second of two tables is taken away: the frames in reach of the first must
 * not be mapped either.
 */
KTEST(pgtable, without_a_frame_for_a_table_nothing_is_mapped)
{
	unsigned long pages, tables;
	struct scarce scarce;

	take_arena();
	take_frames(2);
	REQUIRE(pgtable_populate(first, first + ARENA_SIZE) == 0);
	pgtable_forget(border, border + LARGE_SIZE);
	tables = pgtable_nr_tables();
	scarce_make(&scarce, GFP_KERNEL, 0);
	pages = nr_free_pages();
	EXPECT_EQ(map_pages(border - PAGE_SIZE, frames, 2, PAGE_KERNEL),
		  -ENOMEM);
	EXPECT_EQ(map_phys(border - PAGE_SIZE, 0, 2 * PAGE_SIZE, PAGE_KERNEL),
		  -ENOMEM);
	EXPECT_EQ(nr_free_pages(), pages);
	scarce_release(&scarce);
	EXPECT_EQ(kernel_pte(border - PAGE_SIZE)->raw, 0);
	EXPECT(!kernel_pte(border));
	EXPECT_EQ(pgtable_nr_tables(), tables);
	give_arena();
	give_frames(2);
}

/* --- what the check finds -------------------------------------------------- */

static int check_without(pte_t *pmd, pte_t instead)
{
	const pte_t saved = *pmd;
	int broken;

	*pmd = instead;
	broken = pgtable_check();
	*pmd = saved;
	return broken;
}

KTEST(pgtable, check_finds_t1_and_t3)
{
	pte_t *const table = kernel_pte(FIXADDR_START), *pmd = kernel_pmd;
	const unsigned int last = PTRS_PER_TABLE - 1;

	EXPECT_EQ(pgtable_check(), 0);
	EXPECT_EQ(check_without(&pmd[last], (pte_t){ 0 }), 1);
	EXPECT_EQ(check_without(&pmd[last], pmd[0]), 3);
	kernel_tables[last] = NULL;
	EXPECT_EQ(pgtable_check(), 3);
	kernel_tables[last] = table + 1;
	EXPECT_EQ(pgtable_check(), 3);
	kernel_tables[last] = table;
	EXPECT_EQ(pgtable_check(), 0);
}

/* A table that is there, and that nobody has counted. */
KTEST(pgtable, check_finds_t2)
{
	const unsigned int i = (VMALLOC_END >> LARGE_SHIFT) % PTRS_PER_TABLE;
	const pte_t saved = kernel_pmd[i];
	pte_t *const table = kernel_tables[i];

	kernel_tables[i] = table ? NULL : kernel_pte(FIXADDR_START);
	if (table)
		pte_clear(&kernel_pmd[i]);
	else
		kernel_pmd[i] = kernel_pmd[PTRS_PER_TABLE - 1];
	EXPECT_EQ(pgtable_check(), 2);
	kernel_tables[i] = table;
	kernel_pmd[i] = saved;
}

/* --- against a model ------------------------------------------------------- */

#define MODEL_PAGES	24U		/* twelve on each side of the border */

struct model_page { int frame; bool writable; };	/* frame -1: none */

static void expect_like_model(const struct model_page *m, unsigned long addr)
{
	struct pgtable_walk w;

	if (!pgtable_lookup(addr, &w)) {
		EXPECT_EQ(m->frame, -1);
		EXPECT_FAULT(touch_read((char *)addr));
		return;
	}
	REQUIRE(m->frame >= 0);
	EXPECT_EQ(pgtable_phys(&w, addr), page_to_phys(frames[m->frame]));
	EXPECT_EQ(pgtable_writable(&w), m->writable);
	EXPECT(touch_read((char *)addr) ==
	       (char)pattern_byte(0, (uint32_t)m->frame));
	if (!m->writable)
		EXPECT_FAULT(touch_write((char *)addr));
}

KTEST(pgtable, random_maps_unmaps_and_protections_match_a_model)
{
	struct model_page model[MODEL_PAGES];
	struct random *random = ktest_random();
	unsigned long base;
	unsigned int step, i, frame;

	take_arena();
	take_frames(NR_FRAMES);
	base = border - MODEL_PAGES / 2 * PAGE_SIZE;
	for (i = 0; i < MODEL_PAGES; i++)
		model[i] = (struct model_page){ -1, false };
	for (step = 0; step < 1000; step++) {
		unsigned long addr;

		i = random_below(random, MODEL_PAGES);
		addr = base + i * PAGE_SIZE;
		frame = random_below(random, NR_FRAMES);
		if (model[i].frame < 0) {
			model[i] = (struct model_page){ (int)frame, true };
			REQUIRE(map_pages(addr, &frames[frame], 1,
					  PAGE_KERNEL) == 0);
		} else if (random_below(random, 2)) {
			model[i].writable = !model[i].writable;
			protect_range(addr, addr + PAGE_SIZE,
				      model[i].writable ? PAGE_KERNEL
							: PAGE_KERNEL_RO);
		} else {
			model[i].frame = -1;
			unmap_range(addr, addr + PAGE_SIZE);
		}
		i = random_below(random, MODEL_PAGES);
		expect_like_model(&model[i], base + i * PAGE_SIZE);
	}
	for (i = 0; i < MODEL_PAGES; i++)
		expect_like_model(&model[i], base + i * PAGE_SIZE);
	give_arena();
	give_frames(NR_FRAMES);
}
