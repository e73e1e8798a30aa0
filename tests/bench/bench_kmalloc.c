/* SPDX-License-Identifier: MIT */
/*
 * bench_kmalloc.c - what objects cost
 *
 * Idea        Up to 4096 bytes a pair finds its object in the magazine (the fast
 *             halves), and .locked.pair goes to the slab, as a handler does. The
 *             bulk needs more than any magazine has.
 */
#include <tests/bench.h>

#include <kernel/lockrank.h>
#include <mm/slab.h>
#include <x86/spinlock.h>

static void *(*volatile kmalloc_ptr)(size_t, gfp_t) = kmalloc;
static void (*volatile kfree_ptr)(const void *) = kfree;
static void *(*volatile alloc_ptr)(struct kmem_cache *, gfp_t) =
	kmem_cache_alloc;
static void (*volatile free_ptr)(struct kmem_cache *, void *) =
	kmem_cache_free;

#define RUN_PAIR(symbol, size, gfp)					\
	static void run_##symbol(void)					\
	{								\
		void *p = kmalloc_ptr(size, gfp);			\
									\
		if (!p)							\
			bench_failed = true;				\
		kfree_ptr(p);						\
	}

#define KMALLOC_PAIR(symbol, name, size)				\
	RUN_PAIR(symbol, size, GFP_KERNEL)				\
	KBENCH(symbol, name, NULL, run_##symbol, NULL)

KMALLOC_PAIR(kmalloc_64, "kmalloc.64.pair", 64);
KMALLOC_PAIR(kmalloc_1024, "kmalloc.1024.pair", 1024);
KMALLOC_PAIR(kmalloc_4096, "kmalloc.4096.pair", 4096);
KMALLOC_PAIR(kmalloc_8192, "kmalloc.large8192.pair", 8192);

/* --- past the magazine ----------------------------------------------------- */

static struct spinlock lock = SPINLOCK_INIT(RANK_VMAP);

static void lock_it(void) __acquires(&lock)
{
	spin_lock(&lock);
}

static void unlock_it(void) __releases(&lock)
{
	spin_unlock(&lock);
}

RUN_PAIR(kmalloc_64_locked, 64, GFP_ATOMIC)
KBENCH_WITH(kmalloc_64_locked, "kmalloc.64.locked.pair", .before = lock_it,
	    .run = run_kmalloc_64_locked, .after = unlock_it);

/* --- many ------------------------------------------------------------------ */

#define MANY	1000U

static void *many[MANY];

static void take_many(void)
{
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		many[i] = kmalloc_ptr(64, GFP_KERNEL);
		if (!many[i])
			bench_failed = true;
	}
}

static void give_many(void)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		kfree_ptr(many[i]);
}

KBENCH_WITH(kmalloc_many, "kmalloc.64.bulk1000.alloc_each", .run = take_many,
	    .after = give_many, .calls = MANY);
KBENCH_WITH(kfree_many, "kmalloc.64.bulk1000.free_each", .before = take_many,
	    .run = give_many, .calls = MANY);

/* --- a cache of one's own -------------------------------------------------- */

static struct kmem_cache *cache;

static void cache_make(void)
{
	cache = kmem_cache_create("bench", 64, 0, SLAB_PANIC, NULL);
}

static void cache_drop(void)
{
	kmem_cache_destroy(cache);
}

static void run_cache(void)
{
	void *p = alloc_ptr(cache, GFP_KERNEL);

	if (!p)
		bench_failed = true;
	free_ptr(cache, p);
}

KBENCH(kmem_cache, "kmem_cache.pair", cache_make, run_cache, cache_drop);
