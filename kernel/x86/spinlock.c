/* SPDX-License-Identifier: MIT */
/*
 * spinlock.c - what to say when locks are taken or given back in a wrong order
 *
 * The checks themselves are in <x86/spinlock.h>: one comparison each. Here is
 * the text, which names both ranks as <kernel/lockrank.h> does.
 */
#include <x86/spinlock.h>

#include <kernel/lockrank.h>
#include <lib/format.h>

static const char *const rank_names[] = {
	[RANK_NONE] = "NONE",
	[RANK_VMAP] = "VMAP",
	[RANK_SLAB] = "SLAB",
	[RANK_SLAB_LIST] = "SLAB_LIST",
	[RANK_KSPACE] = "KSPACE",
	[RANK_ZONE] = "ZONE",
	[RANK_IRQ] = "IRQ",
	[RANK_CONSOLE] = "CONSOLE",
};
_Static_assert(ARRAY_SIZE(rank_names) == NR_RANKS, "a name for every rank");

static const char *rank_name(unsigned int rank)
{
	return rank < NR_RANKS ? rank_names[rank] : "unknown";
}

static void __noreturn spin_fail(const struct spinlock *lock, const char *what)
{
	char text[80];

	snprintf(text, sizeof(text), "spinlock: rank %s %s rank %s",
		 rank_name(lock->rank), what, rank_name(this_cpu->lock_rank));
	assert_failed(text, __FILE__, __LINE__);
}

void spin_bad_rank(const struct spinlock *lock)
{
	spin_fail(lock, "taken while holding");
}

void spin_bad_unlock(const struct spinlock *lock)
{
	spin_fail(lock, "released by who does not hold it or is at");
}
