/* SPDX-License-Identifier: MIT */
/* canary.h - a local array that was written past its end */
#ifndef KERNEL_CANARY_H
#define KERNEL_CANARY_H

/*
 * canary_init - choose the word that is watched on every stack
 *
 * From the TSC and, where the CPU has it, RDRAND. Context  kmain, after cpu_init;
 * whoever is active meanwhile must never return.
 */
void canary_init(void);

#endif
