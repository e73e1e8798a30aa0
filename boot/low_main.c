/* SPDX-License-Identifier: MIT */
/*
 * low_main.c - may this kernel run here? and the first page tables
 *
 * Problem     The kernel needs a multiboot loader and a CPU with PAE. Without
 *             them its first instruction of a newer kind would end in a reset
 *             and a blank screen.
 * Idea        Ask before using. Whoever cannot be served reads one line that
 *             says why, on the serial port and on the screen.
 * Picture     low_pdpt[0] --+--> low_pmd[i] = 2 MiB page i, i = 0 .. 511
 *             low_pdpt[3] --+    one table, seen at 0 and at PAGE_OFFSET
 * Failure     A line and status 35 (isa-debug-exit), else the machine halts.
 * See         boot/start.S, mm/kspace.c (the tables that replace these)
 */
#include "low.h"
#include "multiboot.h"

#define EFLAGS_ID	(1UL << 21)
#define EXIT_FAIL	0x11U

#define CPUID_TSC	(1UL << 4)
#define CPUID_PAE	(1UL << 6)
#define CPUID_CMOV	(1UL << 15)

#define ENTRY_PRESENT	1U
#define ENTRY_WRITE	2U
#define ENTRY_LARGE	0x80U

static void __noreturn refuse(const char *why)
{
	low_print("lacuna: cannot start: ");
	low_print(why);
	low_print("\n");
	low_power_exit(EXIT_FAIL);
}

/* A CPU that lets software change EFLAGS.ID has CPUID (SDM vol. 1, 20.1.2). */
static bool has_cpuid(void)
{
	unsigned long before, after;

	__asm__ volatile("pushf\n\t"
			 "pop %0\n\t"
			 "mov %0, %1\n\t"
			 "xor %2, %1\n\t"
			 "push %1\n\t"
			 "popf\n\t"
			 "pushf\n\t"
			 "pop %1\n\t"
			 "push %0\n\t"
			 "popf"
			 : "=&r"(before), "=&r"(after)
			 : "i"(EFLAGS_ID) : "cc");
	return (before ^ after) & EFLAGS_ID;
}

static uint32_t cpuid_features(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid"
			 : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return edx;
}

static void check_cpu(void)
{
	uint32_t features = has_cpuid() ? cpuid_features() : 0;

	if (!(features & CPUID_PAE))
		refuse("this CPU has no PAE; in QEMU use -cpu max");
	if (!(features & CPUID_TSC) || !(features & CPUID_CMOV))
		refuse("this CPU has no TSC or CMOV; in QEMU use -cpu max");
}

static void build_page_tables(void)
{
	unsigned int i;

	for (i = 0; i < 512; i++)
		low_pmd[i] = ((uint64_t)i << 21) |
			     ENTRY_PRESENT | ENTRY_WRITE | ENTRY_LARGE;
	low_pdpt[0] = (uint32_t)(unsigned long)low_pmd | ENTRY_PRESENT;
	low_pdpt[3] = low_pdpt[0];
}

void low_main(uint32_t magic)
{
	low_print_init();
	if (magic != MULTIBOOT1_LOADER && magic != MULTIBOOT2_LOADER) {
		low_print("lacuna: cannot start: eax is ");
		low_print_hex(magic);
		low_print(", not 2BADB002 or 36D76289: "
			  "the loader does not speak Multiboot\n");
		low_power_exit(EXIT_FAIL);
	}
	check_cpu();
	build_page_tables();
}
