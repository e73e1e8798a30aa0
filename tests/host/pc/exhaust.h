/* SPDX-License-Identifier: MIT */
/* exhaust.h - what the exhaustive searches share */
#ifndef TESTS_HOST_EXHAUST_H
#define TESTS_HOST_EXHAUST_H

#include "../host.h"

#include <lib/compiler.h>

/* Errors that the kernel has reported so far. */
extern unsigned long nr_reports;

/* number - print what was counted, and compare it with what it must be */
void number(const char *what, uint64_t found, uint64_t expected);

/* search_failed - the first thing that is wrong ends a search */
void __noreturn __printf(1, 2) search_failed(const char *fmt, ...);

#endif
