/* SPDX-License-Identifier: MIT */
/*
 * layout.h - <x86/layout.h> for kernel code that runs on the build machine
 *
 * Pointers have 64 bits here, and the kernel's gigabyte is a piece of ordinary
 * memory. The constants are the kernel's own: its header gives them alone when
 * it is read by the assembler.
 */
#ifndef HOST_X86_LAYOUT_H
#define HOST_X86_LAYOUT_H

#include <lib/bits.h>
#include <lib/phys.h>
#include <lib/types.h>

#define __ASSEMBLER__
#include_next <x86/layout.h>
#undef __ASSEMBLER__

struct layout {
	uint64_t	lowmem_end;
};
extern struct layout layout;

/* The test program brings these: physical memory, and an end of the image. */
extern unsigned char *host_memory;
extern unsigned char *kernel_end;

void layout_init(uint64_t lowmem_end);

static inline void *phys_to_virt(phys_addr_t phys)
{
	return host_memory + phys_raw(phys);
}

static inline phys_addr_t virt_to_phys(const void *virt)
{
	return phys_make((uint64_t)((const unsigned char *)virt - host_memory));
}

static inline uint64_t image_end(void)
{
	return phys_raw(virt_to_phys(kernel_end));
}

#endif
