/* SPDX-License-Identifier: MIT */
/* test_monitor.c - a line is cut up and carried out; the prompt, as if typed at */
#include <kernel/monitor.h>

#include <lib/string.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>

#include "ask.h"

KTEST(monitor, wrong_input_is_answered_with_what_to_type)
{
	EXPECT(ask("frobnicate") && answered("'frobnicate' is no command"));
	EXPECT(ask("pt") && answered("usage: pt ADDR, for example: pt c0"));
	EXPECT(ask("pt xyz") && answered("usage: pt ADDR"));
	EXPECT(ask("page 123456789") && answered("usage: page"));
	EXPECT(ask("zones now") && answered("usage: zones, for example"));
	EXPECT(ask(" ") && ask("    "));
}

/* Each row of a dump begins with its address. */
static bool shows(unsigned long addr, unsigned long bytes)
{
	return answered("  %08lx  ", addr) &&
	       answered("  %08lx  ", addr + (bytes - 1) / 16 * 16) &&
	       !answered("  %08lx  ", addr + (bytes + 15) / 16 * 16);
}

KTEST(monitor, number_of_words_is_that_of_the_form)
{
	EXPECT(ask("peek") && answered("usage: peek ADDR [N], for example"));
	EXPECT(ask("peek 1 2 3") && answered("usage:"));
	EXPECT(ask("peek   c0100000   33  ") && shows(0xc0100000, 33));
	EXPECT(ask("  peek 0xc0100000  ") && shows(0xc0100000, 64));
}

KTEST(monitor, address_may_be_a_function)
{
	unsigned long addr = (unsigned long)vmalloc;

	EXPECT(ask("peek vmalloc 1024") && shows(addr, 1024));
	EXPECT(ask("peek vmalloc+0x1c") && shows(addr + 0x1c, 64));
	EXPECT(ask("peek vmalloc+9 0x10") && shows(addr + 9, 16));
	EXPECT(ask("peek nothing_of_that_name") && answered("usage:"));
	EXPECT(ask("peek vmalloc+") && answered("usage:"));
	EXPECT(ask("peek vmalloc+x") && answered("usage:"));
	EXPECT(ask("peek vmalloc+0xffffffff") && answered("usage:"));
	EXPECT(ask("peek vmalloc 4294967297") && answered("usage:"));
	EXPECT(ask("peek vmalloc 12Q") && answered("usage:"));
}

/* Whoever types 010 means ten, and help says where a K may stand. */
KTEST(monitor, numbers_are_decimal_or_hexadecimal_and_never_octal)
{
	unsigned long addr = (unsigned long)vmalloc;

	EXPECT(ask("peek vmalloc 0100") && shows(addr, 100));
	EXPECT(ask("peek vmalloc 00000080") && shows(addr, 80));
	EXPECT(ask("peek vmalloc+010 0X10") && shows(addr + 10, 16));
	EXPECT(ask("peek vmalloc 1K") && answered("usage:"));
	EXPECT(ask("peek vmalloc 0") && answered("usage:"));
	EXPECT(ask("log 08") && !answered("usage:"));
	EXPECT(ask("alloc 1K") && answered("usage: alloc ORDER"));
	EXPECT(ask("frag 1K") && answered("usage: frag [SEED]"));
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
