/* SPDX-License-Identifier: MIT */
/*
 * test_spinlock.c - ranks and interrupt flag through any nesting
 *
 * That a wrong order panics is shown from outside, because nothing is left
 * afterwards to report it: tests/machine.
 */
#include <x86/spinlock.h>

#include <kernel/lockrank.h>
#include <tests/ktest.h>

#define NR_LOCKS	(NR_RANKS - 1)

static bool interrupts_on(void)
{
	return read_eflags() & EFLAGS_IF;
}

KTEST(spinlock, lock_takes_rank_and_interrupts_and_unlock_gives_them_back)
{
	struct spinlock lock = SPINLOCK_INIT(RANK_ZONE);
	unsigned int rank, locked;
	bool on;

	REQUIRE(interrupts_on());
	spin_lock(&lock);
	rank = this_cpu->lock_rank;
	locked = lock.locked;
	on = interrupts_on();
	spin_unlock(&lock);
	EXPECT_EQ(rank, RANK_ZONE);
	EXPECT_EQ(locked, 1);
	EXPECT(!on);
	EXPECT_EQ(this_cpu->lock_rank, RANK_NONE);
	EXPECT_EQ(lock.locked, 0);
	EXPECT(interrupts_on());
}

KTEST(spinlock, interrupts_that_were_off_stay_off)
{
	struct spinlock lock = SPINLOCK_INIT(RANK_ZONE);
	unsigned long flags = irq_local_save();
	bool on;

	spin_lock(&lock);
	spin_unlock(&lock);
	on = interrupts_on();
	irq_local_restore(flags);
	EXPECT(!on);
}

KTEST(spinlock, initialised_lock_is_free_and_has_its_rank)
{
	struct spinlock lock;

	spin_lock_init(&lock, RANK_SLAB);
	EXPECT_EQ(lock.locked, 0);
	EXPECT_EQ(lock.rank, RANK_SLAB);
	spin_lock(&lock);
	spin_unlock(&lock);
	EXPECT_EQ(lock.locked, 0);
}

KTEST(spinlock, held_is_true_of_the_inner_and_the_outer_lock)
{
	struct spinlock outer = SPINLOCK_INIT(RANK_VMAP);
	struct spinlock inner = SPINLOCK_INIT(RANK_ZONE);

	lock_assert_none_held();
	spin_lock(&outer);
	lock_assert_held(&outer);
	spin_lock(&inner);
	lock_assert_held(&inner);
	lock_assert_held(&outer);
	spin_unlock(&inner);
	lock_assert_held(&outer);
	spin_unlock(&outer);
	lock_assert_none_held();
	EXPECT_EQ(this_cpu->lock_rank, RANK_NONE);
}

/* How many are held depends on chance: sparse is told that none is. */
static void take(struct spinlock *lock)
{
	spin_lock(lock);
	__release(lock);
}

static void give(struct spinlock *lock)
{
	__acquire(lock);
	spin_unlock(lock);
}

/*
 * The model is a stack of ranks, each step takes a random higher one or gives
 * the innermost back. Interrupts are off exactly while the stack holds any.
 */
KTEST(spinlock, random_nesting_keeps_rank_and_interrupt_flag)
{
	struct spinlock locks[NR_RANKS];
	unsigned int held[NR_RANKS] = { RANK_NONE };
	unsigned int depth = 0, step, rank, wrong = 0;

	for (rank = 0; rank < NR_RANKS; rank++)
		spin_lock_init(&locks[rank], (uint16_t)rank);
	for (step = 0; step < 2000; step++) {
		unsigned int above = NR_LOCKS - held[depth];

		if (above && random_next(ktest_random()) & 1) {
			rank = held[depth] + 1 +
			       random_below(ktest_random(), above);
			take(&locks[rank]);
			held[++depth] = rank;
		} else if (depth) {
			give(&locks[held[depth--]]);
		}
		if (this_cpu->lock_rank != held[depth] ||
		    interrupts_on() != (depth == 0))
			wrong++;
	}
	while (depth)
		give(&locks[held[depth--]]);
	EXPECT_EQ(wrong, 0);
}
