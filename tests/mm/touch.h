/* SPDX-License-Identifier: MIT */
/*
 * touch.h - single accesses to memory, and bytes that can be known again
 *
 * For cases that provoke faults of the CPU: the compiler neither drops nor moves
 * these, no sanitizer checks them, and each has its name in the report.
 * The pattern differs from byte to byte, from page to page and from key to key,
 * so a byte that is lost, swapped or mapped twice is seen.
 */
#ifndef TESTS_MM_TOUCH_H
#define TESTS_MM_TOUCH_H

#include <lib/compiler.h>
#include <lib/types.h>
#include <tests/poke.h>

#define OPCODE_RET	0xC3

static __noinline __unused void touch_write(const void *addr)
{
	poke((void *)(unsigned long)addr, 'X');
}

static __noinline __unused char touch_read(const void *addr)
{
	return (char)peek(addr);
}

/* Calls what lies there: fine if it is a return instruction. */
static __noinline __unused void touch_fetch(const void *addr)
{
	__asm__ volatile("call *%0" : : "r"(addr)
			 : "eax", "ecx", "edx", "cc", "memory");
}

static inline uint8_t pattern_byte(size_t i, uint32_t key)
{
	return (uint8_t)((i + key) * 31 + (i >> 12) * 7 + key);
}

static inline void pattern_fill(void *p, size_t size, uint32_t key)
{
	uint8_t *bytes = p;
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = pattern_byte(i, key);
}

static inline bool pattern_holds(const void *p, size_t size, uint32_t key)
{
	const uint8_t *bytes = p;
	size_t i;

	for (i = 0; i < size; i++)
		if (bytes[i] != pattern_byte(i, key))
			return false;
	return true;
}

#endif
