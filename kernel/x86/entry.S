/* SPDX-License-Identifier: MIT */
/*
 * entry.S - from a trap to C and back
 *
 * Problem     The CPU pushes eflags, cs and eip, for some vectors an error
 *             code, never the vector's number, and keeps all other registers.
 * Idea        A stub per vector pushes what is missing, so that one common path
 *             completes struct trap_frame (<x86/trap.h>) and calls C with it.
 * Picture     lowest address first, as the offsets in struct trap_frame:
 *              0 gs fs es ds   16 edi esi ebp esp ebx edx ecx eax
 *             48 vector error  56 eip cs eflags   (68 esp ss, from user mode)
 * Invariants  E1  C code is called with DF and AC clear, kernel data segments and
 *                 the per-CPU %fs, whatever was interrupted. User code may have
 *                 set AC, which suspends SMAP.
 *             E2  The unwind notes below hold at every instruction: gdb walks
 *                 through a trap from any of them. The canonical frame address
 *                 is the stack pointer before the trap, offset 68.
 * See         kernel/x86/trap.c, kernel/x86/double_fault.c
 */
#include <x86/layout.h>
#include <x86/trap.h>

#define FRAME_EIP		56
#define EFLAGS_NT		0x4000
#define FEATURES_SMAP		66	/* cpu.c asserts it */

/* Vectors 8, 10 to 14, 17, 21, 29 and 30 (Intel SDM vol. 3, table 6-1). */
#define VECTORS_WITH_ERROR	0x60227D00

	.cfi_sections .debug_frame
	.text

/*
 * At each stub: esp -> [error code], eip, cs, eflags of the interrupted code;
 * its other registers are untouched. 16 bytes each: TRAP_STUB_SIZE.
 */
	.globl	trap_stubs
	.type	trap_stubs, @function
	.balign	16
trap_stubs:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_def_cfa %esp, 12
	.cfi_offset %eip, -12

vector = 0
	.rept	32
	.balign	16
	.if	(VECTORS_WITH_ERROR >> vector) & 1
	.cfi_def_cfa_offset 16
	.else
	.cfi_def_cfa_offset 12
	push	$0
	.cfi_def_cfa_offset 16
	.endif
	push	$vector
	.cfi_def_cfa_offset 20
	jmp	trap_common
vector = vector + 1
	.endr

	.rept	224
	.balign	16
	.cfi_def_cfa_offset 12
	push	$0
	.cfi_def_cfa_offset 16
	push	$vector
	.cfi_def_cfa_offset 20
	jmp	trap_common
vector = vector + 1
	.endr
	.size	trap_stubs, . - trap_stubs

/*
 * esp -> vector, error code, eip, cs, eflags. Before the call we push the start
 * of a stack frame, ebp and eip as a function's prologue would, so that
 * backtrace_collect walks on into the interrupted function.
 */
	.globl	trap_common
	.type	trap_common, @function
	.balign	16
trap_common:
	pusha
	.cfi_def_cfa_offset 52
	.cfi_offset %eax, -24
	.cfi_offset %ecx, -28
	.cfi_offset %edx, -32
	.cfi_offset %ebx, -36
	.cfi_offset %ebp, -44
	.cfi_offset %esi, -48
	.cfi_offset %edi, -52
	push	%ds
	.cfi_def_cfa_offset 56
	push	%es
	.cfi_def_cfa_offset 60
	push	%fs
	.cfi_def_cfa_offset 64
	push	%gs
	.cfi_def_cfa_offset 68

	cld
	mov	$SEL_KERNEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	$SEL_PERCPU, %eax
	mov	%eax, %fs
	cmpb	$0, cpu_features + FEATURES_SMAP
	je	1f
	clac
1:
	mov	%esp, %eax			# the argument: the frame
	push	FRAME_EIP(%eax)
	.cfi_def_cfa_offset 72
	push	%ebp
	.cfi_def_cfa_offset 76
	mov	%esp, %ebp
	call	trap_dispatch
	add	$8, %esp
	.cfi_def_cfa_offset 68

	pop	%gs
	.cfi_def_cfa_offset 64
	pop	%fs
	.cfi_def_cfa_offset 60
	pop	%es
	.cfi_def_cfa_offset 56
	pop	%ds
	.cfi_def_cfa_offset 52
	popa
	.cfi_def_cfa_offset 20
	.cfi_restore %eax
	.cfi_restore %ecx
	.cfi_restore %edx
	.cfi_restore %ebx
	.cfi_restore %ebp
	.cfi_restore %esi
	.cfi_restore %edi
	add	$8, %esp			# vector and error code
	.cfi_def_cfa_offset 12
	iret
	.cfi_endproc
	.size	trap_common, . - trap_common

/*
 * Unwind notes of the double-fault task: who it interrupted is its caller. That
 * task's registers are in the TSS at ebx, where the CPU stored them, and its
 * esp is the canonical frame address; struct tss has the offsets. The words
 * are DWARF's (version 4, 7.7.1 and 7.23): 0x0F is DW_CFA_def_cfa_expression,
 * 0x10 DW_CFA_expression, 0x73 DW_OP_breg3, which is ebx plus a number in
 * pieces of 7 bits, and 6 DW_OP_deref.
 */
#define TSS_EIP			32
#define TSS_EAX			40
#define TSS_ESP			56

	.macro	cfi_saved_in_tss reg, at
	.cfi_escape 0x10, \reg, 3, 0x73, \at & 0x7F | 0x80, \at >> 7
	.endm

	.macro	cfi_interrupted_task
	.cfi_escape 0x0F, 3, 0x73, TSS_ESP, 6
	cfi_saved_in_tss 8, TSS_EIP
register = 0
	.rept	8			# eax ecx edx ebx esp ebp esi edi
	.if	register != 4
	cfi_saved_in_tss register, (TSS_EAX + 4 * register)
	.endif
register = register + 1
	.endr
	.endm

/*
 * The double-fault task begins here: on its own stack, which holds the error
 * code, with interrupts off; ebx -> cpu0_tss, all registers of the fault.
 */
	.globl	double_fault_entry
	.type	double_fault_entry, @function
	.balign	16
double_fault_entry:
	.cfi_startproc
	.cfi_signal_frame
	cfi_interrupted_task
	xor	%ebp, %ebp
	call	double_fault_main
	jmp	double_fault_leave
	.cfi_endproc
	.size	double_fault_entry, . - double_fault_entry

/*
 * double_fault_leave - switch back to what cpu0_tss says; from anywhere in the
 * task, also below a fault inside it, where NT is clear.
 *
 * The next double fault finds this task where iret leaves it: stack empty, ebx
 * in place, and about to jump to its beginning.
 */
	.globl	double_fault_leave
	.type	double_fault_leave, @function
double_fault_leave:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_undefined %eip		# who called gets no answer
	mov	$cpu0_tss, %ebx
	cfi_interrupted_task
	mov	$double_fault_stack + PAGE_SIZE + KSTACK_SIZE, %esp
	pushf
	orl	$EFLAGS_NT, (%esp)
	popf
	iret
	jmp	double_fault_entry
	.cfi_endproc
	.size	double_fault_leave, . - double_fault_leave

	.section .note.GNU-stack, "", @progbits
