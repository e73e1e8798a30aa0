/* SPDX-License-Identifier: MIT */
/*
 * irq.c - device interrupts: one handler per line
 *
 * Problem     A line must stay masked until somebody can serve it, and the
 *             8259 sometimes reports an interrupt that went away again.
 * Idea        A table of handlers; a line is unmasked exactly while it has one.
 *             A spurious interrupt arrives as the chip's last line, 7 or 15,
 *             but its in-service bit is clear: it is counted and gets no
 *             acknowledge, which would end another line's service.
 * Locks       irq_lock (rank IRQ) covers the table and the masks; it is not
 *             held while a handler runs.
 * Read first  irq_handle.
 * See         tests/x86/test_irq.c, kernel/x86/pic.c
 */
#include <x86/irq.h>

#include <kernel/lockrank.h>
#include <lib/errno.h>
#include <x86/spinlock.h>

#include "internal.h"

#define IRQ_CASCADE	2		/* where the second 8259 reports */
#define IRQ_LAST_FIRST	7
#define IRQ_LAST_SECOND	15

struct irq_line {
	irq_fn	*fn;			/* NULL: free, and masked */
	void	*arg;
};

static struct spinlock irq_lock = SPINLOCK_INIT(RANK_IRQ);
static struct irq_line lines[NR_IRQS];
static unsigned long nr_spurious;

unsigned long irq_nr_spurious(void)
{
	return READ_ONCE(nr_spurious);
}

int irq_register(unsigned int irq, irq_fn *fn, void *arg)
{
	int err = 0;

	ASSERT(fn);
	if (irq >= NR_IRQS || irq == IRQ_CASCADE)
		return -EINVAL;

	spin_lock(&irq_lock);
	if (lines[irq].fn) {
		err = -EBUSY;
	} else {
		lines[irq] = (struct irq_line){ fn, arg };
		pic_unmask(irq);
	}
	spin_unlock(&irq_lock);
	return err;
}

void irq_unregister(unsigned int irq)
{
	ASSERT(irq < NR_IRQS && irq != IRQ_CASCADE);

	spin_lock(&irq_lock);
	pic_mask(irq);
	lines[irq].fn = NULL;
	spin_unlock(&irq_lock);
}

/* A spurious line 15 did go through the first chip, which waits for its EOI. */
static bool irq_is_spurious(unsigned int irq)
{
	if (irq != IRQ_LAST_FIRST && irq != IRQ_LAST_SECOND)
		return false;
	if (pic_in_service(irq))
		return false;
	if (irq == IRQ_LAST_SECOND)
		pic_acknowledge(IRQ_CASCADE);
	return true;
}

void irq_handle(unsigned int irq)
{
	struct irq_line line;

	if (irq_is_spurious(irq)) {
		nr_spurious++;
		return;
	}
	pic_acknowledge(irq);

	spin_lock(&irq_lock);
	line = lines[irq];
	spin_unlock(&irq_lock);

	if (line.fn)
		line.fn(line.arg);
	else
		nr_spurious++;
}

void irq_init(void)
{
	pic_init();
}
