/* SPDX-License-Identifier: MIT */
/*
 * cmdline.h - the options typed after the kernel's name
 *
 * One table holds every option (kernel/cmdline.c). An unknown option or a bad
 * value is reported with its text and ignored; nothing stops the boot.
 */
#ifndef KERNEL_CMDLINE_H
#define KERNEL_CMDLINE_H

#include <lib/types.h>
#include <mm/init.h>

struct bootinfo;

struct options {
	char		test[1024];	/* test=<glob>,... or "" */
	char		bench[1024];	/* bench=<glob>,... */
	bool		run_tests;	/* test= was given, even a bad one */
	bool		run_benches;	/* bench= was given */
	char		insmod[256];	/* insmod=name(a=1;b=2),... */
	bool		exit;		/* leave the machine when all is done */
	bool		slow;		/* slow tests take part in globs */
	bool		demo;		/* run the demonstration */
	bool		monitor;	/* end at the debug monitor's prompt */
	struct memory_limits limits;	/* mem=, highmem=, vmalloc=<size> */
	uint32_t	seed;		/* seed=<n>, default 1 */
	uint32_t	loglevel;	/* loglevel=0..8: <kernel/printk.h> */
	char		vmap[16];	/* vmap=list, rbtree or vmem */
	char		vmap_purge[8];	/* vmap_purge=eager or lazy */
	char		trace[128];	/* trace=<glob>,...: events to COM2 */
	struct memory_aids aids;	/* guard=, quarantine=, page_... */
};
extern struct options options;

/*
 * cmdline_init - parse bi->cmdline into options
 *
 * When the loader's name is "qemu", the first word is the kernel's path and is
 * dropped. Problems are reported with printk.
 */
void cmdline_init(const struct bootinfo *bi);

/*
 * cmdline_parse - read the options in @text, which is cut up by that
 *
 * Sets every field of @opt, those not named to their defaults; of an option
 * given twice the last counts.
 */
void cmdline_parse(char *text, struct options *opt);

#endif
