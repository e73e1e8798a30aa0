/* SPDX-License-Identifier: MIT */
/* main.h - where boot/ hands over to the kernel */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

#include <lib/compiler.h>
#include <x86/bootinfo.h>

/* kmain - bring everything up and do what @bi->cmdline asks; never returns */
void __noreturn kmain(const struct bootinfo *bi);

#endif
