/* SPDX-License-Identifier: MIT */
/*
 * main.c - from an address space of its own to a kernel at work
 *
 * Problem     Every part relies on others; there is one order that works.
 * Idea        kmain is that order, one line each, and each line says what works
 *             from there on. Exceptions are explained already (boot/high.c).
 * Read first  kmain, then mm/init.c
 * See         docs/book/README.md
 */
#include <kernel/main.h>

#include <kernel/canary.h>
#include <kernel/cmdline.h>
#include <kernel/demo.h>
#include <kernel/monitor.h>
#include <kernel/printk.h>
#include <mm/init.h>
#include <mm/kspace.h>
#include <mm/meminfo.h>
#include <mm/vmap.h>
#include <tests/bench.h>
#include <tests/ktest.h>
#include <version.h>
#include <x86/clock.h>
#include <x86/cpu.h>
#include <x86/irq.h>
#include <x86/power.h>

static void print_banner(const struct bootinfo *bi)
{
	const struct boot_module *m;
	char cpu[64];

	cpu_describe(cpu, sizeof(cpu));
	printk("Lacuna %s (git %s)  seed=%u  Leave QEMU with Ctrl-A x.\n",
	       LACUNA_VERSION, LACUNA_COMMIT, options.seed);
	printk("%s; built by %s\n", cpu, LACUNA_COMPILER);
	printk("loaded by %s with %s\n",
	       bi->loader[0] ? bi->loader : "an unnamed loader", bi->protocol);
	for (m = bi->modules; m < bi->modules + bi->nr_modules; m++)
		printk(KERN_DEBUG "its module '%s' at [%09llx, %09llx)\n",
		       m->string, m->start, m->end);
}

static void __printf(1, 2) print_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

/* The demonstration shows the same, with words. */
static void print_memory(void)
{
	meminfo_map(print_info);
	zoneinfo(print_info);
}

/* Whatever the command line asked for; true when none of it failed. */
static bool do_work(void)
{
	bool good = true;

	if (options.insmod[0])
		printk(KERN_WARNING "insmod: this kernel loads no modules yet, "
		       "'%s' ignored\n", options.insmod);
	if (options.demo)
		demo_run();
	if (options.run_tests)
		good &= ktest_run(options.test, options.slow, options.seed);
	if (options.run_benches)
		good &= bench_run(options.bench);
	return good;
}

void kmain(const struct bootinfo *bi)
{
	bool good;

	cpu_init();		/* its features; write protection and NX on  */
	canary_init();	/* overruns of local arrays are found        */
	cmdline_init(bi);	/* options                                   */
	print_banner(bi);
	mm_choose_aids(&options.aids);	/* what finds more mistakes  */
	mm_init(bi, &options.limits);	/* alloc_pages, kmalloc, vmalloc     */
	bench_mm_is_up();
	vmap_choose(options.vmap);	/* how vmalloc finds addresses       */
	vmap_lazy_choose(options.vmap_purge);	/* and when it flushes       */
	irq_init();		/* device interrupts, all masked             */
	clock_init();		/* ticks                                     */
	kspace_seal();		/* what never changes again is read-only     */
	irq_local_enable();
	if (!options.demo)
		print_memory();
	bench_report_boot();

	good = do_work();
	if (options.monitor)
		good &= monitor_run();
	if (options.exit)
		power_exit(good ? EXIT_PASS : EXIT_FAIL);
	printk("Nothing more to do. Leave QEMU with Ctrl-A x.\n");
	for (;;) {
		vfree_drain();
		cpu_halt();
	}
}
