/* SPDX-License-Identifier: MIT */
/*
 * assert.h - a statement about the kernel's own state, checked in every build
 *
 * ASSERT is for what cannot be unless the kernel itself is wrong; bad input
 * from outside is refused with an error instead. Whoever links this code says
 * what happens then: kernel/panic.c stops the machine, the host tests abort.
 */
#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H

#include <lib/compiler.h>

void __noreturn assert_failed(const char *cond, const char *file, int line);

#define ASSERT(cond) \
	(likely(cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))

#endif
