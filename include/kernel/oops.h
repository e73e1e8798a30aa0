/* SPDX-License-Identifier: MIT */
/* oops.h - an exception in the kernel: the report, and what happens then */
#ifndef KERNEL_OOPS_H
#define KERNEL_OOPS_H

#include <lib/compiler.h>

/*
 * oops_init - take over the explanation of exceptions
 *
 * After the report a recovery point resumes (<x86/recovery.h>), else the kernel
 * panics. Works from the first moment that printk does.
 */
void oops_init(void);

/*
 * oops_raise - what software found, reported and ended like an exception
 *
 * @vector  one above those of the CPU (<x86/trap.h>). @eip, @ebp  where it was.
 * Context  any, interrupts off.
 */
void __noreturn oops_raise(unsigned int vector, unsigned long eip,
			   unsigned long ebp);

#endif
