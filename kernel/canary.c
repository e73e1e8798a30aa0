/* SPDX-License-Identifier: MIT */
/*
 * canary.c - a local array that was written past its end
 *
 * Problem     What lies behind a function's arrays is what its caller needs: the
 *             frame pointer, the return address. An overrun changes them, and
 *             the function returns to anywhere.
 * Idea        The compiler puts a copy of one word, the canary, between them,
 *             and before the function returns it compares. When they differ nobody
 *             returns: __stack_chk_fail, which the compiler calls, reports.
 * Picture     | other locals | arrays | canary | ebp | return address | ...
 *                              overrun ------>                  higher addresses
 * Invariants  CN1 No function that has a copy of the old canary returns after it
 *                 was chosen: kmain chooses it, and never returns.
 *             CN2 Its lowest byte is 0: a string that is too long ends there, so
 *                 it cannot bring the right value along.
 * Failure     A report, then as after all that is caught (kernel/caught.c). That the
 *             callers it names are right is likely and not certain: the overrun
 *             may have reached their frames.
 * Cost        Four instructions in each function that has an array or takes the
 *             address of a local (-fstack-protector-strong).
 * See         tests/kernel/test_canary.c, tools/toolchain.mk
 */
#include <kernel/canary.h>

#include <kernel/caught.h>
#include <kernel/printk.h>
#include <kernel/symbols.h>
#include <x86/backtrace.h>
#include <x86/cpu.h>

#define CANARY_MASK	0xFFFFFF00U	/* CN2 */
#define RDRAND_TRIES	10		/* Intel SDM vol. 1, 7.3.17.1 */

/* The compiler knows both names. Until it is chosen the canary is a constant. */
extern unsigned long __stack_chk_guard;
void __noreturn __stack_chk_fail(void);

unsigned long __stack_chk_guard __ro_after_init = 0x6C616300;

/*
 * seed= is not asked: it is printed for everybody to see. Nothing that a test
 * may look at depends on the canary.
 */
void __no_stack_protector canary_init(void)
{
	uint64_t tsc = cpu_features.tsc ? rdtsc() : 0;
	uint32_t word = (uint32_t)tsc * 0x9E3779B1U ^ (uint32_t)(tsc >> 32);
	uint32_t random = 0;
	unsigned int i;

	for (i = 0; cpu_features.rdrand && i < RDRAND_TRIES; i++)
		if (rdrand(&random))
			break;
	__stack_chk_guard ^= (word ^ random) & CANARY_MASK;
}

/* Our caller is the function whose canary was changed; its ebp is still right. */
void __stack_chk_fail(void)
{
	const struct recovery_fault fault = {
		.vector = CAUGHT_BY_CHECK, .eip = CALLER - 1
	};
	unsigned long offset;
	const char *name = symbol_lookup(fault.eip, &offset);

	irq_local_disable();
	if (caught_begin(&fault)) {
		printk(KERN_ERR "STACK SMASHED: in %s: a local array was "
		       "written past its end\n",
		       name ? name : "code without a name");
		caught_callers(FRAME_POINTER());
		caught_print("  why     the word behind its arrays changed; "
			     "the return address and\n"
			     "          callers lie further on and may have "
			     "changed as well\n"
			     "  read    kernel/canary.c\n");
	}
	caught_end(&fault, "", "smashed stack");
}
