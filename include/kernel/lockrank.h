/* SPDX-License-Identifier: MIT */
/*
 * lockrank.h - the order in which spinlocks are taken, outermost first
 *
 * A CPU that holds a lock may take only locks of a higher rank; spin_lock
 * checks it. Two locks of one rank are never held together.
 */
#ifndef KERNEL_LOCKRANK_H
#define KERNEL_LOCKRANK_H

enum lock_rank {
	RANK_NONE,		/* no lock held                               */
	RANK_VMAP,		/* vmap_lock: the list of areas               */
	RANK_SLAB_LIST,		/* the list of all caches                     */
	RANK_SLAB,		/* kmem_cache.lock: the slabs of one cache    */
	RANK_KMAP,		/* kmap_lock: the slots of kmap               */
	RANK_KSPACE,		/* kspace_lock: page tables being hung in     */
	RANK_ZONE,		/* zone.lock: the free blocks of a zone       */
	RANK_IRQ,		/* the table of interrupt handlers            */
	RANK_CONSOLE,		/* the log's ring buffer and the consoles     */
	RANK_TRACE,		/* the line of a trace that is being written  */
	NR_RANKS
};

#endif
