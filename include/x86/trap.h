/* SPDX-License-Identifier: MIT */
/*
 * trap.h - the GDT, the IDT and what the CPU pushes when it traps
 */
#ifndef X86_TRAP_H
#define X86_TRAP_H

#define SEL_KERNEL_CODE	0x08
#define SEL_KERNEL_DATA	0x10
#define SEL_USER_CODE	0x1B
#define SEL_USER_DATA	0x23
#define SEL_PERCPU	0x28
#define SEL_TSS		0x30
#define SEL_TSS_DF	0x38

#define TRAP_NMI	2
#define TRAP_DOUBLE_FAULT 8
#define TRAP_PAGE_FAULT	14
#define IRQ_VECTOR_BASE	32		/* 16 lines of the two 8259s */

#define PF_PRESENT	(1U << 0)	/* error code of a page fault, SDM 4.7 */
#define PF_WRITE	(1U << 1)
#define PF_USER		(1U << 2)
#define PF_RSVD		(1U << 3)
#define PF_FETCH	(1U << 4)

#ifndef __ASSEMBLER__

#include <lib/compiler.h>
#include <lib/format.h>
#include <lib/types.h>

/* As entry.S lays it on the stack, lowest address first. */
struct trap_frame {
	uint32_t gs, fs, es, ds;
	uint32_t edi, esi, ebp, esp_at_pusha, ebx, edx, ecx, eax;
	uint32_t vector, error;			/* error 0 where the CPU gives none */
	uint32_t eip, cs, eflags;
	uint32_t user_esp, user_ss;		/* only from user mode              */
};
_Static_assert(offsetof(struct trap_frame, vector) == 48, "entry.S knows it");
_Static_assert(offsetof(struct trap_frame, eip) == 56, "entry.S knows it");

/*
 * The stack pointer at the moment of the trap. The CPU does not push the
 * kernel's; a double fault has its own stack and always fills in user_esp.
 */
static inline unsigned long trap_frame_esp(const struct trap_frame *f)
{
	if ((f->cs & 3) || f->vector == TRAP_DOUBLE_FAULT)
		return f->user_esp;
	return (unsigned long)&f->user_esp;
}

/*
 * gdt_init - this CPU's GDT, per-CPU segment, TSS and double-fault TSS
 *
 * Context  the first thing in kmain: spinlocks need %fs.
 */
void gdt_init(void);

/*
 * gdt_set_double_fault_cr3 - the address space of the double-fault task
 *
 * And the one it returns to. Until the first call, the CR3 of gdt_init.
 */
void gdt_set_double_fault_cr3(uint32_t cr3);

/*
 * idt_init - all 256 vectors lead to entry.S; the early IDT is history
 *
 * Context  after trap_register_oops: from here on exceptions go there.
 */
void idt_init(void);

/*
 * trap_register_oops - who explains an exception that nothing else handles
 *
 * @fn  prints the report and returns only if the trap may be retried. For a
 *      double fault it runs in the double-fault task, with @frame made from
 *      the interrupted task's registers and cr2 as @fault_addr.
 * Returns  who it was before, so that a test can put it back.
 */
typedef void oops_fn(struct trap_frame *frame, unsigned long fault_addr);
oops_fn *trap_register_oops(oops_fn *fn);

/* trap_print_registers - three lines: the frame's registers, cr0, cr2, cr3 */
void trap_print_registers(const struct trap_frame *frame, print_fn *print);

/* "page fault" and the like; "interrupt" from vector 32 on. */
const char *trap_name(unsigned int vector);

/* Traps so far through vectors that neither the CPU nor the 8259s use. */
unsigned long trap_nr_spurious(void);

#endif
#endif
