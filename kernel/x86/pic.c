/* SPDX-License-Identifier: MIT */
/*
 * pic.c - the two 8259 interrupt controllers
 *
 * Problem     After reset the first 8259 uses vectors 8 to 15, which are CPU
 *             exceptions, and 16 devices share two chips of eight lines.
 * Idea        Both are initialised anew at IRQ_VECTOR_BASE with every line
 *             masked. The second reports through line 2 of the first.
 * Picture     lines 0..7 -> [first, 0x20] -> CPU
 *             lines 8..15 -> [second, 0xA0] -> line 2 of the first
 * Invariants  P1  The cascade line is unmasked; of the others exactly those
 *                 that pic_unmask opened.
 * Locks       The caller's: irq.c holds irq_lock for masks; in-service and
 *             acknowledge touch registers that only an interrupt changes.
 * See         kernel/x86/irq.c; Intel 8259A data sheet
 */
#include <x86/io.h>
#include <x86/irq.h>

#include "internal.h"

#define FIRST		0x20
#define SECOND		0xA0
#define DATA		1	/* the second port of each chip          */
#define CASCADE		2

#define ICW1_INIT	0x11	/* edge triggered, cascaded, ICW4 follows */
#define ICW4_8086	0x01
#define OCW2_EOI	0x60	/* end of interrupt for one given line   */
#define OCW3_READ_ISR	0x0B

static uint16_t pic_port(unsigned int irq)
{
	return irq < 8 ? FIRST : SECOND;
}

static void pic_write(uint16_t port, unsigned int byte)
{
	outb(port, (uint8_t)byte);
	io_wait();
}

/* ICW2 is the first vector, ICW3 who is connected to whom. */
static void chip_init(uint16_t port, unsigned int vector, unsigned int icw3,
		      unsigned int mask)
{
	pic_write(port, ICW1_INIT);
	pic_write(port + DATA, vector);
	pic_write(port + DATA, icw3);
	pic_write(port + DATA, ICW4_8086);
	pic_write(port + DATA, mask);
}

void pic_init(void)
{
	chip_init(FIRST, IRQ_VECTOR_BASE, 1U << CASCADE,
		  0xFFU & ~(1U << CASCADE));
	chip_init(SECOND, IRQ_VECTOR_BASE + 8, CASCADE, 0xFFU);
}

void pic_mask(unsigned int irq)
{
	uint16_t port = pic_port(irq) + DATA;

	pic_write(port, inb(port) | 1U << irq % 8);
}

void pic_unmask(unsigned int irq)
{
	uint16_t port = pic_port(irq) + DATA;

	pic_write(port, inb(port) & ~(1U << irq % 8));
}

bool pic_in_service(unsigned int irq)
{
	uint16_t port = pic_port(irq);

	outb(port, OCW3_READ_ISR);
	return inb(port) & 1U << irq % 8;
}

void pic_acknowledge(unsigned int irq)
{
	outb(pic_port(irq), (uint8_t)(OCW2_EOI | irq % 8));
	if (irq >= 8)
		outb(FIRST, OCW2_EOI | CASCADE);
}

void pic_acknowledge_all(void)
{
	unsigned int irq;

	for (irq = 0; irq < NR_IRQS; irq++)
		if (pic_in_service(irq))
			pic_acknowledge(irq);
}
