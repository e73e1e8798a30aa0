/* SPDX-License-Identifier: MIT */
/*
 * pc.h - a PC inside a program: RAM, a CPU with an MMU, and the kernel's mm/
 *
 * pc.c has the RAM and starts mm/, mmu.c makes the addresses of the kernel work.
 * printk and panic are for whoever links this to have.
 */
#ifndef TESTS_HOST_PC_H
#define TESTS_HOST_PC_H

#include "../host.h"

#include <x86/cpu.h>
#include <x86/layout.h>

/*
 * pc_power_on - so much RAM, paging as at boot: physical memory at PAGE_OFFSET
 * pc_boot - power on, and mm_init with a usual map: 0 to 640 KiB, 1 MiB to
 *           @low_end, @high_start to @high_end. HIGHMEM begins at 384 MiB.
 */
void pc_power_on(phys_addr_t ram_end);
void pc_boot(phys_addr_t low_end, phys_addr_t high_start, phys_addr_t high_end);

/* pc_faults - does a read, or a write, of the byte at @p raise a page fault? A
 * write leaves the byte as it was. */
bool pc_faults(const void *p, bool write);

/* mmu.c, for pc.c: @fd is RAM. */
void mmu_init(int fd);

#endif
