/* SPDX-License-Identifier: MIT */
/*
 * idt.c - where the CPU goes for each of its 256 vectors
 *
 * Every vector leads to its stub in entry.S through an interrupt gate, which
 * turns interrupts off: a handler is never interrupted by another. The one
 * exception is the double fault, a task gate (double_fault.c). All gates have
 * privilege level 0, so user code reaches none of them with an int instruction.
 *
 * See  Intel SDM vol. 3, 6.11
 */
#include <x86/trap.h>

#include "internal.h"

#define NR_VECTORS	256
#define GATE_TASK	0x85U		/* present, ring 0, task gate         */
#define GATE_INTERRUPT	0x8EU		/* present, ring 0, 32-bit interrupt  */

typedef struct { uint64_t raw; } gate_t;
_Static_assert(sizeof(gate_t) == 8, "the CPU reads 8-byte gates");

static gate_t idt[NR_VECTORS] __aligned(8) __ro_after_init;

static gate_t gate_make(uint32_t selector, uint32_t offset, uint32_t type)
{
	uint32_t low = selector << 16 | (offset & 0xFFFF);
	uint32_t high = (offset & 0xFFFF0000) | type << 8;

	return (gate_t){ (uint64_t)high << 32 | low };
}

void idt_init(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __packed idtr = { sizeof(idt) - 1, (uint32_t)idt };
	uint32_t stub = (uint32_t)trap_stubs;
	unsigned int i;

	for (i = 0; i < NR_VECTORS; i++, stub += TRAP_STUB_SIZE)
		idt[i] = gate_make(SEL_KERNEL_CODE, stub, GATE_INTERRUPT);
	idt[TRAP_DOUBLE_FAULT] = gate_make(SEL_TSS_DF, 0, GATE_TASK);

	__asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
}
