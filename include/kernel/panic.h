/* SPDX-License-Identifier: MIT */
/* panic.h - the kernel cannot go on */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include <lib/compiler.h>

/*
 * panic - print "panic: ..." with a backtrace, then leave with EXIT_FAIL
 *
 * Context  any, also with locks held; a panic within a panic only leaves.
 */
void __noreturn __printf(1, 2) panic(const char *fmt, ...);

/* panic_print_backtrace - the callers of @ebp, one "  symbol+0xoff" a line */
void panic_print_backtrace(unsigned long ebp);

#endif
