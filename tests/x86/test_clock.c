/* SPDX-License-Identifier: MIT */
/*
 * test_clock.c - the tick and the TSC agree
 *
 * QEMU shares its host: ticks can come late, or two as one. So no case trusts
 * the time of a tick; what can only be too long is measured more than once.
 */
#include <x86/clock.h>

#include <lib/bits.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/io.h>

#define MS_NS		1000000ULL
#define SECOND_NS	(1000 * MS_NS)
#define TICK_NS		(SECOND_NS / TICKS_PER_SECOND)
#define PIT_10_MS	11932U		/* at 1193182 Hz */
#define PIT_50_MS	59659U

/* Waits for the next tick, at most 5 s. Returns clock_ns right after. */
static uint64_t wait_for_tick(void)
{
	unsigned long before = clock_ticks();
	uint64_t now = clock_ns(), deadline = now + 5 * SECOND_NS;

	while (clock_ticks() == before && now < deadline)
		now = clock_ns();
	return now;
}

KTEST(clock, ticks_arrive)
{
	unsigned long before = clock_ticks();

	wait_for_tick();
	EXPECT(clock_ticks() != before);
}

KTEST(clock, a_tick_ends_a_halt)
{
	unsigned long before = clock_ticks();

	REQUIRE(read_eflags() & EFLAGS_IF);
	wait_for_tick();
	REQUIRE(clock_ticks() != before);
	before = clock_ticks();
	cpu_halt();
	EXPECT(clock_ticks() != before);
}

KTEST(clock, interrupts_off_hold_the_tick_back)
{
	unsigned long flags = irq_local_save();
	unsigned long before = clock_ticks();
	uint64_t deadline = clock_ns() + 2 * TICK_NS;
	unsigned long held;

	while (clock_ns() < deadline)
		cpu_relax();
	held = clock_ticks() - before;
	irq_local_restore(flags);
	EXPECT_EQ(held, 0);
	wait_for_tick();
	EXPECT(clock_ticks() != before);
}

KTEST(clock, rate_is_measured_once_and_plausible)
{
	uint32_t khz = clock_tsc_khz();

	ktest_note("the TSC counts %u kHz", khz);
	EXPECT(khz >= 1000);
	EXPECT(khz <= 20000000);
	EXPECT_EQ(clock_tsc_khz(), khz);
}

KTEST(clock, nanoseconds_never_run_backwards)
{
	uint64_t first = clock_ns(), last = first, now;
	unsigned int i, steps_back = 0;

	for (i = 0; i < 1000; i++, last = now) {
		now = clock_ns();
		if (now < last)
			steps_back++;
	}
	EXPECT_EQ(steps_back, 0);
	EXPECT(last > first);
}

/* A software interrupt instead of the device's, so that no other comes. */
KTEST(clock, one_interrupt_is_one_tick)
{
	unsigned long flags = irq_local_save();
	unsigned long before = clock_ticks(), after;

	__asm__ volatile("int $32" : : : "memory");
	after = clock_ticks();
	irq_local_restore(flags);
	EXPECT_EQ(after - before, 1);
}

static unsigned int pit_channel0_count(void)
{
	unsigned int low;

	outb(0x43, 0x00);
	low = inb(0x40);
	return (unsigned int)inb(0x40) << 8 | low;
}

/* Over some ticks every count comes up, from the divisor down to 1. */
KTEST(clock, ticks_come_every_ten_milliseconds_of_the_pit)
{
	uint64_t deadline = clock_ns() + 5 * SECOND_NS;
	unsigned int count, least = ~0U, most = 0, samples = 0;

	while ((least > PIT_10_MS / 10 || most < PIT_10_MS * 9 / 10 ||
		samples < 10000) && clock_ns() < deadline) {
		count = pit_channel0_count();
		least = MIN(least, count);
		most = MAX(most, count);
		samples++;
	}
	EXPECT(least <= PIT_10_MS / 10);
	EXPECT(most >= PIT_10_MS * 9 / 10);
	EXPECT(most <= PIT_10_MS);
}

/* Counts 50 ms with channel 2. Returns how long that took, by clock_ns. */
static uint64_t time_of_50_ms(void)
{
	uint64_t start = clock_ns(), deadline = start + SECOND_NS;

	outb(0x61, (inb(0x61) & 0xFCU) | 1);
	outb(0x43, 0xB0);
	outb(0x42, PIT_50_MS & 0xFF);
	outb(0x42, (uint8_t)(PIT_50_MS >> 8));
	while (!(inb(0x61) & 0x20) && clock_ns() < deadline)
		cpu_relax();
	return clock_ns() - start;
}

/* Whatever holds us up can only make it longer: the shortest counts. */
KTEST(clock, nanoseconds_agree_with_the_pit)
{
	uint64_t shortest = UINT64_MAX;
	unsigned int attempt;

	for (attempt = 0; attempt < 60 && shortest > 60 * MS_NS; attempt++)
		shortest = MIN(shortest, time_of_50_ms());
	ktest_note("50 ms took %llu us", shortest / 1000);
	EXPECT(shortest > 49 * MS_NS);
	EXPECT(shortest < 60 * MS_NS);
}

/* Against a plain division, which is exact where it does not overflow. */
static bool conversion_is_right(uint64_t cycles)
{
	uint64_t want = cycles / clock_tsc_khz() * 1000000 +
			cycles % clock_tsc_khz() * 1000000 / clock_tsc_khz();
	uint64_t got = clock_cycles_to_ns(cycles);
	uint64_t error = got > want ? got - want : want - got;

	return error <= want / 200000 + 2;
}

KTEST(clock, conversion_is_exact_at_the_borders_of_its_halves)
{
	static const uint64_t samples[] = {
		0, 1, 1000, 0xFFFFFFFF, 0x100000000, 0x100000001,
		0x1FFFFFFFF, 1ULL << 40, (1ULL << 48) - 1, 1ULL << 52,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(samples); i++)
		if (!conversion_is_right(samples[i]))
			ktest_fail(__FILE__, __LINE__, "%llu cycles: %llu ns",
				   samples[i], clock_cycles_to_ns(samples[i]));
}

KTEST(clock, conversion_of_random_cycles_is_exact_and_rises)
{
	unsigned int i, wrong = 0, falling = 0;

	for (i = 0; i < 1000; i++) {
		uint64_t cycles = (uint64_t)random_below(ktest_random(),
							 1U << 20) << 32 |
				  random_next(ktest_random());

		if (!conversion_is_right(cycles))
			wrong++;
		if (clock_cycles_to_ns(cycles + 1) < clock_cycles_to_ns(cycles))
			falling++;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(falling, 0);
}
