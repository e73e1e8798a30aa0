/* SPDX-License-Identifier: MIT */
/*
 * access.h - the accesses that are sins, each with its name in the report
 *
 * Written in C, so that a sanitizer sees them; not inlined, so that the compiler
 * knows nothing of the address.
 */
#ifndef TESTS_SINS_ACCESS_H
#define TESTS_SINS_ACCESS_H

#include <lib/compiler.h>
#include <lib/types.h>

#define OPCODE_RET	0xC3

static __noinline __unused void sin_write(void *addr)
{
	*(volatile char *)HIDE(addr) = 'X';
}

static __noinline __unused char sin_read(const void *addr)
{
	return *(const volatile char *)HIDE(addr);
}

/* A write that changes nothing. Nobody but the CPU sees what is read. */
static __noinline __unused void sin_rewrite(const void *addr)
{
	char byte;

	__asm__ volatile("movb (%1), %0" : "=q"(byte) : "r"(addr) : "memory");
	*(volatile char *)HIDE(addr) = byte;
}

/* Calls what lies there: fine if it is a return instruction. */
static __noinline __unused void sin_fetch(const void *addr)
{
	__asm__ volatile("call *%0" : : "r"(addr)
			 : "eax", "ecx", "edx", "cc", "memory");
}

#endif
