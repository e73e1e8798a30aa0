/* SPDX-License-Identifier: MIT */
/*
 * kspace.c - the kernel's final page tables
 *
 * Problem     The tables made before paging map everything readable, writable
 *             and executable. A stray write may then change code, and a stray
 *             jump may run data.
 * Idea        Map physical memory once, at PAGE_OFFSET, in pages of 2 MiB; only
 *             where the kernel's own image lies, in pages of 4 KiB, so that each
 *             part has just the permissions it needs (W^X). What must fault is
 *             left out: page 0, the guards below the kernel's stacks.
 * Picture     PAGE_OFFSET                                       high_memory
 *             | RW 2 MiB ... | text RX | rodata R | data RW | RW 2 MiB ... |
 *                            |<--- the image, 4 KiB pages --->|
 * Invariants  K1  No frame is both writable and executable, under whatever
 *                 addresses it is mapped (needs a CPU with NX).
 *             K2  No frame of text or rodata is writable under any address, nor,
 *                 after kspace_seal, one of what is __ro_after_init.
 *             K3  These tables are in use, and the holes of <x86/layout.h> are not
 *                 mapped.
 *             K4  Nothing of kernel space is accessible to user code.
 *             K5  Stack guards and all of user space are unmapped.
 * Read first  prot_of, then kspace_init.
 * See         tests/mm/test_kspace.c, mm/pgtable.c
 */
#include <mm/kspace.h>

#include <lib/string.h>
#include <mm/kasan.h>
#include <mm/memblock.h>
#include <mm/page.h>
#include <x86/cpu.h>
#include <x86/trap.h>

#include "internal.h"

pte_t kernel_pdpt[4] __aligned(32) __ro_after_init;
pte_t kernel_pmd[PTRS_PER_TABLE] __aligned(PAGE_SIZE);

static bool sealed __ro_after_init;

static const struct { const char *name; struct kstack *stack; } stacks[] = {
	{ "boot stack", &boot_stack },
	{ "double-fault stack", &double_fault_stack },
};

const char *kspace_stack_guard(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stacks); i++)
		if (addr - (unsigned long)stacks[i].stack->guard < PAGE_SIZE)
			return stacks[i].name;
	return NULL;
}

static bool within(unsigned long addr, const char *start, const char *end)
{
	return addr >= (unsigned long)start && addr < (unsigned long)end;
}

/* The permissions of one page of the direct map; none for what must fault. */
static pgprot_t prot_of(unsigned long addr)
{
	if (within(addr, text_start, text_end))
		return PAGE_KERNEL_EXEC;
	if (within(addr, rodata_start, rodata_end))
		return PAGE_KERNEL_RO;
	if (kspace_stack_guard(addr))
		return (pgprot_t){ 0 };
	return PAGE_KERNEL;
}

static void map_small(unsigned long start, unsigned long end)
{
	pte_t *table = memblock_alloc(PAGE_SIZE, PAGE_SIZE, "page tables");
	unsigned long addr;

	for (addr = start; addr < end; addr += PAGE_SIZE)
		table[(addr >> PAGE_SHIFT) % PTRS_PER_TABLE] =
			pte_make(virt_to_phys((void *)addr), prot_of(addr));
	pgtable_hang(start, table);
}

static void map_large(unsigned long addr)
{
	pte_t entry = pte_make(virt_to_phys((void *)addr), PAGE_KERNEL);

	entry.raw |= PTE_LARGE;
	pte_set(&kernel_pmd[(addr >> LARGE_SHIFT) % PTRS_PER_TABLE], entry);
}

/* 2 MiB where all of it has one permission: the image and the last bit do not. */
static void map_direct(void)
{
	unsigned long addr, end;

	for (addr = PAGE_OFFSET; addr < layout.high_memory;
	     addr += LARGE_SIZE) {
		end = addr + LARGE_SIZE;
		if (end <= layout.high_memory &&
		    (addr >= (unsigned long)kernel_end ||
		     end <= (unsigned long)kernel_start))
			map_large(addr);
		else
			map_small(addr, MIN(end, layout.high_memory));
	}
}

void kspace_init(void)
{
	uint32_t pdpt = (uint32_t)phys_raw(virt_to_phys(kernel_pdpt));

	pgtable_init();
	map_direct();
	kasan_init();
	kernel_pdpt[3].raw = phys_raw(virt_to_phys(kernel_pmd)) | PTE_PRESENT;
	write_cr3(pdpt);
	gdt_set_double_fault_cr3(pdpt);
}

void kspace_seal(void)
{
	sealed = true;
	protect_range((unsigned long)ro_after_init_start,
		      (unsigned long)ro_after_init_end, PAGE_KERNEL_RO);
}

/* Is one of @nr frames from @first on such as nobody may write any more? */
static bool read_only_frames(pfn_t first, unsigned long nr)
{
	const char *end = sealed ? ro_after_init_end : rodata_end;

	return first < virt_to_pfn(end) &&
	       first + nr > virt_to_pfn(text_start);
}

static bool executable(uint64_t raw)
{
	return cpu_features.nx && !(raw & PTE_NX);
}

bool kspace_permits(const struct page *page, pgprot_t prot)
{
	bool write = prot.raw & PTE_WRITE;

	if (executable(prot.raw) && (write || !page_is_highmem(page)))
		return false;
	return !(write && read_only_frames(page_to_pfn(page), 1));
}

/* All frames from here on are permitted, whichever they are. */
static struct page *first_permitted(pgprot_t prot)
{
	if (executable(prot.raw))		/* rare: look at each */
		return mem_map + mem_map_end;
	return prot.raw & PTE_WRITE ? virt_to_page(ro_after_init_end) : mem_map;
}

/* Where @first alone does not tell. */
static bool permitted(const struct page *page, pgprot_t prot)
{
	return page_pointer_valid(page) && kspace_permits(page, prot);
}

static __noinline unsigned int count_singly(struct page *const *pages,
					    unsigned int i, unsigned int nr,
					    pgprot_t prot)
{
	while (i < nr && permitted(pages[i], prot))
		i++;
	return i;
}

/* Almost always one comparison for each entry is all; four in a row, so that
 * counting them costs little. */
unsigned int kspace_count_permitted(struct page *const *pages, unsigned int nr,
				    pgprot_t prot)
{
	const struct page *first = first_permitted(prot);
	const pfn_t above = (pfn_t)(mem_map + mem_map_end - first);
	struct page *const *at = pages, *const *const end = pages + nr;

	while ((end - at) % 4 != 0 && page_among(*at, first, above))
		at++;
	while (at != end && page_among(at[0], first, above) &&
	       page_among(at[1], first, above) &&
	       page_among(at[2], first, above) &&
	       page_among(at[3], first, above))
		at += 4;
	return likely(at == end) ? nr :
	       count_singly(pages, (unsigned int)(at - pages), nr, prot);
}

/* --- the proof ------------------------------------------------------------- */

static bool in_hole(unsigned long addr)
{
	return (addr >= layout.high_memory && addr < VMALLOC_START) ||
	       (addr >= VMALLOC_END && addr < KASAN_SHADOW_START) ||
	       (addr >= KASAN_SHADOW_END && addr < PKMAP_BASE) ||
	       (addr >= PKMAP_END && addr < FIXADDR_START) ||
	       addr >= FIXADDR_END;
}

/* Is the frame writable under an address of the window, PKMAP or the fixmap? */
static bool writable_above(pfn_t pfn)
{
	struct pgtable_walk walk;
	unsigned long addr;

	for (addr = VMALLOC_START; addr < FIXADDR_END; addr += PAGE_SIZE)
		if (pgtable_lookup(addr, &walk) && pgtable_writable(&walk) &&
		    phys_to_pfn(pgtable_phys(&walk, addr)) == pfn)
			return true;
	return false;
}

/* An executable frame outside the text, writable under another address? */
static bool writable_elsewhere(unsigned long addr, pte_t pte)
{
	if (!executable(pte.raw) || within(addr, text_start, text_end))
		return false;
	return pte_pfn(pte) < PFN_DOWN(layout.lowmem_end) ||
	       writable_above(pte_pfn(pte));
}

static int check_leaf(unsigned long addr, pte_t pte, unsigned long size)
{
	if (executable(pte.raw) && (pte.raw & PTE_WRITE))
		return 1;
	if (writable_elsewhere(addr, pte))
		return 1;
	if ((pte.raw & PTE_WRITE) &&
	    read_only_frames(pte_pfn(pte), size / PAGE_SIZE))
		return 2;
	if (in_hole(addr) || in_hole(addr + size - 1))
		return 3;
	if (pte.raw & PTE_USER)
		return 4;
	return kspace_stack_guard(addr) ? 5 : 0;
}

static int check_table(unsigned long addr, const pte_t *table)
{
	unsigned int i;
	int broken;

	for (i = 0; i < PTRS_PER_TABLE; i++, addr += PAGE_SIZE) {
		broken = pte_present(table[i])
			? check_leaf(addr, table[i], PAGE_SIZE) : 0;
		if (broken)
			return broken;
	}
	return 0;
}

int kspace_check(void)
{
	unsigned long addr = PAGE_OFFSET;
	unsigned int i;
	int broken = 0;

	for (i = 0; i < 3; i++)
		if (pte_present(kernel_pdpt[i]))
			return 5;
	if (read_cr3() != phys_raw(virt_to_phys(kernel_pdpt)) ||
	    pte_phys(kernel_pdpt[3]) != virt_to_phys(kernel_pmd))
		return 3;
	for (i = 0; i < PTRS_PER_TABLE && !broken; i++, addr += LARGE_SIZE) {
		pte_t pmd = kernel_pmd[i];

		if (!pte_present(pmd))
			continue;
		if (pmd.raw & PTE_LARGE)
			broken = check_leaf(addr, pmd, LARGE_SIZE);
		else
			broken = check_table(addr, phys_to_virt(pte_phys(pmd)));
	}
	return broken;
}
