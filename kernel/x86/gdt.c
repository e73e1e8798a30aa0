/* SPDX-License-Identifier: MIT */
/*
 * gdt.c - segments, as far as a flat kernel still needs them
 *
 * Problem     Protected mode insists on segments. We want none, except two
 *             uses: a register that finds this CPU's own data (%fs), and a
 *             task that still runs when the kernel stack is used up.
 * Idea        Code and data cover all 4 GiB. SEL_PERCPU has the address of
 *             struct cpu as its base, so %fs:0 is its first field. Two task
 *             segments: the one everything runs in, and the double fault's.
 * Picture     00 null         18 user code     28 per-CPU data
 *             08 kernel code  20 user data     30 TSS   38 double-fault TSS
 * Invariants  G1  In the kernel %fs is SEL_PERCPU: spinlocks rely on it.
 *             G2  cs, ds, es and ss have base 0 and limit 4 GiB.
 * Locks       None: written once per CPU, before anything runs beside it.
 * Read first  gdt_init.
 * See         tests/x86/test_gdt.c; Intel SDM vol. 3, 3.4.5 and 7.2
 */
#include <x86/trap.h>

#include <x86/cpu.h>
#include <x86/kstack.h>
#include <x86/percpu.h>

#include "internal.h"

#define GDT_ENTRIES	8

/* Access byte: present, ring, and the type from SDM tables 3-1 and 3-2. */
#define SEG_CODE	0x9AU		/* execute, read */
#define SEG_DATA	0x92U		/* read, write   */
#define SEG_TSS		0x89U		/* 32 bits, free */
#define SEG_RING3	0x60U

/* Upper half of the flags byte. */
#define SEG_FLAT	0xC0U		/* 32 bits, limit in pages */
#define SEG_SMALL	0x40U		/* 32 bits, limit in bytes */

typedef struct { uint64_t raw; } segment_t;
_Static_assert(sizeof(segment_t) == 8, "the CPU reads 8-byte descriptors");

static segment_t gdt[GDT_ENTRIES] __aligned(8);
static struct cpu cpu0;
struct tss cpu0_tss;

static segment_t segment_make(uint32_t base, uint32_t limit,
			      unsigned int access, unsigned int flags)
{
	uint32_t low = (limit & 0xFFFF) | (base << 16);
	uint32_t high = (base & 0xFF000000) | (flags << 16) |
			(limit & 0x000F0000) | (access << 8) |
			((base >> 16) & 0xFF);

	return (segment_t){ (uint64_t)high << 32 | low };
}

static segment_t *segment_at(unsigned int selector)
{
	return &gdt[selector / 8];
}

static void gdt_fill(void)
{
	*segment_at(SEL_KERNEL_CODE) =
		segment_make(0, 0xFFFFF, SEG_CODE, SEG_FLAT);
	*segment_at(SEL_KERNEL_DATA) =
		segment_make(0, 0xFFFFF, SEG_DATA, SEG_FLAT);
	*segment_at(SEL_USER_CODE) =
		segment_make(0, 0xFFFFF, SEG_CODE | SEG_RING3, SEG_FLAT);
	*segment_at(SEL_USER_DATA) =
		segment_make(0, 0xFFFFF, SEG_DATA | SEG_RING3, SEG_FLAT);
	*segment_at(SEL_PERCPU) =
		segment_make((uint32_t)&cpu0, sizeof(cpu0) - 1, SEG_DATA,
			     SEG_SMALL);
	*segment_at(SEL_TSS) =
		segment_make((uint32_t)&cpu0_tss, sizeof(cpu0_tss) - 1,
			     SEG_TSS, 0);
	*segment_at(SEL_TSS_DF) =
		segment_make((uint32_t)&double_fault_tss,
			     sizeof(double_fault_tss) - 1, SEG_TSS, 0);
}

/* Segment registers keep what they cached until they are loaded again. */
static void gdt_load(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __packed gdtr = { sizeof(gdt) - 1, (uint32_t)gdt };

	__asm__ volatile("lgdt %0\n\t"
			 "ljmp %1, $1f\n"
			 "1:\n\t"
			 "mov %2, %%ds\n\t"
			 "mov %2, %%es\n\t"
			 "mov %2, %%ss\n\t"
			 "mov %2, %%gs\n\t"
			 "mov %3, %%fs\n\t"
			 "ltr %w4"
			 : : "m"(gdtr), "i"(SEL_KERNEL_CODE),
			     "r"(SEL_KERNEL_DATA), "r"(SEL_PERCPU),
			     "r"(SEL_TSS)
			 : "memory");
}

void gdt_init(void)
{
	cpu0.self = &cpu0;
	cpu0_tss.ss0 = SEL_KERNEL_DATA;
	cpu0_tss.esp0 = kstack_top(&boot_stack);
	cpu0_tss.io_map = sizeof(cpu0_tss);	/* no port for user code */
	double_fault_init();
	gdt_set_double_fault_cr3((uint32_t)read_cr3());

	gdt_fill();
	gdt_load();
}
