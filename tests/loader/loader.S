/* SPDX-License-Identifier: MIT */
/*
 * loader.S - a boot loader that hands over whatever it is told to
 *
 * Problem     What a kernel does about a hostile loader is only seen on a machine
 *             that was loaded by one.
 * Idea        The machine's memory is a file, and the test on the host has put
 *             everything there before the machine starts: the kernel's image and
 *             what is to be said to it. Only what lies where firmware works is
 *             copied by us, out of a script. Then the kernel is entered as the
 *             Multiboot Specification wants it: 32 bits, no paging, interrupts
 *             off. Nothing here knows what a memory map is.
 * Picture     script    magic | entry | eax | ebx | bytes from address 0 on ...
 * Failure     No script: a line on COM1, and QEMU leaves with status 69.
 * Source      Multiboot Specification 0.6.96, sections 3.1 and 3.2.
 * See         tests/machine/crafted.py
 */
#define HEADER		0x1BADB002
#define SCRIPT_MAGIC	0x5C819700
#define LOW_SIZE	0x9F000		/* behind it the BIOS keeps its data */
#define COM1		0x3F8
#define EXIT_PORT	0xF4
#define NO_SCRIPT	34		/* QEMU makes it 2 * 34 + 1          */

	.section .text
	.balign	4
	.long	HEADER, 0, -HEADER

	.globl	_start
_start:
	cli
	cld
	cmpl	$SCRIPT_MAGIC, script
	jne	complain
	movl	$script + 16, %esi
	xorl	%edi, %edi
	movl	$LOW_SIZE / 4, %ecx
	rep	movsl
	movl	script + 8, %eax
	movl	script + 12, %ebx
	jmp	*script + 4

complain:
	movl	$complaint, %esi
	movw	$COM1, %dx
1:	lodsb
	outb	%al, %dx
	cmpb	$'\n', %al
	jne	1b
	movl	$NO_SCRIPT, %eax
	outl	%eax, $EXIT_PORT
	hlt

complaint:
	.ascii	"loader: there is no script for me\n"

	.section .note.GNU-stack, "", @progbits
