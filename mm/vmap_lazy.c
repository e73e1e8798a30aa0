/* SPDX-License-Identifier: MIT */
/*
 * vmap_lazy.c - many areas unmapped, one flush for all of them
 *
 * Problem     Each vfree flushes the translations of its pages, and on several
 *             CPUs each flush interrupts all the others.
 * Idea        Clear the page-table entries at once, but wait with the flush until
 *             much has gathered. Until then a CPU may still know the translations:
 *             so neither the addresses nor the frames are anybody else's before
 *             that one flush, only afterwards. A switch: vmap_purge=lazy; without
 *             it nothing is ever kept here, and each vfree flushes for itself.
 * Picture     vfree A, vfree B, vfree C        purge
 *             A, B, C: entries cleared    -->  flush everything, once
 *             addresses, frames: kept     -->  then free them all
 * Invariants  L1  What is on the chain is busy, mapped nowhere, and was not
 *                 flushed since; what leaves it has been.
 *             L2  nr_pages is the sum of its pages.
 * Locks       None: put and taken all at once by atomic exchange.
 * Failure     A shortage of frames or of addresses purges and tries once more.
 * Cost        32 MiB of frames and addresses at most, as in Linux on one CPU.
 *             A use after vfree may go unnoticed until the flush.
 * Source      Linux 2.6.28, mm/vmalloc.c: purge_vmap_area_lazy; it waits for
 *             32 MiB times fls(online CPUs).
 * Read first  vmap_lazy_keep, vmap_purge
 * See         tests/mm/test_vmap_lazy.c, mm/tlb.c
 */
#include <mm/kasan.h>
#include <mm/lookup.h>
#include <mm/tlb.h>
#include <mm/vmap.h>
#include <x86/percpu.h>

#include "area_stock.h"

#define NR_CPUS_ONLINE	1UL			/* fls(1) is 1 */
#define LAZY_MAX_PAGES	(MIB(32) / PAGE_SIZE * NR_CPUS_ONLINE)

bool vmap_lazy __ro_after_init;
static struct vmap_area *unflushed;		/* chained by ->chain */
static unsigned long nr_pages;

void vmap_lazy_choose(const char *when)
{
	vmap_lazy = when[0] == 'l' && !memory_aids.quarantine;
}

void vmap_lazy_keep(struct vmap_area *area)
{
	unsigned long start = (unsigned long)area->vm.addr;
	struct vmap_area *first = __atomic_load_n(&unflushed, __ATOMIC_RELAXED);
	unsigned int nr = vm_area_frames(area);

	kasan_vfree(area);
	if (!unmap_range_noflush(start, start + nr * PAGE_SIZE)) {
		release_area(area);	/* nothing was mapped */
		return;
	}
	do
		area->chain = first;
	while (!__atomic_compare_exchange_n(&unflushed, &first, area, false,
					    __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
	if (__atomic_add_fetch(&nr_pages, nr, __ATOMIC_RELAXED) >
	    LAZY_MAX_PAGES)
		vmap_purge();
}

static void release_all(struct vmap_area *area)
{
	struct vmap_area *next;

	for (; area; area = next) {
		next = area->chain;
		__atomic_sub_fetch(&nr_pages, vm_area_frames(area),
				   __ATOMIC_RELAXED);
		release_area(area);
	}
}

/* An area whose array is an area too leaves that one here: hence the loop. */
bool vmap_purge(void)
{
	struct vmap_area *area;
	bool any = false;

	while (in_plain_thread() && unflushed) {
		area = __atomic_exchange_n(&unflushed, NULL, __ATOMIC_ACQUIRE);
		tlb_flush_all();
		release_all(area);
		any = true;
	}
	return any;
}

/* The chain may be damaged. Each area on it has a page, at least. */
bool vmap_lazy_has(const struct vmap_area *area)
{
	const struct vmap_area *at = unflushed;
	unsigned long left = LAZY_MAX_PAGES;

	while (at != area && lookup_is_area(at) && left-- > 0)
		at = at->chain;
	return at == area;
}

bool vmalloc_drain(void)
{
	bool any = vmap_purge();

	any |= quarantine_drain();
	return (in_plain_thread() && area_stock_drain()) || any;
}
