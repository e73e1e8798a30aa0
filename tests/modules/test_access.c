/* SPDX-License-Identifier: MIT */
/* test_access.c - peek and poke: what is there, and what is caught */
#include <mm/vmalloc.h>
#include <tests/ktest.h>

#include "ask.h"

static const char text[] = "0123456789abcdef\n\x7f\x80 ?~";
#define TEXT	((unsigned long)text)

KTEST(access, peek_shows_bytes_and_letters)
{
	EXPECT(ask("peek %lx %u", TEXT, 23U));
	EXPECT(answered("%08lx  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 "
			"66  0123456789abcdef\n", TEXT));
	EXPECT(answered("%08lx  0a 7f 80 20 3f 7e 00%30s... ?~.\n",
			TEXT + 16, ""));
	EXPECT(!answered("%08lx", TEXT + 32));
}

KTEST(access, peek_shows_a_line_of_64_bytes_unless_told)
{
	EXPECT(ask("peek vmalloc"));
	EXPECT(answered("%08lx", (unsigned long)vmalloc + 48));
	EXPECT(!answered("%08lx", (unsigned long)vmalloc + 64));
	EXPECT(ask("peek vmalloc 0") && answered("usage: peek"));
	EXPECT(ask("peek vmalloc 4097") && answered("usage: peek"));
	EXPECT(ask("peek vmalloc x") && answered("usage: peek"));
}

KTEST(access, poke_writes_one_byte)
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	p[4] = p[6] = 1;
	EXPECT(ask("poke %lx 5a", (unsigned long)p + 5));
	EXPECT(answered("%08lx is 5a now", (unsigned long)p + 5));
	EXPECT(p[4] == 1 && p[5] == 0x5a && p[6] == 1);
	EXPECT(ask("poke %lx 100", (unsigned long)p));
	EXPECT(answered("usage: poke"));
	EXPECT(ask("poke %lx", (unsigned long)p) && answered("usage: poke"));
	vfree(p);
}

KTEST(access, wild_ones_are_reported_and_change_nothing)
{
	char *p = vmalloc(2 * PAGE_SIZE);

	REQUIRE(p);
	EXPECT_REPORT("past the end of vmalloc area",
		      ask("poke %lx 41", (unsigned long)p + 2 * PAGE_SIZE));
	EXPECT(!answered("is 41 now") && answered("poke_byte"));
	EXPECT_REPORT("BAD READ CAUGHT",
		      ask("peek %lx 64", (unsigned long)p + 2 * PAGE_SIZE - 32));
	EXPECT(answered("%08lx  ", (unsigned long)p + 2 * PAGE_SIZE - 32));
	EXPECT_REPORT("kernel's text", ask("poke vmalloc 90"));
	EXPECT_REPORT("NULL pointer", ask("peek 0"));
	vfree(p);
}
