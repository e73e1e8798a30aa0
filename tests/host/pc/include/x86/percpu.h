/* SPDX-License-Identifier: MIT */
/* percpu.h - <x86/percpu.h> for a kernel that runs as a program, without %fs */
#ifndef PC_X86_PERCPU_H
#define PC_X86_PERCPU_H

#define in_interrupt	real_in_interrupt
#define in_plain_thread	real_in_plain_thread
#include_next <x86/percpu.h>
#undef in_interrupt
#undef in_plain_thread
#undef this_cpu

extern struct cpu pc_percpu;
#define this_cpu	(&pc_percpu)

static inline bool in_interrupt(void)
{
	return this_cpu->irq_depth != 0;
}

static inline bool in_plain_thread(void)
{
	return this_cpu->context == 0;
}

#endif
