/* SPDX-License-Identifier: MIT */
/*
 * locks.c - locks in the wrong order, by the wrong one, in the wrong place
 *
 * A lock that is misused ends in a panic: what it protects may be half done.
 */
#include <kernel/lockrank.h>
#include <mm/fixmap.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <tests/sin.h>
#include <x86/spinlock.h>

#ifdef __CHECKER__	/* sparse finds most of these; here it is not asked */
#define spin_lock(lock)		((void)(lock))
#define spin_unlock(lock)	((void)(lock))
#define lock_assert_held(lock)	((void)(lock))
#endif

static struct spinlock zone_lock = SPINLOCK_INIT(RANK_ZONE);
static struct spinlock slab_lock = SPINLOCK_INIT(RANK_SLAB);
static struct spinlock other_slab_lock = SPINLOCK_INIT(RANK_SLAB);

SIN_FATAL(locks, wrong_order,
	  BY(RANK, "rank SLAB taken while holding rank ZONE"))
{
	spin_lock(&zone_lock);
	COMMIT(spin_lock(&slab_lock);
	       spin_unlock(&slab_lock));
	spin_unlock(&zone_lock);
}

SIN_FATAL(locks, two_of_one_rank,
	  BY(RANK, "rank SLAB taken while holding rank SLAB"))
{
	spin_lock(&slab_lock);
	COMMIT(spin_lock(&other_slab_lock);
	       spin_unlock(&other_slab_lock));
	spin_unlock(&slab_lock);
}

SIN_FATAL(locks, the_same_lock_twice,
	  BY(RANK, "rank ZONE taken while holding rank ZONE"))
{
	spin_lock(&zone_lock);
	COMMIT(spin_lock(&zone_lock));
	spin_unlock(&zone_lock);
}

SIN_FATAL(locks, unlock_by_who_does_not_hold_it,
	  BY(HOLDER, "rank ZONE released by who does not hold it"))
{
	COMMIT(spin_unlock(&zone_lock));
}

SIN_FATAL(locks, unlock_twice,
	  BY(HOLDER, "rank ZONE released by who does not hold it"))
{
	spin_lock(&zone_lock);
	spin_unlock(&zone_lock);
	COMMIT(spin_unlock(&zone_lock));
}

SIN_FATAL(locks, unlock_of_the_outer_one_first,
	  BY(HOLDER, "rank SLAB released by who does not hold it or is at"),
	  BY(RANK, "taken while holding rank SLAB"))
{
	spin_lock(&slab_lock);
	spin_lock(&zone_lock);
	COMMIT(spin_unlock(&slab_lock));
	spin_unlock(&zone_lock);
}

SIN_FATAL(locks, unlocked_access_to_what_a_lock_protects,
	  BY(HOLDER, "rank ZONE must be held here"))
{
	COMMIT(lock_assert_held(&zone_lock));
}

SIN_FATAL(locks, object_that_may_be_waited_for_under_a_lock,
	  BY(CONTEXT, "waits while holding rank ZONE"),
	  BY(RANK, "rank SLAB taken while holding rank ZONE"))
{
	void *volatile p = NULL;

	spin_lock(&zone_lock);
	COMMIT(p = kmalloc(64, GFP_KERNEL));
	spin_unlock(&zone_lock);
	kfree(p);
}

SIN_FATAL(locks, page_that_may_be_waited_for_under_a_lock,
	  BY(CONTEXT, "waits while holding rank SLAB"))
{
	struct page *volatile page = NULL;

	spin_lock(&slab_lock);
	COMMIT(page = alloc_page(GFP_KERNEL));
	spin_unlock(&slab_lock);
	__free_page(page);
}

SIN_FATAL(locks, object_that_may_be_waited_for_in_an_interrupt,
	  BY(CONTEXT, "waits in an interrupt handler"))
{
	void *volatile p = NULL;

	this_cpu->irq_depth++;
	COMMIT(p = kmalloc(64, GFP_KERNEL));
	this_cpu->irq_depth--;
	kfree(p);
}

SIN_FATAL(locks, flush_under_a_lock,
	  BY(CONTEXT, "waits while holding rank ZONE"))
{
	spin_lock(&zone_lock);
	COMMIT(tlb_flush_all());
	spin_unlock(&zone_lock);
}

/* Whoever takes the next one finds out. */
SIN_FATAL(locks, never_unlocked,
	  BY(RANK, "taken while holding rank ZONE"),
	  BY(BOOKS, "books: lock_rank:"))
{
	COMMIT(spin_lock(&zone_lock));
}

SIN_FATAL(locks, interrupts_left_off, BY(BOOKS, "books: interrupts_on:"))
{
	COMMIT(irq_local_disable());
}

SIN_FATAL(locks, kmap_slot_never_given_back, BY(BOOKS, "books: kmap_depth:"))
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	REQUIRE(page && page_is_highmem(page));
	COMMIT(kmap_local_page(page));
	__free_page(page);
}

/* One more than there are: the last one would be in nobody's slot. */
SIN_FATAL(locks, kmap_slots_run_out, BY(KMAP, "depth < KMAP_LOCAL_SLOTS"))
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	void *p[KMAP_LOCAL_SLOTS + 1];
	unsigned int i;

	REQUIRE(page && page_is_highmem(page));
	for (i = 0; i < KMAP_LOCAL_SLOTS; i++)
		p[i] = kmap_local_page(page);
	COMMIT(p[i] = kmap_local_page(page));
	for (i++; i-- > 0;)
		kunmap_local(p[i]);
	__free_page(page);
}

SIN(locks, kmap_given_back_twice, BY(KMAP, "is not mapped, or by nobody"))
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	REQUIRE(page && page_is_highmem(page) && kmap(page));
	kunmap(page);
	COMMIT(kunmap(page));
	__free_page(page);
}

SIN_FATAL(locks, kmap_slots_given_back_in_the_wrong_order,
	  BY(KMAP, "kunmap_local"))
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	void *outer, *inner;

	REQUIRE(page && page_is_highmem(page));
	outer = kmap_local_page(page);
	inner = kmap_local_page(page);
	COMMIT(kunmap_local(outer);
	       kunmap_local(inner));
	__free_page(page);
}
