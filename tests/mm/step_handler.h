/* SPDX-License-Identifier: MIT */
/*
 * step_handler.h - what an interrupt handler may do to the memory manager
 *
 * It keeps frames and objects from one call to the next, and finds others, and
 * areas, in boxes that a thread fills: tests/mm/step_handler.c.
 */
#ifndef TESTS_MM_STEP_HANDLER_H
#define TESTS_MM_STEP_HANDLER_H

#include <lib/random.h>

/* step_handler_some - one thing, by chance; step_handler_all - each of them, a
 * few times */
void step_handler_some(struct random *random);
void step_handler_all(struct random *random);

/* step_handler_feed - a thread puts something into one box, if that is empty;
 * step_handler_fill - into each that is */
void step_handler_feed(struct random *random);
void step_handler_fill(struct random *random);

/* step_handler_end - give back all that it keeps, and what is in the boxes */
void step_handler_end(void);

#endif
