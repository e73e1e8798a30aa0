/* SPDX-License-Identifier: MIT */
/*
 * test_ramcheck.c - memory that is there, and memory that is not
 *
 * That the end of RAM is found inside a range, to the page, is seen from outside:
 * tests/machine/test_hostile.py.
 */
#include <mm/ramcheck.h>

#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/memblock.h>
#include <mm/page_alloc.h>
#include <tests/ktest.h>
#include <x86/cpu.h>

static void expect_there_and_unchanged(gfp_t gfp)
{
	struct page *page = alloc_page(gfp);
	uint64_t at;
	void *addr;

	REQUIRE(page);
	at = phys_raw(page_to_phys(page));
	addr = kmap_local_page(page);
	memset(addr, 0xA5, PAGE_SIZE);
	EXPECT_EQ(ramcheck_end(at, at + PAGE_SIZE), at + PAGE_SIZE);
	EXPECT(!memchr_inv(addr, 0xA5, PAGE_SIZE));
	kunmap_local(addr);
	__free_page(page);
}

KTEST(ramcheck, memory_that_is_there_keeps_its_bytes)
{
	expect_there_and_unchanged(GFP_KERNEL);
	expect_there_and_unchanged(GFP_HIGHUSER);
}

KTEST(ramcheck, all_ram_that_is_used_is_there)
{
	unsigned int i;

	EXPECT(memblock.ram.nr > 0);
	for (i = 0; i < memblock.ram.nr; i++)
		EXPECT_EQ(ramcheck_end(memblock.ram.range[i].start,
				       memblock.ram.range[i].end),
			  memblock.ram.range[i].end);
}

/* The highest addresses that the CPU has, where no machine has its memory. */
KTEST(ramcheck, addresses_without_memory_keep_nothing)
{
	uint64_t end = 1ULL << cpu_features.phys_bits;
	uint64_t start = end - MIB(16);

	if (cpu_features.phys_bits <= 32 || memblock_end_of_ram() > start)
		ktest_skip("there is something at the CPU's highest addresses");
	EXPECT_EQ(ramcheck_end(start, end), start);
	EXPECT_EQ(ramcheck_end(end - PAGE_SIZE, end), end - PAGE_SIZE);
}
