/* SPDX-License-Identifier: MIT */
/*
 * bench.h - what an operation costs, in ticks of the TSC
 *
 *	static void *(*volatile vmalloc_ptr)(unsigned long) = vmalloc;
 *	static void (*volatile vfree_ptr)(const void *) = vfree;
 *
 *	static void run_vmalloc_1(void)
 *	{
 *		void *p = vmalloc_ptr(PAGE_SIZE);
 *
 *		if (!p)
 *			bench_failed = true;
 *		vfree_ptr(p);
 *	}
 *	KBENCH(vmalloc_1, "vmalloc.1p.pair", NULL, run_vmalloc_1, NULL);
 *
 * Under QEMU's -icount shift=0,sleep=off a tick is one instruction, and every
 * figure is the same on every run. An operation is called through a volatile
 * pointer, as a module would call it: nothing of it is inlined.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <lib/compiler.h>
#include <lib/types.h>

struct kbench {
	const char	*name;
	void		(*prepare)(void);	/* once before, or NULL           */
	void		(*run)(void);		/* what is measured               */
	void		(*finish)(void);	/* once after, or NULL            */

	/* Of few: KBENCH_WITH(symbol, name, .run = f, .calls = 4096). */
	void		(*before)(void);	/* each run, not measured         */
	void		(*after)(void);		/* the same behind it             */
	void		(*settle)(void);	/* of .amortised: do what was put */
						/* off; measured                  */
	unsigned int	calls;			/* in a run; the figure is of one */
	uint64_t	(*value)(void);		/* instead of run: it is known    */
	const char	*unit;			/* of value                       */

	/* The least that a machine must have, in MiB; else no figure. */
	unsigned int	needs_free;		/* frames                         */
	unsigned int	needs_vmalloc;		/* as in vmalloc=<n>M             */
	unsigned int	needs_highmem;		/* free frames of HIGHMEM         */
};

#define KBENCH_WITH(symbol, name_, ...)					\
	static const struct kbench kbench_##symbol			\
	__used __section(".kbenches") __aligned(4) = {			\
		.name = name_, __VA_ARGS__				\
	}

#define KBENCH(symbol, name_, prepare_, run_, finish_)			\
	KBENCH_WITH(symbol, name_, .prepare = prepare_, .run = run_,	\
		    .finish = finish_)

/* Set by an operation that did not succeed: its cost means nothing. */
extern bool bench_failed;

/*
 * bench_run - measure what the comma separated globs pick
 *
 * A figure is the median of 201 runs after 64 warm-ups; where the name ends in
 * .amortised, the mean of 10^4 runs with what they have put off. The cost of an
 * empty run is taken off; a part of a tick counts as one. After each the books
 * must balance.
 * Returns  false when nothing matched, the books do not balance, or one that
 *          was named without any '*' cannot be measured on this machine.
 */
bool bench_run(const char *globs);

/* bench_mm_is_up - mm_init is through: remember when */
void bench_mm_is_up(void);

/* bench_report_boot - "bench: boot.instructions": the TSC at the end of boot */
void bench_report_boot(void);

#endif
