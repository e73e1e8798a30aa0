/* SPDX-License-Identifier: MIT */
/*
 * ask.h - say something to the monitor, and look for words in what it answers
 *
 * The answers are comments in the report while tests run; the kernel's log has
 * them. What takes memory needs a visit (<modules/visit.h>).
 */
#ifndef TESTS_MODULES_ASK_H
#define TESTS_MODULES_ASK_H

#include <kernel/monitor.h>
#include <kernel/printk.h>
#include <lib/string.h>

static uint64_t asked_at;

/* False: the monitor is left. */
static bool __printf(1, 2) ask(const char *fmt, ...)
{
	char line[100];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	asked_at = printk_position();
	return monitor_execute(line);
}

static bool __printf(1, 2) answered(const char *fmt, ...)
{
	char words[100];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	return printk_contains(asked_at, words);
}

#endif
