/* SPDX-License-Identifier: MIT */
/*
 * test_claims.c - the textbook's sentences about vmalloc, one by one
 *
 * docs/claims.md names a case of this file for each claim that is proved. A
 * case proves the whole sentence on the running machine: what the sentence
 * says of every area is tried on each kind of area, what it says of memory is
 * counted, what it says of a report is looked for in the report.
 */
#include <mm/vmalloc.h>			/* first, and alone: claim C4 */

#include <lib/string.h>
#include <mm/crumbs.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>

#include "scarce.h"
#include "touch.h"

/* The case's report must name all that an address or a number can name. */
static void expect_words(const char *const words[])
{
	for (; *words; words++)
		if (!ktest_report_contains(*words))
			ktest_fail(__FILE__, __LINE__,
				   "the report does not say \"%s\"", *words);
}

#define EXPECT_WORDS(...) \
	expect_words((const char *const[]){ __VA_ARGS__, NULL })

static const char *hex(const void *addr)
{
	static char text[4][16];
	static unsigned int next;

	next = (next + 1) % ARRAY_SIZE(text);
	snprintf(text[next], sizeof(text[next]), "%08lx", (unsigned long)addr);
	return text[next];
}

/* --- C1 -------------------------------------------------------------------- */

/* Each way to touch the byte behind the mapped pages ends in a message. */
static void expect_guarded(char *start, char *guard)
{
	EXPECT_FAULT(touch_read(guard + PAGE_SIZE - 1));
	EXPECT_BAD_ACCESS("past the end", touch_write(guard));
	EXPECT_WORDS("BAD WRITE", hex(guard), hex(start), "touch_write");
	EXPECT_EQ(ktest_last_fault()->addr, (unsigned long)guard);
	EXPECT_BAD_ACCESS("past the end", touch_read(guard));
	EXPECT_WORDS("BAD READ", hex(guard), hex(start), "touch_read");
	EXPECT_BAD_ACCESS("past the end", touch_write(guard + PAGE_SIZE - 1));
	EXPECT_WORDS(hex(guard + PAGE_SIZE - 1), hex(start));
}

KTEST(claims, access_behind_a_vmalloc_area_is_reported)		/* C1 */
{
	needs_page_starts();
	char *p = vmalloc(10000);

	REQUIRE(p);
	EXPECT_NO_FAULT(touch_write(p + 12287));
	poke(p + 12287, peek(p + 12286));	/* the slack as it was */
	expect_guarded(p, p + 12288);
	EXPECT_BAD_ACCESS("10000", touch_write(p + 12288));	/* as asked */
	EXPECT_WORDS("12288", "access_behind_a_vmalloc_area_is_reported");
	vfree(p);
}

KTEST(claims, access_behind_a_vmap_area_is_reported)		/* C1 */
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p;

	REQUIRE(page);
	p = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(p);
	EXPECT_NO_FAULT(touch_write(p + PAGE_SIZE - 1));
	expect_guarded(p, p + PAGE_SIZE);
	vunmap(p);
	__free_page(page);
}

KTEST(claims, access_behind_a_reserved_area_is_reported)	/* C1 */
{
	struct vm_struct *vm = get_vm_area(2 * PAGE_SIZE, VM_IOREMAP);
	struct page *pages[2] = { alloc_page(GFP_KERNEL), alloc_page(GFP_KERNEL) };
	char *p;

	REQUIRE(vm && pages[0] && pages[1]);
	p = vm->addr;
	REQUIRE(map_pages((unsigned long)p, pages, 2, PAGE_KERNEL) == 0);
	EXPECT_NO_FAULT(touch_write(p + 2 * PAGE_SIZE - 1));
	expect_guarded(p, p + 2 * PAGE_SIZE);
	free_vm_struct(remove_vm_area(p));
	__free_page(pages[0]);
	__free_page(pages[1]);
}

static void expect_page_behind(const struct vm_struct *vm)
{
	char *start = vm->addr, *guard = start + vm->nr_pages * PAGE_SIZE;
	unsigned int i;

	for (i = 0; i < vm->nr_pages; i++)
		EXPECT(vmalloc_to_page(start + i * PAGE_SIZE));
	EXPECT(!vmalloc_to_page(guard));
	EXPECT_FAULT(touch_read(guard));
	EXPECT(!vm->next || (char *)vm->next->addr >= guard + PAGE_SIZE);
}

/* At least one page, behind every area, however large: never mapped. */
KTEST(claims, every_area_has_an_unmapped_page_behind_it)	/* C1 */
{
	char *p[40];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = vmalloc(1 + random_below(ktest_random(), 4 * PAGE_SIZE));
		REQUIRE(p[i]);
	}
	for (i = 0; i < ARRAY_SIZE(p); i++)
		expect_page_behind(find_vm_area(p[i]));
	for (i = 0; i < ARRAY_SIZE(p); i++)
		vfree(p[i]);
}

/* The part of C1 that the hardware cannot see: inside the last page. */
KTEST(claims, overrun_into_the_slack_is_reported_by_vfree)	/* C1 */
{
	needs_page_starts();
	char *p = vmalloc(10000);

	REQUIRE(p);
	touch_write(p + 10000);
	EXPECT_REPORT("past its end", vfree(p));
	EXPECT_WORDS(hex(p), "10000",
		     "overrun_into_the_slack_is_reported_by_vfree");
}

/* --- C2 -------------------------------------------------------------------- */

/* Four bytes, the last of them behind the end: none may be written. */
static __noinline void write_across(char *end)
{
	*(volatile uint32_t *)(end - 3) = 0x58585858;
}

static __noinline void fill_across(char *start, unsigned long size)
{
	__asm__ volatile("rep stosb" : "+D"(start), "+c"(size)
			 : "a"('X') : "memory");
}

KTEST(claims, access_behind_an_area_changes_nothing)		/* C2 */
{
	static const unsigned long distances[] = {
		0, 1, 2, 3, 4, 63, 64, 512, 2048, 4000, 4092, 4095,
	};
	char *before = vmalloc(PAGE_SIZE), *p = vmalloc(2 * PAGE_SIZE);
	char *behind = vmalloc(3 * PAGE_SIZE), *end = p + 2 * PAGE_SIZE;
	unsigned int i;

	REQUIRE(before && p && behind);
	REQUIRE(behind == end + VM_GUARD_SIZE);
	pattern_fill(before, PAGE_SIZE, 1);
	pattern_fill(p, 2 * PAGE_SIZE, 2);
	pattern_fill(behind, 3 * PAGE_SIZE, 3);
	for (i = 0; i < ARRAY_SIZE(distances); i++) {
		EXPECT_FAULT(touch_write(end + distances[i]));
		EXPECT_EQ(ktest_last_fault()->addr,
			  (unsigned long)end + distances[i]);
	}
	EXPECT_FAULT(write_across(end));
	EXPECT_FAULT(write_across(behind));	/* its last byte is behind's */
	EXPECT_FAULT(write_across(p));		/* its last byte is p's own */
	EXPECT_FAULT(touch_write(before + PAGE_SIZE));
	EXPECT(pattern_holds(before, PAGE_SIZE, 1));
	EXPECT(pattern_holds(p, 2 * PAGE_SIZE, 2));
	EXPECT(pattern_holds(behind, 3 * PAGE_SIZE, 3));

	EXPECT_FAULT(fill_across(end - 100, 8 * PAGE_SIZE));	/* a memset */
	EXPECT_EQ(ktest_last_fault()->addr, (unsigned long)end);
	EXPECT(pattern_holds(p, 2 * PAGE_SIZE - 100, 2));
	EXPECT(pattern_holds(behind, 3 * PAGE_SIZE, 3));
	EXPECT_EQ(vmalloc_check(), 0);
	vfree(behind);
	vfree(p);
	vfree(before);
}

/* --- C3 -------------------------------------------------------------------- */

#define MANY	64U

/* Frames that nobody has, page tables and objects' slabs not counted. */
static unsigned long frames_left(void)
{
	unsigned long slabs = 0;
	pfn_t pfn;

	for (pfn = 0; pfn < MIN(PFN_DOWN(layout.lowmem_end), mem_map_end);
	     pfn++)
		slabs += pfn_to_page(pfn)->state == PAGE_SLAB;
	return nr_free_pages() + pgtable_nr_tables() + slabs;
}

/* 64 guards against one: as many addresses more, and not one frame. */
KTEST(claims, gap_costs_addresses_and_no_frame)			/* C3 */
{
	needs_one_guard();
	unsigned long before = frames_left(), used = vmalloc_nr_pages();
	char *p[MANY], *one;
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		p[i] = vmalloc(PAGE_SIZE);
		REQUIRE(p[i]);
		if (i > 0)
			EXPECT(p[i] == p[i - 1] + PAGE_SIZE + VM_GUARD_SIZE);
	}
	EXPECT_EQ(before - frames_left(), MANY);
	EXPECT_EQ(vmalloc_nr_pages() - used, MANY);
	for (i = 0; i < MANY; i++)
		vfree(p[i]);
	vmap_purge();
	one = vmalloc(MANY * PAGE_SIZE);
	REQUIRE(one);
	EXPECT_EQ(before - frames_left(), MANY);
	EXPECT_EQ(find_vm_area(one)->size, (MANY + 1) * PAGE_SIZE);
	vfree(one);
	vmap_purge();
	EXPECT_EQ(frames_left(), before);
}

/* --- C4 -------------------------------------------------------------------- */

_Static_assert(_Generic(&vmalloc, void *(*)(unsigned long): 1, default: 0),
	       "void *vmalloc(unsigned long size)");

static void expect_bytes(unsigned long size)
{
	char *p = vmalloc(size);

	REQUIRE(p);
	EXPECT_EQ(find_vm_area(p)->nr_pages,
		  (size + PAGE_SIZE - 1) / PAGE_SIZE);
	EXPECT_NO_FAULT(touch_write(p); touch_write(p + size - 1));
	vfree(p);
}

KTEST(claims, vmalloc_takes_one_argument_in_bytes)		/* C4 */
{
	static const unsigned long sizes[] = {
		1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 10000,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		expect_bytes(sizes[i]);
}

/* --- what vmalloc can get, for C6 and C9 ------------------------------------ */

/* Frames of zone @id that vmalloc may have: those above the floor. */
static unsigned long in_reach(enum zone_id id)
{
	unsigned long floor = zone_floor(&zones[id], ZONE_HIGHMEM, 0);
	unsigned long free = zone_nr_free(&zones[id]);

	return free > floor ? free - floor : 0;
}

static unsigned long all_in_reach(void)
{
	return in_reach(ZONE_DMA) + in_reach(ZONE_NORMAL) +
	       in_reach(ZONE_HIGHMEM);
}

/* --- C5 and C6 ------------------------------------------------------------- */

static unsigned long count_breaks(const char *p)
{
	const struct vm_struct *vm = find_vm_area(p);
	unsigned long breaks = 0, i;

	for (i = 1; i < vm->nr_pages; i++)
		breaks += vmalloc_to_pfn(p + i * PAGE_SIZE) !=
			  vmalloc_to_pfn(p + (i - 1) * PAGE_SIZE) + 1;
	return breaks;
}

KTEST(claims, addresses_are_linear_and_frames_need_not_be)	/* C5 */
{
	struct crumbs crumbs;
	unsigned long breaks;
	bool good;
	char *p;

	crumbs_make(&crumbs);
	p = vmalloc(100 * PAGE_SIZE);
	if (!p) {
		crumbs_release(&crumbs);
		REQUIRE(p);
	}
	pattern_fill(p, 100 * PAGE_SIZE, 5);	/* one loop over all of it */
	good = pattern_holds(p, 100 * PAGE_SIZE, 5);
	breaks = count_breaks(p);
	vfree(p);
	crumbs_release(&crumbs);
	EXPECT(good);
	EXPECT_EQ(breaks, 99);			/* no two are neighbours */
}

static void count_block(gfp_t gfp, unsigned int order, unsigned int *given)
{
	struct page *block = alloc_pages(gfp | __GFP_HIGH | __GFP_NOWARN, order);

	*given += block != NULL;
	__free_pages(block, order);
}

/* What each kind of request gets of blocks of @order: nothing, one hopes. */
static unsigned int blocks_given(unsigned int order)
{
	unsigned int given = 0;

	count_block(GFP_HIGHUSER, order, &given);
	count_block(GFP_KERNEL, order, &given);
	count_block(GFP_DMA, order, &given);
	return given;
}

#define FOR_TABLES	16UL	/* page tables, the array, records */

struct outcome { unsigned int orders, blocks, refused, wrong; };

/* For each order: is a block refused, and the same size given by vmalloc? */
static void try_each_order(struct outcome *o)
{
	unsigned int order;

	for (order = 1; order <= MAX_ORDER; order++) {
		unsigned long size = PAGE_SIZE << order;
		char *p;

		o->blocks += blocks_given(order);
		if (size / PAGE_SIZE + FOR_TABLES > all_in_reach())
			continue;
		o->orders++;
		p = vmalloc(size);
		o->refused += !p;
		if (!p)
			continue;
		pattern_fill(p, size, order);
		o->wrong += !pattern_holds(p, size, order);
		vfree(p);
	}
}

static void expect_outcome(const struct outcome *o)
{
	EXPECT(o->orders >= 6);			/* 256 KiB at the very least */
	EXPECT_EQ(o->blocks, 0);
	EXPECT_EQ(o->refused, 0);
	EXPECT_EQ(o->wrong, 0);
}

KTEST(claims, vmalloc_succeeds_where_no_block_is_left)		/* C6 */
{
	struct outcome outcome = { 0 };
	struct crumbs crumbs;

	crumbs_make(&crumbs);
	try_each_order(&outcome);
	crumbs_release(&crumbs);
	expect_outcome(&outcome);
}

#define ROUNDS		1000U
#define NR_ALIVE	24U

/* Areas and objects of all sizes come and go; none outlives the rounds. */
static void run_for_long(struct random *random)
{
	static void *areas[NR_ALIVE], *objects[NR_ALIVE];
	unsigned int round, i;

	memset(areas, 0, sizeof(areas));
	memset(objects, 0, sizeof(objects));
	for (round = 0; round < ROUNDS; round++) {
		i = random_below(random, NR_ALIVE);
		vfree(areas[i]);
		areas[i] = vmalloc(1 + random_below(random, 8 * PAGE_SIZE));
		i = random_below(random, NR_ALIVE);
		kfree(objects[i]);
		objects[i] = kmalloc(8U << random_below(random, 8),
				     GFP_KERNEL | __GFP_NOWARN);
	}
	for (i = 0; i < NR_ALIVE; i++) {
		vfree(areas[i]);
		kfree(objects[i]);
	}
}

KTEST(claims, vmalloc_succeeds_after_running_for_long)		/* C6 */
{
	struct outcome outcome = { 0 };
	struct crumbs crumbs;

	crumbs_make(&crumbs);
	run_for_long(ktest_random());
	slab_drain();
	try_each_order(&outcome);
	crumbs_release(&crumbs);
	expect_outcome(&outcome);
}

/* --- C9 -------------------------------------------------------------------- */

#define SPARED		8UL		/* frames left in each zone */

/* Blocks of 2^@order of zone @id, as long as enough frames stay in reach. */
static void take_blocks(struct scarce *s, enum zone_id id, unsigned int order)
{
	static const gfp_t kinds[] = { GFP_DMA, GFP_KERNEL, GFP_HIGHUSER };

	while (in_reach(id) >= SPARED + (1UL << order)) {
		struct page *page = alloc_pages(kinds[id] | __GFP_NOWARN, order);

		if (!page)
			return;
		if (page->zone != id) {		/* none so large left in @id */
			__free_pages(page, order);
			return;
		}
		list_add(&page->link, &s->held);
	}
}

static void empty_zones(struct scarce *s)
{
	unsigned int id, below;

	list_init(&s->held);
	for (id = NR_ZONES; id-- > 0; )
		for (below = NR_ORDERS; below-- > 0; )
			take_blocks(s, (enum zone_id)id, below);
}

/* The zones of an area's frames in the order in which they were taken. */
struct taken { unsigned long frames[NR_ZONES]; unsigned int upwards; };

static struct taken look_at_zones(const char *p)
{
	const struct vm_struct *vm = find_vm_area(p);
	struct taken t = { 0 };
	unsigned int i;

	for (i = 0; i < vm->nr_pages; i++) {
		t.frames[vm->pages[i]->zone]++;
		if (i > 0 && vm->pages[i]->zone > vm->pages[i - 1]->zone)
			t.upwards++;
	}
	return t;
}

KTEST(claims, frames_come_from_highmem_then_normal_then_dma)	/* C9 */
{
	unsigned long expected[NR_ZONES], total;
	struct scarce scarce;
	struct taken taken = { 0 };
	unsigned int id;
	char *p, *more;

	empty_zones(&scarce);
	total = all_in_reach();
	scarce_release(&scarce);
	p = vmalloc(total * PAGE_SIZE);	/* makes records and page tables */
	vfree(p);
	vmap_purge();

	empty_zones(&scarce);
	for (id = 0; id < NR_ZONES; id++)
		expected[id] = in_reach((enum zone_id)id);
	p = vmalloc(total * PAGE_SIZE);
	if (p)
		taken = look_at_zones(p);
	more = __vmalloc(PAGE_SIZE, GFP_HIGHUSER | __GFP_NOWARN, PAGE_KERNEL);
	vfree(more);
	vfree(p);
	scarce_release(&scarce);

	EXPECT(p);
	EXPECT(!more);			/* what is left is kept for others */
	EXPECT_EQ(taken.upwards, 0);
	for (id = 0; id < NR_ZONES; id++)
		EXPECT_EQ(taken.frames[id], expected[id]);
	EXPECT(total >= SPARED);
}

KTEST(claims, lower_zones_are_left_alone_while_highmem_lasts)	/* C9 */
{
	unsigned long size = MIB(8), low;
	struct taken taken;
	char *p;

	if (in_reach(ZONE_HIGHMEM) * PAGE_SIZE < size)
		ktest_skip("this machine has no 8 MiB of HIGHMEM");
	p = vmalloc(size);		/* its page tables come from below */
	vfree(p);
	low = frames_left() - zone_nr_free(&zones[ZONE_HIGHMEM]);
	p = vmalloc(size);
	REQUIRE(p);
	taken = look_at_zones(p);
	EXPECT_EQ(taken.frames[ZONE_HIGHMEM], size / PAGE_SIZE);
	EXPECT_EQ(frames_left() - zone_nr_free(&zones[ZONE_HIGHMEM]), low);
	vfree(p);
}

/* --- C10 ------------------------------------------------------------------- */

static int count_high(const struct vmap_area *area, void *arg)
{
	unsigned int i;

	for (i = 0; i < area->vm.nr_pages; i++)
		*(unsigned long *)arg += page_is_highmem(area->vm.pages[i]);
	return 0;
}

static void expect_all_vmallocs(void)
{
	const struct zone *zone = &zones[ZONE_HIGHMEM];
	unsigned long in_areas = 0;
	struct books books;

	books_read(&books);			/* drains all stocks */
	vmap_for_each(count_high, &in_areas);
	EXPECT_EQ(zone->nr_managed - zone->buddy.nr_free, in_areas);
}

/* What the source says of it: tools/highmem.py. */
KTEST(claims, used_frames_of_highmem_are_vmallocs)		/* C10 */
{
	struct page *page;
	char *p;

	if (!zones[ZONE_HIGHMEM].nr_managed)
		ktest_skip("this machine has no HIGHMEM");
	expect_all_vmallocs();
	p = vmalloc(50 * PAGE_SIZE);
	REQUIRE(p);
	expect_all_vmallocs();
	page = vmalloc_to_page(p);
	EXPECT(kmap(page));			/* an address, no frame */
	kfree(kmalloc(100, GFP_HIGHUSER));
	expect_all_vmallocs();
	kunmap(page);
	vfree(p);
	expect_all_vmallocs();
}

/* --- C11 ------------------------------------------------------------------- */

#define NR_RANDOM	48U

static void *areas[NR_RANDOM];

static void live_at_random(struct random *random)
{
	unsigned int step, i;

	memset(areas, 0, sizeof(areas));
	for (step = 0; step < 600; step++) {
		i = random_below(random, NR_RANDOM);
		vfree(areas[i]);
		areas[i] = NULL;
		if (random_below(random, 4))
			areas[i] = vmalloc(1 + random_below(random,
							    6 * PAGE_SIZE));
	}
}

static void end_all(void)
{
	unsigned int i;

	for (i = 0; i < NR_RANDOM; i++)
		vfree(areas[i]);
}

/* What a walk along the list adds up; used and free make the whole window. */
struct census {
	const struct vm_struct	*last;
	unsigned long		used, free, nr, kept, mapped, bad;
};

static int count_section(const struct vmap_area *area, void *arg)
{
	unsigned long start = (unsigned long)area->vm.addr;
	struct census *c = arg;
	unsigned long end = c->last ? (unsigned long)c->last->addr +
				      c->last->size : VMALLOC_START;

	c->bad += start < end;				/* ascending, apart */
	c->bad += c->last && c->last->next != &area->vm; /* linked so */
	c->free += start - end;
	c->used += area->vm.size;
	c->mapped += area->vm.nr_pages;
	c->kept += area->vm.flags == VM_KEPT;		/* area_stock.c */
	c->nr++;
	c->last = &area->vm;
	return 0;
}

static unsigned long count_mapped_pages(void)
{
	unsigned long addr, mapped = 0;

	for (addr = VMALLOC_START; addr < VMALLOC_END; addr += PAGE_SIZE) {
		const pte_t *pte = kernel_pte(addr);

		if (pte)
			mapped += pte_present(*pte);
		else
			addr = (addr | (LARGE_SIZE - 1)) + 1 - PAGE_SIZE;
	}
	return mapped;
}

KTEST(claims, used_sections_form_a_list_ordered_by_address)	/* C11 */
{
	struct census c = { 0 };
	unsigned int i, live = 0;
	unsigned long others = vmap_nr_areas();

	live_at_random(ktest_random());
	for (i = 0; i < NR_RANDOM; i++)
		live += areas[i] != NULL;
	vmap_purge();
	vmap_for_each(count_section, &c);
	REQUIRE(c.last);
	EXPECT_EQ(c.bad, 0);
	EXPECT(!c.last->next);
	EXPECT_EQ(c.nr - c.kept, others + live);
	c.free += VMALLOC_END - (unsigned long)c.last->addr - c.last->size;
	EXPECT_EQ(c.used + c.free, VMALLOC_END - VMALLOC_START);
	EXPECT_EQ(count_mapped_pages(), c.mapped);	/* nothing elsewhere */
	for (i = 0; i < NR_RANDOM; i++)
		EXPECT(!areas[i] || find_vm_area(areas[i]));
	end_all();
}

/* --- C12 ------------------------------------------------------------------- */

#define FIELD_IS(field, type) \
	_Generic(((struct vm_struct *)0)->field, type: 1, default: 0)
#define ENDS_AT(field) \
	(offsetof(struct vm_struct, field) + \
	 sizeof(__typeof__(((struct vm_struct *)0)->field)))

_Static_assert(FIELD_IS(next, struct vm_struct *) && FIELD_IS(addr, void *) &&
	       FIELD_IS(size, unsigned long) &&
	       FIELD_IS(flags, unsigned long) &&
	       FIELD_IS(pages, struct page **) &&
	       FIELD_IS(nr_pages, unsigned int) &&
	       FIELD_IS(phys_addr, phys_addr_t),
	       "each field has its type");

/* Seven fields without a gap from 0 to the size: there is no eighth. */
KTEST(claims, vm_struct_has_exactly_the_books_fields)		/* C12 */
{
	EXPECT_EQ(offsetof(struct vm_struct, next), 0);
	EXPECT_EQ(offsetof(struct vm_struct, addr), ENDS_AT(next));
	EXPECT_EQ(offsetof(struct vm_struct, size), ENDS_AT(addr));
	EXPECT_EQ(offsetof(struct vm_struct, flags), ENDS_AT(size));
	EXPECT_EQ(offsetof(struct vm_struct, pages), ENDS_AT(flags));
	EXPECT_EQ(offsetof(struct vm_struct, nr_pages), ENDS_AT(pages));
	EXPECT_EQ(offsetof(struct vm_struct, phys_addr), ENDS_AT(nr_pages));
	EXPECT_EQ(sizeof(struct vm_struct), ENDS_AT(phys_addr));
}

KTEST(claims, each_used_section_is_a_vm_struct)			/* C12 */
{
	char *p = vmalloc(2 * PAGE_SIZE), *q = vmalloc(PAGE_SIZE);
	struct vm_struct *vm, *device = get_vm_area(PAGE_SIZE, VM_IOREMAP);

	REQUIRE(p && q && device);
	vm = find_vm_area(p);
	REQUIRE(vm);
	EXPECT(vm->next == find_vm_area(q));
	EXPECT(vm->addr == p);
	EXPECT_EQ(vm->size, 2 * PAGE_SIZE + VM_GUARD_SIZE);
	EXPECT_EQ(vm->flags, VM_ALLOC);
	EXPECT(vm->pages[1] == vmalloc_to_page(p + PAGE_SIZE));
	EXPECT_EQ(vm->nr_pages, 2);
	EXPECT_EQ(vm->phys_addr, 0);
	EXPECT_EQ(device->flags, VM_IOREMAP);
	EXPECT(!device->pages);
	EXPECT_EQ(device->nr_pages, 0);
	free_vm_struct(remove_vm_area(device->addr));
	vfree(q);
	vfree(p);
}

/* --- C14 ------------------------------------------------------------------- */

static int count_exposed(const struct vmap_area *area, void *arg)
{
	const char *start = area->vm.addr;

	*(unsigned long *)arg += vmalloc_to_page(start - PAGE_SIZE) != NULL;
	*(unsigned long *)arg += vmalloc_to_page(start + area->vm.size -
						 PAGE_SIZE) != NULL;
	return 0;
}

KTEST(claims, every_area_lies_between_unmapped_pages)		/* C14 */
{
	unsigned long exposed = 0;

	live_at_random(ktest_random());
	vmap_for_each(count_exposed, &exposed);
	EXPECT_EQ(exposed, 0);
	end_all();
}

KTEST(claims, access_before_the_start_is_reported)		/* C14 */
{
	char *p = vmalloc(PAGE_SIZE), *q = vmalloc(PAGE_SIZE);

	REQUIRE(p && q);
	if ((unsigned long)p == VMALLOC_START) {	/* the window's edge */
		EXPECT_BAD_ACCESS("before the start", touch_write(p - 1));
		EXPECT_WORDS("BAD WRITE", hex(p - 1), hex(p), "1 byte ");
		EXPECT_BAD_ACCESS("before the start",
				  touch_read(p - PAGE_SIZE));
		EXPECT_WORDS("BAD READ", hex(p), "4096 bytes");
	}
	EXPECT_BAD_ACCESS(hex(q - 1), touch_write(q - 1));	/* p's guard */
	EXPECT_WORDS("past the end", hex(p), hex(q));
	vfree(q);
	vfree(p);
}

KTEST(claims, access_between_two_areas_gives_both_distances)	/* C14 */
{
	needs_one_guard();
	char *p = vmalloc(2 * PAGE_SIZE), *middle = vmalloc(10 * PAGE_SIZE);
	char *q = vmalloc(PAGE_SIZE), *hit;

	REQUIRE(p && middle && q);
	REQUIRE(q == middle + 11 * PAGE_SIZE);
	vfree(middle);
	vmalloc_drain();		/* else it is remembered as freed */
	hit = q - 1000;
	EXPECT_BAD_ACCESS("BAD WRITE", touch_write(hit));
	EXPECT_WORDS(hex(hit), hex(p), hex(q), "1000 bytes before the start");
	EXPECT(hit - (p + 2 * PAGE_SIZE) + 1 == 48153);
	EXPECT_WORDS("48153");			/* past the end of the other */
	hit = middle;				/* the first byte of the gap */
	EXPECT_BAD_ACCESS(hex(hit), touch_read(hit));
	EXPECT_WORDS("4097", "45056 bytes before the start");
	vfree(q);
	vfree(p);
}

KTEST(claims, area_at_the_end_of_the_window_is_guarded_too)	/* C14 */
{
	needs_one_guard();
	const char *end = (const char *)VMALLOC_END;
	static struct vmap_area last;
	struct page *page = alloc_page(GFP_KERNEL);
	char *p;

	REQUIRE(page);
	last = (struct vmap_area){
		.vm.size = 2 * PAGE_SIZE,
		.vm.flags = VM_MAP,
		.requested = PAGE_SIZE,
	};
	REQUIRE(vmap_insert(&last, PAGE_SIZE, VMALLOC_END - 2 * PAGE_SIZE,
			    VMALLOC_END) == 0);
	p = last.vm.addr;
	vmap_publish(&last);
	REQUIRE(map_pages((unsigned long)p, &page, 1, PAGE_KERNEL) == 0);
	EXPECT_NO_FAULT(touch_write(p); touch_write(p + PAGE_SIZE - 1));
	EXPECT_BAD_ACCESS("past the end", touch_write(p + PAGE_SIZE));
	EXPECT_WORDS(hex(p), hex(p + PAGE_SIZE));
	EXPECT_BAD_ACCESS(hex(end), touch_write(end));	/* outside it */
	EXPECT_BAD_ACCESS(hex(end - 1), touch_read(end - 1));
	EXPECT_FAULT(touch_write(p - 1));
	unmap_range((unsigned long)p, (unsigned long)p + PAGE_SIZE);
	EXPECT(vmap_claim((unsigned long)p, 0) == &last);
	vmap_remove(&last);
	__free_page(page);
}
