/* SPDX-License-Identifier: MIT */
/*
 * monitor.h - questions to the running kernel, and how to add one
 *
 *	MONITOR_COMMAND(pt, "ADDR", "the page-table entries of an address",
 *			"pt c0100000")
 *	{
 *		unsigned long addr;
 *
 *		if (!monitor_address(&words, &addr))
 *			return false;
 *		...
 *		return true;
 *	}
 *
 * A command stands in the file of what it is about; the linker gathers them, and
 * the file, or its folder, is their group in the help. The form of the arguments
 * says how many words there may be: "ADDR [N]" one or two, with "..." in it any
 * number; NULL is none. What run() gets has so many.
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
	const char	*file;
	bool		(*run)(char *words);	/* what stood behind the name,
					 * to be cut up; false: that is wrong */
};

#define MONITOR_COMMAND(name_, argument_, help_, example_)		\
	static bool run_##name_(char *words);				\
	static const struct monitor_command command_##name_		\
	__used __section(".commands") __aligned(4) = {			\
		.name = #name_, .argument = argument_, .help = help_,	\
		.example = example_, .file = __FILE__,			\
		.run = run_##name_,					\
	};								\
	static bool run_##name_(char *words __unused)

extern const struct monitor_command commands_start[], commands_end[];

/*
 * monitor_address - the next word: hexadecimal, or a function's name, also with a
 *                   distance, as reports print it: vmalloc+0x1c
 * monitor_number - decimal, or 0x...
 * monitor_size - the same, or with K, M or G
 *
 * Return  false when there is none, it is none of these, or has more than 32 bits.
 */
bool monitor_address(char **words, unsigned long *value);
bool monitor_number(char **words, unsigned long *value);
bool monitor_size(char **words, unsigned long *value);

/* monitor_hex - the next word, hexadecimal with or without 0x. Returns  false
 * when there is none, or it is no number of 32 bits. */
bool monitor_hex(char **words, unsigned long *value);

/* monitor_run - read commands from the console until `exit`; do the books balance? */
bool monitor_run(void);

/* monitor_execute - one command line; cut up. Returns false after `exit`. */
bool monitor_execute(char *line);

#endif
