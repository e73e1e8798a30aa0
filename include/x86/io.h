/* SPDX-License-Identifier: MIT */
/* io.h - ports, and devices whose registers or memory have addresses */
#ifndef X86_IO_H
#define X86_IO_H

#include <lib/compiler.h>
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

/* What is __iomem is reached by these only: each access happens, in this order. */
static inline uint16_t readw(const uint16_t __iomem *addr)
{
	return *(const volatile uint16_t __force *)addr;
}

static inline void writew(uint16_t v, uint16_t __iomem *addr)
{
	*(volatile uint16_t __force *)addr = v;
}

/* About a microsecond on old hardware: a write to the unused POST port. */
static inline void io_wait(void)
{
	outb(0x80, 0);
}

#endif
