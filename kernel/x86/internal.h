/* SPDX-License-Identifier: MIT */
/* internal.h - what the files of kernel/x86 share with each other only */
#ifndef X86_INTERNAL_H
#define X86_INTERNAL_H

#include <lib/compiler.h>
#include <lib/types.h>
#include <x86/recovery.h>
#include <x86/trap.h>

/*
 * A task state segment (Intel SDM vol. 3, 7.2.1). A switch saves the registers
 * of the task that is left, but not its CR3.
 */
struct tss {
	uint32_t link;
	uint32_t esp0, ss0, esp1, ss1, esp2, ss2;
	uint32_t cr3, eip, eflags;
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs;
	uint32_t ldt;
	uint16_t debug_trap, io_map;
};
_Static_assert(sizeof(struct tss) == 104, "the CPU reads it");

#define EFLAGS_ALWAYS	(1UL << 1)	/* this bit reads as 1 */

/* gdt.c: the TSS in which everything but the double-fault task runs. */
extern struct tss cpu0_tss;

/* double_fault.c: its TSS, and the way out of it. */
extern struct tss double_fault_tss;
void double_fault_init(void);
bool double_fault_task_runs(void);
void __noreturn double_fault_resume(struct recovery *r);

/* entry.S: a stub of TRAP_STUB_SIZE bytes for each vector. */
#define TRAP_STUB_SIZE	16
extern char trap_stubs[];
void double_fault_entry(void);
void __noreturn double_fault_leave(void);

/* Called by entry.S. */
void trap_dispatch(struct trap_frame *frame);
void double_fault_main(void);

/* trap.c: hand an exception to the oops handler. */
void trap_exception(struct trap_frame *frame, unsigned long fault_addr);

/* recovery_jump.S: load the registers of @r, return 1 from its recovery_set. */
void __noreturn recovery_jump(struct recovery *r);
/* recovery.c: the part of recovery_set that C can do. */
void recovery_link(struct recovery *r);

/* pic.c: the two 8259s, by line number 0 to 15. */
void pic_init(void);
void pic_mask(unsigned int irq);
void pic_unmask(unsigned int irq);
bool pic_in_service(unsigned int irq);
void pic_acknowledge(unsigned int irq);
void pic_acknowledge_all(void);

#endif
