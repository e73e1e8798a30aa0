/* SPDX-License-Identifier: MIT */
/* test_monitor.c - a line is cut up and carried out; the prompt, as if typed at */
#include <kernel/monitor.h>

#include <lib/string.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>

#include "ask.h"

/* The forms a command may have, and what it was given. */
static unsigned int nr_called;
static unsigned long got[2];

MONITOR_COMMAND(test_form, "ADDR [N]", "for the tests of the monitor",
		"test_form 1000")
{
	nr_called++;
	got[1] = 99;
	return monitor_address(&words, &got[0]) &&
	       (!*words || monitor_number(&words, &got[1]));
}

KTEST(monitor, wrong_input_is_answered_with_what_to_type)
{
	EXPECT(ask("frobnicate") && answered("'frobnicate' is no command"));
	EXPECT(ask("pt") && answered("usage: pt ADDR, for example: pt c0"));
	EXPECT(ask("pt xyz") && answered("usage: pt ADDR"));
	EXPECT(ask("page 123456789") && answered("usage: page"));
	EXPECT(ask("zones now") && answered("usage: zones, for example"));
	EXPECT(ask(" ") && ask("    "));
}

KTEST(monitor, number_of_words_is_that_of_the_form)
{
	nr_called = 0;
	EXPECT(ask("test_form") && answered("usage: test_form ADDR [N]"));
	EXPECT(ask("test_form 1 2 3") && answered("usage:"));
	EXPECT_EQ(nr_called, 0);
	EXPECT(ask("test_form   c0de   3  ") && !answered("usage:"));
	EXPECT(got[0] == 0xc0de && got[1] == 3);
	EXPECT(ask("  test_form 0xc0de  ") && !answered("usage:"));
	EXPECT(got[0] == 0xc0de && got[1] == 99);
	EXPECT_EQ(nr_called, 2);
}

KTEST(monitor, address_may_be_a_function)
{
	EXPECT(ask("test_form vmalloc 2K") && !answered("usage:"));
	EXPECT(got[0] == (unsigned long)vmalloc && got[1] == 2048);
	EXPECT(ask("test_form vmalloc+0x1c") && !answered("usage:"));
	EXPECT_EQ(got[0], (unsigned long)vmalloc + 0x1c);
	EXPECT(ask("test_form vmalloc+9 0x10") && got[1] == 16);
	EXPECT_EQ(got[0], (unsigned long)vmalloc + 9);
	EXPECT(ask("test_form nothing_of_that_name") && answered("usage:"));
	EXPECT(ask("test_form vmalloc+") && answered("usage:"));
	EXPECT(ask("test_form vmalloc+x") && answered("usage:"));
	EXPECT(ask("test_form vmalloc+0xffffffff") && answered("usage:"));
	EXPECT(ask("test_form 1 4294967296") && answered("usage:"));
	EXPECT(ask("test_form 1 12Q") && answered("usage:"));
}

/* --- the prompt ------------------------------------------------------------ */

static const char *keys;
static char seen[2000];
static size_t nr_seen;

/* Its write is called under the console's lock: it only takes notes. */
static void typist_write(const char *text, size_t len)
{
	while (len-- > 0 && nr_seen + 1 < sizeof(seen))
		seen[nr_seen++] = *text++;
	seen[nr_seen] = '\0';
}

static int typist_read(void)
{
	return *keys ? (unsigned char)*keys++ : -1;
}

/* What the screen got is in `seen`. */
static void session(const char *typed)
{
	struct console typist = {
		.name = "typist", .write = typist_write, .read = typist_read,
	};

	keys = typed;
	console_register(&typist);	/* and is given the log so far */
	nr_seen = 0;
	asked_at = printk_position();
	monitor_run();
	console_unregister(&typist);
}

KTEST(monitor, session_ends_with_exit_and_gives_all_back)
{
	session("vmalloc 10000\rpage\033[D\177\025vmlis\033[D\033[C\tx\003"
		"exit\r");
	EXPECT(strstr(seen, "lacuna> "));
	EXPECT(answered("> vmalloc 10000\n"));
	EXPECT(!answered("> vmlist"));			/* it was dropped */
	EXPECT(answered("> exit\n"));
	EXPECT(answered("Given back: 2 areas, 0 blocks of frames.\n"));
	EXPECT(answered("The books balance"));
}

KTEST(monitor, log_keeps_a_line_as_it_was_entered)
{
	session("help zomes\033[D\033[D\177n\r\033[A\177\rexit\r");
	EXPECT(answered("> help zones\n"));
	EXPECT(answered("> help zone\n"));
	EXPECT(!answered("\b") && !answered("zomes"));
	EXPECT(strchr(seen, '\b'));
}

/* A fault in a command leads back to the prompt. */
KTEST(monitor, session_survives_a_wild_access)
{
	EXPECT_REPORT("BAD WRITE CAUGHT: at 00000010",
		      session("poke 10 41\rzones\rexit\r"));
	EXPECT(answered("HIGHMEM") && answered("The books balance"));
}
