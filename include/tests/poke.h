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
#include <lib/types.h>

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

static inline void poke32(uint32_t *p, uint32_t word)
{
	__asm__ volatile("movl %1, (%0)" : : "r"(p), "ri"(word) : "memory");
}

static inline uint32_t peek32(const uint32_t *p)
{
	uint32_t word;

	__asm__ volatile("movl (%1), %0" : "=r"(word) : "r"(p) : "memory");
	return word;
}

/* Are the @n bytes at @p those at @expected? */
static inline bool peek_equal(const void *p, const void *expected, size_t n)
{
	const unsigned char *a = p, *b = expected;

	while (n > 0 && peek(a) == peek(b)) {
		a++;
		b++;
		n--;
	}
	return n == 0;
}

#endif
