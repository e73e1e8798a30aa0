/* SPDX-License-Identifier: MIT */
/*
 * access.c - the monitor's commands that touch memory: peek and poke
 *
 * Idea        An access like any other. Where nothing is mapped the CPU refuses it,
 *             the kernel reports it in words, and the prompt comes back, because
 *             each command runs behind a recovery point. What is mapped can be
 *             changed: to break the kernel is the reader's good right.
 * Read first  print_row
 * See         modules/monitor/monitor.c, tests/modules/test_access.c
 */
#include <lib/bits.h>

#include "internal.h"

#define ROW		16U
#define PEEK_BYTES	64UL
#define PEEK_MAX	4096UL

/* Read first and printed then: a row that ends in a fault is not begun. */
static void print_row(unsigned long addr, unsigned int nr)
{
	unsigned char byte[ROW];
	unsigned int i;

	for (i = 0; i < nr; i++)
		byte[i] = *(const volatile unsigned char *)(addr + i);
	say("  %08lx ", addr);
	for (i = 0; i < ROW; i++) {
		say("%s", i == ROW / 2 ? "  " : " ");
		if (i < nr)
			say("%02x", byte[i]);
		else
			say("  ");
	}
	say("  ");
	for (i = 0; i < nr; i++)
		say("%c", byte[i] >= ' ' && byte[i] <= '~' ? byte[i] : '.');
	say("\n");
}

MONITOR_COMMAND(peek, "ADDR [N]", "N bytes as they are (64; at most 4096)",
		"peek vmalloc 32")
{
	unsigned long addr, nr = PEEK_BYTES;

	if (!monitor_address(&words, &addr) ||
	    (*words && !monitor_number(&words, &nr)) || nr == 0 ||
	    nr > PEEK_MAX)
		return false;
	for (; nr > 0; addr += ROW, nr -= MIN(nr, ROW))
		print_row(addr, (unsigned int)MIN(nr, ROW));
	return true;
}

static __noinline void poke_byte(unsigned long addr, unsigned char byte)
{
	*(volatile unsigned char *)addr = byte;
}

MONITOR_COMMAND(poke, "ADDR BYTE", "write one byte, wherever that is",
		"poke f8800000 41")
{
	unsigned long addr, byte;

	if (!monitor_address(&words, &addr) || !monitor_hex(&words, &byte) ||
	    byte > 0xFF)
		return false;
	poke_byte(addr, (unsigned char)byte);
	say("  %08lx is %02lx now\n", addr, byte);
	return true;
}
