/* SPDX-License-Identifier: MIT */
/*
 * spinlock.c - what to say when locks are taken or given back in a wrong order
 *
 * The checks themselves are in <x86/spinlock.h>: one comparison each. Here is
 * the text, which names the ranks as <kernel/lockrank.h> does.
 */
#include <x86/spinlock.h>

#include <kernel/lockrank.h>
#include <lib/format.h>

static const char *const rank_names[] = {
	[RANK_NONE] = "NONE",
	[RANK_VMAP] = "VMAP",
	[RANK_SLAB] = "SLAB",
	[RANK_SLAB_LIST] = "SLAB_LIST",
	[RANK_KMAP] = "KMAP",
	[RANK_KSPACE] = "KSPACE",
	[RANK_ZONE] = "ZONE",
	[RANK_IRQ] = "IRQ",
	[RANK_CONSOLE] = "CONSOLE",
	[RANK_TRACE] = "TRACE",
};
_Static_assert(ARRAY_SIZE(rank_names) == NR_RANKS, "a name for every rank");

static const char *rank_name(unsigned int rank)
{
	return rank < NR_RANKS ? rank_names[rank] : "unknown";
}

/* The panic that follows names the callers. */
static void __noreturn __printf(1, 2) spin_fail(const char *fmt, ...)
{
	char text[80];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert_failed(text, __FILE__, __LINE__);
}

void spin_bad_rank(const struct spinlock *lock)
{
	if (lock->rank == RANK_NONE)
		spin_fail("spinlock: a lock that was destroyed is taken");
	spin_fail("spinlock: rank %s taken while holding rank %s",
		  rank_name(lock->rank), rank_name(this_cpu->lock_rank));
}

void spin_bad_unlock(const struct spinlock *lock)
{
	spin_fail("spinlock: rank %s released by who does not hold it or is at "
		  "rank %s", rank_name(lock->rank),
		  rank_name(this_cpu->lock_rank));
}

void spin_not_held(const struct spinlock *lock)
{
	spin_fail("spinlock: rank %s must be held here and is not",
		  rank_name(lock->rank));
}

void spin_bad_wait(void)
{
	if (in_interrupt())
		spin_fail("spinlock: somebody waits in an interrupt handler");
	spin_fail("spinlock: somebody waits while holding rank %s",
		  rank_name(this_cpu->lock_rank));
}
