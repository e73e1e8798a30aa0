/* SPDX-License-Identifier: MIT */
/*
 * test_kspace.c - every page of kernel space has just the permissions it needs
 *
 * kspace_check is not taken at its word: the cases walk the tables themselves,
 * try the accesses, and break one entry for each invariant (mm/kspace.c) to see
 * that the check finds it. A broken entry is mended before anything is said.
 */
#include <mm/kspace.h>

#include <lib/string.h>
#include <mm/fixmap.h>
#include <mm/memblock.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>
#include <tests/sealed.h>
#include <x86/cpu.h>
#include <x86/trap.h>

#include "touch.h"

#define IMAGE_START	((unsigned long)kernel_start)
#define IMAGE_END	((unsigned long)kernel_end)

/* --- a walk of our own ----------------------------------------------------- */

typedef void leaf_fn(unsigned long addr, unsigned long size, uint64_t entry);

static void walk_table(unsigned long addr, const uint64_t *table, leaf_fn *fn)
{
	unsigned int i;

	for (i = 0; i < 512; i++)
		if (table[i] & 1)
			fn(addr + i * PAGE_SIZE, PAGE_SIZE, table[i]);
}

/* The table that an entry leads to. */
static const uint64_t *table_of(uint64_t entry)
{
	return phys_to_virt(phys_make(entry & PTE_PHYS_MASK));
}

/* From CR3 down to every page that is mapped, user half included. */
static void walk_all(leaf_fn *fn)
{
	const uint64_t *pdpt = phys_to_virt(phys_make(read_cr3() & ~0x1FUL));
	unsigned int i, j;

	for (i = 0; i < 4; i++) {
		const uint64_t *pmd = table_of(pdpt[i]);

		for (j = 0; (pdpt[i] & 1) && j < 512; j++) {
			unsigned long addr = (i << 30) + (j << 21);

			if ((pmd[j] & 1) && (pmd[j] & PTE_LARGE))
				fn(addr, LARGE_SIZE, pmd[j]);
			else if (pmd[j] & 1)
				walk_table(addr, table_of(pmd[j]), fn);
		}
	}
}

static struct { unsigned long leaves, bad, executable; } seen;

static bool touches(uint64_t entry, unsigned long size, const char *start,
		    const char *end)
{
	uint64_t at = entry & PTE_PHYS_MASK;

	return at < phys_raw(virt_to_phys(end)) &&
	       at + size > phys_raw(virt_to_phys(start));
}

static void note_permissions(unsigned long addr, unsigned long size,
			     uint64_t entry)
{
	bool writable = entry & PTE_WRITE, executable = !(entry & PTE_NX);

	seen.leaves++;
	if (cpu_features.nx && writable && executable)
		seen.bad++;
	if (writable && touches(entry, size, text_start, ro_after_init_end))
		seen.bad++;
	if (cpu_features.nx && executable && addr_in_direct_map(addr) &&
	    !(addr >= (unsigned long)text_start &&
	      addr < (unsigned long)text_end))
		seen.bad++;
	if (entry & PTE_USER || addr < PAGE_OFFSET)
		seen.bad++;
	if (executable && touches(entry, size, text_start, text_end))
		seen.executable++;
}

KTEST(kspace, no_page_is_writable_and_executable)	/* attacks K1, K2, K4 */
{
	memset(&seen, 0, sizeof(seen));
	walk_all(note_permissions);
	EXPECT_EQ(seen.bad, 0);
	EXPECT_EQ(seen.executable,
		  ((unsigned long)(text_end - text_start) + PAGE_SIZE - 1) /
		  PAGE_SIZE);
	EXPECT(seen.leaves > seen.executable);
}

KTEST(kspace, check_agrees)
{
	EXPECT_EQ(kspace_check(), 0);
}

/* --- the image ------------------------------------------------------------- */

static void expect_pages(const char *start, const char *end, bool writable,
			 bool executable)
{
	const char *p;

	REQUIRE(start < end);
	for (p = start; p < end; p += PAGE_SIZE) {
		struct pgtable_walk w;

		if (kspace_stack_guard((unsigned long)p))
			continue;
		REQUIRE(pgtable_lookup((unsigned long)p, &w));
		EXPECT_EQ(pgtable_phys(&w, (unsigned long)p), virt_to_phys(p));
		EXPECT_EQ(pgtable_writable(&w), writable);
		EXPECT_EQ(pgtable_executable(&w),
			  executable || !cpu_features.nx);
	}
}

KTEST(kspace, text_is_read_and_executed)
{
	expect_pages(text_start, text_end, false, true);
}

KTEST(kspace, constants_are_read_only)
{
	expect_pages(rodata_start, rodata_end, false, false);
	expect_pages(ro_after_init_start, ro_after_init_end, false, false);
}

KTEST(kspace, data_is_read_and_written)
{
	expect_pages(ro_after_init_end, kernel_end, true, false);
}

static void expect_protected(unsigned long addr)
{
	const char before = touch_read((void *)addr);

	EXPECT_FAULT(touch_write((void *)addr));
	EXPECT_EQ(ktest_last_fault()->error, PF_PRESENT | PF_WRITE);
	EXPECT_EQ(touch_read((void *)addr), before);
	if (touch_read((void *)addr) != before)	/* mended: others need it */
		*(char *)HIDE(addr) = before;
}

KTEST(kspace, write_to_text_faults)				/* attacks K2 */
{
	expect_protected((unsigned long)text_start);
	expect_protected((unsigned long)kspace_check);
	expect_protected((unsigned long)text_end - 1);
}

KTEST(kspace, write_to_a_constant_faults)			/* attacks K2 */
{
	static const char constant[] = "constant";

	expect_protected((unsigned long)constant);
	EXPECT_STR(constant, "constant");
	expect_protected((unsigned long)rodata_start);
	expect_protected((unsigned long)rodata_end - 1);
}

KTEST(kspace, write_to_what_is_sealed_faults)			/* attacks K2 */
{
	expect_protected((unsigned long)&layout);
	expect_protected((unsigned long)&mem_map);
	expect_protected((unsigned long)&PAGE_KERNEL);
	expect_protected((unsigned long)ro_after_init_start);
	expect_protected((unsigned long)ro_after_init_end - 1);
	EXPECT_NO_FAULT(touch_read(ro_after_init_end));
}

KTEST(kspace, write_to_what_is_sealed_is_reported_by_its_name)
{
	EXPECT_BAD_ACCESS("in layout+0x8, read-only since boot",
			  touch_write(&layout.high_memory));
	EXPECT(ktest_report_contains("BAD WRITE CAUGHT"));
	EXPECT_BAD_ACCESS("in kernel_pdpt+0x0, read-only since boot",
			  touch_write(kernel_pdpt));
}

KTEST(kspace, sealed_frames_cannot_be_mapped_writable)		/* attacks K2 */
{
	const struct page *page = virt_to_page(ro_after_init_start);

	EXPECT(!kspace_permits(page, PAGE_KERNEL));
	EXPECT(kspace_permits(page, PAGE_KERNEL_RO));
	EXPECT(kspace_permits(virt_to_page(ro_after_init_end), PAGE_KERNEL));
}

#define NR_ENTRIES	8U

/* Any frame, often one at a border of the image or of a zone; or no page at all. */
static struct page *random_entry(struct random *random)
{
	const pfn_t borders[] = {
		virt_to_pfn(text_start), virt_to_pfn(rodata_end),
		virt_to_pfn(ro_after_init_end), PFN_DOWN(layout.lowmem_end),
		mem_map_end, 0,
	};
	pfn_t pfn = random_below(random, mem_map_end);

	if (random_below(random, 2))
		pfn = borders[random_below(random, ARRAY_SIZE(borders))] +
		      random_below(random, 3) - 1;
	return (struct page *)((char *)(mem_map + pfn) +
			       (random_below(random, 20) ? 0 : 1));
}

KTEST(kspace, many_pages_are_permitted_if_each_is)
{
	const pgprot_t prots[] = {
		PAGE_KERNEL, PAGE_KERNEL_RO, PAGE_KERNEL_EXEC,
		{ PAGE_KERNEL_EXEC.raw | PTE_WRITE },
	};
	struct random *random = ktest_random();
	struct page *entries[NR_ENTRIES];
	unsigned int step, i, n, stopped = 0;

	for (step = 0; step < 4000; step++) {
		pgprot_t prot = prots[step % ARRAY_SIZE(prots)];

		for (i = 0; i < NR_ENTRIES; i++)
			entries[i] = random_entry(random);
		for (n = 0; n < NR_ENTRIES; n++)
			if (!page_pointer_valid(entries[n]) ||
			    !kspace_permits(entries[n], prot))
				break;
		REQUIRE(kspace_count_permitted(entries, NR_ENTRIES, prot) == n);
		stopped += n < NR_ENTRIES;
	}
	EXPECT(stopped > 100 && stopped < 3900);
}

KTEST(kspace, execution_of_data_faults)			/* attacks K1 */
{
	static char in_data[1] = { (char)OPCODE_RET };
	char on_stack[1] = { (char)OPCODE_RET };
	char *from_kmalloc = kmalloc(64, GFP_KERNEL);
	char *from_vmalloc = vmalloc(64);
	char *const places[] = { in_data, on_stack, from_kmalloc, from_vmalloc };
	unsigned int i;

	REQUIRE(from_kmalloc && from_vmalloc);
	for (i = 0; cpu_features.nx && i < ARRAY_SIZE(places); i++) {
		*places[i] = (char)OPCODE_RET;
		EXPECT_FAULT(touch_fetch(places[i]));
		EXPECT_EQ(ktest_last_fault()->addr, (unsigned long)places[i]);
		EXPECT_EQ(ktest_last_fault()->error, PF_PRESENT | PF_FETCH);
	}
	kfree(from_kmalloc);
	vfree(from_vmalloc);
	if (!cpu_features.nx)
		ktest_skip("this CPU executes whatever it can read");
}

/* --- what is not mapped ---------------------------------------------------- */

static void expect_unmapped(unsigned long addr)
{
	EXPECT_FAULT(touch_read((void *)addr));
	EXPECT_EQ(ktest_last_fault()->addr, addr);
	EXPECT_EQ(ktest_last_fault()->error, 0);
}

KTEST(kspace, identity_map_is_gone)				/* attacks K5 */
{
	static const unsigned long places[] = {
		0x1000, 0x7C00, 0xB8000, 0x100000, 0x101000, 0x200000, 0xFFFFFF,
		0x3FFFFFFF, 0x40000000, 0x80000000, 0xBFFFFFFF,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		expect_unmapped(places[i]);
}

KTEST(kspace, page_0_faults_in_every_way)			/* attacks K5 */
{
	EXPECT_FAULT(touch_read((void *)0));
	EXPECT_FAULT(touch_write((void *)0));
	EXPECT_FAULT(touch_fetch((void *)0));
	EXPECT_FAULT(touch_read((void *)0xFFF));
	EXPECT_EQ(ktest_last_fault()->addr, 0xFFF);
}

static void expect_guard(struct kstack *stack, const char *name)
{
	const char *guard = (const char *)stack->guard;

	EXPECT_STR(kspace_stack_guard((unsigned long)guard), name);
	EXPECT_STR(kspace_stack_guard((unsigned long)guard + PAGE_SIZE - 1),
		   name);
	EXPECT(!kspace_stack_guard((unsigned long)guard - 1));
	EXPECT(!kspace_stack_guard((unsigned long)stack->bytes));
	EXPECT_FAULT(touch_read(guard));
	EXPECT_FAULT(touch_write(guard + PAGE_SIZE - 1));
	EXPECT_NO_FAULT(touch_read(stack->bytes));
	EXPECT_NO_FAULT(touch_read(stack->bytes + KSTACK_SIZE - 1));
}

KTEST(kspace, stacks_end_in_unmapped_guards)			/* attacks K5 */
{
	expect_guard(&boot_stack, "boot stack");
	expect_guard(&double_fault_stack, "double-fault stack");
}

KTEST(kspace, holes_fault_at_both_ends)				/* attacks K3 */
{
	const unsigned long holes[][2] = {
		{ layout.high_memory, VMALLOC_START },
		{ VMALLOC_END, KASAN_SHADOW_START },
		{ KASAN_SHADOW_END, PKMAP_BASE },
		{ PKMAP_END, FIXADDR_START },
		{ FIXADDR_END, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		expect_unmapped(holes[i][0]);
		expect_unmapped(holes[i][1] - 1);
	}
}

/* --- the direct map -------------------------------------------------------- */

KTEST(kspace, direct_map_has_2_mib_pages_outside_the_image)
{
	unsigned long addr, large = 0, mapped = 0, small = 0;
	struct pgtable_walk w;

	for (addr = PAGE_OFFSET; addr + LARGE_SIZE <= layout.high_memory;
	     addr += LARGE_SIZE) {
		bool image =
			addr < IMAGE_END && addr + LARGE_SIZE > IMAGE_START;

		/* A stack's guard may be the first page of 2 MiB. */
		mapped += pgtable_lookup(addr, &w) || pte_present(w.pmd);
		large += w.large && !image;
		small += image;
		EXPECT(!(w.large && image));
	}
	EXPECT_EQ(mapped, (layout.high_memory - PAGE_OFFSET) / LARGE_SIZE);
	EXPECT_EQ(large + small, mapped);
	EXPECT(small > 0);
}

KTEST(kspace, direct_map_shows_each_frame_at_its_own_address)
{
	unsigned long addr, wrong = 0, unmapped = 0;
	struct pgtable_walk w;

	for (addr = PAGE_OFFSET; addr < layout.high_memory; addr += PAGE_SIZE) {
		if (!pgtable_lookup(addr, &w))
			unmapped++;
		else if (pgtable_phys(&w, addr) != virt_to_phys((void *)addr))
			wrong++;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(unmapped, 2);			/* the guards of two stacks */
}

static void read_low_ram(void)
{
	unsigned int i;

	for (i = 0; i < memblock.ram.nr; i++) {
		uint64_t at = memblock.ram.range[i].start;
		uint64_t end = MIN(memblock.ram.range[i].end,
				   layout.lowmem_end);

		for (; at < end; at += PAGE_SIZE) {
			const char *p = phys_to_virt(phys_make(at));

			if (!kspace_stack_guard((unsigned long)p))
				touch_read(p);
		}
	}
}

KTEST(kspace, all_ram_of_low_memory_can_be_read)
{
	EXPECT_NO_FAULT(read_low_ram());
}

/* --- each invariant broken and found --------------------------------------- */

/* kspace_check while *@entry is @broken; then the entry is as it was. */
static int check_with(pte_t *entry, pte_t broken)
{
	pte_t saved = *entry;
	int found;

	pte_replace(entry, broken);
	found = kspace_check();
	pte_replace(entry, saved);
	tlb_flush_all();
	EXPECT_EQ(kspace_check(), 0);
	return found;
}

static pte_t *test_slot(void)
{
	pte_t *entry = kernel_pte(fixmap_address(FIX_TEST));

	REQUIRE(entry && !pte_present(*entry));
	return entry;
}

KTEST(kspace, check_finds_k1)
{
	static char data[1];
	pte_t *entry = kernel_pte((unsigned long)data), broken;

	if (!cpu_features.nx)
		ktest_skip("without NX every page can be executed");
	REQUIRE(entry);
	broken = *entry;
	broken.raw &= ~PTE_NX;
	EXPECT_EQ(check_with(entry, broken), 1);
	entry = &kernel_pmd[(ALIGN_UP(IMAGE_END, LARGE_SIZE) >> LARGE_SHIFT) %
			    PTRS_PER_TABLE];
	REQUIRE(entry->raw & PTE_LARGE);
	broken = *entry;
	broken.raw &= ~PTE_NX;
	EXPECT_EQ(check_with(entry, broken), 1);
	/* Not writable here, but the direct map shows the frame writable. */
	EXPECT_EQ(check_with(test_slot(), pte_make(virt_to_phys(data),
						   PAGE_KERNEL_EXEC)), 1);
}

/* A HIGHMEM frame has no address until somebody maps it, once too often. */
KTEST(kspace, check_finds_k1_in_two_mappings_of_one_frame)
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	char *writable, *executable;

	REQUIRE(page);
	if (!cpu_features.nx || !page_is_highmem(page)) {
		__free_page(page);
		ktest_skip("needs NX and a frame of HIGHMEM");
	}
	executable = vmap(&page, 1, VM_MAP, PAGE_KERNEL_EXEC);
	EXPECT_EQ(kspace_check(), 0);
	writable = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	EXPECT_EQ(kspace_check(), 1);
	vunmap(writable);
	EXPECT_EQ(kspace_check(), 0);
	vunmap(executable);
	__free_page(page);
}

KTEST(kspace, check_finds_k2)
{
	EXPECT_EQ(check_with(test_slot(), pte_make(virt_to_phys(text_start),
						   PAGE_KERNEL)), 2);
	EXPECT_EQ(check_with(test_slot(),
			     pte_make(pfn_to_phys(virt_to_pfn(rodata_end) - 1),
				      PAGE_KERNEL)), 2);
	EXPECT_EQ(check_with(test_slot(),
			     pte_make(virt_to_phys(ro_after_init_start),
				      PAGE_KERNEL)), 2);
	EXPECT_EQ(check_with(test_slot(),
			     pte_make(virt_to_phys(ro_after_init_end),
				      PAGE_KERNEL)), 0);
}

KTEST(kspace, check_finds_a_sealed_page_that_is_writable)	/* attacks K2 */
{
	const char *p;

	for (p = ro_after_init_start; p < ro_after_init_end; p += PAGE_SIZE)
		EXPECT_EQ(check_with(kernel_pte((unsigned long)p),
				     pte_make(virt_to_phys(p), PAGE_KERNEL)),
			  2);
}

/* The same translations, by another root: what kernel_pdpt says is not used. */
KTEST(kspace, check_finds_other_tables_in_use)			/* attacks K3 */
{
	static pte_t pdpt[4] __aligned(32);
	unsigned long cr3 = read_cr3();
	int broken;

	memcpy(pdpt, kernel_pdpt, sizeof(pdpt));
	write_cr3((unsigned long)phys_raw(virt_to_phys(pdpt)));
	broken = kspace_check();
	write_cr3(cr3);
	EXPECT_EQ(broken, 3);
	EXPECT_EQ(kspace_check(), 0);
}

KTEST(kspace, check_finds_k3)
{
	static char frame[PAGE_SIZE] __aligned(PAGE_SIZE);
	const pte_t pte = pte_make(virt_to_phys(frame), PAGE_KERNEL);
	pte_t *entry;

	REQUIRE(pgtable_populate(VMALLOC_END, PKMAP_BASE) == 0);
	EXPECT_EQ(check_with(kernel_pte(VMALLOC_END), pte), 3);
	EXPECT_EQ(check_with(kernel_pte(PKMAP_BASE - PAGE_SIZE), pte), 3);
	EXPECT_EQ(check_with(kernel_pte(FIXADDR_END), pte), 3);
	entry = &kernel_pmd[(ALIGN_UP(layout.high_memory, LARGE_SIZE) >>
			     LARGE_SHIFT) % PTRS_PER_TABLE];
	EXPECT_EQ(check_with(entry, (pte_t){ PAGE_KERNEL.raw | PTE_LARGE |
					     MIB(4) }), 3);
}

KTEST(kspace, check_finds_k4)
{
	static char frame[PAGE_SIZE] __aligned(PAGE_SIZE);
	pte_t pte = pte_make(virt_to_phys(frame), PAGE_KERNEL);

	pte.raw |= PTE_USER;
	EXPECT_EQ(check_with(test_slot(), pte), 4);
}

KTEST(kspace, check_finds_k5)
{
	pte_t *guard = kernel_pte((unsigned long)boot_stack.guard);
	pte_t saved = kernel_pdpt[0];
	int found = 0;

	REQUIRE(guard);
	EXPECT_EQ(check_with(guard, pte_make(virt_to_phys(boot_stack.guard),
					     PAGE_KERNEL)), 5);
	UNSEALED(kernel_pdpt[0].raw = kernel_pdpt[3].raw &
				      (PTE_PHYS_MASK | PTE_PRESENT);
		 found = kspace_check();
		 kernel_pdpt[0] = saved);
	tlb_flush_all();
	EXPECT_EQ(found, 5);
	EXPECT_EQ(kspace_check(), 0);
}
