/* SPDX-License-Identifier: MIT */
/*
 * oops.c - an exception in the kernel: the report, and what happens then
 *
 * Problem     The kernel did something that the CPU refused. Whoever reads the
 *             console should understand what, where and whose fault it was.
 * Idea        One report in words, from the CPU's own record and from what
 *             explain.c knows of the address. Who did it and what happens then
 *             is the same for all that is caught: caught.c.
 * Read first  oops
 * See         tests/kernel/test_oops.c
 */
#include <kernel/oops.h>

#include <kernel/caught.h>
#include <kernel/explain.h>
#include <kernel/kasan.h>
#include <kernel/printk.h>
#include <kernel/symbols.h>
#include <lib/string.h>
#include <mm/kspace.h>
#include <x86/backtrace.h>
#include <x86/percpu.h>
#include <x86/trap.h>

/*
 * Has the function that @eip is in set up its frame? gcc gives none to a function
 * that calls nothing and needs no stack: then ebp is still its caller's.
 */
static bool has_frame(unsigned long eip)
{
	static const uint8_t prologue[] = { 0x55, 0x89, 0xe5 };	/* push, mov */
	const uint8_t *code = (const uint8_t *)eip;
	unsigned long offset;

	if (!symbol_lookup(eip, &offset))
		return false;
	for (; offset >= sizeof(prologue); offset--)
		if (memcmp(code - offset, prologue, sizeof(prologue)) == 0)
			return true;
	return false;
}

/* The return address that lies on top of the stack, or 0. */
static __no_sanitize_address unsigned long top_of_stack(const struct trap_frame *f)
{
	unsigned long esp = trap_frame_esp(f), addr, offset;
	struct pgtable_walk walk;

	if (!pgtable_lookup(esp, &walk))
		return 0;
	addr = *(const uint32_t *)esp;
	return symbol_lookup(addr, &offset) ? addr : 0;
}

/* The code that faulted and its callers, innermost first. */
static unsigned int collect(const struct trap_frame *f, unsigned long *addrs)
{
	unsigned int n = 0;

	addrs[n++] = f->eip;
	if (!has_frame(f->eip) && top_of_stack(f))
		addrs[n++] = top_of_stack(f);
	return n + backtrace_collect(f->ebp, &addrs[n], CALLERS_MAX - n);
}

static void print_who(const struct trap_frame *f)
{
	unsigned long addrs[CALLERS_MAX];

	caught_who(addrs, collect(f, addrs), "%pS");
}

/* Without NX the CPU does not tell a fetch from a read; the address does. */
static const char *access_name(const struct trap_frame *f, unsigned long addr)
{
	if ((f->error & PF_FETCH) || addr == f->eip)
		return "FETCH";
	return f->error & PF_WRITE ? "WRITE" : "READ";
}

static void report_page_fault(const struct trap_frame *f, unsigned long addr)
{
	struct pgtable_walk walk;
	char place[80];

	explain_place(addr, place, sizeof(place));
	printk(KERN_ERR "BAD %s CAUGHT: at %08lx, %s\n", access_name(f, addr),
	       addr, place);
	print_who(f);
	explain_details(addr, NULL, caught_print);
	caught_print("  error   %x: the page was %s%s%s\n", f->error,
		   f->error & PF_PRESENT ? "present" : "not present",
		   f->error & PF_RSVD ? ", a reserved bit was set" : "",
		   pgtable_lookup(addr, &walk) && pgtable_user(&walk) ?
		   "; it is user code's, the kernel is kept out" : "");
}

static void report_exception(const struct trap_frame *f, unsigned long addr)
{
	const char *stack = f->vector == TRAP_DOUBLE_FAULT ?
			    kspace_stack_guard(addr) : NULL;

	if (stack)
		printk(KERN_ERR "STACK OVERFLOW: the %s ran into its guard at "
		       "%08lx\n", stack, addr);
	else
		printk(KERN_ERR "EXCEPTION: %s (vector %u, error %x)\n",
		       trap_name(f->vector), f->vector, f->error);
	print_who(f);
	trap_print_registers(f, caught_print);
	if (stack)
		explain_details(addr, NULL, caught_print);
}

static void report(const struct trap_frame *f, unsigned long addr)
{
	if (f->vector == TRAP_PAGE_FAULT)
		report_page_fault(f, addr);
	else
		report_exception(f, addr);
}

/*
 * An NMI is no fault of the code that it interrupts: say so and go on. Not in the
 * middle of a report, whose lines it would tear apart.
 */
static void report_nmi(const struct trap_frame *f)
{
	if (this_cpu->oops_depth)
		return;
	printk_emergency(true);
	printk(KERN_WARNING "NMI at %pS: the hardware wants attention\n",
	       (void *)(unsigned long)f->eip);
	printk_emergency(false);
}

static void oops(struct trap_frame *f, unsigned long addr)
{
	const struct recovery_fault fault = {
		f->vector, f->error, addr, f->eip
	};

	if (kasan_skip_check(f, addr))
		return;
	if (f->vector == TRAP_NMI) {
		report_nmi(f);
		return;
	}
	if (caught_begin(&fault))
		report(f, addr);
	caught_end(&fault, f->vector == TRAP_PAGE_FAULT ?
		   "The access changed nothing. " : "", trap_name(f->vector));
}

void oops_init(void)
{
	trap_register_oops(oops);
}
