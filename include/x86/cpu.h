/* SPDX-License-Identifier: MIT */
/* cpu.h - what this CPU can do, and its instructions that C has no word for */
#ifndef X86_CPU_H
#define X86_CPU_H

#include <lib/compiler.h>
#include <lib/types.h>

/* Found by cpu_init from CPUID; never changed again. */
struct cpu_features {
	char		vendor[13];
	char		model[49];	/* brand string, or family/model/stepping */
	bool		nx, pge, pat, smep, smap, umip, tsc, rdrand;
	unsigned int	phys_bits;	/* usable physical address width          */
};
extern struct cpu_features cpu_features;

/*
 * cpu_init - find the features; switch on CR0.WP, and where the CPU has them
 * CR4.PGE, SMEP, SMAP, UMIP and EFER.NXE; PTE_PWT alone means write combining
 *
 * The physical width is CPUID leaf 0x80000008 if present, else 36 with PSE36,
 * else 32 (Intel SDM vol. 3, 4.1.4). Context  boot, before kspace_init.
 */
void cpu_init(void);

/* One line of what matters here: "PAE NX PGE SMAP, 40 address bits". */
int cpu_describe(char *buf, size_t size);

#define CR0_TS		(1UL << 3)
#define CR0_WP		(1UL << 16)
#define CR0_PG		(1UL << 31)
#define CR4_PSE		(1UL << 4)
#define CR4_PAE		(1UL << 5)
#define CR4_PGE		(1UL << 7)
#define CR4_UMIP	(1UL << 11)	/* user code may not ask for GDT, IDT, TSS */
#define CR4_SMEP	(1UL << 20)	/* the kernel executes no user page        */
#define CR4_SMAP	(1UL << 21)	/* ... and reads and writes none           */
#define EFLAGS_IF	(1UL << 9)
#define EFLAGS_AC	(1UL << 18)	/* SMAP is suspended                       */
#define MSR_EFER	0xC0000080U
#define MSR_PAT		0x277U
#define EFER_NXE	(1ULL << 11)

#define CPU_DEFINE_CR(n)						\
static inline unsigned long read_cr##n(void)				\
{									\
	unsigned long v;						\
	__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory");	\
	return v;							\
}									\
static inline void write_cr##n(unsigned long v)				\
{									\
	__asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory");	\
}

CPU_DEFINE_CR(0)
CPU_DEFINE_CR(2)
CPU_DEFINE_CR(3)
CPU_DEFINE_CR(4)

static inline void cpuid(uint32_t leaf, uint32_t *a, uint32_t *b, uint32_t *c,
			 uint32_t *d)
{
	__asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d)
			 : "a"(leaf), "c"(0));
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint64_t v;
	__asm__ volatile("rdmsr" : "=A"(v) : "c"(msr));
	return v;
}

static inline void wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "A"(v) : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint64_t v;
	__asm__ volatile("rdtsc" : "=A"(v) : : "memory");
	return v;
}

/* A random number from the CPU; false when it has none ready. Needs RDRAND. */
static inline bool rdrand(uint32_t *v)
{
	bool ok;
	__asm__ volatile("rdrand %0; setc %1" : "=r"(*v), "=qm"(ok) : : "cc");
	return ok;
}

static inline void invlpg(unsigned long addr)
{
	__asm__ volatile("invlpg %0" : : "m"(*(char *)addr) : "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void cpu_halt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

static inline void irq_local_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void irq_local_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline unsigned long read_eflags(void)
{
	unsigned long v;
	__asm__ volatile("pushf; pop %0" : "=r"(v) : : "memory");
	return v;
}

static inline unsigned long irq_local_save(void)
{
	unsigned long flags = read_eflags();

	irq_local_disable();
	return flags;
}

static inline void irq_local_restore(unsigned long flags)
{
	if (flags & EFLAGS_IF)
		irq_local_enable();
}

#endif
