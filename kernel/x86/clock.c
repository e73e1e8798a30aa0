/* SPDX-License-Identifier: MIT */
/*
 * clock.c - the PIT's tick and the TSC
 *
 * Problem     The PIT ticks at a known rate but slowly; the TSC counts finely
 *             but at a rate that no register tells.
 * Idea        Channel 0 of the PIT interrupts 100 times a second. Channel 2
 *             measures the TSC once, when somebody first asks: a boot that
 *             needs no time pays nothing.
 * Failure     Without an answer from the PIT the TSC counts as 1 GHz.
 * Cost        10 ms at the first question; then one multiplication.
 * Read first  clock_tsc_khz, then clock_ns.
 * See         tests/x86/test_clock.c; Intel 8254 data sheet
 */
#include <x86/clock.h>

#include <lib/assert.h>
#include <lib/bits.h>
#include <x86/cpu.h>
#include <x86/io.h>
#include <x86/irq.h>

#define PIT_HZ		1193182U
#define PIT_DIVISOR	((PIT_HZ + TICKS_PER_SECOND / 2) / TICKS_PER_SECOND)
#define PIT_CHANNEL0	0x40
#define PIT_CHANNEL2	0x42
#define PIT_COMMAND	0x43
#define PIT_PERIODIC	0x34		/* channel 0, both bytes, mode 2 */
#define PIT_ONE_SHOT	0xB0		/* channel 2, both bytes, mode 0 */
#define PIT_LATCH2	0x80		/* hold channel 2 for reading    */
#define PIT_MAX		0xFFFFU
#define IRQ_PIT		0

#define SPEAKER_PORT	0x61
#define SPEAKER_GATE	(1U << 0)	/* lets channel 2 count     */
#define SPEAKER_SOUND	(1U << 1)
#define SPEAKER_OUT	(1U << 5)	/* channel 2 has run out    */

#define CALIBRATE_MS	10U
#define CALIBRATE_COUNT	(PIT_HZ * CALIBRATE_MS / 1000)
#define MAX_POLLS	500000U		/* 1 or 2 s on old hardware */
#define DEFAULT_KHZ	1000000U

/*
 * ns = tsc * 1000000 / khz, as tsc * mult >> NS_SHIFT. With 1 MHz as the least
 * rate, mult is at most 1000 << 22, which is just below 2^32.
 */
#define NS_SHIFT	22
#define MIN_KHZ		1000U
_Static_assert((1000000ULL / MIN_KHZ) << NS_SHIFT < 1ULL << 32, "32-bit mult");

static unsigned long ticks;
static uint32_t tsc_khz;		/* 0: not measured yet */
static uint32_t ns_mult;

static void clock_tick(void *arg __unused)
{
	ticks++;
}

unsigned long clock_ticks(void)
{
	return READ_ONCE(ticks);
}

static void pit_load(uint8_t command, uint16_t channel, uint32_t count)
{
	outb(PIT_COMMAND, command);
	outb(channel, (uint8_t)count);
	outb(channel, (uint8_t)(count >> 8));
}

/* One look at both clocks. */
struct sample {
	uint64_t tsc;		/* just before the PIT was read             */
	uint64_t doubt;		/* the PIT was read so much later, at most  */
	uint32_t counts;	/* of the PIT since pit_load with PIT_MAX   */
};

static struct sample take_sample(void)
{
	uint64_t before = rdtsc(), after;
	uint32_t left;

	outb(PIT_COMMAND, PIT_LATCH2);
	after = rdtsc();
	left = inb(PIT_CHANNEL2);
	left |= (uint32_t)inb(PIT_CHANNEL2) << 8;
	return (struct sample){ before, after - before, PIT_MAX - left };
}

/*
 * Whoever shares the machine with us, a host or its firmware, may hold us up
 * anywhere. That spoils a measurement only if it happens inside of a sample or
 * lasts until the counter has run out. Then, or without polls left, returns 0.
 */
static uint32_t measure_khz(unsigned int *polls_left)
{
	uint8_t speaker = inb(SPEAKER_PORT) & (uint8_t)~SPEAKER_SOUND;
	struct sample first, last;
	uint64_t cycles;

	outb(SPEAKER_PORT, speaker | SPEAKER_GATE);
	pit_load(PIT_ONE_SHOT, PIT_CHANNEL2, PIT_MAX);
	first = take_sample();
	do {
		if (*polls_left == 0)
			return 0;
		--*polls_left;
		last = take_sample();
	} while (last.counts - first.counts < CALIBRATE_COUNT);

	cycles = last.tsc - first.tsc;
	if (inb(SPEAKER_PORT) & SPEAKER_OUT ||
	    first.doubt + last.doubt > cycles / 100)
		return 0;
	return (uint32_t)(cycles * PIT_HZ / 1000 /
			  (last.counts - first.counts));
}

static void calibrate(void)
{
	unsigned int polls_left = MAX_POLLS;
	uint32_t khz = 0;

	while (khz == 0 && polls_left > 0) {
		unsigned long flags = irq_local_save();

		khz = measure_khz(&polls_left);
		irq_local_restore(flags);
	}
	if (khz == 0)
		khz = DEFAULT_KHZ;
	tsc_khz = MAX(khz, MIN_KHZ);
	ns_mult = (uint32_t)((1000000ULL << NS_SHIFT) / tsc_khz);
}

uint32_t clock_tsc_khz(void)
{
	if (!tsc_khz)
		calibrate();
	return tsc_khz;
}

/* The product has up to 96 bits, so the two halves are multiplied apart. */
uint64_t clock_cycles_to_ns(uint64_t cycles)
{
	uint64_t low, high;

	clock_tsc_khz();
	low = (cycles & UINT32_MAX) * ns_mult;
	high = (cycles >> 32) * ns_mult;
	return (high << (32 - NS_SHIFT)) + (low >> NS_SHIFT);
}

uint64_t clock_ns(void)
{
	return clock_cycles_to_ns(rdtsc());
}

void clock_init(void)
{
	int err = irq_register(IRQ_PIT, clock_tick, NULL);

	ASSERT(err == 0);
	pit_load(PIT_PERIODIC, PIT_CHANNEL0, PIT_DIVISOR);
}
