/* SPDX-License-Identifier: MIT */
/*
 * step.c - an interrupt between any two instructions, as often as one likes
 *
 * Problem     The timer interrupts a thread a hundred times a second, and then
 *             somewhere. Whether a handler may come at some one instruction is
 *             tried by it hardly ever.
 * Idea        With EFLAGS.TF set the CPU traps after each instruction. The case
 *             takes the trap in the place of the oops reporter and decides: were
 *             interrupts on there, then it raises irq_depth, as trap_dispatch
 *             does for a line of the 8259, and calls the handler.
 * Picture     thread    mov   cli   mov   mov   sti   mov   ret
 *             trap         |     :     :     :     |     |     |
 *             handler      x                       x     x     x    x: may come
 * Invariants  The trap clears TF, so neither the handler nor a real interrupt is
 *             stepped through; iret sets it again. Chance comes from a seed, so a
 *             run repeats itself step by step, as long as no address depends on
 *             time.
 * Limits      Right behind sti a real CPU holds interrupts back for another
 *             instruction; here they come. A string instruction (rep) traps after
 *             each round, as it can be interrupted there.
 *             Loops that go on as long as handlers give something back (as in
 *             kasan_drain) would never end among so many: hence STORM.
 * Failure     What is no single step goes to the reporter that was there. A case
 *             that is left through a fault leaves all as it is: then the next
 *             step_begin finds itself registered.
 * See         tests/mm/test_step.c
 */
#include "step.h"

#include <lib/string.h>
#include <tests/ktest.h>
#include <tests/sealed.h>
#include <x86/percpu.h>
#include <x86/trap.h>

#define TRAP_DEBUG	1
#define NEVER		(~0UL)
#define INTO		16U		/* one in so many is stepped through */
#define STORM		400U		/* handlers between two step_often */
#define DR7_OFF		0x400U		/* SDM vol. 3, 17.2.4: this bit is always set */
#define DR7_ON		(DR7_OFF | 1)	/* DR0 is where to stop */

static oops_fn *reporter;		/* NULL: we are not registered */
static struct {
	void		(*handler)(struct random *random);
	struct random	random;
	uint32_t	one_in;
	unsigned int	left;	/* handlers, until step_often is called again */
	unsigned long	at;		/* open instructions until step_once */
	unsigned long	eip;
	bool		over;		/* no steps until the breakpoint */
	struct step_count count;
	const char	*fault;		/* NULL: none */
	unsigned long	fault_value, fault_eip, fault_call;
} step;

/* --- what is stepped over -------------------------------------------------- */

/*
 * To clear a page is a thousand steps at one place, to compare the slack behind
 * an area twenty thousand, and what printk does is its own affair. So calls of
 * these are stepped over, most or all of them, as a debugger does: TF is off until
 * the breakpoint at the return address, which still lies on top of the stack.
 */
static void breakpoint(uint32_t dr7, unsigned long addr)
{
	__asm__ volatile("mov %0, %%dr0; mov %1, %%dr7"
			 : : "r"(addr), "r"(dr7) : "memory");
}

static bool is_dull(uint32_t eip)
{
	if (eip == (uint32_t)printk || eip == (uint32_t)memchr_inv)
		return true;
	return (eip == (uint32_t)memset || eip == (uint32_t)memcpy ||
		eip == (uint32_t)memmove) && random_below(&step.random, INTO);
}

static void step_over(struct trap_frame *frame)
{
	breakpoint(DR7_ON, *(uint32_t *)trap_frame_esp(frame));
	frame->eflags &= ~EFLAGS_TF;
	step.over = true;
}

/* At the breakpoint; the last step, after step_off's popf, has TF off too. */
static void step_again(struct trap_frame *frame)
{
	breakpoint(DR7_OFF, 0);
	frame->eflags |= EFLAGS_TF;
	step.over = false;
}

/* --- each step ------------------------------------------------------------- */

static bool is_time(void)
{
	if (step.one_in)
		return random_below(&step.random, step.one_in) == 0 &&
		       step.left && step.left--;
	return step.at != NEVER && step.at-- == 0;
}

/* As trap_dispatch calls one. */
static void interrupt(const struct trap_frame *frame)
{
	step.count.calls++;
	step.eip = frame->eip;
	this_cpu->irq_depth++;
	step.handler(&step.random);
	this_cpu->irq_depth--;
}

/* A breakpoint must not outlive what a fault ends. */
static void on_trap(struct trap_frame *frame, unsigned long fault_addr)
{
	bool open = frame->eflags & EFLAGS_IF;

	if (frame->vector != TRAP_DEBUG) {
		breakpoint(DR7_OFF, 0);
		reporter(frame, fault_addr);
		return;
	}
	if (step.over)
		step_again(frame);
	step.count.open += open;
	step.count.closed += !open;
	if (open && is_time())
		interrupt(frame);
	if (step.one_in && is_dull(frame->eip))
		step_over(frame);
}

void step_begin(void (*handler)(struct random *random), uint32_t seed)
{
	memset(&step, 0, sizeof(step));
	step.handler = handler;
	step.at = NEVER;
	random_init(&step.random, seed);
	if (!reporter)
		UNSEALED(reporter = trap_register_oops(on_trap));
}

const struct step_count *step_end(void)
{
	UNSEALED(trap_register_oops(reporter));
	reporter = NULL;
	return &step.count;
}

void step_often(uint32_t one_in)
{
	step.one_in = one_in;
	step.left = STORM;
}

void step_once(unsigned long nth)
{
	step.one_in = 0;
	step.at = nth;
}

const struct step_count *step_count(void)
{
	return &step.count;
}

void step_fault(const char *what, unsigned long value)
{
	if (step.fault)
		return;
	step.fault = what;
	step.fault_value = value;
	step.fault_eip = step.eip;
	step.fault_call = step.count.calls;
}

bool step_good(void)
{
	if (!step.fault)
		return true;
	ktest_fail(__FILE__, __LINE__, "handler %lu, which came at %pS, found: "
		   "%s (%lx)", step.fault_call, (void *)step.fault_eip,
		   step.fault, step.fault_value);
	return false;
}
