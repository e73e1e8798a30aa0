/* SPDX-License-Identifier: MIT */
/*
 * layout.h - <x86/layout.h> for a kernel that runs as a program of 32 bits
 *
 *	0x40000000  the program's own libraries, heap and stack lie here ...
 *	0xC0000000  PAGE_OFFSET, as in the kernel
 *	            direct map, hole, window, kmap, fixmap: half a gigabyte
 *	0xE0000000  ... and here, with the stack on top
 *
 * All else is the kernel's header: VMALLOC_END follows from PKMAP_BASE.
 */
#ifndef PC_X86_LAYOUT_H
#define PC_X86_LAYOUT_H

#include_next <x86/layout.h>

#undef PKMAP_BASE
#undef PKMAP_END
#undef FIXADDR_START
#undef FIXADDR_END
#undef LOWMEM_MAX

#define PC_KERNEL_END	UL(0xE0000000)
#define PKMAP_BASE	(PC_KERNEL_END - UL(0x600000))
#define PKMAP_END	(PC_KERNEL_END - UL(0x400000))
#define FIXADDR_START	(PC_KERNEL_END - UL(0x200000))
#define FIXADDR_END	(PC_KERNEL_END - PAGE_SIZE)
#define LOWMEM_MAX	(PC_KERNEL_END - PAGE_OFFSET - VMALLOC_RESERVE)

#endif
