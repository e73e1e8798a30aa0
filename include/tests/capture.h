/* SPDX-License-Identifier: MIT */
/* capture.h - what a report prints, as one string */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <lib/format.h>

static char captured[4096];
static size_t captured_length;

static inline void capture_begin(void)
{
	captured_length = 0;
	captured[0] = '\0';
}

/* A print_fn; what does not fit is cut. */
static void __printf(1, 2) capture(const char *fmt, ...)
{
	size_t left = sizeof(captured) - captured_length;
	va_list ap;
	int length;

	va_start(ap, fmt);
	length = vsnprintf(captured + captured_length, left, fmt, ap);
	va_end(ap);
	captured_length += (size_t)length < left ? (size_t)length : left - 1;
}

#endif
