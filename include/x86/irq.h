/* SPDX-License-Identifier: MIT */
/* irq.h - device interrupts through the two 8259s */
#ifndef X86_IRQ_H
#define X86_IRQ_H

#include <lib/compiler.h>
#include <lib/types.h>

#define NR_IRQS 16

typedef void irq_fn(void *arg);

/* irq_init - remap the 8259s to IRQ_VECTOR_BASE, all lines masked */
void irq_init(void);

/*
 * irq_register - call @fn(@arg) at each interrupt of line @irq, and unmask it
 *
 * @fn runs with interrupts off; it must not sleep. The line is acknowledged
 * before @fn runs.
 * Returns  0, -EINVAL (no such line, or the cascade line 2), -EBUSY.
 */
int __must_check irq_register(unsigned int irq, irq_fn *fn, void *arg);

/* irq_unregister - mask the line and forget its handler */
void irq_unregister(unsigned int irq);

/* Interrupts that no device wanted: lines 7 and 15 without an in-service bit. */
unsigned long irq_nr_spurious(void);

/* Called by trap.c for vectors IRQ_VECTOR_BASE to IRQ_VECTOR_BASE + 15. */
void irq_handle(unsigned int irq);

#endif
