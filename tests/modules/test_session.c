/* SPDX-License-Identifier: MIT */
/* test_session.c - the monitor's help, and the log it shows */
#include <lib/string.h>
#include <tests/ktest.h>

#include "ask.h"

static char seen[4000];
static size_t nr_seen;

static void note(const char *text, size_t len)
{
	while (len-- > 0 && nr_seen + 1 < sizeof(seen))
		seen[nr_seen++] = *text++;
	seen[nr_seen] = '\0';
}

/* What the screen gets; `log` leaves no trace in the log. */
static void watch(const char *line)
{
	struct console screen = { .name = "screen", .write = note };

	console_register(&screen);
	nr_seen = 0;
	seen[0] = '\0';
	EXPECT(ask("%s", line));
	console_unregister(&screen);
}

static unsigned int lines_seen(void)
{
	const char *p = seen;
	unsigned int n = 0;

	while ((p = strchr(p, '\n'))) {
		p++;
		n++;
	}
	return n;
}

KTEST(session, help_has_every_command_on_a_screen_of_24_lines)
{
	const struct monitor_command *c;
	char name[24];

	watch("help");
	EXPECT(lines_seen() <= 24 && lines_seen() > 5);
	for (c = commands_start; c < commands_end; c++) {
		snprintf(name, sizeof(name), "  %s", c->name);
		if (!strstr(seen, name))
			ktest_fail(__FILE__, __LINE__, "help has no %s",
				   c->name);
	}
	EXPECT(strstr(seen, "memory ") && strstr(seen, "session "));
}

KTEST(session, help_of_a_command_has_form_meaning_and_example)
{
	const struct monitor_command *c;

	for (c = commands_start; c < commands_end; c++) {
		EXPECT(ask("help %s", c->name));
		EXPECT(answered("  %s%s%s\n", c->name, c->argument ? " " : "",
				c->argument ? c->argument : ""));
		EXPECT(answered("meaning   %s\n", c->help));
		EXPECT(answered("example   %s\n", c->example));
		EXPECT(strncmp(c->example, c->name, strlen(c->name)) == 0);
	}
}

KTEST(session, help_says_how_numbers_are_written)
{
	EXPECT(ask("help page") && answered("ADDR      hexadecimal"));
	EXPECT(answered("PFN       a frame's number"));
	EXPECT(ask("help vmalloc") && answered("SIZE      bytes: decimal"));
	EXPECT(ask("help peek") && answered("N         decimal"));
}

KTEST(session, help_of_a_group_has_a_line_for_each)
{
	EXPECT(ask("help access") && answered("peek ADDR [N] ") &&
	       answered("poke ADDR BYTE "));
	EXPECT(!answered("vmlist"));
	EXPECT(ask("help nosuch") && answered("no command and no group"));
}

KTEST(session, exit_leaves)
{
	EXPECT(!ask("exit"));
	EXPECT(ask("exit now") && answered("usage: exit"));
}

KTEST(session, log_shows_the_last_lines)
{
	printk("session: one\n");
	printk("session: two\n");
	printk("session: three\n");
	watch("log 2");
	EXPECT_EQ(lines_seen(), 2);
	EXPECT(strstr(seen, "session: two") && strstr(seen, "session: three"));
	EXPECT(!strstr(seen, "session: one"));
	EXPECT(!answered("session: two"));	/* not a second time */
	watch("log");
	EXPECT_EQ(lines_seen(), 20);
	EXPECT(strstr(seen, "session: one"));
}

KTEST(session, log_shows_what_is_left_of_an_unfinished_line)
{
	printk("session: begun\n");
	printk("session: not en");
	watch("log 1");
	printk("ded\n");
	EXPECT(strstr(seen, "session: not en") && !strstr(seen, "begun"));
}

KTEST(session, log_takes_a_number_of_lines_only)
{
	EXPECT(ask("log x") && answered("usage: log [N]"));
	EXPECT(ask("log 501") && answered("usage: log [N]"));
	watch("log 0");
	EXPECT_EQ(lines_seen(), 0);
}
