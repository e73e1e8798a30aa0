/* SPDX-License-Identifier: MIT */
/*
 * low.h - the code that runs at its physical address
 *
 * Files named low_*.c and their data are linked where the loader puts them
 * (linker.ld) and run before paging, on the CPU as the loader left it: they are
 * compiled for the 80386 and call nothing else of the kernel.
 */
#ifndef BOOT_LOW_H
#define BOOT_LOW_H

#include <lib/compiler.h>
#include <lib/types.h>

#define NR_LOW_TRAPS 32U

/* What start.S pushes for an exception, lowest address first. */
struct low_frame {
	uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
	uint32_t vector, error, eip, cs, eflags;
};

/*
 * low_main - refuse what cannot work, else build the first page tables
 *
 * @magic  eax as the loader left it. Returns only if the kernel can run.
 */
void low_main(uint32_t magic);

/* low_trap_init - gates for the 32 exceptions into low_idt; start.S loads it */
void low_trap_init(void);
void __noreturn low_trap(const struct low_frame *frame);

/* low_print_init - set up COM1 and clear the screen's first lines */
void low_print_init(void);
void low_print(const char *text);
void low_print_hex(uint32_t value);

void __noreturn low_power_exit(unsigned int verdict);

/* From start.S: one stub of 16 bytes for each exception; page tables. */
extern char low_trap_stubs[];
extern uint64_t low_idt[NR_LOW_TRAPS];
extern uint64_t low_pdpt[4], low_pmd[512];

#endif
