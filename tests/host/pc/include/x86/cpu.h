/* SPDX-License-Identifier: MIT */
/*
 * cpu.h - <x86/cpu.h> for a kernel that runs as a program
 *
 * What only a kernel may execute is done by the CPU of pc.c and the MMU of
 * mmu.c. The kernel's own instructions keep a name that nobody calls.
 */
#ifndef PC_X86_CPU_H
#define PC_X86_CPU_H

#define read_cr3		real_read_cr3
#define write_cr3		real_write_cr3
#define read_cr4		real_read_cr4
#define write_cr4		real_write_cr4
#define invlpg			real_invlpg
#define irq_local_save		real_irq_local_save
#define irq_local_restore	real_irq_local_restore
#include_next <x86/cpu.h>
#undef read_cr3
#undef write_cr3
#undef read_cr4
#undef write_cr4
#undef invlpg
#undef irq_local_save
#undef irq_local_restore

struct pc_cpu {
	unsigned long	cr3, cr4, eflags;
};
extern struct pc_cpu pc_cpu;

void write_cr3(unsigned long v);
void write_cr4(unsigned long v);
void invlpg(unsigned long addr);

static inline unsigned long read_cr3(void)
{
	return pc_cpu.cr3;
}

static inline unsigned long read_cr4(void)
{
	return pc_cpu.cr4;
}

static inline unsigned long irq_local_save(void)
{
	unsigned long flags = pc_cpu.eflags;

	pc_cpu.eflags &= ~EFLAGS_IF;
	return flags;
}

static inline void irq_local_restore(unsigned long flags)
{
	pc_cpu.eflags = flags;
}

#endif
