/* SPDX-License-Identifier: MIT */
/*
 * div64.h - 64-bit division, which i386 has no instruction for
 *
 * gcc calls these for '/' and '%' on 64-bit operands; the names are fixed by
 * its libgcc interface ("Integer library routines" in the gcc internals
 * manual). We bring them ourselves because libgcc is not linked.
 */
#ifndef LIB_DIV64_H
#define LIB_DIV64_H

#include <lib/types.h>

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *remainder);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
int64_t __divmoddi4(int64_t n, int64_t d, int64_t *remainder);
int64_t __divdi3(int64_t n, int64_t d);
int64_t __moddi3(int64_t n, int64_t d);

#endif
