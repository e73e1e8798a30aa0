/* SPDX-License-Identifier: MIT */
/*
 * ramcheck.c - is what the loader calls RAM really there?
 *
 * Problem     A loader may claim RAM that the machine does not have. Whoever is
 *             given such a frame reads back what nobody wrote.
 * Idea        Try the last page of each range: what is missing is missing at the
 *             end. If that page keeps nothing, halving finds where RAM ends.
 *             What lies in a page is put back: it may be a loader's.
 * Picture     claimed  |=======================================|
 *             there    |============|
 *             tried             5  6 4    3         2          1
 * Failure     What is not there is no RAM any more, and a line says so. A gap in
 *             the middle of a range whose last page is there stays unseen.
 * Cost        One page for each range that is true, so a machine that gets its
 *             memory when it is touched does not get it here.
 * Read first  ramcheck_end
 * See         tests/mm/test_ramcheck.c, tests/machine/test_hostile.py
 */
#include <mm/ramcheck.h>

#include <kernel/printk.h>
#include <lib/bits.h>
#include <mm/fixmap.h>
#include <mm/memblock.h>

static bool word_keeps(volatile uint32_t *word)
{
	uint32_t before = *word;
	bool keeps;

	*word = ~before;
	keeps = *word == ~before;
	*word = before;
	return keeps;
}

/* We run in the kernel's image: it is there, and not to be changed. */
static bool page_keeps(uint64_t at)
{
	phys_addr_t phys = phys_make(at);
	bool keeps;

	if (at >= LEGACY_END && at < image_end())
		return true;
	if (at < layout.lowmem_end)
		return word_keeps(phys_to_virt(phys));
	keeps = word_keeps(fixmap_set(FIX_RAMCHECK, phys, PAGE_KERNEL));
	fixmap_clear(FIX_RAMCHECK);
	return keeps;
}

uint64_t ramcheck_end(uint64_t start, uint64_t end)
{
	uint64_t middle;

	if (page_keeps(end - PAGE_SIZE))
		return end;
	while (start < end) {
		middle = ALIGN_DOWN(start + (end - start) / 2, PAGE_SIZE);
		if (page_keeps(middle))
			start = middle + PAGE_SIZE;
		else
			end = middle;
	}
	return start;
}

/* What lies behind the end of RAM in the same range is none either. */
static void check_range(const struct memblock_range r, uint64_t from,
			uint64_t to)
{
	uint64_t start = MAX(r.start, from), end = MIN(r.end, to), real;

	if (start >= end)
		return;
	real = ramcheck_end(start, end);
	if (real == end)
		return;
	printk(KERN_WARNING "ramcheck: [%09llx, %09llx) is no RAM, whatever "
	       "the loader says\n", real, r.end);
	memblock_remove(&memblock.ram, real, r.end);
}

/* Downwards: a range that vanishes moves only those above it. */
static void check_ranges(uint64_t from, uint64_t to)
{
	unsigned int i = memblock.ram.nr;

	while (i-- > 0)
		check_range(memblock.ram.range[i], from, to);
}

void ramcheck_low(void)
{
	check_ranges(0, layout.lowmem_end);
}

void ramcheck_high(void)
{
	check_ranges(layout.lowmem_end, memblock_end_of_ram());
}
