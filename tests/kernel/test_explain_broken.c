/* SPDX-License-Identifier: MIT */
/*
 * test_explain_broken.c - a report comes out of a kernel that is broken, too
 *
 * Each case damages one record, asks for all that is known of an address that leads
 * to it, and mends the record. A fault inside of an answer would be reported.
 */
#include <kernel/explain.h>

#include <lib/string.h>
#include <mm/fixmap.h>
#include <mm/highmem.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/vm_map_ram.h>
#include <mm/vmap.h>
#include <tests/capture.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <tests/sealed.h>

static const char *all_of(unsigned long addr)
{
	capture_begin();
	explain_long(addr, capture);
	return captured;
}

KTEST(explain_broken, a_damaged_list_is_told_and_does_not_end_the_report)
{
	char *p = vmalloc(PAGE_SIZE), *q = vmalloc(PAGE_SIZE);
	struct vmap_area *area = vmap_find((unsigned long)p);
	struct vm_struct *next;

	REQUIRE(p && q > p && area);
	next = area->vm.next;
	area->vm.next = (void *)0xDEAD0000;
	EXPECT(strstr(all_of((unsigned long)q + PAGE_SIZE),
		      "this is the guard page"));
	EXPECT(strstr(captured, "the list of areas is damaged behind"));
	EXPECT(strstr(all_of((unsigned long)q + 5), "byte 5 of it"));
	area->vm.next = next;
	vfree(p);
	vfree(q);
}

/* Whatever stands in the words of a record: the answer is given to its end. */
static void try_wild_words(uint32_t *word, size_t nr, unsigned long addr)
{
	static const uint32_t wild[] = { 0, 1, 0xC0000000, 0xDEADBEEF, ~0U };
	size_t i, k;

	for (i = 0; i < nr; i++) {
		uint32_t good = word[i];

		for (k = 0; k <= ARRAY_SIZE(wild); k++) {
			word[i] = k < ARRAY_SIZE(wild) ? wild[k] :
				  random_next(ktest_random());
			all_of(addr);
			word[i] = good;
			EXPECT(strstr(captured, "  read    "));
		}
	}
}

KTEST(explain_broken, a_wild_struct_page_is_survived)
{
	struct page *page = alloc_pages(GFP_KERNEL, 1);

	REQUIRE(page);
	try_wild_words((uint32_t *)page, 2 * sizeof(*page) / 4,
		       (unsigned long)page_address(page) + PAGE_SIZE);
	page->zone += 77;
	all_of((unsigned long)page_address(page));
	page->zone -= 77;
	EXPECT(strstr(captured, "zone broken: used"));
	__free_pages(page, 1);
}

KTEST(explain_broken, a_wild_slab_is_survived)
{
	char *object = kmalloc(32, GFP_KERNEL), *freed = kmalloc(32, GFP_KERNEL);
	struct page *slab;

	REQUIRE(object && freed);
	kfree(freed);
	slab = virt_to_page(object);
	try_wild_words((uint32_t *)slab, sizeof(*slab) / 4,
		       (unsigned long)object);
	if (!KASAN_ON)
		try_wild_words((uint32_t *)freed, 2, (unsigned long)object);
	kfree(object);
}

static void construct(void *object)
{
	memset(object, 0, 40);
}

/* The link lies behind such an object: next, twice and turned by the key; the key. */
KTEST(explain_broken, a_free_object_that_leads_to_itself_is_survived)
{
	struct kmem_cache *cache;
	uint32_t *link, good, index;
	char *object, *freed;
	struct page *slab;

	if (KASAN_ON)
		ktest_skip("freed objects wait, and their links lie elsewhere");
	cache = kmem_cache_create("ring", 40, 0, 0, construct);
	REQUIRE(cache);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	freed = kmem_cache_alloc(cache, GFP_KERNEL);
	REQUIRE(object && freed);
	kmem_cache_free(cache, freed);
	slab = virt_to_page(object);
	link = (uint32_t *)(freed + 40);
	index = slab->first_free;
	good = link[0];
	link[0] = (index << 16 | index) ^ link[1];
	slab->nr_used += 1000;			/* the count does not end it */
	EXPECT(strstr(all_of((unsigned long)object), "are damaged"));
	slab->nr_used -= 1000;
	EXPECT(strstr(all_of((unsigned long)object), ": in use"));
	link[0] = good;
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
}

KTEST(explain_broken, a_slab_of_no_cache_is_survived)
{
	char *object = kmalloc(32, GFP_KERNEL);
	struct page *slab;

	REQUIRE(object);
	slab = virt_to_page(object);
	slab->cache += 200;
	all_of((unsigned long)object);
	slab->cache -= 200;
	EXPECT(strstr(captured, "records of its slab or cache are damaged"));
	kfree(object);
}

#define CACHE_WORDS	32		/* all of it but the magazine's last */

/* Its first words are a lock, which nobody takes meanwhile. */
KTEST(explain_broken, a_wild_cache_is_survived)
{
	struct kmem_cache *cache = kmem_cache_create("wild", 24, 0, 0, NULL);
	char *object;

	REQUIRE(cache);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	REQUIRE(object);
	try_wild_words((uint32_t *)cache, CACHE_WORDS,
		       (unsigned long)object);
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
}

KTEST(explain_broken, a_wild_block_of_vm_map_ram_is_survived)
{
	needs_short_ways();
	struct page *page = alloc_page(GFP_KERNEL);
	const struct ram_block *block;
	char *p;

	REQUIRE(page);
	p = vm_map_ram(&page, 1, 0);
	REQUIRE(p);
	block = ram_block_at((unsigned long)p);
	try_wild_words((uint32_t *)(unsigned long)block, sizeof(*block) / 4,
		       (unsigned long)p);
	vm_unmap_ram(p, 1);
	__free_page(page);
}

KTEST(explain_broken, a_wild_area_is_survived)
{
	char *p = vmalloc(PAGE_SIZE);
	struct vmap_area *area = vmap_find((unsigned long)p);

	REQUIRE(p && area);
	try_wild_words((uint32_t *)area, sizeof(*area) / 4, (unsigned long)p);
	vfree(p);
}

/* Its list of frames is looked for by who explains a frame. */
KTEST(explain_broken, a_wild_area_does_not_hide_who_shows_a_frame)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = vmalloc(PAGE_SIZE), *q;
	struct vmap_area *area = vmap_find((unsigned long)p);

	REQUIRE(page && p && area);
	q = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(q > p);
	vmap_find((unsigned long)q)->vm.pages = &page;
	vmap_find((unsigned long)q)->vm.nr_pages = 1;
	EXPECT(strstr(all_of((unsigned long)page_address(page)),
		      "page 0 of vmap area"));
	try_wild_words((uint32_t *)area, sizeof(*area) / 4,
		       (unsigned long)page_address(page));
	vunmap(q);
	vfree(p);
	__free_page(page);
}

/* What was freed and is not flushed yet is chained. */
KTEST(explain_broken, a_wild_chain_of_what_waits_for_a_flush_is_survived)
{
	bool at_boot = vmap_lazy;
	struct vmap_area *area;
	char *p;

	vmalloc_drain();
	p = vmalloc(PAGE_SIZE);
	REQUIRE(p);
	area = vmap_find((unsigned long)p);
	UNSEALED(vmap_lazy = true);
	vfree(p);
	p = vmalloc(2 * PAGE_SIZE);		/* busy, and not on the chain */
	REQUIRE(p);
	vmap_claim((unsigned long)p, 0);
	area->chain = area;			/* leads to itself */
	EXPECT(strstr(all_of((unsigned long)p), "which is busy"));
	area->chain = NULL;
	try_wild_words((uint32_t *)&area->chain, 1, (unsigned long)p);
	vmap_publish(container_of(area->vm.next, struct vmap_area, vm));
	vfree(p);
	UNSEALED(vmap_lazy = at_boot);
	vmalloc_drain();
}

/* The CPU refuses it; a report that reads there faults inside of itself. */
KTEST(explain_broken, a_reserved_bit_is_told)
{
	unsigned long addr = fixmap_address(FIX_TEST);
	pte_t *pte = fixmap_entry(FIX_TEST);

	pte_set(pte, (pte_t){ pte_make(virt_to_phys(kernel_start),
				       PAGE_KERNEL).raw | 1ULL << 55 });
	EXPECT(strstr(all_of(addr), "but a bit is reserved: no 4 KiB page"));
	EXPECT(strstr(captured, ": damaged\n"));
	EXPECT(!strstr(captured, "  frame   "));
	pte_clear(pte);
	tlb_flush_local_page(addr);
}

KTEST(explain_broken, a_wild_slot_of_kmap_is_survived)
{
	struct kmap_slot *slot = &kmaps.slot[KMAP_SLOTS], good = *slot;

	try_wild_words((uint32_t *)slot, sizeof(*slot) / 4, PKMAP_END - 1);
	*slot = (struct kmap_slot){ .count = 3, .page = (void *)0x10 };
	EXPECT(strstr(all_of(PKMAP_END - 1), "damaged: it has no frame"));
	*slot = good;
}

/* Nobody uses the 2 MiB between the slots of kmap and the fixed ones. */
KTEST(explain_broken, an_entry_that_leads_outside_of_memory_is_not_followed)
{
	unsigned long addr = PKMAP_END + 0x5123;
	pte_t *pmd = &kernel_pmd[(addr >> LARGE_SHIFT) % PTRS_PER_TABLE];

	if (pfn_valid(0xFFFFFF))
		ktest_skip("this machine has RAM everywhere");
	REQUIRE(pmd->raw == 0);
	pte_set(pmd, (pte_t){ 0xFFFFFF000 | PTE_PRESENT | PTE_WRITE });
	EXPECT(strstr(all_of(addr), "no table can be at ffffff000"));
	EXPECT(strstr(captured, "= ffffff003: damaged"));
	EXPECT(!strstr(captured, "PTE    5 "));
	pte_clear(pmd);
	pte_set(pmd, (pte_t){ 0xFFE000000 | PTE_PRESENT | PTE_LARGE });
	EXPECT(strstr(all_of(addr), "no RAM, it has no struct page"));
	pte_clear(pmd);
	tlb_flush_all();
}
