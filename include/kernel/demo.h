/* SPDX-License-Identifier: MIT */
/* demo.h - the memory manager at work, on one screen */
#ifndef KERNEL_DEMO_H
#define KERNEL_DEMO_H

/*
 * demo_run - show the address map, a vmalloc, a machine in crumbs, an overrun
 *
 * Everything it prints is true of this run; frames change with seed=.
 * Context  thread. Gives back all that it took.
 */
void demo_run(void);

#endif
