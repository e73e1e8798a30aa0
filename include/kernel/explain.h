/* SPDX-License-Identifier: MIT */
/* explain.h - what lies at an address, in words */
#ifndef KERNEL_EXPLAIN_H
#define KERNEL_EXPLAIN_H

#include <lib/format.h>

/*
 * explain_place - one phrase: "past the end of vmalloc area F8800000"
 *
 * Returns  the length, as snprintf. Takes no lock, allocates nothing.
 */
int explain_place(unsigned long addr, char *buf, size_t size);

/*
 * explain_details - the lines "where", "owner", "saved", "why" and the picture
 *
 * As many of them as there is something to say. Takes no lock, allocates nothing.
 */
void explain_details(unsigned long addr, print_fn *print);

#endif
