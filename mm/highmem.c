/* SPDX-License-Identifier: MIT */
/*
 * highmem.c - an address for a frame that has none
 *
 * Problem     Frames above the direct map exist, but the kernel cannot touch them.
 * Idea        A handful of fixmap slots per CPU, used as a stack: the next one is
 *             always known, so mapping needs no search, no lock and no other CPU.
 * Picture     this_cpu->kmap_depth = 2:   | slot 0 | slot 1 |  free ...
 *                                           in use   in use
 * Invariants  H1  Slots below kmap_depth are mapped. All others are not, but for
 *                 those that a fault left which was recovered from.
 * See         tests/mm/test_highmem.c, mm/fixmap.c
 */
#include <mm/highmem.h>

#include <lib/export.h>
#include <lib/string.h>
#include <mm/fixmap.h>
#include <x86/percpu.h>

void *kmap_local_page(struct page *page)
{
	unsigned int slot;

	if (!page_is_highmem(page))
		return page_address(page);
	slot = FIX_KMAP_FIRST + this_cpu->kmap_depth;
	ASSERT(slot <= FIX_KMAP_LAST);
	this_cpu->kmap_depth++;
	if (unlikely(pte_present(*kernel_pte(fixmap_address(slot)))))
		fixmap_clear(slot);		/* left by a fault: H1 */
	return fixmap_set(slot, page_to_phys(page), PAGE_KERNEL);
}
EXPORT_SYMBOL(kmap_local_page);

void kunmap_local(const void *addr)
{
	unsigned int slot;

	if ((unsigned long)addr < FIXADDR_START)
		return;
	slot = FIX_KMAP_FIRST + this_cpu->kmap_depth - 1;
	ASSERT(ALIGN_DOWN((unsigned long)addr, PAGE_SIZE) ==
	       fixmap_address(slot));
	fixmap_clear(slot);
	this_cpu->kmap_depth--;
}
EXPORT_SYMBOL(kunmap_local);

void clear_highpage(struct page *page)
{
	void *addr = kmap_local_page(page);

	memset(addr, 0, PAGE_SIZE);
	kunmap_local(addr);
}
EXPORT_SYMBOL(clear_highpage);
