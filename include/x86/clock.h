/* SPDX-License-Identifier: MIT */
/*
 * clock.h - the PIT's tick and the TSC
 */
#ifndef X86_CLOCK_H
#define X86_CLOCK_H

#include <lib/compiler.h>
#include <lib/types.h>

#define TICKS_PER_SECOND 100U

/* clock_init - PIT channel 0 ticks on IRQ 0 */
void clock_init(void);

unsigned long clock_ticks(void);	/* wraps after 497 days */

/*
 * clock_tsc_khz - TSC cycles per millisecond, measured at the first call
 *
 * Measures 10 ms against PIT channel 2, so the first call takes that long, with
 * interrupts off; again, if a busy host got in the way.
 * Returns  1000000 (1 GHz) when the PIT does not answer.
 */
uint32_t clock_tsc_khz(void);

/* clock_cycles_to_ns - right to 3 parts in a million, for any number */
uint64_t clock_cycles_to_ns(uint64_t cycles);

/* clock_ns - nanoseconds since the TSC was 0 (calibrates at the first call) */
uint64_t clock_ns(void);

#endif
