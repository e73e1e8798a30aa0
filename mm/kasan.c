/* SPDX-License-Identifier: MIT */
/*
 * kasan.c - the shadow: which bytes of the kernel may be touched (KASAN=1)
 *
 * Problem     The MMU refuses whole pages. An overrun by one byte, a use after
 *             free, a variable whose block has ended all lie in pages that are
 *             mapped.
 * Idea        A byte of shadow for each 8 bytes of the kernel's gigabyte. The
 *             compiler puts a look at it before each access. Who hands out memory
 *             unpoisons it, who takes it back poisons it.
 * Picture     C0000000 direct map | window              | kmap  FFFFFFFF
 *                  |  / 8         |                     |
 *             F0000000 of its own | zeroes, pages when  | zeroes    F7FFFFFF
 *                                 | there is slack      |
 *             Zeroes say "touch it": one page, mapped again and again, read-only.
 *             What is not mapped in the window the CPU refuses by itself.
 * Invariants  KA1 The first 7 MiB, in which the image lies, have their shadow in
 *                 the image itself: it is there before anything is instrumented,
 *                 and stays, with the stack frames in it.
 *             KA2 Low memory has a shadow of its own from kasan_init on; in the
 *                 window a page of it is made when the first poison falls there.
 *             KA3 All tables of the shadow exist from kasan_init on.
 * Locks       shadow_lock (rank KSPACE) covers making pages for the window. A
 *             shadow byte belongs to whoever owns the memory.
 * Cost        An eighth of low memory.
 * Source      Serebryany et al., "AddressSanitizer", USENIX ATC 2012.
 * Read first  kasan_early_init, kasan_poison, kasan_first_bad.
 * See         mm/kasan_slab.c, kernel/kasan.c, tests/mm/test_kasan.c
 */
#include <mm/kasan.h>

#include <kernel/lockrank.h>
#include <lib/errno.h>
#include <mm/kspace.h>
#include <mm/memblock.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <x86/cpu.h>
#include <x86/spinlock.h>
#include <x86/trap.h>

#include "internal.h"

/* This file and boot/low_*.c are compiled without checks (tools/variants.mk). */

#define IMAGE_LIMIT	MIB(7)			/* linker.ld asserts it */
#define COVERED(bytes)	((bytes) * KASAN_GRANULE)

static uint8_t image_shadow[IMAGE_LIMIT / KASAN_GRANULE] __aligned(PAGE_SIZE);
static uint8_t zero_page[PAGE_SIZE] __aligned(PAGE_SIZE);
static pte_t image_table[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
static pte_t zero_table[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
static unsigned long nr_pages;			/* for the window */
static struct spinlock shadow_lock = SPINLOCK_INIT(RANK_KSPACE);

static uint8_t *shadow_of(unsigned long addr)
{
	return (uint8_t *)((addr >> 3) + KASAN_SHADOW_OFFSET);
}

/* --- before the final page tables ------------------------------------------ */

static void fill_table(pte_t *table, uint8_t *frames, unsigned int nr,
		       pgprot_t own, pgprot_t shared)
{
	unsigned int i;

	for (i = 0; i < PTRS_PER_TABLE; i++)
		table[i] = i < nr ?
			   pte_make(virt_to_phys(frames + i * PAGE_SIZE), own) :
			   pte_make(virt_to_phys(zero_page), shared);
}

static void hang_early(pte_t *pmd, unsigned long addr, const pte_t *table)
{
	pmd[(addr >> LARGE_SHIFT) % PTRS_PER_TABLE].raw =
		phys_raw(virt_to_phys(table)) | PTE_PRESENT | PTE_WRITE;
}

/* The loader's words and RAM beyond the image: all of it may be touched. */
static void map_early(void)
{
	const pgprot_t own = { PTE_PRESENT | PTE_WRITE };
	const pgprot_t shared = { PTE_PRESENT };
	const pte_t *pdpt = phys_to_virt(phys_make(read_cr3()));
	pte_t *pmd = phys_to_virt(pte_phys(pdpt[PAGE_OFFSET >> 30]));
	unsigned long addr;

	fill_table(image_table, image_shadow, sizeof(image_shadow) / PAGE_SIZE,
		   own, shared);
	fill_table(zero_table, NULL, 0, own, shared);
	hang_early(pmd, KASAN_SHADOW_START, image_table);
	for (addr = KASAN_SHADOW_START + LARGE_SIZE; addr < KASAN_SHADOW_END;
	     addr += LARGE_SIZE)
		hang_early(pmd, addr, zero_table);
	write_cr3(read_cr3());
}

/* gcc makes one for each file with globals: it poisons what lies behind them. */
static void run_constructors(void)
{
	extern void (*const init_array_start[])(void);
	extern void (*const init_array_end[])(void);
	void (*const *constructor)(void);

	for (constructor = init_array_start; constructor < init_array_end;
	     constructor++)
		(*constructor)();
}

void kasan_early_init(void)
{
	map_early();
	run_constructors();
}

/* --- the final one --------------------------------------------------------- */

/* How many pages of the table at @shadow cover low memory? */
static unsigned int nr_own(unsigned long shadow)
{
	unsigned long start = COVERED(shadow - KASAN_SHADOW_START);
	unsigned long end = (unsigned long)layout.lowmem_end;

	if (end <= start)
		return 0;
	return MIN((unsigned int)((end - start + COVERED(PAGE_SIZE) - 1) /
				  COVERED(PAGE_SIZE)), PTRS_PER_TABLE);
}

static pte_t *make_table(unsigned long shadow)
{
	pte_t *table = memblock_alloc(PAGE_SIZE, PAGE_SIZE, "shadow");
	unsigned int nr = nr_own(shadow);
	uint8_t *frames = NULL;

	if (nr)
		frames = memblock_alloc(nr * PAGE_SIZE, PAGE_SIZE, "shadow");
	fill_table(table, frames, nr, PAGE_KERNEL, PAGE_KERNEL_RO);
	return table;
}

/* The image's pages go on behind those it has. */
static void complete_image_table(void)
{
	unsigned int i, first = sizeof(image_shadow) / PAGE_SIZE;
	unsigned int nr = nr_own(KASAN_SHADOW_START);
	uint8_t *frames = NULL;

	if (nr > first)
		frames = memblock_alloc((nr - first) * PAGE_SIZE, PAGE_SIZE,
					"shadow");
	for (i = 0; i < first; i++)
		image_table[i] = pte_make(pte_phys(image_table[i]),
					  PAGE_KERNEL);
	for (; i < nr; i++, frames += PAGE_SIZE)
		image_table[i] = pte_make(virt_to_phys(frames), PAGE_KERNEL);
}

void kasan_init(void)
{
	unsigned long addr, covered;
	pte_t *table;

	kasan_init_frames();
	complete_image_table();
	fill_table(zero_table, NULL, 0, PAGE_KERNEL, PAGE_KERNEL_RO);
	pgtable_hang(KASAN_SHADOW_START, image_table);
	for (addr = KASAN_SHADOW_START + LARGE_SIZE; addr < KASAN_SHADOW_END;
	     addr += LARGE_SIZE) {
		covered = PAGE_OFFSET + COVERED(addr - KASAN_SHADOW_START);
		table = covered < VMALLOC_END ? make_table(addr) : zero_table;
		pgtable_hang(addr, table);
	}
}

/* --- pages for the window -------------------------------------------------- */

/* Returns whether @page is now mapped at @shadow; another one may be already. */
static bool replace_zeroes(unsigned long shadow, const struct page *page)
{
	pte_t *pte = kernel_pte(shadow);
	bool zeroes;

	spin_lock(&shadow_lock);
	zeroes = pte_phys(*pte) == virt_to_phys(zero_page);
	if (zeroes) {
		pte_replace(pte, pte_make(page_to_phys(page), PAGE_KERNEL));
		nr_pages++;
	}
	spin_unlock(&shadow_lock);
	return zeroes;
}

static int make_page(unsigned long shadow)
{
	struct page *page;

	if (pte_phys(*kernel_pte(shadow)) != virt_to_phys(zero_page))
		return 0;
	page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!page)
		return -ENOMEM;
	if (replace_zeroes(shadow, page))
		tlb_flush_kernel_range(shadow, shadow + PAGE_SIZE);
	else
		__free_page(page);
	return 0;
}

int kasan_populate(unsigned long addr, unsigned long size)
{
	unsigned long shadow = (unsigned long)shadow_of(addr) & PAGE_MASK;
	unsigned long last = (unsigned long)shadow_of(addr + size - 1);
	int err = 0;

	for (; shadow <= last && !err; shadow += PAGE_SIZE)
		err = make_page(shadow);
	return err;
}

unsigned long kasan_nr_pages(void)
{
	return nr_pages;
}

/* --- poison ---------------------------------------------------------------- */

/* The memset that is not checked (tools/variants.mk: --wrap). */
void *__real_memset(void *dst, int byte, size_t n);

static void set_shadow(unsigned long addr, size_t granules, unsigned int value)
{
	__real_memset(shadow_of(addr), (int)value, granules);
}

void kasan_poison(const void *addr, size_t size, unsigned int why)
{
	ASSERT(IS_ALIGNED((unsigned long)addr, KASAN_GRANULE));
	set_shadow((unsigned long)addr,
		   (size + KASAN_GRANULE - 1) / KASAN_GRANULE, why);
}

void kasan_unpoison(const void *addr, size_t size)
{
	unsigned long whole = ALIGN_DOWN(size, KASAN_GRANULE);

	ASSERT(IS_ALIGNED((unsigned long)addr, KASAN_GRANULE));
	set_shadow((unsigned long)addr, whole / KASAN_GRANULE, 0);
	if (whole != size)
		*shadow_of((unsigned long)addr + whole) =
			(uint8_t)(size - whole);
}

/*
 * Functions clear their frame's poison when they return, and those that are
 * jumped over do not. The double-fault task begins anew each time.
 */
void kasan_abandon_stacks(unsigned long esp)
{
	struct kstack *const stacks[] = { &boot_stack, &double_fault_stack };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stacks); i++) {
		unsigned long bottom = (unsigned long)stacks[i]->bytes;
		unsigned long top = kstack_top(stacks[i]);

		if (esp > bottom && esp <= top)
			top = ALIGN_DOWN(esp, KASAN_GRANULE);
		else if (stacks[i] == &boot_stack)
			continue;
		set_shadow(bottom, (top - bottom) / KASAN_GRANULE, 0);
	}
}

/* --- looking --------------------------------------------------------------- */

unsigned int kasan_shadow(unsigned long addr)
{
	return *shadow_of(addr);
}

static bool may_touch(unsigned long addr)
{
	unsigned int shadow = *shadow_of(addr);

	return shadow == 0 ||
	       (shadow < KASAN_GRANULE && addr % KASAN_GRANULE < shadow);
}

/* What wraps around or begins in user space is the CPU's to refuse. */
unsigned long kasan_first_bad(unsigned long addr, size_t size)
{
	size_t at = 0;

	if (addr < PAGE_OFFSET || addr + size < addr)
		return 0;
	while (at < size) {
		if (*shadow_of(addr + at) == 0)
			at += KASAN_GRANULE - (addr + at) % KASAN_GRANULE;
		else if (may_touch(addr + at))
			at++;
		else
			return addr + at;
	}
	return 0;
}
