/* SPDX-License-Identifier: MIT */
/*
 * hostile.h - physical memory that a hostile loader wrote
 *
 * It is an allocation of exactly its size, so that the address sanitizer sees a
 * read of one byte too many (P1); full of random bytes, so that what a test does
 * not write is garbage.
 */
#ifndef TESTS_HOST_HOSTILE_H
#define TESTS_HOST_HOSTILE_H

#include "host.h"

#include <lib/bits.h>

#include "../../boot/boot.h"

#define MAX_MEMORY	8192U

extern uint8_t *memory;
extern uint32_t size;			/* of it                          */
extern struct bootinfo bi;		/* as the last parse left it      */

void new_memory(uint32_t bytes);

/* What does not fit into memory is not written. */
void put32(uint32_t at, uint32_t value);
void put64(uint32_t at, uint64_t value);

/* Numbers in which mistakes are found: near a border, too large, ordinary. */
uint32_t some_place(void);
uint32_t some_count(void);

/* A range that often overlaps or touches the last one, or wraps, or is empty. */
void put_some_range(uint32_t at);	/* start and length, 16 bytes     */

/* parse - by @protocol (1 or 2), then check it against a plain reader */
void parse(int protocol, uint32_t info);

/* The processor's time that this takes. */
double seconds_for(int protocol, uint32_t info);

/* Memory without any sense, at places without any sense. */
void check_garbage(int protocol, unsigned int rounds);

#endif
