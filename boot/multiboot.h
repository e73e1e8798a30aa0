/* SPDX-License-Identifier: MIT */
/* multiboot.h - the numbers that a loader and this kernel know each other by */
#ifndef BOOT_MULTIBOOT_H
#define BOOT_MULTIBOOT_H

/* In the kernel's file, for the loader to find. */
#define MULTIBOOT1_HEADER	0x1BADB002
#define MULTIBOOT1_FLAGS	0x00000003	/* align modules; memory map  */
#define MULTIBOOT2_HEADER	0xE85250D6
#define MULTIBOOT2_I386		0		/* 32-bit protected mode      */
#define MULTIBOOT2_END		0		/* type of the last tag       */

/* In eax at _start: which of the two the loader speaks. */
#define MULTIBOOT1_LOADER	0x2BADB002
#define MULTIBOOT2_LOADER	0x36D76289

#endif
