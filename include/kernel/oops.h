/* SPDX-License-Identifier: MIT */
/* oops.h - an exception in the kernel: the report, and what happens then */
#ifndef KERNEL_OOPS_H
#define KERNEL_OOPS_H

/*
 * oops_init - take over the explanation of exceptions
 *
 * After the report a recovery point resumes (<x86/recovery.h>), else the kernel
 * panics. Works from the first moment that printk does.
 */
void oops_init(void);

#endif
