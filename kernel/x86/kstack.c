/* SPDX-License-Identifier: MIT */
/*
 * kstack.c - the stacks that are part of the kernel image
 *
 * They lie in a section of their own, so that linker.ld keeps the guard pages
 * out of everything else that the final page tables map.
 */
#include <x86/kstack.h>

struct kstack boot_stack __section(".bss.kstacks");
struct kstack double_fault_stack __section(".bss.kstacks");
