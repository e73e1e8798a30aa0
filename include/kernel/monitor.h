/* SPDX-License-Identifier: MIT */
/*
 * monitor.h - questions to the running kernel, and how to add one
 *
 *	MONITOR_COMMAND(pt, "ADDR", "the page-table entries of an address",
 *			"pt c0100000")
 *	{
 *		unsigned long addr;
 *
 *		if (!monitor_hex(&words, &addr))
 *			return false;
 *		...
 *		return true;
 *	}
 *
 * A command stands in the file of what it is about; the linker gathers them.
 */
#ifndef KERNEL_MONITOR_H
#define KERNEL_MONITOR_H

#include <lib/compiler.h>
#include <lib/format.h>

struct monitor_command {
	const char	*name;
	const char	*argument;	/* as the help shows it; NULL: none   */
	const char	*help;		/* half a line                        */
	const char	*example;
	bool		(*run)(char *words);	/* what stood behind the name,
					 * to be cut up; false: that is wrong */
};

#define MONITOR_COMMAND(name_, argument_, help_, example_)		\
	static bool run_##name_(char *words);				\
	static const struct monitor_command command_##name_		\
	__used __section(".commands") __aligned(4) = {			\
		.name = #name_, .argument = argument_, .help = help_,	\
		.example = example_, .run = run_##name_,		\
	};								\
	static bool run_##name_(char *words __unused)

extern const struct monitor_command commands_start[], commands_end[];

/* monitor_hex - the next word, hexadecimal with or without 0x. Returns  false
 * when there is none, or it is no number of 32 bits. */
bool monitor_hex(char **words, unsigned long *value);

/* monitor_run - read commands from the console until `exit` */
void monitor_run(void);

/* monitor_execute - one command line; cut up. Returns false after `exit`. */
bool monitor_execute(char *line);

#endif
