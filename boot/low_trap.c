/* SPDX-License-Identifier: MIT */
/*
 * low_trap.c - an exception before the kernel has its own IDT
 *
 * Problem     With no handler an exception becomes a triple fault: the machine
 *             resets and nobody learns why.
 * Idea        32 gates that lead to one function, which prints everything the
 *             CPU knows and leaves. Names of functions are not known here:
 *             `make why` turns the addresses into names and lines.
 * Invariant   The gates hold low addresses, so they serve as long as the lower
 *             view of memory is there; boot_high loads the real IDT before it
 *             takes that view away.
 */
#include <lib/bits.h>
#include <x86/cpu.h>
#include <x86/layout.h>

#include "low.h"

#define GATE_INTERRUPT	0x8E00U		/* present, ring 0, 32-bit interrupt */
#define CODE_SELECTOR	0x08U
#define STUB_SIZE	16U
#define BACKTRACE_MAX	16U

void low_trap_init(void)
{
	unsigned int i;

	for (i = 0; i < NR_LOW_TRAPS; i++) {
		uint32_t stub = (uint32_t)low_trap_stubs + i * STUB_SIZE;
		uint32_t low = (CODE_SELECTOR << 16) | (stub & 0xffff);
		uint32_t high = (stub & 0xffff0000) | GATE_INTERRUPT;

		low_idt[i] = (uint64_t)high << 32 | low;
	}
}

static void print_register(const char *name, uint32_t value)
{
	low_print(name);
	low_print_hex(value);
}

static void print_registers(const struct low_frame *f)
{
	print_register("  eip ", f->eip);
	print_register("  cs ", f->cs);
	print_register("  eflags ", f->eflags);
	print_register("  error ", f->error);
	print_register("\n  eax ", f->eax);
	print_register("  ebx ", f->ebx);
	print_register("  ecx ", f->ecx);
	print_register("  edx ", f->edx);
	print_register("\n  esi ", f->esi);
	print_register("  edi ", f->edi);
	print_register("  ebp ", f->ebp);
	print_register("  esp ", (uint32_t)(f + 1));
	print_register("\n  cr0 ", read_cr0());
	print_register("  cr2 ", read_cr2());
	print_register("  cr3 ", read_cr3());
	low_print("\n");
}

/* Both views of memory show the same first GiB: a frame inside it is safe. */
static bool readable(uint32_t addr)
{
	uint32_t phys = addr >= PAGE_OFFSET ? addr - PAGE_OFFSET : addr;

	if (addr >= PAGE_OFFSET && !(read_cr0() & CR0_PG))
		return false;
	return phys >= PAGE_SIZE && phys < GIB(1) - 8 && IS_ALIGNED(addr, 4U);
}

static void print_backtrace(const struct low_frame *f)
{
	uint32_t ebp = f->ebp;
	unsigned int i;

	low_print("  backtrace ");
	low_print_hex(f->eip);
	for (i = 0; i < BACKTRACE_MAX && readable(ebp); i++) {
		const uint32_t *frame = (const uint32_t *)ebp;

		low_print(" < ");
		low_print_hex(frame[1]);
		if (frame[0] <= ebp)
			break;
		ebp = frame[0];
	}
	low_print("\n");
}

void low_trap(const struct low_frame *f)
{
	low_print("lacuna: exception ");
	low_print_hex(f->vector);
	low_print(" before the kernel was up\n");
	print_registers(f);
	print_backtrace(f);
	low_power_exit(0x11);
}
