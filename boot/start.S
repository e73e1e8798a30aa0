/* SPDX-License-Identifier: MIT */
/*
 * start.S - the first instructions, up to C code above PAGE_OFFSET
 *
 * Problem     The loader leaves a 32-bit machine without paging, without a stack
 *             and without exception handlers. The kernel is linked 3 GiB higher
 *             than where it lies.
 * Idea        Handlers and a stack first, so that any mistake is printed. Then
 *             low_main checks the machine and builds page tables in which the
 *             first GiB of physical memory is seen twice: at 0, where we run,
 *             and at PAGE_OFFSET, where we want to be. Then jump, and forget
 *             the lower view.
 * Picture     physical  0       1 MiB        1 GiB
 *                       |--------[image]------|
 *             linear    |--------[image]------|  ...  |--------[image]------|
 *                       0 (until high_start)          PAGE_OFFSET
 * Registers   eax = MULTIBOOT1_LOADER or MULTIBOOT2_LOADER, ebx = where the
 *             information lies, from the loader (Multiboot Specification 0.6.96,
 *             section 3.2; Multiboot2 Specification 2.0, section 3.3).
 * Read first  _start
 * See         boot/low_main.c, boot/high.c, tests/machine/test_exceptions.py
 */
#include <x86/layout.h>

#include "multiboot.h"

#define CR0_PG_WP	0x80010000
#define CR4_PSE_PAE	0x00000030

	.cfi_sections .debug_frame	/* for gdb: linker.ld drops .eh_frame   */

	.section .multiboot, "a"
	.balign	4
	.globl	multiboot_header
multiboot_header:
	.long	MULTIBOOT1_HEADER
	.long	MULTIBOOT1_FLAGS
	.long	-(MULTIBOOT1_HEADER + MULTIBOOT1_FLAGS)

	.balign	8
	.globl	multiboot2_header
multiboot2_header:
	.long	MULTIBOOT2_HEADER
	.long	MULTIBOOT2_I386
	.long	multiboot2_header_end - multiboot2_header
	.long	-(MULTIBOOT2_HEADER + MULTIBOOT2_I386 + \
		  multiboot2_header_end - multiboot2_header)
	.word	MULTIBOOT2_END, 0	/* no tag asks for anything            */
	.long	8
multiboot2_header_end:

	.section .low.text, "ax"
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined eip		/* the outermost frame: nobody called us */
	.cfi_undefined ebp
	cli
	cld
	movl	$low_stack_top, %esp
	xorl	%ebp, %ebp
	movl	%eax, %esi		/* the loader's magic: esi, callee-saved */
	lgdt	low_gdt_pointer
	ljmp	$8, $1f
1:	movl	$16, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	call	low_trap_init
	lidt	low_idt_pointer

	/* From here on every exception is printed. */
	.globl	early_idt_ready
early_idt_ready:
	movl	%esi, %eax
	call	low_main		/* returns only if the kernel can run   */

	movl	$low_pdpt, %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$CR4_PSE_PAE, %eax
	movl	%eax, %cr4
	movl	%cr0, %eax
	orl	$CR0_PG_WP, %eax
	movl	%eax, %cr0
	.globl	paging_on
paging_on:
	movl	$high_start, %eax
	jmp	*%eax
	.cfi_endproc
	.size	_start, . - _start

/*
 * The exceptions: each stub leaves vector and error code on the stack. The CPU
 * pushes an error code for vectors 8, 10 to 14, 17 and 21 (SDM vol. 3, 6.3.1).
 */
	.balign	16
	.globl	low_trap_stubs
	.type	low_trap_stubs, @function
low_trap_stubs:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_def_cfa esp, 12
	.cfi_offset eip, -12
	.set	vector, 0
	.rept	32
	.balign	16
	.cfi_def_cfa_offset 16
	.set	pushed, vector == 8 || (vector >= 10 && vector <= 14)
	.if	!(pushed || vector == 17 || vector == 21)
	.cfi_def_cfa_offset 12
	pushl	$0
	.cfi_def_cfa_offset 16
	.endif
	pushl	$vector
	.cfi_def_cfa_offset 20
	jmp	low_trap_common
	.set	vector, vector + 1
	.endr

low_trap_common:
	pusha				/* now esp points to struct low_frame   */
	.cfi_def_cfa_offset 52
	.cfi_offset eax, -24
	.cfi_offset ecx, -28
	.cfi_offset edx, -32
	.cfi_offset ebx, -36
	.cfi_offset ebp, -44
	.cfi_offset esi, -48
	.cfi_offset edi, -52
	cld
	movl	%esp, %eax
	call	low_trap		/* does not return                      */
1:	jmp	1b
	.cfi_endproc
	.size	low_trap_stubs, . - low_trap_stubs

	.section .low.data, "aw"
	.balign	8
low_gdt:
	.quad	0
	.quad	0x00CF9A000000FFFF	/* 0x08 code, 4 GiB from 0              */
	.quad	0x00CF92000000FFFF	/* 0x10 data, the same                  */
low_gdt_pointer:
	.word	. - low_gdt - 1
	.long	low_gdt
	.balign	4
	.word	0
low_idt_pointer:
	.word	32 * 8 - 1
	.long	low_idt

	.section .low.bss, "aw", @nobits
	.balign	4096
	.globl	low_pmd
low_pmd:
	.skip	4096
	.globl	low_pdpt
low_pdpt:
	.skip	32
	.globl	low_idt
low_idt:
	.skip	32 * 8
	.balign	16
	.skip	4096
low_stack_top:

/* Paging is on; we run where we are linked, on the kernel's own stack. */
	.text
	.globl	high_start
	.type	high_start, @function
high_start:
	.cfi_startproc
	.cfi_undefined eip
	.cfi_undefined ebp
	movl	$boot_stack + PAGE_SIZE + KSTACK_SIZE, %esp
	xorl	%ebp, %ebp		/* a backtrace ends here                */
	movl	%ebx, %eax		/* physical address of the information  */
	movl	%esi, %edx		/* which protocol it follows            */
	call	boot_high		/* does not return                      */
1:	jmp	1b
	.cfi_endproc
	.size	high_start, . - high_start

	.section .note.GNU-stack, "", @progbits
