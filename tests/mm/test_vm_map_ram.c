/* SPDX-License-Identifier: MIT */
/*
 * test_vm_map_ram.c - mappings cut from blocks, and flushed late
 *
 * R1 to R4 are those of mm/vm_map_ram.c. Each case begins without a block: the
 * books before it have flushed, and given back what was empty.
 */
#include <mm/vm_map_ram.h>

#include <kernel/lockrank.h>
#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <mm/trace.h>
#include <mm/vmap.h>
#include <tests/ktest.h>
#include <x86/percpu.h>
#include <x86/spinlock.h>

#include "touch.h"

#define NR		40U
#define SHARE		32U		/* more than that is vmap's */

static struct page *frames[NR];

/* Frame i holds pattern i. */
static void take_frames(void)
{
	unsigned int i;
	char *p;

	if (short_ways.shared == 0)
		ktest_skip("no blocks while there is a trace");
	for (i = 0; i < NR; i++) {
		frames[i] = alloc_page(GFP_HIGHUSER);
		REQUIRE(frames[i]);
		p = kmap_local_page(frames[i]);
		pattern_fill(p, PAGE_SIZE, i);
		kunmap_local(p);
	}
}

static void give_frames(void)
{
	unsigned int i;

	for (i = 0; i < NR; i++)
		__free_page(frames[i]);
}

/* Does @p show @count frames from number @first on? */
static bool shows(const char *p, unsigned int first, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!pattern_holds(p + i * PAGE_SIZE, PAGE_SIZE, first + i))
			return false;
	return true;
}

/* The reports name it as the caller: it must be a function in its own right. */
static __noinline void unmap(const void *p, unsigned int count)
{
	vm_unmap_ram(p, count);
}

KTEST(vm_map_ram, shows_the_callers_frames_in_order)
{
	char *p, *q;

	take_frames();
	p = vm_map_ram(frames, 3, -1);
	q = vm_map_ram(frames + 5, SHARE, 0);
	REQUIRE(p && q);
	EXPECT(is_vmalloc_addr(p) && is_vmalloc_addr(q));
	EXPECT(shows(p, 0, 3) && shows(q, 5, SHARE));
	EXPECT(vmalloc_to_page(q + PAGE_SIZE) == frames[6]);
	memset(p + PAGE_SIZE, 0, PAGE_SIZE);
	vm_unmap_ram(p, 3);
	p = vm_map_ram(frames + 1, 1, 0);
	REQUIRE(p);
	EXPECT(!memchr_inv(p, 0, PAGE_SIZE));
	EXPECT_EQ(vm_map_ram_check(), 0);
	vm_unmap_ram(p, 1);
	vm_unmap_ram(q, SHARE);
	EXPECT_EQ(frames[0]->count, 1);
	give_frames();
}

KTEST(vm_map_ram, unmapped_page_faults_after_the_flush)
{
	char *keep, *p;

	take_frames();
	keep = vm_map_ram(frames, 1, 0);
	p = vm_map_ram(frames + 1, 2, 0);
	REQUIRE(keep && p);
	touch_read(p);
	touch_read(p + PAGE_SIZE);
	vm_unmap_ram(p, 2);
	vm_unmap_aliases();
	EXPECT_FAULT(touch_read(p));
	EXPECT_FAULT(touch_write(p + PAGE_SIZE));
	EXPECT(shows(keep, 0, 1));
	vm_unmap_ram(keep, 1);
	give_frames();
}

KTEST(vm_map_ram, guard_lies_behind_each_block)			/* attacks R1 */
{
	struct ram_block *b;
	char *p;

	take_frames();
	p = vm_map_ram(frames, 1, 0);
	REQUIRE(p);
	b = this_cpu->ram_block;
	EXPECT_EQ(b->start % RAM_BLOCK_SIZE, 0);
	EXPECT_EQ(b->area->vm.size,
		  RAM_BLOCK_PAGES * PAGE_SIZE + VM_GUARD_SIZE);
	EXPECT_FAULT(touch_write((char *)b->start + RAM_BLOCK_PAGES *
				 PAGE_SIZE));
	EXPECT_FAULT(touch_read((char *)b->start + RAM_BLOCK_SIZE - 1));
	EXPECT_FAULT(touch_write(p + PAGE_SIZE));	/* never used yet */
	EXPECT_FAULT(touch_read((char *)b->start - 1));
	vm_unmap_ram(p, 1);
	give_frames();
}

static unsigned long nr_flushes(void)
{
	return tlb_stats.full + tlb_stats.pages;
}

/* Each address once between two flushes, then one flush for all of them. */
KTEST(vm_map_ram, address_is_not_used_again_before_the_flush)	/* attacks R4 */
{
	unsigned long flushes, last = 0, addr = 0;
	unsigned int n;

	take_frames();
	vm_unmap_ram(vm_map_ram(frames, 1, 0), 1);
	flushes = nr_flushes();
	for (n = 0; nr_flushes() == flushes && n < 300; n++) {
		last = addr;
		addr = (unsigned long)vm_map_ram(frames, 1, 0);
		REQUIRE(addr);
		EXPECT(addr > last || nr_flushes() != flushes);
		vm_unmap_ram((void *)addr, 1);
	}
	EXPECT(n > RAM_BLOCK_PAGES - SHARE && n <= RAM_BLOCK_PAGES);
	EXPECT_EQ(nr_flushes(), flushes + 1);
	EXPECT_EQ(addr, this_cpu->ram_block->start);	/* from the front */
	give_frames();
}

/* Somebody is still in the block: the CPU goes on in another one. */
KTEST(vm_map_ram, last_to_unmap_gives_the_block_back)
{
	unsigned long areas = vmap_nr_areas();
	struct ram_block *first;
	char *keep, *p;

	take_frames();
	keep = vm_map_ram(frames, 1, 0);
	REQUIRE(keep);
	first = this_cpu->ram_block;
	while (this_cpu->ram_block == first) {
		p = vm_map_ram(frames + 1, 16, 0);
		REQUIRE(p);
		vm_unmap_ram(p, 16);
	}
	EXPECT_EQ(vmap_nr_areas(), areas + 2);
	EXPECT(shows(keep, 0, 1));
	EXPECT_EQ(vm_map_ram_check(), 0);
	vm_unmap_aliases();
	EXPECT_EQ(vmap_nr_areas(), areas + 1);
	vm_unmap_ram(keep, 1);
	EXPECT_EQ(vmap_nr_areas(), areas);
	EXPECT_FAULT(touch_read(keep));
	give_frames();
}

KTEST(vm_map_ram, more_than_a_share_is_an_area_of_vmap)
{
	char *p;

	take_frames();
	p = vm_map_ram(frames, SHARE + 1, 0);
	REQUIRE(p);
	EXPECT(find_vm_area(p) && find_vm_area(p)->flags == VM_MAP);
	EXPECT(shows(p, 0, SHARE + 1));
	EXPECT_REPORT("no mapping of 32 pages", unmap(p, SHARE));
	EXPECT(ktest_report_contains("unmap+"));
	EXPECT_REPORT("no mapping of", unmap(p, 0x100000 + SHARE + 1));
	vm_unmap_ram(p, SHARE + 1);
	EXPECT(!find_vm_area(p));
	give_frames();
}

KTEST(vm_map_ram, none_and_far_too_many_are_null)
{
	take_frames();
	EXPECT(!vm_map_ram(frames, 0, 0));
	EXPECT(!vm_map_ram(frames, ~0U, 0));
	EXPECT(!vm_map_ram(frames, 0x100001, 0));	/* 4 GiB and a page */
	vm_unmap_ram(NULL, 1);
	give_frames();
}

KTEST(vm_map_ram, entry_that_is_no_page_is_reported)
{
	struct page *pages[3], *bad[] = {
		NULL, mem_map + mem_map_end, virt_to_page(text_start),
		(struct page *)((char *)mem_map + 4),
	};
	unsigned int i, round;

	take_frames();
	memcpy(pages, frames, sizeof(pages));
	for (round = 0; round < 2; round++) {	/* without a block, and with */
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			pages[2] = bad[i];
			EXPECT_REPORT("vm_map_ram: refused",
				      EXPECT(!vm_map_ram(pages, 3, 0)));
			EXPECT(ktest_report_contains("entry_that_is_no_page"));
		}
		EXPECT_EQ(vm_map_ram_check(), 0);
		vm_unmap_ram(vm_map_ram(frames, 1, 0), 1);
	}
	give_frames();
}

static void expect_refused(const char *p, unsigned int count)
{
	EXPECT_REPORT("is no mapping of", unmap(p, count));
	EXPECT(ktest_report_contains("unmap+"));
	EXPECT_EQ(vm_map_ram_check(), 0);
}

KTEST(vm_map_ram, wrong_unmap_is_reported_and_changes_nothing)
{
	char *p, *area;

	take_frames();
	area = vmalloc(PAGE_SIZE);
	p = vm_map_ram(frames, 3, 0);
	REQUIRE(p && area);
	expect_refused(p, 2);
	expect_refused(p, 4);
	expect_refused(p, 0);
	expect_refused(p, 0x103);		/* the low byte is right */
	expect_refused(p + 1, 3);
	expect_refused(p + PAGE_SIZE, 2);
	expect_refused(p + 3 * PAGE_SIZE, 1);
	expect_refused((char *)this_cpu->ram_block->start +
		       RAM_BLOCK_PAGES * PAGE_SIZE, 1);
	expect_refused(area, 1);
	expect_refused(text_start, 1);
	expect_refused((char *)PAGE_SIZE, 1);
	expect_refused(p - 0x40000000, 3);	/* what is not looked at by place_of */
	EXPECT(shows(p, 0, 3));
	vm_unmap_ram(p, 3);
	expect_refused(p, 3);			/* twice */
	vm_unmap_aliases();
	expect_refused(p, 3);
	vfree(area);
	give_frames();
}

/* A block is nobody's to free. */
KTEST(vm_map_ram, block_is_found_by_no_other_function)		/* attacks R1 */
{
	char *p;

	take_frames();
	p = vm_map_ram(frames, 1, 0);
	REQUIRE(p);
	EXPECT(!find_vm_area(p) && !remove_vm_area(p));
	EXPECT_REPORT("vunmap: nonexistent area", vunmap(p));
	EXPECT_REPORT("vfree: nonexistent area", vfree(p));
	EXPECT(shows(p, 0, 1));
	vm_unmap_ram(p, 1);
	give_frames();
}

static void expect_all_refused(char *p)
{
	EXPECT_REPORT("vm_map_ram: refused",
		      EXPECT(!vm_map_ram(frames, 1, 0)));
	EXPECT_REPORT("vm_unmap_ram: refused", unmap(p, 1));
	EXPECT(ktest_report_contains("unmap+"));
	EXPECT_REPORT("vm_unmap_aliases: refused", vm_unmap_aliases());
}

KTEST(vm_map_ram, handler_and_holder_of_a_spinlock_are_refused)
{
	struct spinlock lock = SPINLOCK_INIT(RANK_ZONE);
	char *p;

	take_frames();
	p = vm_map_ram(frames, 1, 0);
	REQUIRE(p);
	this_cpu->irq_depth++;
	expect_all_refused(p);
	this_cpu->irq_depth--;
	spin_lock(&lock);
	expect_all_refused(p);
	spin_unlock(&lock);
	EXPECT(shows(p, 0, 1));
	vm_unmap_ram(p, 1);
	give_frames();
}

/* Record, area, page table: whichever is missing, vmap does it. */
KTEST(vm_map_ram, without_a_block_vmap_serves)
{
	uint64_t from = printk_position();
	unsigned int n;
	char *p;

	take_frames();
	for (n = 1; n <= 3; n++) {
		vm_unmap_aliases();
		vmalloc_drain();	/* no quarantine to try again with */
		failnth_arm(FAIL_ANY, n);
		p = vm_map_ram(frames, 2, 0);
		failnth_disarm();
		REQUIRE(p);
		EXPECT(find_vm_area(p) || n == 3);
		EXPECT(shows(p, 0, 2));
		vm_unmap_ram(p, 2);
	}
	EXPECT_EQ(printk_position(), from);		/* not a word */
	give_frames();
}

KTEST(vm_map_ram, check_finds_each_invariant_broken)
{
	struct ram_block *b;
	pte_t saved;
	char *p;

	take_frames();
	p = vm_map_ram(frames, 3, 0);
	REQUIRE(p && vm_map_ram_check() == 0);
	b = this_cpu->ram_block;
	b->area->mapped += PAGE_SIZE;
	EXPECT_EQ(vm_map_ram_check(), 1);
	b->area->mapped -= PAGE_SIZE;
	b->start += PAGE_SIZE;
	EXPECT_EQ(vm_map_ram_check(), 1);
	b->start -= PAGE_SIZE;
	saved = b->ptes[1];
	pte_clear(&b->ptes[1]);
	EXPECT_EQ(vm_map_ram_check(), 2);
	pte_set(&b->ptes[1], saved);
	b->count[1] = 1;			/* inside of another one */
	EXPECT_EQ(vm_map_ram_check(), 2);
	b->count[1] = 0;
	b->live++;
	EXPECT_EQ(vm_map_ram_check(), 3);
	b->live--;
	b->next = 2;
	EXPECT_EQ(vm_map_ram_check(), 4);
	b->next = 3;
	EXPECT_EQ(vm_map_ram_check(), 0);
	vm_unmap_ram(p, 3);
	give_frames();
}

/* --- against a model ------------------------------------------------------- */

#define NR_LIVE		48U

static struct { char *p; unsigned int first, count; } live[NR_LIVE];

KTEST(vm_map_ram, random_life_of_48_mappings_matches_a_model)	/* R1 to R4 */
{
	struct random *random = ktest_random();
	unsigned int step, i;

	memset(live, 0, sizeof(live));
	take_frames();
	for (step = 0; step < 3000; step++) {
		i = random_below(random, NR_LIVE);
		if (live[i].p) {
			EXPECT(shows(live[i].p, live[i].first, live[i].count));
			vm_unmap_ram(live[i].p, live[i].count);
			live[i].p = NULL;
		} else {
			live[i].first = random_below(random, NR - 1);
			live[i].count = 1 + random_below(random, MIN(8U,
						NR - live[i].first));
			live[i].p = vm_map_ram(frames + live[i].first,
					       live[i].count, 0);
			REQUIRE(live[i].p);
		}
		if (step % 200 == 0)
			vm_unmap_aliases();
		if (step % 50 == 0)
			EXPECT_EQ(vm_map_ram_check(), 0);
	}
	for (i = 0; i < NR_LIVE; i++)
		if (live[i].p)
			vm_unmap_ram(live[i].p, live[i].count);
	give_frames();
}
