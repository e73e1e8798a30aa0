/* SPDX-License-Identifier: MIT */
/*
 * test_irq.c - lines and their handlers, through both 8259s
 *
 * A software interrupt reaches a handler on the same path as the device's, only
 * that no chip holds it in service. Two devices show the real thing: the UART
 * on line 4, and the clock chip on line 8, which needs the second 8259, the
 * cascade and both acknowledges.
 */
#include <x86/irq.h>

#include <drivers/serial.h>
#include <lib/errno.h>
#include <tests/ktest.h>
#include <x86/clock.h>
#include <x86/cpu.h>
#include <x86/io.h>
#include <x86/percpu.h>

#define TEST_IRQ	5
#define RTC_IRQ		8
#define CASCADE		2
#define UART_IRQ	4
#define UART_INT_ENABLE	0x3F9
#define UART_INT_ID	0x3FA
#define UART_MODEM_CONTROL 0x3FC
#define UART_OUT2	0x08		/* connects the UART to its line */
#define UART_INT_CAN_SEND 0x02
#define PATIENCE_NS	5000000000ULL

struct notes {
	unsigned int calls;
	bool in_interrupt, interrupts_on;
	unsigned int irq_depth;
};

static void note(void *arg)
{
	struct notes *n = arg;

	n->calls++;
	n->in_interrupt = in_interrupt();
	n->irq_depth = this_cpu->irq_depth;
	n->interrupts_on = read_eflags() & EFLAGS_IF;
}

static bool line_is_masked(unsigned int irq)
{
	return inb(irq < 8 ? 0x21 : 0xA1) & 1U << irq % 8;
}

KTEST(irq, each_free_line_registers_once_until_unregistered)
{
	struct notes n = { 0 };
	unsigned int irq, nr_free = 0;

	for (irq = 0; irq < NR_IRQS; irq++) {
		if (irq == CASCADE || irq_register(irq, note, &n) == -EBUSY)
			continue;
		nr_free++;
		EXPECT_EQ(irq_register(irq, note, &n), -EBUSY);
		irq_unregister(irq);
		EXPECT_EQ(irq_register(irq, note, &n), 0);
		irq_unregister(irq);
	}
	EXPECT(nr_free >= 8);
}

KTEST(irq, lines_that_do_not_exist_are_refused)
{
	EXPECT_EQ(irq_register(CASCADE, note, NULL), -EINVAL);
	EXPECT_EQ(irq_register(NR_IRQS, note, NULL), -EINVAL);
	EXPECT_EQ(irq_register(~0U, note, NULL), -EINVAL);
}

KTEST(irq, the_clock_has_its_line)
{
	EXPECT_EQ(irq_register(0, note, NULL), -EBUSY);
	EXPECT(!line_is_masked(0));
}

/* P1. */
KTEST(irq, a_line_is_open_exactly_while_it_has_a_handler)
{
	static const unsigned int samples[] = { TEST_IRQ, RTC_IRQ, 11 };
	unsigned int i;

	EXPECT(!line_is_masked(CASCADE));
	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		EXPECT(line_is_masked(samples[i]));
		REQUIRE(irq_register(samples[i], note, NULL) == 0);
		EXPECT(!line_is_masked(samples[i]));
		irq_unregister(samples[i]);
		EXPECT(line_is_masked(samples[i]));
	}
}

KTEST(irq, handler_is_called_with_its_argument_in_interrupt_context)
{
	struct notes n = { 0 };

	REQUIRE(irq_register(TEST_IRQ, note, &n) == 0);
	EXPECT(!in_interrupt());
	__asm__ volatile("int $37" : : : "memory");
	irq_unregister(TEST_IRQ);
	EXPECT_EQ(n.calls, 1);
	EXPECT(n.in_interrupt);
	EXPECT_EQ(n.irq_depth, 1);
	EXPECT(!n.interrupts_on);
	EXPECT(!in_interrupt());
	EXPECT(read_eflags() & EFLAGS_IF);
}

KTEST(irq, line_7_out_of_service_is_spurious_and_calls_nobody)
{
	unsigned long before = irq_nr_spurious();
	struct notes n = { 0 };

	REQUIRE(irq_register(7, note, &n) == 0);
	__asm__ volatile("int $39" : : : "memory");
	irq_unregister(7);
	EXPECT_EQ(irq_nr_spurious() - before, 1);
	EXPECT_EQ(n.calls, 0);
}

KTEST(irq, line_15_out_of_service_is_spurious_and_calls_nobody)
{
	unsigned long before = irq_nr_spurious();
	struct notes n = { 0 };

	REQUIRE(irq_register(15, note, &n) == 0);
	__asm__ volatile("int $47" : : : "memory");
	irq_unregister(15);
	EXPECT_EQ(irq_nr_spurious() - before, 1);
	EXPECT_EQ(n.calls, 0);
}

KTEST(irq, an_interrupt_without_handler_is_counted)
{
	unsigned long before = irq_nr_spurious();

	__asm__ volatile("int $37" : : : "memory");
	EXPECT_EQ(irq_nr_spurious() - before, 1);
}

/* Register B bit 6: periodic interrupt. Register C must be read after each. */
static uint8_t rtc_read(uint8_t reg)
{
	outb(0x70, reg);
	return inb(0x71);
}

static void rtc_set_periodic(bool on)
{
	uint8_t b = rtc_read(0x0B);

	outb(0x70, 0x0B);
	outb(0x71, on ? b | 0x40U : b & 0xBFU);
	rtc_read(0x0C);
}

static void note_rtc(void *arg)
{
	note(arg);
	rtc_read(0x0C);
}

static void wait_for_calls(const struct notes *n, unsigned int calls)
{
	uint64_t deadline = clock_ns() + PATIENCE_NS;

	while (READ_ONCE(n->calls) < calls && clock_ns() < deadline)
		cpu_relax();
}

KTEST(irq, a_device_on_the_second_chip_interrupts_again_and_again)
{
	unsigned long spurious = irq_nr_spurious();
	struct notes n = { 0 };
	unsigned int calls;

	REQUIRE(irq_register(RTC_IRQ, note_rtc, &n) == 0);
	rtc_set_periodic(true);
	wait_for_calls(&n, 5);
	rtc_set_periodic(false);
	irq_unregister(RTC_IRQ);

	calls = n.calls;
	EXPECT(calls >= 5);
	EXPECT_EQ(n.irq_depth, 1);
	EXPECT_EQ(irq_nr_spurious(), spurious);
}

/* The UART interrupts whenever it can send and is asked to say so. */
static void note_uart(void *arg)
{
	note(arg);
	outb(UART_INT_ENABLE, 0);
	inb(UART_INT_ID);
}

/* Acknowledged as another, line 4 would stay in service, and silent. */
KTEST(irq, a_device_on_the_first_chip_interrupts_again_and_again)
{
	struct notes n = { 0 };
	unsigned int i;
	uint8_t modem;

	if (!serial_console.link.next)
		ktest_skip("no serial port");
	REQUIRE(irq_register(UART_IRQ, note_uart, &n) == 0);
	modem = inb(UART_MODEM_CONTROL);
	outb(UART_MODEM_CONTROL, modem | UART_OUT2);
	for (i = 1; i <= 5; i++) {
		outb(UART_INT_ENABLE, UART_INT_CAN_SEND);
		wait_for_calls(&n, i);
	}
	outb(UART_INT_ENABLE, 0);
	outb(UART_MODEM_CONTROL, modem);
	irq_unregister(UART_IRQ);
	EXPECT_EQ(n.calls, 5);
}

KTEST(irq, a_masked_line_is_silent)
{
	unsigned long spurious, ticks;
	struct notes n = { 0 };
	uint64_t deadline;

	REQUIRE(irq_register(RTC_IRQ, note_rtc, &n) == 0);
	rtc_set_periodic(true);
	wait_for_calls(&n, 1);
	irq_unregister(RTC_IRQ);
	n.calls = 0;
	spurious = irq_nr_spurious();

	ticks = clock_ticks();
	deadline = clock_ns() + PATIENCE_NS;
	while (clock_ticks() - ticks < 2 && clock_ns() < deadline)
		cpu_relax();
	rtc_set_periodic(false);
	EXPECT_EQ(n.calls, 0);
	EXPECT_EQ(irq_nr_spurious(), spurious);
}
