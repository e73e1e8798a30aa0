/* SPDX-License-Identifier: MIT */
/* backtrace.h - who called whom, along the saved frame pointers */
#ifndef X86_BACKTRACE_H
#define X86_BACKTRACE_H

#include <lib/types.h>

/*
 * backtrace_collect - return addresses from the frame at @ebp outwards
 *
 * Reads only mapped kernel memory: every frame pointer must be word aligned,
 * lie above the previous one and translate through the page tables, so a
 * smashed stack ends the walk instead of faulting.
 * Returns  the number of addresses written to @addrs, at most @max.
 */
unsigned int backtrace_collect(unsigned long ebp, unsigned long *addrs,
			       unsigned int max);

/* The caller's own frame pointer, to start from. */
#define FRAME_POINTER() ((unsigned long)__builtin_frame_address(0))

#endif
