/* SPDX-License-Identifier: MIT */
/*
 * test_vmalloc.c - scattered frames, contiguous addresses, a trap behind them
 *
 * The invariants W1 to W4 are those of mm/vmalloc.c. What Linux decided for each
 * odd request is in test_vmalloc_corners.c, the textbook's sentences are in
 * test_claims.c.
 */
#include <mm/vmalloc.h>

#include <kernel/lockrank.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/percpu.h>
#include <x86/spinlock.h>

#include "scarce.h"
#include "touch.h"

static unsigned long mapped_size(unsigned long size)
{
	return ALIGN_UP(size, PAGE_SIZE);
}

/* --- what comes back ------------------------------------------------------- */

static void expect_area(char *p, unsigned long size)
{
	const struct vm_struct *vm = find_vm_area(p);
	unsigned long mapped = mapped_size(size);
	unsigned int i;

	REQUIRE(vm);
	EXPECT(vm->addr == p);
	EXPECT_EQ((unsigned long)p % PAGE_SIZE, 0);
	EXPECT_EQ(vm->size, mapped + VM_GUARD_SIZE);		/* W3 */
	EXPECT_EQ(vm->nr_pages, mapped / PAGE_SIZE);
	EXPECT_EQ(vm->flags & (VM_ALLOC | VM_MAP | VM_IOREMAP), VM_ALLOC);
	for (i = 0; i < vm->nr_pages; i++)			/* W1 */
		EXPECT(vmalloc_to_page(p + i * PAGE_SIZE) == vm->pages[i]);
}

KTEST(vmalloc, every_size_keeps_every_byte)			/* W1, W3 */
{
	needs_page_starts();
	static const unsigned long sizes[] = {
		1, 2, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 10000,
		MIB(1) - 1, MIB(1),
	};
	char *p[ARRAY_SIZE(sizes)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		p[i] = vmalloc(sizes[i]);
		REQUIRE(p[i]);
		expect_area(p[i], sizes[i]);
		pattern_fill(p[i], sizes[i], i);
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		EXPECT(pattern_holds(p[i], sizes[i], i));
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		vfree(p[i]);
}

/*
 * 1024 entries fit into a page, 1025 do not: the array is an area itself. Under
 * KASAN a slab of one frame has no object of that size: 256 and 257.
 */
#define LARGEST		(KMALLOC_ONE_FRAME / sizeof(struct page *) * PAGE_SIZE)

static void expect_array(unsigned long size, bool from_vmalloc)
{
	unsigned long areas = vmap_nr_areas(), pages = nr_free_pages();
	const struct vm_struct *vm;
	char *p = vmalloc(size);

	if (!p && pages < 1536)
		ktest_skip("this machine has no 4 MiB to give");
	REQUIRE(p);
	vm = find_vm_area(p);
	REQUIRE(vm);
	EXPECT_EQ(!!(vm->flags & VM_VPAGES), from_vmalloc);
	EXPECT_EQ(addr_in_vmalloc((unsigned long)vm->pages), from_vmalloc);
	EXPECT_EQ(vmap_nr_areas(), areas + 1 + from_vmalloc);
	EXPECT_EQ(vm->nr_pages, mapped_size(size) / PAGE_SIZE);
	pattern_fill(p, size, 6);
	EXPECT(pattern_holds(p, size, 6));
	EXPECT_FAULT(touch_write(p + mapped_size(size)));
	EXPECT_EQ(vmalloc_check(), 0);
	vfree(p);
	vmap_purge();
	EXPECT_EQ(vmap_nr_areas(), areas);
}

KTEST(vmalloc, array_of_1024_frames_comes_from_kmalloc)
{
	expect_array(LARGEST, false);
}

KTEST(vmalloc, array_of_1025_frames_comes_from_vmalloc)
{
	expect_array(LARGEST + 1, true);
}

KTEST(vmalloc, frames_are_single_used_and_distinct)		/* attacks W2 */
{
	char *p = vmalloc(64 * PAGE_SIZE);
	const struct vm_struct *vm;
	unsigned int i, j, twice = 0;

	REQUIRE(p);
	vm = find_vm_area(p);
	REQUIRE(vm && vm->nr_pages == 64);
	for (i = 0; i < vm->nr_pages; i++) {
		EXPECT_EQ(vm->pages[i]->state, PAGE_USED);
		EXPECT_EQ(vm->pages[i]->order, 0);
		EXPECT_EQ(vm->pages[i]->count, 1);
		for (j = 0; j < i; j++)
			twice += vm->pages[i] == vm->pages[j];
	}
	EXPECT_EQ(twice, 0);
	vfree(p);
}

KTEST(vmalloc, address_leads_to_its_frame)			/* attacks W1 */
{
	char *p = vmalloc(3 * PAGE_SIZE), *direct;
	unsigned int i;

	REQUIRE(p);
	pattern_fill(p, 3 * PAGE_SIZE, 0);
	for (i = 0; i < 3; i++) {
		struct page *page = vmalloc_to_page(p + i * PAGE_SIZE + i);

		REQUIRE(page);
		EXPECT_EQ(vmalloc_to_pfn(p + i * PAGE_SIZE), page_to_pfn(page));
		direct = kmap_local_page(page);
		EXPECT(memcmp(direct, p + i * PAGE_SIZE, PAGE_SIZE) == 0);
		kunmap_local(direct);
	}
	vfree(p);
}

KTEST(vmalloc, area_remembers_what_was_asked_and_by_whom)
{
	char *p = vmalloc(10000);
	const struct vmap_area *area;
	char name[64];

	REQUIRE(p);
	area = vmap_find((unsigned long)p);
	REQUIRE(area);
	EXPECT_EQ(area->requested, 10000);
	snprintf(name, sizeof(name), "%pS", (void *)area->caller);
	EXPECT(strstr(name, "area_remembers_what_was_asked_and_by_whom"));
	vfree(p);
}

KTEST(vmalloc, vfree_gives_back_each_frame)
{
	unsigned long used = vmalloc_nr_pages(), free;
	char *p = vmalloc(200 * PAGE_SIZE);
	struct page *page;

	REQUIRE(p);
	EXPECT_EQ(vmalloc_nr_pages(), used + 200);
	page = vmalloc_to_page(p + 199 * PAGE_SIZE);
	free = nr_free_pages();
	vfree(p);
	vmap_purge();
	EXPECT(nr_free_pages() >= free + 200);
	EXPECT_EQ(vmalloc_nr_pages(), used);
	EXPECT(page->state != PAGE_USED);
}

/* --- the trap on either side ----------------------------------------------- */

KTEST(vmalloc, guard_faults_on_read_write_and_fetch)
{
	char *p = vmalloc(2 * PAGE_SIZE);

	REQUIRE(p);
	EXPECT_FAULT(touch_read(p + 2 * PAGE_SIZE));
	EXPECT_EQ(ktest_last_fault()->addr, (unsigned long)p + 2 * PAGE_SIZE);
	EXPECT_FAULT(touch_write(p + 2 * PAGE_SIZE));
	EXPECT_FAULT(touch_fetch(p + 2 * PAGE_SIZE));
	EXPECT_FAULT(touch_read(p + 3 * PAGE_SIZE - 1));
	EXPECT_FAULT(touch_write(p + 3 * PAGE_SIZE - 1));
	vfree(p);
}

KTEST(vmalloc, page_before_the_start_faults)
{
	char *first = vmalloc(PAGE_SIZE), *second = vmalloc(PAGE_SIZE);

	REQUIRE(first && second);
	EXPECT_FAULT(touch_write(first - 1));
	EXPECT_FAULT(touch_read(second - 1));
	EXPECT_FAULT(touch_read(second - PAGE_SIZE));
	vfree(second);
	vfree(first);
}

KTEST(vmalloc, first_and_last_byte_do_not_fault)
{
	needs_page_starts();
	char *p = vmalloc(10000);

	REQUIRE(p);
	EXPECT_NO_FAULT(touch_write(p); touch_read(p));
	EXPECT_NO_FAULT(touch_write(p + 9999); touch_read(p + 9999));
	EXPECT_NO_FAULT(touch_read(p + 12287));		/* the slack's last */
	vfree(p);
}

KTEST(vmalloc, freed_area_faults_everywhere)
{
	char *p = vmalloc(3 * PAGE_SIZE);
	unsigned int i;

	REQUIRE(p);
	memset(p, 1, 3 * PAGE_SIZE);
	vfree(p);
	vmap_purge();
	for (i = 0; i < 3; i++) {
		EXPECT_FAULT(touch_read(p + i * PAGE_SIZE));
		EXPECT_FAULT(touch_write(p + (i + 1) * PAGE_SIZE - 1));
	}
}

/* --- contents, permissions, zones ------------------------------------------ */

KTEST(vmalloc, vzalloc_clears_frames_that_were_full)
{
	char *p = vmalloc(64 * PAGE_SIZE);

	REQUIRE(p);
	memset(p, 0xFF, 64 * PAGE_SIZE);
	vfree(p);
	p = vzalloc(64 * PAGE_SIZE);
	REQUIRE(p);
	EXPECT(!memchr_inv(p, 0, 64 * PAGE_SIZE));
	vfree(p);
}

KTEST(vmalloc, read_only_area_can_be_read_and_not_written)
{
	char *p = __vmalloc(10000, GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO,
			    PAGE_KERNEL_RO);

	REQUIRE(p);
	EXPECT(!memchr_inv(p, 0, 10000));
	EXPECT_FAULT(touch_write(p));
	EXPECT_FAULT(touch_write(p + 9999));
	EXPECT(!memchr_inv(p, 0, 10000));
	vfree(p);
}

KTEST(vmalloc, executable_area_runs_and_cannot_be_written)
{
	char *p = __vmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_HIGHMEM,
			    PAGE_KERNEL_EXEC);
	char *code;

	if (!p && cpu_features.nx && !zones[ZONE_HIGHMEM].nr_present)
		ktest_skip("no HIGHMEM: every frame is writable elsewhere");
	REQUIRE(p);
	code = kmap_local_page(vmalloc_to_page(p));
	code[100] = (char)OPCODE_RET;
	kunmap_local(code);
	EXPECT_NO_FAULT(touch_fetch(p + 100));
	EXPECT_FAULT(touch_write(p + 100));
	vfree(p);
}

/* The direct map shows such frames writable: W^X holds for frames (K1). */
KTEST(vmalloc, frames_that_are_writable_elsewhere_never_become_executable)
{
	char *p = __vmalloc(PAGE_SIZE, GFP_KERNEL, PAGE_KERNEL_EXEC);
	struct page *page = alloc_page(GFP_KERNEL);
	struct page *text = virt_to_page(text_start);

	REQUIRE(page);
	if (!cpu_features.nx)
		EXPECT(p);
	else
		EXPECT(!p);
	vfree(p);
	p = NULL;
	if (cpu_features.nx)
		EXPECT_REPORT("vmap: refused", p = vmap(&page, 1, VM_MAP,
							PAGE_KERNEL_EXEC));
	EXPECT(!p);
	EXPECT_REPORT("vmap: refused", p = vmap(&text, 1, VM_MAP, PAGE_KERNEL));
	EXPECT(!p);
	__free_page(page);
}

/* W1 would not hold, and vfree looks at the slack. */
KTEST(vmalloc, permission_that_maps_nothing_is_refused)
{
	void *p = NULL;

	EXPECT_REPORT("permission_that_maps_nothing_is_refused",
		      p = __vmalloc(100, GFP_HIGHUSER, (pgprot_t){ 0 }));
	EXPECT(!p);
}

/* All frames lie in @highest or below, and the bytes are all right. */
static void expect_zone(gfp_t gfp, enum zone_id highest)
{
	char *p = __vmalloc(40 * PAGE_SIZE, gfp, PAGE_KERNEL);
	unsigned int i;

	REQUIRE(p);
	for (i = 0; i < 40; i++)
		EXPECT(vmalloc_to_page(p + i * PAGE_SIZE)->zone <= highest);
	pattern_fill(p, 40 * PAGE_SIZE, highest);
	EXPECT(pattern_holds(p, 40 * PAGE_SIZE, highest));
	vfree(p);
}

KTEST(vmalloc, zone_of_the_frames_is_the_callers_choice)
{
	expect_zone(GFP_KERNEL | __GFP_HIGHMEM, ZONE_HIGHMEM);
	expect_zone(GFP_KERNEL, ZONE_NORMAL);
	expect_zone(GFP_DMA, ZONE_DMA);
}

/* --- vmap and get_vm_area -------------------------------------------------- */

KTEST(vmalloc, vmap_shows_the_callers_frames_in_order)
{
	struct page *pages[5];
	unsigned int i;
	char *p, *q;

	for (i = 0; i < 5; i++) {
		pages[i] = alloc_page(GFP_HIGHUSER);
		REQUIRE(pages[i]);
	}
	p = vmap(pages, 5, VM_MAP, PAGE_KERNEL);
	q = vmap(pages, 5, VM_MAP, PAGE_KERNEL_RO);	/* once more */
	REQUIRE(p && q && p != q);
	pattern_fill(p, 5 * PAGE_SIZE, 2);
	EXPECT(pattern_holds(q, 5 * PAGE_SIZE, 2));
	for (i = 0; i < 5; i++)
		EXPECT(vmalloc_to_page(p + i * PAGE_SIZE) == pages[i]);
	EXPECT_EQ(find_vm_area(p)->nr_pages, 0);		/* owns none */
	EXPECT_FAULT(touch_read(p + 5 * PAGE_SIZE));
	EXPECT_FAULT(touch_write(q));
	vunmap(p);
	vmap_purge();
	EXPECT_FAULT(touch_read(p));
	EXPECT(pattern_holds(q, 5 * PAGE_SIZE, 2));
	vunmap(q);
	for (i = 0; i < 5; i++)
		__free_page(pages[i]);
}

KTEST(vmalloc, get_vm_area_reserves_addresses_and_maps_nothing)
{
	struct vm_struct *vm = get_vm_area(3 * PAGE_SIZE, VM_MAP);
	struct page *page = alloc_page(GFP_KERNEL);
	char *p;

	REQUIRE(vm && page);
	p = vm->addr;
	EXPECT_EQ(vm->size, 3 * PAGE_SIZE + VM_GUARD_SIZE);
	EXPECT_EQ(vm->nr_pages, 0);
	EXPECT_FAULT(touch_read(p));
	EXPECT_FAULT(touch_read(p + 3 * PAGE_SIZE - 1));
	REQUIRE(map_pages((unsigned long)p, &page, 1, PAGE_KERNEL) == 0);
	EXPECT_NO_FAULT(touch_write(p + PAGE_SIZE - 1));
	EXPECT(remove_vm_area(p) == vm);
	EXPECT_EQ(vm->size, 3 * PAGE_SIZE);
	EXPECT(!find_vm_area(p));
	EXPECT_FAULT(touch_write(p));
	free_vm_struct(vm);
	__free_page(page);
}

KTEST(vmalloc, area_without_flags_can_be_removed_too)
{
	struct vm_struct *vm = get_vm_area(PAGE_SIZE, 0);

	REQUIRE(vm);
	EXPECT(find_vm_area(vm->addr) == vm);
	EXPECT(remove_vm_area(vm->addr) == vm);
	free_vm_struct(vm);
}

/* --- shortage -------------------------------------------------------------- */

static unsigned long free_and_tables(void)
{
	vmalloc_drain();
	slab_drain();
	return nr_free_pages() + pgtable_nr_tables();
}

static unsigned int count_in_log(uint64_t from, const char *text)
{
	static char log[2048];
	const char *p = log;
	unsigned int n;

	printk_copy(from, log, sizeof(log));
	for (n = 0; (p = strstr(p, text)); n++)
		p++;
	return n;
}

static __noinline void *ask(unsigned long size)
{
	return vmalloc(size);
}

KTEST(vmalloc, without_frames_it_fails_and_says_so_once)
{
	struct scarce scarce;
	unsigned long before;
	uint64_t from;

	scarce_make(&scarce, GFP_KERNEL | __GFP_HIGHMEM, 20);
	before = free_and_tables();
	from = printk_position();
	EXPECT(!ask(64 * PAGE_SIZE));
	EXPECT_EQ(free_and_tables(), before);
	scarce_release(&scarce);
	EXPECT(printk_contains(from, "262144 bytes"));
	EXPECT(printk_contains(from, "ask+"));
	EXPECT(printk_contains(from, "out of frames"));
	EXPECT_EQ(count_in_log(from, "\n"), 1);
}

/* Record, array, page table, any of the frames: each is the one missing once. */
KTEST(vmalloc, each_shortage_on_the_way_is_undone)
{
	unsigned long before, areas = vmap_nr_areas();
	const uint64_t position = printk_position();
	unsigned int left, failed = 0;
	struct scarce scarce;
	void *p;

	for (left = 0; left <= 28; left++) {
		scarce_make(&scarce, GFP_KERNEL | __GFP_HIGHMEM, left);
		before = free_and_tables();
		p = __vmalloc(16 * PAGE_SIZE + 1,
			      GFP_KERNEL | __GFP_HIGHMEM | __GFP_NOWARN,
			      PAGE_KERNEL);
		failed += !p;
		vfree(p);
		EXPECT_EQ(printk_position(), position);	/* not a word */
		EXPECT_EQ(free_and_tables(), before);
		EXPECT_EQ(vmap_nr_areas(), areas);
		EXPECT_EQ(vmalloc_check(), 0);
		scarce_release(&scarce);
	}
	EXPECT(failed >= 16);
	EXPECT(failed < left);			/* the last one was served */
}

/* The array of the frames is itself an area that may not be had. */
KTEST(vmalloc, shortage_with_an_array_in_the_window_is_undone)
{
	unsigned long before, areas = vmap_nr_areas();
	struct scarce scarce;
	unsigned int left;

	if (zones[ZONE_DMA].nr_managed + zones[ZONE_NORMAL].nr_managed < 2048)
		ktest_skip("more than 4 MiB is more than this machine has");
	for (left = 0; left <= 12; left++) {
		uint64_t from = printk_position();

		scarce_make(&scarce, GFP_KERNEL | __GFP_HIGHMEM, left);
		before = free_and_tables();
		EXPECT(!ask(MIB(4) + 1));
		EXPECT_EQ(free_and_tables(), before);
		EXPECT_EQ(vmap_nr_areas(), areas);
		scarce_release(&scarce);
		/* One reason, of vmalloc or of who could not make a record. */
		EXPECT_EQ(count_in_log(from, "asked by ask") +
			  count_in_log(from, "page_alloc: no block"), 1);
	}
}

KTEST(vmalloc, without_addresses_it_fails_and_names_the_option)
{
	struct vm_struct *held[128], *vm;
	unsigned int n = 0;
	unsigned long size;
	void *hole;

	for (size = MIB(16); size >= PAGE_SIZE; size /= 2)
		while (n < ARRAY_SIZE(held) - 1 &&
		       VMALLOC_END - VMALLOC_START > size &&
		       (vm = get_vm_area(size, VM_MAP)))
			held[n++] = vm;
	REQUIRE(n > 8 && n < ARRAY_SIZE(held) - 1);	/* it is full now */
	EXPECT_REPORT("vmalloc=<size>", EXPECT(!ask(PAGE_SIZE)));
	EXPECT(ktest_report_contains("ask+"));
	hole = held[5]->addr;
	free_vm_struct(remove_vm_area(hole));
	held[5] = get_vm_area(PAGE_SIZE, VM_MAP);
	REQUIRE(held[5]);
	EXPECT(held[5]->addr == hole);
	while (n-- > 0)
		free_vm_struct(remove_vm_area(held[n]->addr));
}

/* --- where it may not be called -------------------------------------------- */

/* The reports name it as the caller: it must be a function in its own right. */
static void __noinline expect_all_refused(void *p, struct page **pages)
{
	struct vm_struct *vm = find_vm_area(p);

	EXPECT_REPORT("vmalloc: refused", EXPECT(!vmalloc(PAGE_SIZE)));
	EXPECT(ktest_report_contains("expect_all_refused"));
	EXPECT_REPORT("refused", EXPECT(!vzalloc(PAGE_SIZE)));
	EXPECT_REPORT("refused", EXPECT(!__vmalloc(PAGE_SIZE, GFP_ATOMIC,
						   PAGE_KERNEL)));
	EXPECT_REPORT("vfree: refused", vfree(p));
	EXPECT(ktest_report_contains("expect_all_refused"));
	EXPECT_REPORT("vmap: refused",
		      EXPECT(!vmap(pages, 1, VM_MAP, PAGE_KERNEL)));
	EXPECT_REPORT("vunmap: refused", vunmap(p));
	EXPECT_REPORT("get_vm_area: refused",
		      EXPECT(!get_vm_area(PAGE_SIZE, VM_MAP)));
	EXPECT_REPORT("remove_vm_area: refused", EXPECT(!remove_vm_area(p)));
	EXPECT(find_vm_area(p) == vm);
}

KTEST(vmalloc, interrupt_handler_is_refused)
{
	unsigned long areas = vmap_nr_areas();
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p && page);
	this_cpu->irq_depth++;
	expect_all_refused(p, &page);
	vfree(NULL);
	this_cpu->irq_depth--;
	EXPECT_EQ(vmap_nr_areas(), areas + 1);
	EXPECT_NO_FAULT(touch_write(p));
	vfree(p);
	__free_page(page);
}

/* The flush inside would wait for other CPUs, which may wait for the lock. */
KTEST(vmalloc, holder_of_a_spinlock_is_refused)
{
	struct spinlock outermost = SPINLOCK_INIT(RANK_VMAP), inner;
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p && page);
	spin_lock_init(&inner, RANK_ZONE);
	spin_lock(&inner);
	EXPECT_REPORT("refused", EXPECT(!vmalloc(PAGE_SIZE)));
	spin_unlock(&inner);
	spin_lock(&outermost);
	EXPECT_REPORT("vfree: refused", vfree(p));
	EXPECT_REPORT("vmap: refused",
		      EXPECT(!vmap(&page, 1, VM_MAP, PAGE_KERNEL)));
	spin_unlock(&outermost);
	EXPECT_NO_FAULT(touch_write(p));
	vfree(p);
	__free_page(page);
}

/* --- against a model ------------------------------------------------------- */

enum kind { KIND_NONE, KIND_VMALLOC, KIND_VMAP, KIND_RESERVED };

#define NR_LIVE		64U
#define NR_SHARED	6U

static struct live {
	enum kind	kind;
	char		*p;
	unsigned long	size;
	uint32_t	key;		/* of a vmalloc area's pattern       */
	unsigned int	first;		/* of a vmap area: its first frame   */
} live[NR_LIVE];
static struct page *shared[2 * NR_SHARED];	/* twice, so that any run fits */

static void create(struct live *l, struct random *random)
{
	struct vm_struct *vm;

	l->kind = KIND_VMALLOC + random_below(random, 3);
	l->size = 1 + random_below(random, 12 * PAGE_SIZE);
	switch (l->kind) {
	case KIND_VMALLOC:
		l->key = random_next(random);
		l->p = vmalloc(l->size);
		REQUIRE(l->p);
		pattern_fill(l->p, l->size, l->key);
		break;
	case KIND_VMAP:
		l->first = random_below(random, NR_SHARED);
		l->size = (1 + random_below(random, NR_SHARED)) * PAGE_SIZE;
		l->p = vmap(&shared[l->first],
			    (unsigned int)(l->size / PAGE_SIZE), VM_MAP,
			    PAGE_KERNEL_RO);
		REQUIRE(l->p);
		break;
	default:
		vm = get_vm_area(l->size, random_below(random, 2) ? VM_IOREMAP :
				 VM_MAP);
		REQUIRE(vm);
		l->p = vm->addr;
	}
}

static bool vmap_shows(const struct live *l)
{
	unsigned int i;

	for (i = 0; i < l->size / PAGE_SIZE; i++)
		if (!pattern_holds(l->p + i * PAGE_SIZE, PAGE_SIZE,
				   (l->first + i) % NR_SHARED))
			return false;
	return true;
}

static void destroy(struct live *l)
{
	struct vm_struct *vm;

	EXPECT_FAULT(touch_write(l->p + mapped_size(l->size)));
	EXPECT_FAULT(touch_write(l->p - 1));
	switch (l->kind) {
	case KIND_VMALLOC:
		EXPECT(pattern_holds(l->p, l->size, l->key));
		vfree(l->p);
		break;
	case KIND_VMAP:
		EXPECT(vmap_shows(l));
		vunmap(l->p);
		break;
	default:
		EXPECT_FAULT(touch_read(l->p));
		vm = remove_vm_area(l->p);
		REQUIRE(vm);
		EXPECT_EQ(vm->size, mapped_size(l->size));
		free_vm_struct(vm);
	}
	EXPECT(!find_vm_area(l->p));
	l->kind = KIND_NONE;
}

static void take_shared(void)
{
	unsigned int i;
	char *p;

	for (i = 0; i < NR_SHARED; i++) {
		shared[i] = shared[i + NR_SHARED] = alloc_page(GFP_HIGHUSER);
		REQUIRE(shared[i]);
		p = kmap_local_page(shared[i]);
		pattern_fill(p, PAGE_SIZE, i);
		kunmap_local(p);
	}
}

KTEST(vmalloc, random_life_of_64_areas_matches_a_model)	/* V1 to V4, W1 to W4 */
{
	needs_page_starts();
	unsigned long areas = vmap_nr_areas(), nr_live = 0;
	struct random *random = ktest_random();
	unsigned int step, i;

	memset(live, 0, sizeof(live));
	take_shared();
	for (step = 0; step < 1200; step++) {
		struct live *l = &live[random_below(random, NR_LIVE)];

		if (l->kind == KIND_NONE) {
			create(l, random);
			nr_live++;
		} else {
			destroy(l);
			nr_live--;
		}
		if (step % 32)
			continue;
		vmap_purge();
		EXPECT_EQ(vmap_nr_areas(), areas + nr_live);
		EXPECT_EQ(vmalloc_check(), 0);
	}
	for (i = 0; i < NR_LIVE; i++)
		if (live[i].kind != KIND_NONE)
			destroy(&live[i]);
	for (i = 0; i < NR_SHARED; i++)
		__free_page(shared[i]);
}
