/* SPDX-License-Identifier: MIT */
/*
 * session.c - the monitor's commands about itself: help, log, exit
 *
 * Idea        What there is to say of a command stands with it. The table of all
 *             is in groups, which are the files or folders that they stand in.
 * Read first  print_groups
 * See         include/kernel/monitor.h, tests/modules/test_session.c
 */
#include <lib/bits.h>
#include <lib/parse.h>
#include <lib/string.h>

#include "internal.h"

#define COLUMNS		80U
#define GROUP_COLUMNS	11U
#define LOG_LINES	20UL
#define LOG_LINES_MAX	500UL
#define LOG_BYTES	KIB(60)		/* so far back lines are looked for */

/* --- help ------------------------------------------------------------------ */

/* How the arguments of a command are written. */
static const struct {
	const char *name, *meaning;
} notations[] = {
	{ "ADDR", "hexadecimal, or a function: vmalloc, or vmalloc+0x1c" },
	{ "PFN", "a frame's number, hexadecimal" },
	{ "BYTE", "hexadecimal" },
	{ "SIZE", "bytes: decimal, 0x..., or with K, M, G: 10000, 64K, 2M" },
	{ "PAGES", "how many, hexadecimal" },
	{ "ORDER", "for 2^ORDER frames: 0 to 10, decimal or 0x..." },
	{ "N", "decimal, or 0x..." },
	{ "SEED", "a number that repeats it: decimal, or 0x..." },
	{ "GLOB", "names, with * for any letters: vmalloc.*,page.*" },
};

/* modules/monitor/take.c and tests/testing.c are groups of their own, all files of
 * modules/quiz/ are one. */
static const char *group_of(const struct monitor_command *c, char *buf)
{
	const char *p, *folder = c->file, *stem = c->file;

	for (p = c->file; *p; p++)
		if (*p == '/') {
			folder = stem;
			stem = p + 1;
		}
	if (strncmp(folder, "monitor/", 8) == 0 ||
	    strncmp(folder, "tests/", 6) == 0)
		folder = stem;
	for (p = folder; *p && *p != '/' && *p != '.'; p++)
		;
	strscpy(buf, folder, MIN((size_t)(p - folder) + 1, GROUP_COLUMNS));
	return buf;
}

static void form_of(const struct monitor_command *c, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", c->name, c->argument ? " " : "",
		 c->argument ? c->argument : "");
}

static void print_groups(void)
{
	unsigned int column = 0, width;
	const struct monitor_command *c;
	char form[40], group[GROUP_COLUMNS], last[GROUP_COLUMNS] = "";

	for (c = commands_start; c < commands_end; c++) {
		form_of(c, form, sizeof(form));
		width = 2 + (unsigned int)strlen(form);
		if (strcmp(group_of(c, group), last) != 0 ||
		    column + width > COLUMNS) {
			say("%s%-*s", column ? "\n" : "", GROUP_COLUMNS - 2,
			    strcmp(group, last) == 0 ? "" : group);
			column = GROUP_COLUMNS - 2;
		}
		say("  %s", form);
		column += width;
		strscpy(last, group, sizeof(last));
	}
	say("\n`help NAME` says more of a command, `help GROUP` of the words "
	    "on the left.\nTab completes, arrows correct and bring lines back, "
	    "Ctrl-C drops a line.\n");
}

static void print_notations(const char *form)
{
	char wanted[40], *rest, *word;
	unsigned int i;

	strscpy(wanted, form, sizeof(wanted));
	for (rest = wanted; *rest; rest++)	/* only the words are left */
		if (strchr("[]|.", *rest))
			*rest = ' ';
	rest = wanted;
	while ((word = parse_word(&rest)))
		for (i = 0; i < ARRAY_SIZE(notations); i++)
			if (strcmp(notations[i].name, word) == 0)
				say("  %-9s %s\n", word, notations[i].meaning);
}

static void print_command(const struct monitor_command *c)
{
	char form[40];

	form_of(c, form, sizeof(form));
	say("  %s\n  %-9s %s\n", form, "meaning", c->help);
	if (c->argument)
		print_notations(c->argument);
	say("  %-9s %s\n", "example", c->example);
}

static bool print_group(const char *name)
{
	const struct monitor_command *c;
	char form[40], group[GROUP_COLUMNS];
	bool found = false;

	for (c = commands_start; c < commands_end; c++) {
		if (strcmp(group_of(c, group), name) != 0)
			continue;
		form_of(c, form, sizeof(form));
		say("  %-18s %s\n", form, c->help);
		found = true;
	}
	return found;
}

MONITOR_COMMAND(help, "[NAME]", "all commands; or what one of them does",
		"help pt")
{
	const char *name = parse_word(&words);

	if (!name)
		print_groups();
	else if (monitor_find(name))
		print_command(monitor_find(name));
	else if (!print_group(name))
		say("  '%s' is no command and no group; `help` lists them\n",
		    name);
	return true;
}

/* --- log ------------------------------------------------------------------- */

static char log_byte(uint64_t position)
{
	char byte[2] = "";

	printk_copy(position, byte, sizeof(byte));
	return byte[0];
}

/* Where the last @nr lines before @end begin. */
static uint64_t lines_before(uint64_t end, unsigned long nr)
{
	uint64_t oldest = end > LOG_BYTES ? end - LOG_BYTES : 0, p = end;

	while (nr-- > 0 && p > oldest)
		do
			p--;
		while (p > oldest && log_byte(p - 1) != '\n');
	return p;
}

/* For the screen only: else the next `log` would show this one. */
MONITOR_COMMAND(log, "[N]", "the last N lines that the kernel logged (20)",
		"log 5")
{
	unsigned long nr = LOG_LINES;
	uint64_t end = printk_position(), p;
	char text[128];

	if (*words && (!monitor_number(&words, &nr) || nr > LOG_LINES_MAX))
		return false;
	for (p = lines_before(end, nr); p < end; p += MAX(strlen(text), 1U)) {
		printk_copy(p, text, (size_t)MIN(sizeof(text), end - p + 1));
		console_type(text, "");
	}
	return true;
}

/* --- exit ------------------------------------------------------------------ */

/* monitor_execute knows it by its name. */
MONITOR_COMMAND(exit, NULL, "leave; what you took is given back", "exit")
{
	return true;
}
