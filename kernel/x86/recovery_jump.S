/* SPDX-License-Identifier: MIT */
/*
 * recovery_jump.S - saving and loading the registers of a recovery point
 *
 * Kept: what a C function must preserve for its caller (ebx, esi, edi, ebp,
 * esp), where recovery_set returns to, and eflags. The offsets are those of
 * struct recovery; recovery.c asserts them.
 */
#include <x86/trap.h>

#define R_EBX		0
#define R_ESI		4
#define R_EDI		8
#define R_EBP		12
#define R_ESP		16
#define R_EIP		20
#define R_EFLAGS	24

#define EFLAGS_ALWAYS	0x2

	.cfi_sections .debug_frame
	.text

/* eax = the point; (esp) = return address. The caller's esp lies above it. */
	.globl	recovery_set
	.type	recovery_set, @function
	.balign	16
recovery_set:
	.cfi_startproc
	mov	%ebx, R_EBX(%eax)
	mov	%esi, R_ESI(%eax)
	mov	%edi, R_EDI(%eax)
	mov	%ebp, R_EBP(%eax)
	lea	4(%esp), %ecx
	mov	%ecx, R_ESP(%eax)
	mov	(%esp), %ecx
	mov	%ecx, R_EIP(%eax)
	pushf
	.cfi_adjust_cfa_offset 4
	pop	R_EFLAGS(%eax)
	.cfi_adjust_cfa_offset -4
	call	recovery_link
	xor	%eax, %eax
	ret
	.cfi_endproc
	.size	recovery_set, . - recovery_set

/*
 * eax = the point; esp = a stack with room for a word. iret loads eip and
 * eflags in one step and, if the fault was an NMI, lets the CPU accept the next
 * one; NT must be clear, or it would switch tasks. A switch that
 * brought us here has set CR0.TS: clts, or the next FPU instruction would trap.
 */
	.globl	recovery_jump
	.type	recovery_jump, @function
	.balign	16
recovery_jump:
	.cfi_startproc
	.cfi_undefined %eip
	push	$EFLAGS_ALWAYS
	popf
	clts
	mov	R_EBX(%eax), %ebx
	mov	R_ESI(%eax), %esi
	mov	R_EDI(%eax), %edi
	mov	R_EBP(%eax), %ebp
	mov	R_ESP(%eax), %esp
	push	R_EFLAGS(%eax)
	push	$SEL_KERNEL_CODE
	push	R_EIP(%eax)
	mov	$1, %eax
	iret
	.cfi_endproc
	.size	recovery_jump, . - recovery_jump

	.section .note.GNU-stack, "", @progbits
