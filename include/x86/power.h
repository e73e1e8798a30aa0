/* SPDX-License-Identifier: MIT */
/* power.h - leaving the machine */
#ifndef X86_POWER_H
#define X86_POWER_H

#include <lib/compiler.h>

enum exit_verdict { EXIT_PASS = 0x10, EXIT_FAIL = 0x11 };

/*
 * power_exit - tell the machine how it went and switch it off
 *
 * Tries, in this order: the isa-debug-exit device at 0xf4 (QEMU then ends with
 * status 33 or 35), the ACPI port of QEMU's pc, the Shutdown port of Bochs, and
 * halts with interrupts off. Needs nothing but ports: works from any context.
 */
void __noreturn power_exit(enum exit_verdict verdict);

#endif
