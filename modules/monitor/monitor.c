/* SPDX-License-Identifier: MIT */
/*
 * monitor.c - questions to the running kernel
 *
 * Problem     Reading about memory is one thing, asking a running kernel another.
 * Idea        A line editor on the console, and commands that the linker gathers
 *             from wherever they stand. Their words are those of the debugger's
 *             `lacuna` commands.
 * Failure     A bad argument is answered with the command's form and an example.
 *             A command that faults is reported and returns to the prompt, unless
 *             it held a lock: then what the lock protects is damaged, and that is
 *             a panic.
 * Read first  monitor_execute, then memory.c
 * See         include/kernel/monitor.h, tests/modules/test_monitor.c
 */
#include <kernel/monitor.h>

#include <kernel/printk.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/vmalloc.h>
#include <x86/cpu.h>
#include <x86/recovery.h>

#define LINE_SIZE	80U
#define EXAMPLE_SIZE	10000UL
#define BACKSPACE	8
#define DELETE		127
#define KILL_LINE	21		/* Ctrl-U */

static bool leaving;

MONITOR_COMMAND(help, NULL, "this list", "help")
{
	const struct monitor_command *c;

	for (c = commands_start; c < commands_end; c++)
		console_printf("  %-8s %-9s %s\n", c->name,
			       c->argument ? c->argument : "", c->help);
	console_printf("  Numbers are hexadecimal. Ctrl-U clears the line.\n");
	return true;
}

MONITOR_COMMAND(exit, NULL, "leave the monitor", "exit")
{
	leaving = true;
	return true;
}

static const struct monitor_command *find_command(const char *name)
{
	const struct monitor_command *c;

	for (c = commands_start; c < commands_end; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

bool monitor_hex(char **words, unsigned long *value)
{
	const char *text = parse_word(words);
	char buf[20] = "0x";
	uint64_t v;

	if (!text)
		return false;
	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	if (strscpy(buf + 2, text, sizeof(buf) - 2) < 0 ||
	    parse_u64(buf, &v) != 0 || v > UINT32_MAX)
		return false;
	*value = (unsigned long)v;
	return true;
}

/* False: what stood behind the command was wrong. */
static bool run_guarded(const struct monitor_command *c, char *words)
{
	struct recovery point;
	bool good;

	if (recovery_set(&point) != 0)
		return true;		/* it was reported */
	good = c->run(words);
	recovery_clear(&point);
	return good;
}

bool monitor_execute(char *line)
{
	const char *name = parse_word(&line);
	const struct monitor_command *c = name ? find_command(name) : NULL;

	leaving = false;
	if (name && !c)
		console_printf("  '%s' is no command; `help` lists them\n",
			       name);
	else if (c && !run_guarded(c, line))
		console_printf("  usage: %s %s, for example: %s\n", c->name,
			       c->argument ? c->argument : "", c->example);
	return !leaving;
}

static int wait_for_key(void)
{
	int c = console_getc();

	while (c < 0) {
		cpu_halt();		/* the tick wakes us */
		c = console_getc();
	}
	return c;
}

static void erase(size_t n)
{
	while (n--)
		console_printf("\b \b");
}

static void read_line(char *line)
{
	size_t n = 0;
	int c;

	while ((c = wait_for_key()) != '\r' && c != '\n') {
		if (c == BACKSPACE || c == DELETE) {
			erase(n ? 1 : 0);
			n -= n ? 1 : 0;
		} else if (c == KILL_LINE) {
			erase(n);
			n = 0;
		} else if (c >= ' ' && c < DELETE && n + 1 < LINE_SIZE) {
			console_printf("%c", c);
			line[n++] = (char)c;
		}
	}
	console_printf("\n");
	line[n] = '\0';
}

/* An area to look at: the demonstration has given its own back. */
void monitor_run(void)
{
	char *example = vmalloc(EXAMPLE_SIZE);
	unsigned long guard = VMALLOC_START;	/* no memory: nothing there */
	char line[LINE_SIZE];

	if (example)
		guard = (unsigned long)example +
			ALIGN_UP(EXAMPLE_SIZE, PAGE_SIZE);
	console_printf("The monitor: try explain %lx, vmlist, zones, map, "
		       "help, exit\n", guard);
	do {
		console_printf("lacuna> ");
		read_line(line);
	} while (monitor_execute(line));
	vfree(example);
}
