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

/*
 * readb, writeb, readw, writew, readl, writel - what is __iomem is reached by
 * these only: each access happens, in this order, and with this width.
 */
#define IO_DEFINE(suffix, type)						\
static inline type read##suffix(const volatile void __iomem *addr)	\
{									\
	return *(const volatile type __force *)addr;			\
}									\
static inline void write##suffix(type v, volatile void __iomem *addr)	\
{									\
	*(volatile type __force *)addr = v;				\
}
IO_DEFINE(b, uint8_t)
IO_DEFINE(w, uint16_t)
IO_DEFINE(l, uint32_t)
#undef IO_DEFINE

/* About a microsecond on old hardware: a write to the unused POST port. */
static inline void io_wait(void)
{
	outb(0x80, 0);
}

#endif
