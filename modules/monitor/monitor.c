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
 * See         include/kernel/monitor.h, tests/modules/test_monitor.c,
 *             docs/monitor.md
 */
#include <kernel/monitor.h>

#include <kernel/printk.h>
#include <kernel/symbols.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/trace.h>
#include <mm/vmalloc.h>
#include <modules/prompt.h>
#include <modules/visit.h>
#include <x86/recovery.h>

#include "internal.h"

#define PROMPT		"lacuna> "
#define EXAMPLE_SIZE	10000UL

const struct monitor_command *monitor_find(const char *name)
{
	const struct monitor_command *c;

	for (c = commands_start; c < commands_end; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* --- arguments ------------------------------------------------------------- */

static bool parse_hex(const char *text, unsigned long *value)
{
	char buf[20] = "0x";
	uint64_t v;

	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	if (strscpy(buf + 2, text, sizeof(buf) - 2) < 0 ||
	    parse_u64(buf, &v) != 0 || v > UINT32_MAX)
		return false;
	*value = (unsigned long)v;
	return true;
}

/* A function, and perhaps a distance: cut apart at the plus. */
static bool parse_symbol(char *text, unsigned long *value)
{
	char *plus = strchr(text, '+');
	uint64_t distance = 0;
	unsigned long addr;

	if (plus) {
		*plus = '\0';
		if (parse_u64(plus + 1, &distance) != 0)
			return false;
	}
	addr = symbol_address(text);
	*value = addr + (unsigned long)distance;
	return addr && distance < PAGE_OFFSET;
}

bool monitor_hex(char **words, unsigned long *value)
{
	const char *text = parse_word(words);

	return text && parse_hex(text, value);
}

bool monitor_address(char **words, unsigned long *value)
{
	char *text = parse_word(words);

	return text && (parse_hex(text, value) || parse_symbol(text, value));
}

typedef int parse_fn(const char *text, uint64_t *value);

static bool next_word(char **words, parse_fn *parse, unsigned long *value)
{
	const char *text = parse_word(words);
	uint64_t v;

	if (!text || parse(text, &v) != 0 || v > UINT32_MAX)
		return false;
	*value = (unsigned long)v;
	return true;
}

bool monitor_number(char **words, unsigned long *value)
{
	return next_word(words, parse_u64, value);
}

bool monitor_size(char **words, unsigned long *value)
{
	return next_word(words, parse_size, value);
}

static unsigned int count_words(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text > ' ' && text[1] <= ' ';
	return n;
}

static unsigned int count_optional(const char *form)
{
	unsigned int n = 0;

	while ((form = strchr(form, '['))) {
		form++;
		n++;
	}
	return n;
}

/* As many words as the form has? Those in brackets may be missing. */
static bool has_the_form(const char *form, const char *words)
{
	unsigned int nr = count_words(words), most;

	if (!form)
		return nr == 0;
	most = count_words(form);
	return nr + count_optional(form) >= most &&
	       (nr <= most || strstr(form, "..."));
}

/* --- one line -------------------------------------------------------------- */

/* False: what stood behind the command was wrong. */
static bool run_guarded(const struct monitor_command *c, char *words)
{
	struct recovery point;
	bool good;

	if (!has_the_form(c->argument, words))
		return false;
	if (recovery_set(&point) != 0)
		return true;		/* it was reported */
	good = c->run(words);
	recovery_clear(&point);
	return good;
}

/* A trace says between which of its events the answer was given. */
static bool run_traced(const struct monitor_command *c, char *words)
{
	bool good;

	trace(TRACE_BEGIN, c->name, 0);
	good = run_guarded(c, words);
	trace(TRACE_END, c->name, 0);
	return good;
}

/* So that a command finds an end behind its last word. */
static char *without_blanks_behind(char *line)
{
	char *end = line + strlen(line);

	while (end > line && end[-1] <= ' ')
		*--end = '\0';
	return line;
}

bool monitor_execute(char *line)
{
	char *words = without_blanks_behind(line);
	const char *name = parse_word(&words);
	const struct monitor_command *c = name ? monitor_find(name) : NULL;

	if (!name)
		return true;
	if (!c)
		say("  '%s' is no command; `help` lists them\n", name);
	else if (!run_traced(c, words))
		say("  usage: %s%s%s, for example: %s\n", c->name,
		    c->argument ? " " : "", c->argument ? c->argument : "",
		    c->example);
	else
		return strcmp(name, "exit") != 0;
	return true;
}

/* --- the prompt ------------------------------------------------------------ */

/* Names of commands: at the beginning, and behind help. */
static const char *name_behind(const char *before, unsigned int nr)
{
	bool wanted = count_words(before) == 0 ||
		      strcmp(before, "help ") == 0;

	return wanted && nr < (size_t)(commands_end - commands_start) ?
	       commands_start[nr].name : NULL;
}

static struct edit edit = {
	.prompt = PROMPT, .echo = prompt_echo, .word = name_behind,
};

/* A copy: `test monitor.*` comes back here, and reads lines of its own. */
static char *read_line(char *line)
{
	while (prompt_line(&edit) == EDIT_DROPPED)
		;
	strscpy(line, edit.text, EDIT_SIZE);
	return line;
}

/* An area to look at: the demonstration has given its own back. */
bool monitor_run(void)
{
	unsigned long guard = VMALLOC_START;	/* no memory: nothing there */
	char *example, line[EDIT_SIZE];
	struct visit visit;

	visit_begin(&visit);
	example = visit_keep_area(vmalloc(EXAMPLE_SIZE));
	if (example)
		guard = (unsigned long)example +
			ALIGN_UP(EXAMPLE_SIZE, PAGE_SIZE);
	say("The monitor: try explain %lx, vmlist, zones, map, help, exit\n",
	    guard);
	while (monitor_execute(read_line(line)))
		;
	return visit_end(&visit);
}
