/* SPDX-License-Identifier: MIT */
/*
 * trap.c - who deals with which trap
 *
 * Problem     256 vectors arrive at one function: device interrupts, errors of
 *             the running code, and vectors that nobody uses.
 * Idea        Interrupts go to irq.c. Exceptions go to the oops handler, which
 *             a higher layer registers: explaining a fault needs names and
 *             areas that this layer does not know. The rest is counted.
 * Locks       None: registered once at boot; the counter has one CPU writing
 *             with interrupts off.
 * Read first  trap_dispatch.
 * See         tests/x86/test_trap.c, kernel/x86/entry.S
 */
#include <x86/trap.h>

#include <lib/compiler.h>
#include <x86/cpu.h>
#include <x86/irq.h>
#include <x86/percpu.h>

#include "internal.h"

#define NR_EXCEPTIONS	32

static oops_fn *oops_handler __ro_after_init;
static unsigned long nr_spurious;

static const char *const exception_names[] = {
	"divide error", "debug exception", "non-maskable interrupt",
	"breakpoint", "overflow", "bound range exceeded", "invalid opcode",
	"device not available", "double fault", "coprocessor overrun",
	"invalid TSS", "segment not present", "stack fault",
	"general protection fault", "page fault", "reserved exception",
	"x87 error", "alignment check", "machine check", "SIMD error",
	"virtualization exception", "control protection exception",
};

const char *trap_name(unsigned int vector)
{
	if (vector < ARRAY_SIZE(exception_names))
		return exception_names[vector];
	return vector < NR_EXCEPTIONS ? "reserved exception" : "interrupt";
}

oops_fn *trap_register_oops(oops_fn *fn)
{
	oops_fn *before = oops_handler;

	oops_handler = fn;
	return before;
}

unsigned long trap_nr_spurious(void)
{
	return nr_spurious;
}

void trap_print_registers(const struct trap_frame *f, print_fn *print)
{
	print("  eip %08x  cs %04x  eflags %08x  esp %08lx  ebp %08x\n",
	      f->eip, f->cs & 0xFFFF, f->eflags, trap_frame_esp(f), f->ebp);
	print("  eax %08x  ebx %08x  ecx %08x  edx %08x\n",
	      f->eax, f->ebx, f->ecx, f->edx);
	print("  esi %08x  edi %08x  cr0 %08lx  cr2 %08lx  cr3 %08lx\n",
	      f->esi, f->edi, read_cr0(), read_cr2(), read_cr3());
}

void trap_exception(struct trap_frame *frame, unsigned long fault_addr)
{
	oops_handler(frame, fault_addr);
}

void trap_dispatch(struct trap_frame *frame)
{
	unsigned int irq = frame->vector - IRQ_VECTOR_BASE;

	if (frame->vector < NR_EXCEPTIONS) {
		trap_exception(frame, frame->vector == TRAP_PAGE_FAULT ?
				      read_cr2() : 0);
	} else if (irq < NR_IRQS) {
		this_cpu->irq_depth++;
		irq_handle(irq);
		this_cpu->irq_depth--;
	} else {
		nr_spurious++;
	}
}
