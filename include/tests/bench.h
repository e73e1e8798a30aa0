/* SPDX-License-Identifier: MIT */
/*
 * bench.h - what an operation costs, in ticks of the TSC
 *
 * Under QEMU's -icount shift=0,sleep=off a tick is one instruction, and every
 * figure is the same on every run.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <lib/compiler.h>
#include <lib/types.h>

struct kbench {
	const char	*name;
	void		(*prepare)(void);	/* or NULL */
	void		(*run)(void);		/* what is measured */
	void		(*finish)(void);	/* or NULL */
};

#define KBENCH(symbol, name_, prepare_, run_, finish_)			\
	static const struct kbench kbench_##symbol			\
	__used __section(".kbenches") = { name_, prepare_, run_, finish_ }

/* Set by an operation that did not succeed: its cost means nothing. */
extern bool bench_failed;

/*
 * bench_run - measure what the comma separated globs pick
 *
 * Each figure is the median of 201 rounds after 64 warm-ups, less the cost of an
 * empty round. Returns  false when nothing matched.
 */
bool bench_run(const char *globs);

/* bench_report_boot - "bench: boot.instructions": the TSC at the end of boot */
void bench_report_boot(void);

#endif
