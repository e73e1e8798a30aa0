/* SPDX-License-Identifier: MIT */
/*
 * panic.c - the kernel cannot go on
 *
 * Problem     The last words must reach the reader whatever state the kernel is
 *             in, and whoever started the machine must learn that it failed.
 * Idea        Trust as little as possible: no lock, no interrupts, no memory;
 *             then leave through the exit port. If the last words themselves
 *             go wrong, only leave.
 * See         kernel/x86/power.c, kernel/printk.c
 */
#include <kernel/panic.h>

#include <kernel/printk.h>
#include <lib/assert.h>
#include <lib/export.h>
#include <x86/backtrace.h>
#include <x86/cpu.h>
#include <x86/power.h>

#define MAX_CALLERS	32

void panic_print_backtrace(unsigned long ebp)
{
	unsigned long addrs[MAX_CALLERS];
	unsigned int i, nr = backtrace_collect(ebp, addrs, MAX_CALLERS);

	for (i = 0; i < nr; i++)
		printk("  %pB\n", (void *)addrs[i]);
}

/* Whatever silenced or decorated the log is over: all is shown as it stands. */
static void open_log(void)
{
	printk_emergency(true);
	printk_set_prefix("");
	printk_set_loglevel(8);
}

void panic(const char *fmt, ...)
{
	static bool panicking;
	va_list ap;

	irq_local_disable();
	if (panicking)
		power_exit(EXIT_FAIL);
	panicking = true;

	open_log();
	printk(KERN_EMERG "panic: ");
	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
	printk("\n");
	panic_print_backtrace(FRAME_POINTER());
	power_exit(EXIT_FAIL);
}
EXPORT_SYMBOL(panic);

void assert_failed(const char *cond, const char *file, int line)
{
	panic("assertion failed: %s, %s:%d", cond, file, line);
}
EXPORT_SYMBOL(assert_failed);
