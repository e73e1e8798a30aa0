/* SPDX-License-Identifier: MIT */
/*
 * caught.h - what the reports of all bad deeds have in common
 *
 *	if (caught_begin(&fault)) {
 *		printk(KERN_ERR "... CAUGHT: what, where\n");
 *		caught_callers(FRAME_POINTER());
 *	}
 *	caught_end(&fault, "", "a bad deed");
 */
#ifndef KERNEL_CAUGHT_H
#define KERNEL_CAUGHT_H

#include <lib/format.h>
#include <x86/recovery.h>

#define CALLERS_MAX	12U

/* A line behind the first one: only that one counts as an error. */
print_fn caught_print;

/*
 * caught_who - the line "who": code addresses, innermost first
 *
 * @first  how to print the first one: "%pS" for an instruction, "%pB" for the
 *         return address of a call.
 */
void caught_who(const unsigned long *addrs, unsigned int nr, const char *first);

/* caught_callers - the same, for a function whose callers are to blame */
void caught_callers(unsigned long ebp);

/*
 * caught_begin - may the report be printed? Not at a quiet recovery point.
 *
 * Printing then goes without locks. Inside a report it ends the machine.
 */
bool __must_check caught_begin(const struct recovery_fault *fault);

/*
 * caught_end - the last line, then a recovery point resumes, or panic
 *
 * @harm  a sentence about what has been changed, or "". @what  for the panic.
 */
void __noreturn caught_end(const struct recovery_fault *fault,
			   const char *harm, const char *what);

#endif
