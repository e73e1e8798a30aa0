/* SPDX-License-Identifier: MIT */
/*
 * percpu.h - what each CPU has for itself, reached through %fs
 *
 * this_cpu->field compiles to one access with an %fs prefix. Each CPU's GDT
 * gives its %fs the base of its own struct cpu; one CPU runs today.
 * Only the CPU itself writes its fields, with interrupts off where a handler
 * writes them too.
 */
#ifndef X86_PERCPU_H
#define X86_PERCPU_H

#include <lib/types.h>

struct area_stock;
struct page_stock;
struct ram_block;
struct recovery;

struct cpu {
	struct cpu	*self;		/* this structure, as an ordinary pointer */
	unsigned int	id;		/* 0 for the CPU that booted              */
	union {
		uint32_t	context;	/* 0: a thread, no spinlock held  */
		struct {
			uint16_t lock_rank;	/* innermost spinlock held        */
			uint16_t irq_depth;	/* interrupt handlers running     */
		};
	};
	unsigned int	oops_depth;	/* reports being printed                  */
	struct recovery	*recovery;	/* innermost recovery point, or NULL      */
	unsigned long	kmap_next;	/* kmap_local's next entry: mm/highmem.c  */
	struct page_stock *page_stock[3]; /* single frames by zone: mm/pcp.c      */
	struct ram_block *ram_block;	/* vm_map_ram cuts from it, or NULL       */
	struct area_stock *area_stock;	/* small areas: mm/area_stock.c           */
};

#ifdef STATIC_ANALYSIS	/* who only reads the code (tools/static.mk) has no %fs */
extern struct cpu *const this_cpu;
#elif defined(KASAN) || defined(UBSAN)
/* gcc 12's checks take a distance from %fs for an address, close to NULL. */
static inline struct cpu *percpu_self(void)
{
	struct cpu *self;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	return self;
}
#define this_cpu	percpu_self()
#else
#define this_cpu	((struct cpu __seg_fs *)0)
#endif

static inline bool in_interrupt(void)
{
	return this_cpu->irq_depth != 0;
}

/*
 * May who runs here wait, for memory or for other CPUs to flush? Only a thread
 * that holds no spinlock; then no handler and no other thread comes between
 * what it does to data that handlers leave alone.
 */
static inline bool in_plain_thread(void)
{
	return this_cpu->context == 0;
}

#endif
