/* SPDX-License-Identifier: MIT */
/*
 * vfree_atomic.c - vfree for where nobody may wait
 *
 * Problem     vfree flushes, and with several CPUs a flush waits for their answers.
 *             An interrupt handler, or who holds a spinlock that another CPU spins
 *             for, must not wait. But it may be the one who is last to use an area.
 * Idea        It says so, and somebody else does the work. The area is claimed at
 *             once, so that a wrong address and a second free are found where they
 *             happen, and put into a queue; the next thread that uses the window
 *             and may wait empties it.
 * Picture     handler:  claim -> vfree_queue -> C -> B -> A
 *             thread:   vmalloc() ... take all of it, unmap, flush, free, unlink
 *                       (vm_context_allows asks; kmain's idle loop, too)
 * Invariants  AT1 What is queued is busy: found by nobody, its addresses and
 *                 frames still taken.
 *             AT2 One at a time empties the queue: nobody's stack holds two.
 * Locks       None. Pushing and taking are atomic, and whole areas change hands.
 * Failure     None but a wrong address, which is reported with the caller.
 * Cost        O(1) here, vfree's later.
 * Source      Linux 4.10, mm/vmalloc.c, where a work queue does it and finds only
 *             then what was wrong.
 * See         tests/mm/test_vfree_atomic.c, mm/vm_area.c
 */
#include <mm/vmalloc.h>

#include <kernel/printk.h>
#include <lib/export.h>
#include <mm/vmap.h>

#include "internal.h"

struct vmap_area *vfree_queue;		/* [a] the last one queued is the first */
static bool draining;			/* [a] AT2 */

void vfree_atomic(const void *addr)
{
	struct vmap_area *area;

	if (!addr)
		return;
	area = vmap_claim((unsigned long)addr, VM_ALLOC);
	if (!area) {
		printk(KERN_ERR "vfree_atomic: nonexistent area %p, called by "
		       "%pB\n", addr, (void *)CALLER);
		return;
	}
	area->freed_by = CALLER;
	slack_check(area, CALLER);
	area->chain = __atomic_load_n(&vfree_queue, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&vfree_queue, &area->chain, area,
					    true, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED))
		;
}
EXPORT_SYMBOL(vfree_atomic);

static void free_all(struct vmap_area *area)
{
	struct vmap_area *next;

	for (; area; area = next) {
		next = area->chain;
		destroy_area(area);
	}
}

void vfree_drain(void)
{
	if (!in_plain_thread()) {
		vm_context_refuse("vfree_drain", CALLER);
	} else if (!__atomic_exchange_n(&draining, true, __ATOMIC_ACQUIRE)) {
		free_all(__atomic_exchange_n(&vfree_queue, NULL,
					     __ATOMIC_ACQUIRE));
		__atomic_store_n(&draining, false, __ATOMIC_RELEASE);
	}
}
