/* SPDX-License-Identifier: MIT */
/*
 * caught.c - somebody was caught: who it was, and what happens then
 *
 * Problem     A bad deed is seen by the CPU (oops.c) or by a check that the
 *             compiler put in (ubsan.c). Whoever reads the console wants the
 *             same answers, and the kernel the same rule.
 * Idea        What, each of them says itself. Who did it, whether a report is
 *             printed at all, and what happens afterwards is said here: a
 *             recovery point goes on, if somebody expected it; else panic.
 * Invariants  O1  No allocation and no lock: printk runs in emergency mode.
 *             O2  What is caught inside a report ends the machine, it never
 *                 loops.
 * Read first  caught_begin, caught_end
 * See         kernel/oops.c, tests/kernel/test_oops.c
 */
#include <kernel/caught.h>

#include <kernel/panic.h>
#include <kernel/printk.h>
#include <mm/kasan.h>
#include <x86/backtrace.h>
#include <x86/percpu.h>
#include <x86/power.h>

#define WHO_COLUMNS	50

void caught_print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

/* Lines of at most WHO_COLUMNS, so that file and line fit in behind them. */
void caught_who(const unsigned long *addrs, unsigned int nr, const char *first)
{
	int column = 0, length;
	unsigned int i;
	char name[80];

	caught_print("  who     ");
	for (i = 0; i < nr; i++) {
		length = snprintf(name, sizeof(name), i ? " < %pB" : first,
				  (void *)addrs[i]);
		if (i && column + length > WHO_COLUMNS) {
			caught_print("\n         ");
			column = 0;
		}
		caught_print("%s", name);
		column += length;
	}
	caught_print("\n");
}

void caught_callers(unsigned long ebp)
{
	unsigned long addrs[CALLERS_MAX];

	caught_who(addrs, backtrace_collect(ebp, addrs, CALLERS_MAX), "%pB");
}

/* One line, and if that goes wrong as well, none. */
static void __noreturn caught_in_report(const struct recovery_fault *fault)
{
	if (this_cpu->oops_depth == 2)
		panic("vector %u at %08lx (eip %08lx) inside a report",
		      fault->vector, fault->addr, fault->eip);
	power_exit(EXIT_FAIL);
}

static bool is_quiet(void)
{
	return recovery_possible() && this_cpu->recovery->quiet;
}

bool caught_begin(const struct recovery_fault *fault)
{
	if (this_cpu->oops_depth++)
		caught_in_report(fault);
	if (is_quiet())
		return false;
	printk_emergency(true);
	return true;
}

void caught_end(const struct recovery_fault *fault, const char *harm,
		const char *what)
{
	if (!is_quiet()) {
		caught_print("  %s%s\n", harm, recovery_possible() ?
			     "A recovery point resumes; elsewhere: panic." :
			     "No recovery point is set.");
		printk_emergency(false);
	}
	if (recovery_possible()) {
		kasan_abandon_stacks(this_cpu->recovery->esp);
		recovery_resume(fault);
	}
	panic("%s at %pS", what, (void *)fault->eip);
}
