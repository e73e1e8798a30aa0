/* SPDX-License-Identifier: MIT */
/* test_memory.c - the monitor's questions about memory */
#include <mm/fixmap.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>

#include "ask.h"

KTEST(memory, each_table_is_printed)
{
	EXPECT(ask("zones") && answered("HIGHMEM"));
	EXPECT(ask("buddy") && answered("order"));
	EXPECT(ask("slabs") && answered("vmap_area"));
	EXPECT(ask("layout") && answered("vmalloc window"));
	EXPECT(ask("callers") && answered("caller"));
}

KTEST(memory, vmlist_shows_each_area_with_its_caller)
{
	needs_page_starts();
	char *p = vmalloc(10000);

	REQUIRE(p);
	EXPECT(ask("vmlist") && answered("%08lx", (unsigned long)p));
	EXPECT(answered("ktest_memory_vmlist_shows_each_area"));
	vfree(p);
}

KTEST(memory, pt_shows_the_entries_and_the_frame)
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	EXPECT(ask("pt %lx", (unsigned long)p));
	EXPECT(answered("physical %09llx",
			(uint64_t)vmalloc_to_pfn(p) << PAGE_SHIFT));
	EXPECT(answered("PDPT    3") && answered("PTE"));
	EXPECT(ask("pt 0") && answered("is not mapped"));
	EXPECT(ask("pt vmalloc") && answered("execute"));
	vfree(p);
}

KTEST(memory, page_takes_a_frame_number_or_an_address)
{
	char *p = vmalloc(PAGE_SIZE);
	unsigned long pfn;

	REQUIRE(p);
	pfn = vmalloc_to_pfn(p);
	EXPECT(ask("page %lx", (unsigned long)p) && answered("used"));
	EXPECT(answered("frame %lx ", pfn));
	EXPECT(ask("page 0x%lx", pfn) && answered("frame %lx ", pfn));
	EXPECT(ask("page 0") && answered("reserved"));
	EXPECT(ask("page fffffff") && answered("has no struct page"));
	vfree(p);
}

KTEST(memory, page_names_the_cache_of_a_slab)
{
	struct kmem_cache *cache = kmem_cache_create("plain", 100, 0, 0, NULL);
	struct page *slab;
	uint8_t number;
	char *object;

	REQUIRE(cache);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	REQUIRE(object);
	slab = virt_to_page(object);
	number = slab->cache;
	EXPECT(ask("page %lx", (unsigned long)object));
	EXPECT(answered("slab, zone %s, cache plain\n", page_zone(slab)->name));
	slab->cache = SLAB_NR_CACHES;		/* one behind the last */
	EXPECT(ask("page %lx", (unsigned long)object));
	EXPECT(answered(", cache broken\n"));
	slab->cache = SLAB_NR_CACHES - 1;	/* there is none of it */
	EXPECT(ask("page %lx", (unsigned long)object));
	EXPECT(answered(", cache broken\n"));
	slab->cache = number;
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
}

/* Cut to 32 bits it would be the kernel's. */
KTEST(memory, page_does_not_cut_a_frame_number)
{
	unsigned long addr = fixmap_address(FIX_TEST);
	pte_t *pte = fixmap_entry(FIX_TEST);

	pte_set(pte, (pte_t){ pte_make(virt_to_phys(kernel_start),
				       PAGE_KERNEL).raw | 1ULL << 44 });
	EXPECT(ask("page %lx", addr));
	EXPECT(answered("frame 1%08x has no struct page",
			virt_to_pfn(kernel_start)));
	pte_clear(pte);
	tlb_flush_local_page(addr);
}

KTEST(memory, page_survives_a_damaged_zone)
{
	struct page *page = alloc_page(GFP_KERNEL);

	REQUIRE(page);
	page->zone += 9;
	EXPECT(ask("page %x", page_to_pfn(page)) && answered("zone broken"));
	page->zone -= 9;
	__free_page(page);
}

KTEST(memory, explain_speaks_of_an_address)
{
	EXPECT(ask("explain 0") && answered("NULL pointer"));
	EXPECT(ask("explain fffffff0") && answered("hole"));
}
