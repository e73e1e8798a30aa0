/* SPDX-License-Identifier: MIT */
/*
 * double_fault.c - the task that still runs when the kernel stack is used up
 *
 * Problem     A kernel that overflows its stack faults on the guard page, and
 *             the CPU cannot push the frame of that fault: there is no stack
 *             to push it to. It raises a double fault, and if that cannot be
 *             delivered either, the machine resets without a word.
 * Idea        Vector 8 is a task gate: the CPU itself stores all registers in
 *             cpu0_tss and loads others, with a stack of their own, from
 *             double_fault_tss. We report from there.
 * Picture     cpu0_tss --- #DF, the CPU sets link and NT ---> double_fault_tss
 *                      <--- iret with NT set: a task switch ---
 * Invariants  F1  Whenever the double-fault task is not running, its TSS says
 *                 that it begins at double_fault_entry with an empty stack,
 *                 and ebx points to cpu0_tss: a debugger that walks the stack
 *                 finds there whom the task interrupted. A switch by iret saves
 *                 the eip behind that iret: entry.S has a jump to the entry
 *                 there, and makes the rest true before.
 *             F2  Both TSS hold a valid CR3: a switch loads it, but saves none.
 *             F3  After a recovery no line is in service. It may have been a
 *                 device interrupt that found no room on the stack: the chip
 *                 has delivered it, and nobody else will acknowledge it.
 * Failure     A double fault in the double-fault task resets the machine.
 * Read first  double_fault_main, then double_fault_entry in entry.S.
 * See         tests/x86/test_double_fault.c; Intel SDM vol. 3, 6.15 and 7.3
 */
#include "internal.h"

#include <x86/cpu.h>
#include <x86/kstack.h>

_Static_assert(offsetof(struct tss, eip) == 32 &&
	       offsetof(struct tss, eax) == 40 &&
	       offsetof(struct tss, esp) == 56 &&
	       offsetof(struct tss, edi) == 68,
	       "the unwind notes in entry.S have these offsets");

struct tss double_fault_tss;

void double_fault_init(void)
{
	double_fault_tss = (struct tss){
		.eip = (uint32_t)double_fault_entry,
		.esp = kstack_top(&double_fault_stack),
		.ebx = (uint32_t)&cpu0_tss,
		.eflags = EFLAGS_ALWAYS,	/* interrupts off */
		.cs = SEL_KERNEL_CODE,
		.ss = SEL_KERNEL_DATA,
		.ds = SEL_KERNEL_DATA,
		.es = SEL_KERNEL_DATA,
		.gs = SEL_KERNEL_DATA,
		.fs = SEL_PERCPU,
		.io_map = sizeof(struct tss),
	};
}

void gdt_set_double_fault_cr3(uint32_t cr3)
{
	cpu0_tss.cr3 = cr3;
	double_fault_tss.cr3 = cr3;
}

bool double_fault_task_runs(void)
{
	uint16_t selector;

	__asm__("str %0" : "=r"(selector));
	return selector == SEL_TSS_DF;
}

/* What entry.S would have pushed, had there been a stack. */
static struct trap_frame frame_from_tss(const struct tss *t)
{
	return (struct trap_frame){
		.gs = t->gs, .fs = t->fs, .es = t->es, .ds = t->ds,
		.edi = t->edi, .esi = t->esi, .ebp = t->ebp,
		.esp_at_pusha = t->esp, .ebx = t->ebx, .edx = t->edx,
		.ecx = t->ecx, .eax = t->eax,
		.vector = TRAP_DOUBLE_FAULT,
		.eip = t->eip, .cs = t->cs, .eflags = t->eflags,
		.user_esp = t->esp, .user_ss = t->ss,
	};
}

/* The error code of a double fault is always 0. */
void double_fault_main(void)
{
	struct trap_frame frame = frame_from_tss(&cpu0_tss);

	trap_exception(&frame, read_cr2());
}

static bool on_double_fault_stack(uint32_t esp)
{
	return esp > (uint32_t)&double_fault_stack &&
	       esp <= kstack_top(&double_fault_stack);
}

/*
 * The interrupted task goes on in recovery_jump, on the stack of @r; unless the
 * report itself set a point, in which case this task goes on.
 */
void double_fault_resume(struct recovery *r)
{
	if (on_double_fault_stack(r->esp))
		recovery_jump(r);

	pic_acknowledge_all();
	cpu0_tss.eip = (uint32_t)recovery_jump;
	cpu0_tss.eax = (uint32_t)r;
	cpu0_tss.esp = r->esp;
	cpu0_tss.eflags = EFLAGS_ALWAYS;
	cpu0_tss.cs = SEL_KERNEL_CODE;
	cpu0_tss.ss = SEL_KERNEL_DATA;
	cpu0_tss.ds = SEL_KERNEL_DATA;
	cpu0_tss.es = SEL_KERNEL_DATA;
	cpu0_tss.fs = SEL_PERCPU;
	double_fault_leave();
}
