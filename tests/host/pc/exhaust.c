/* SPDX-License-Identifier: MIT */
/* exhaust.c - counting and complaining for the exhaustive searches */
#include "exhaust.h"

#include <kernel/panic.h>
#include <kernel/printk.h>

unsigned long nr_reports;

void number(const char *what, uint64_t found, uint64_t expected)
{
	printf("# %s: %llu%s\n", what, (unsigned long long)found,
	       found == expected ? "" : ", which is wrong");
	if (found != expected)
		printf("# expected: %llu\n", (unsigned long long)expected);
	CHECK(found == expected);
}

void search_failed(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	exit(EXIT_FAILURE);
}

/* Millions of refusals: they are counted, not printed. */
int printk(const char *fmt, ...)
{
	nr_reports += strncmp(fmt, KERN_ERR, 2) == 0;
	return 0;
}

void panic(const char *fmt, ...)
{
	search_failed("panic: %s", fmt);
}
