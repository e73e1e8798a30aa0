/* SPDX-License-Identifier: MIT */
/* io.h - the port instructions */
#ifndef X86_IO_H
#define X86_IO_H

#include <lib/types.h>

static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;
	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

/* About a microsecond on old hardware: a write to the unused POST port. */
static inline void io_wait(void)
{
	outb(0x80, 0);
}

#endif
