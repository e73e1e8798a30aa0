/* SPDX-License-Identifier: MIT */
/*
 * poke.h - accesses that no sanitizer sees
 *
 * For cases that touch on purpose what is NULL, freed or not theirs, and ask
 * what the CPU, or the kernel's own code, makes of it. One instruction each.
 */
#ifndef TESTS_POKE_H
#define TESTS_POKE_H

#include <lib/compiler.h>

static __always_inline void poke(volatile void *p, unsigned char byte)
{
	__asm__ volatile("movb %1, (%0)" : : "r"(p), "qi"(byte) : "memory");
}

static __always_inline unsigned char peek(const volatile void *p)
{
	unsigned char byte;

	__asm__ volatile("movb (%1), %0" : "=q"(byte) : "r"(p) : "memory");
	return byte;
}

#endif
