/* SPDX-License-Identifier: MIT */
/* stack_guard.h - a local array that was written past its end */
#ifndef KERNEL_STACK_GUARD_H
#define KERNEL_STACK_GUARD_H

/*
 * stack_guard_init - choose the word that is watched on every stack
 *
 * From the TSC and, where the CPU has it, RDRAND. Context  kmain, after cpu_init;
 * whoever is active meanwhile must never return.
 */
void stack_guard_init(void);

#endif
