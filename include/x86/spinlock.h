/* SPDX-License-Identifier: MIT */
/*
 * spinlock.h - short mutual exclusion with interrupts off
 *
 * spin_lock turns this CPU's interrupts off and spin_unlock restores what was,
 * so a lock may be shared with interrupt handlers. Locks nest strictly and in
 * the order of their ranks (<kernel/lockrank.h>); a wrong order panics at once,
 * long before two CPUs could deadlock over it. Nothing sleeps and no TLB is
 * flushed under a spinlock.
 */
#ifndef X86_SPINLOCK_H
#define X86_SPINLOCK_H

#include <lib/assert.h>
#include <lib/count.h>
#include <x86/cpu.h>
#include <x86/percpu.h>

struct spinlock {
	unsigned int	locked;		/* 1: held                              */
	struct cpu	*holder;	/* who holds it, NULL when nobody does  */
	uint16_t	rank;		/* enum lock_rank                       */
	uint16_t	outer_rank;	/* the holder's this_cpu->lock_rank before */
	unsigned long	flags;		/* the holder's EFLAGS before           */
};

#define SPINLOCK_INIT(r) { .rank = (r) }

void __noreturn spin_bad_rank(const struct spinlock *lock);
void __noreturn spin_bad_unlock(const struct spinlock *lock);
void __noreturn spin_not_held(const struct spinlock *lock);
void __noreturn spin_bad_wait(void);

static inline void spin_lock_init(struct spinlock *lock, uint16_t rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(rank);
}

/* From now on whoever takes it panics: rank 0 is never above another. */
static inline void spin_lock_destroy(struct spinlock *lock)
{
	lock->rank = 0;
}

static inline void spin_lock(struct spinlock *lock) __acquires(lock)
{
	unsigned long flags = irq_local_save();
	uint16_t outer = this_cpu->lock_rank;

	if (unlikely(outer >= lock->rank))
		spin_bad_rank(lock);
	while (unlikely(
		__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE)))
		cpu_relax();
	lock->holder = this_cpu->self;
	lock->flags = flags;
	lock->outer_rank = outer;
	this_cpu->lock_rank = lock->rank;
	count_event(COUNT_SPINLOCK);
	__acquire(lock);
}

static inline void spin_unlock(struct spinlock *lock) __releases(lock)
{
	unsigned long flags = lock->flags;

	if (unlikely(lock->holder != this_cpu->self ||
		     this_cpu->lock_rank != lock->rank))
		spin_bad_unlock(lock);
	__release(lock);
	lock->holder = NULL;
	this_cpu->lock_rank = lock->outer_rank;
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
	irq_local_restore(flags);
}

#ifdef __CHECKER__	/* sparse sees __must_hold at calls, not when inlined */
void lock_assert_held(const struct spinlock *lock) __must_hold(lock);
#else
static inline void lock_assert_held(const struct spinlock *lock)
{
	if (unlikely(lock->holder != this_cpu->self))
		spin_not_held(lock);
}
#endif

/* May who calls this wait: for memory, or for other CPUs to flush? */
static inline void lock_assert_none_held(void)
{
	if (unlikely(!in_plain_thread()))
		spin_bad_wait();
}

#endif
