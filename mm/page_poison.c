/* SPDX-License-Identifier: MIT */
/*
 * page_poison.c - was a frame written while it was free?
 *
 * Problem     Who still writes to a frame that he gave back damages whoever gets
 *             it next. No page table forbids it: the direct map shows all frames.
 * Idea        Fill each free frame with a pattern, from boot on, and look whether
 *             it is still there when the frame is taken: late, but before its next
 *             owner relies on it.
 * Picture     __free_pages       free: aa aa aa aa aa aa      alloc_pages
 *             fill            ->       aa aa 58 aa aa aa  ->  a report
 *                                            ^ somebody wrote here
 * Invariants  PP1 Each free frame holds the pattern, in stock or in the buddy.
 * Failure     The report; the frame is handed out all the same, it is as good as
 *             any other.
 * Cost        No memory. A page of stores for each frame freed, of loads for each
 *             taken: 7,700 instructions for the two. At boot, all of RAM is
 *             written. A block of order 10 keeps interrupts off for 4 MiB.
 * Source      Linux: mm/page_poison.c.
 * See         tests/mm/test_page_poison.c, mm/page_watch.c
 */
#include <mm/page_watch.h>

#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/highmem.h>

void page_poison_fill(struct page *page, unsigned int order)
{
	const struct page *end = page + (1U << order);

	if (!page_is_highmem(page))	/* parts of a slab may be forbidden */
		kasan_unpoison(page_address(page), PAGE_SIZE << order);
	for (; page < end; page++) {
		void *addr = kmap_local_page(page);

		memset(addr, PAGE_POISON, PAGE_SIZE);
		kunmap_local(addr);
	}
}

static __noinline void report(pfn_t pfn, unsigned long byte,
			      unsigned int value, unsigned long caller)
{
	printk(KERN_ERR "page_poison: frame %05x was written while it was "
	       "free: byte %lu is %02x, not %02x; %pB took it\n", pfn, byte,
	       value, PAGE_POISON, (void *)caller);
	if (page_owners && page_owners[pfn].caller)
		printk(KERN_ERR "page_poison: %pB had it, %pB freed it\n",
		       (void *)(unsigned long)page_owners[pfn].caller,
		       (void *)(unsigned long)page_owners[pfn].freed_by);
}

void page_poison_check(struct page *page, unsigned int order,
		       unsigned long caller)
{
	const struct page *end = page + (1U << order);

	for (; page < end; page++) {
		const unsigned char *addr = kmap_local_page(page);
		const unsigned char *bad = memchr_inv(addr, PAGE_POISON,
						      PAGE_SIZE);

		if (bad)
			report(page_to_pfn(page), (unsigned long)(bad - addr),
			       *bad, caller);
		kunmap_local(addr);
	}
}
