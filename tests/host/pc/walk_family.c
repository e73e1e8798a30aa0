/* SPDX-License-Identifier: MIT */
/*
 * walk_family.c - the relatives of vmalloc, beside a simple model
 *
 * Idea        Mappings of vm_map_ram come and go among areas that are resized, in
 *             pages of 2 MiB, or freed where nobody may wait. The host's mappings
 *             are the TLB (mmu.c): an address that was used again before the flush
 *             would show the old frame, and so would a large page's.
 * Attacks     R1 to R4, W1 to W3, AT1, L1, T1, T3
 */
#include "shortage.h"
#include "walk.h"

#include <mm/highmem.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vm_map_ram.h>
#include <mm/vmap.h>
#include <mm/vread.h>
#include <mm/zone.h>
#include <x86/percpu.h>

#define LOW_END		MIB(40)
#define NR_FRAMES	64U
#define MAX_MAPS	24U
#define MAX_AREAS	12U

static struct page *frames[NR_FRAMES];		/* frame i's bytes belong to i */
static struct { char *p; unsigned int first, nr; } maps[MAX_MAPS];
static struct { char *p; unsigned long size; uint32_t tag; } areas[MAX_AREAS];

/*
 * In each second phase there is nothing but mappings, which end at once, and so no
 * other flush: what a block that begins anew has forgotten to flush is seen.
 */
static bool brief;

/* --- vm_map_ram ---------------------------------------------------------- */

static void must_show(unsigned int m)
{
	unsigned int i;

	for (i = 0; i < maps[m].nr; i++) {
		const char *p = maps[m].p + i * PAGE_SIZE;

		MUST(vmalloc_to_page(p) == frames[maps[m].first + i]);
		MUST(walk_filled(p, 16, maps[m].first + i));
	}
}

static void map(unsigned int m)
{
	unsigned int nr = !brief && one_in(10) ? 33 + host_below(8)
					       : 1 + host_below(8);
	unsigned int first = host_below(NR_FRAMES - nr);

	maps[m].p = vm_map_ram(frames + first, nr, 0);
	maps[m].first = first;
	maps[m].nr = nr;
	walk_note("vm_map_ram", first, nr, (uint32_t)maps[m].p);
	if (maps[m].p)
		must_show(m);
	else
		MUST(memory_is_short(GFP_KERNEL, 4));
}

static void unmap(unsigned int m)
{
	must_show(m);
	walk_note("vm_unmap_ram", (uint32_t)maps[m].p, maps[m].nr, 0);
	if (one_in(8)) {
		vm_unmap_ram(maps[m].p, maps[m].nr + 1);
		walk_expect("is no mapping of");
	}
	vm_unmap_ram(maps[m].p, maps[m].nr);
	MUST(!vmalloc_to_page(maps[m].p));
	if (!brief && one_in(8)) {
		vm_unmap_aliases();
		MUST(pc_faults(maps[m].p, false));
	}
	maps[m].p = NULL;
}

/* --- areas --------------------------------------------------------------- */

static void must_hold_tag(unsigned int a)
{
	char copy[16];

	MUST(walk_filled(areas[a].p, 16, areas[a].tag));
	MUST(walk_filled(areas[a].p + areas[a].size - 16, 16, areas[a].tag));
	MUST(vread(copy, areas[a].p + areas[a].size - 16, 16) == 16);
	MUST(walk_filled(copy, 16, areas[a].tag));
	MUST(pc_faults(areas[a].p +
		       find_vm_area(areas[a].p)->nr_pages * PAGE_SIZE, true));
}

static void tag(unsigned int a)
{
	areas[a].tag = host_random();
	walk_fill(areas[a].p, 16, areas[a].tag);
	walk_fill(areas[a].p + areas[a].size - 16, 16, areas[a].tag);
}

static void take(unsigned int a)
{
	bool huge = one_in(3);

	areas[a].size = 32 + host_below(huge ? MIB(5) : 60000);
	areas[a].p = huge ? vmalloc_huge(areas[a].size, GFP_KERNEL)
			  : vmalloc_user(areas[a].size);
	walk_note("take", areas[a].size, huge, (uint32_t)areas[a].p);
	if (areas[a].p)
		tag(a);
	else
		MUST(memory_is_short(GFP_HIGHUSER, areas[a].size / PAGE_SIZE));
}

static void resize(unsigned int a)
{
	unsigned long size = 32 + host_below(90000);
	char *p;

	must_hold_tag(a);
	p = vrealloc(areas[a].p, size, GFP_KERNEL);
	walk_note("vrealloc", areas[a].size, size, (uint32_t)p);
	if (!p) {
		must_hold_tag(a);
		return;
	}
	MUST(walk_filled(p, 16, areas[a].tag));
	areas[a].p = p;
	areas[a].size = size;
	tag(a);
}

static void give(unsigned int a)
{
	bool atomic = one_in(2);

	must_hold_tag(a);
	walk_note(atomic ? "vfree_atomic" : "vfree", (uint32_t)areas[a].p,
		  areas[a].size, 0);
	if (atomic) {
		this_cpu->irq_depth = 1;
		vfree_atomic(areas[a].p);
		vfree_atomic(areas[a].p);
		walk_expect("vfree_atomic: nonexistent area");
		this_cpu->irq_depth = 0;
		MUST(vmalloc_to_page(areas[a].p));		/* AT1 */
	} else {
		vfree(areas[a].p);
		MUST(pc_faults(areas[a].p, false));
	}
	MUST(!find_vm_area(areas[a].p));
	areas[a].p = NULL;
}

static void unmap_all(void)
{
	unsigned int m;

	for (m = 0; m < MAX_MAPS; m++)
		if (maps[m].p)
			unmap(m);
}

static void step(void)
{
	static unsigned int steps;
	unsigned int m = host_below(MAX_MAPS), a = host_below(MAX_AREAS);
	uint32_t dice = host_below(100);

	brief = steps++ / 600 % 2;
	if (dice < 6 && !brief)
		steps / 3000 % 2 ? shortage_ease() : shortage_press();
	else if (dice < 70 || brief)
		maps[m].p ? unmap(m) : map(m);
	else if (!areas[a].p)
		take(a);
	else if (dice < 85)
		resize(a);
	else
		give(a);
	if (brief)
		unmap_all();
}

static void begin(void)
{
	unsigned int i;
	char *p;

	pc_boot(LOW_END, GIB(4) - MIB(16), GIB(4) + MIB(16));
	for (i = 0; i < NR_FRAMES; i++) {
		frames[i] = alloc_page(GFP_HIGHUSER);
		p = kmap_local_page(frames[i]);
		walk_fill(p, 16, i);
		kunmap_local(p);
	}
}

static void check(void)
{
	MUST(vmalloc_check() == 0 && vm_map_ram_check() == 0);
	MUST(pgtable_check() == 0 && zone_check() == 0);
}

static void end(void)
{
	unsigned int i;

	unmap_all();
	for (i = 0; i < MAX_AREAS; i++)
		if (areas[i].p)
			give(i);
	while (nr_hoard)
		shortage_ease();
	vfree_drain();
	vm_unmap_aliases();
	MUST(vmap_nr_areas() == 0 && vmalloc_nr_pages() == 0);
	MUST(kspace_check() == 0 && zone_check_frames() == 0);
}

int main(void)
{
	static const struct walk walk = {
		"vmalloc's relatives keep their word on a long walk",
		10000, 500, begin, step, check, end,
	};

	return walk_run(&walk);
}
