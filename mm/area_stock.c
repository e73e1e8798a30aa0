/* SPDX-License-Identifier: MIT */
/*
 * area_stock.c - each CPU's stock of small areas ("quantum caches")
 *
 * Problem     To reserve a range for one page costs more than to find, map and
 *             flush that page: a record, a lock, a search, and all of it backwards
 *             when it is freed.
 * Idea        An area that was freed is kept as it is: record, addresses and
 *             guard, with nothing mapped. The next one of the same size is an
 *             array access away. To the list of areas and to the index it is in
 *             use; to whoever looks for an area it is not there, since no entry
 *             of the table leads to it.
 * Picture     vfree -> unmap, flush, free the frames -.
 *                                                     v     4 of each size
 *             of[0]  1 page:   A -> B -> C -> NULL   put
 *             of[2]  3 pages:  D -> NULL             take -> map -> vmalloc
 * Invariants  Q1  A kept area is in the list, has VM_KEPT, no frames, is found by
 *                 nobody, and is of the size of its chain.
 *             Q2  nr is the length of the chain and at most the limit.
 * Locks       None: who is a plain thread is not interrupted by another one, and
 *             vmalloc refuses everybody else. Each CPU has its own.
 * Failure     A shortage of addresses drains the stock (and what vmap_lazy.c
 *             holds), then the index is asked again.
 * Cost        Some 15 instructions each way; at most 4 * (1 + 2 + ... + 16) pages
 *             of addresses, 2.4 MiB with the guards.
 * Source      Bonwick and Adams, "Magazines and Vmem", USENIX 2001, section 4.4.
 *             It is part of that answer: with vmap=list and vmap=rbtree nothing
 *             is kept, so that what they cost can be seen.
 * Read first  area_stock_take, area_stock_put in mm/area_stock.h
 * See         mm/vm_area.c, tests/mm/test_area_stock.c
 */
#include "area_stock.h"

static struct area_stock boot_stock;
unsigned int area_stock_limit __ro_after_init;

void area_stock_init(void)
{
	this_cpu->area_stock = &boot_stock;
}

unsigned long area_stock_nr(void)
{
	const struct area_stock *stock = this_cpu->area_stock;
	unsigned long nr = stock->quarantine.nr;
	unsigned int n;

	for (n = 0; n < AREA_STOCK_PAGES; n++)
		nr += stock->of[n].nr;
	return nr;
}

bool area_stock_drain(void)
{
	struct area_stock *stock = this_cpu->area_stock;
	struct vmap_area *area;
	bool any = false;
	unsigned int n;

	for (n = 0; n < AREA_STOCK_PAGES; n++)
		while ((area = stock->of[n].first)) {
			stock->of[n].first = area->chain;
			stock->of[n].nr--;
			vmap_remove(area);
			vm_area_forget(area);
			any = true;
		}
	return any;
}

/* Of one size; 0, or the number of the invariant that is broken. */
static int check_chain(unsigned int n)
{
	const struct area_stock *stock = this_cpu->area_stock;
	const struct vmap_area *area = stock->of[n].first;
	unsigned int left = stock->of[n].nr;

	for (; area && left; area = area->chain, left--)
		if (area->vm.flags != VM_KEPT || area->vm.nr_pages ||
		    vmap_find((unsigned long)area->vm.addr) ||
		    area->vm.size != (n + 1) * PAGE_SIZE + VM_GUARD_SIZE)
			return 1;
	return area || left || stock->of[n].nr > AREA_STOCK_CAPACITY ? 2 : 0;
}

int area_stock_check(void)
{
	unsigned int n;
	int broken = 0;

	for (n = 0; n < AREA_STOCK_PAGES && !broken; n++)
		broken = check_chain(n);
	return broken;
}
