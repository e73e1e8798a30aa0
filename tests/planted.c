/* SPDX-License-Identifier: MIT */
/*
 * planted.c - cases that must fail, to test ktest itself
 *
 * They run only when named exactly; tests/machine/test_ktest.py demands that
 * each makes the run fail, and for the right reason.
 */
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <kernel/panic.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/spinlock.h>

#define PLANTED(name) KTEST_DEFINE(planted, name, KTEST_PLANTED)

PLANTED(leak)
{
	EXPECT(alloc_page(GFP_KERNEL));
}

PLANTED(leaked_object)
{
	EXPECT(kmalloc(64, GFP_KERNEL));
}

PLANTED(leaked_area)
{
	EXPECT(vmalloc(PAGE_SIZE));
}

PLANTED(interrupts_left_off)
{
	irq_local_disable();
}

PLANTED(failed_expectation)
{
	EXPECT_EQ(1, 2);
}

PLANTED(failed_requirement)
{
	REQUIRE(1 == 2);
	panic("REQUIRE went on");
}

PLANTED(report)
{
	printk(KERN_ERR "planted: a report that nobody expected\n");
}

PLANTED(missing_report)
{
	EXPECT_REPORT("a report", (void)0);
}

PLANTED(unexpected_fault)
{
	volatile int *null = NULL;

	HIDE(null)[4] = 1;
}

PLANTED(missing_fault)
{
	int x;

	EXPECT_FAULT(*(volatile int *)&x = 1);
}

PLANTED(panic)
{
	panic("planted");
}

PLANTED(assertion)
{
	ASSERT(1 == 2);
}

PLANTED(wrong_lock_order)
{
	static struct spinlock inner = SPINLOCK_INIT(2);
	static struct spinlock outer = SPINLOCK_INIT(1);

	spin_lock(&inner);
	spin_lock(&outer);		/* the end */
	spin_unlock(&outer);
	spin_unlock(&inner);
}

PLANTED(hang)
{
	for (;;)
		cpu_relax();
}
