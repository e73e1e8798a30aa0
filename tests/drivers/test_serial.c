/* SPDX-License-Identifier: MIT */
/*
 * test_serial.c - bytes through the UART's own loopback
 *
 * In loopback what is sent arrives at the same chip and leaves the wire alone.
 * A byte takes 87 us: what was printed before must be out, and what the case has
 * sent must be in. The FIFO holds 16 bytes; nothing may be printed until it is
 * over.
 */
#include <drivers/serial.h>

#include <lib/string.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/io.h>

#define MODEM_CONTROL	0x3FC
#define LINE_CONTROL	0x3FB
#define LINE_STATUS	0x3FD
#define LOOPBACK	0x10
#define LSR_ALL_SENT	0x40
#define FIFO_SIZE	16U
#define MAX_POLLS	20000U		/* of about 1 us: 200 bytes */

static void wait_until_sent(void)
{
	unsigned int polls = 0;

	while (!(inb(LINE_STATUS) & LSR_ALL_SENT) && polls++ < MAX_POLLS)
		cpu_relax();
}

/* What comes back when @text is written; returns the number of bytes. */
static unsigned int loop(const char *text, size_t len, char back[FIFO_SIZE])
{
	unsigned long flags;
	unsigned int nr = 0;
	uint8_t modem;
	int byte;

	if (!serial_console.link.next)
		ktest_skip("no serial port");
	flags = irq_local_save();
	wait_until_sent();
	modem = inb(MODEM_CONTROL);
	outb(MODEM_CONTROL, modem | LOOPBACK);
	serial_console.write(text, len);
	wait_until_sent();
	while (nr < FIFO_SIZE && (byte = serial_console.read()) >= 0)
		back[nr++] = (char)byte;
	outb(MODEM_CONTROL, modem);
	irq_local_restore(flags);
	return nr;
}

KTEST(serial, bytes_arrive_as_they_were_sent)
{
	char back[FIFO_SIZE];

	REQUIRE(loop("Lacuna", 6, back) == 6);
	EXPECT_EQ(memcmp(back, "Lacuna", 6), 0);
}

KTEST(serial, newline_gets_a_carriage_return)
{
	char back[FIFO_SIZE];

	REQUIRE(loop("a\nb\n", 4, back) == 6);
	EXPECT_EQ(memcmp(back, "a\r\nb\r\n", 6), 0);
}

KTEST(serial, nothing_sent_is_nothing_to_read)
{
	char back[FIFO_SIZE];

	EXPECT_EQ(loop("unsent", 0, back), 0);
}

/* Every value but '\n', which is two bytes on the wire. */
KTEST(serial, every_byte_value_passes)
{
	unsigned int value, wrong = 0;
	char back[FIFO_SIZE], c;

	for (value = 0; value < 256; value++) {
		c = (char)value;
		if (c != '\n' && (loop(&c, 1, back) != 1 || back[0] != c))
			wrong++;
	}
	EXPECT_EQ(wrong, 0);
}

#define SCRATCH		0x3FFU		/* COM1's: any byte can be kept there */
#define FIFO_CONTROL	0x3FAU
#define FIFO_ON		1
#define CAN_SEND	0x20

static uint64_t time_of_a_byte(unsigned int port)
{
	uint64_t start = rdtsc();

	serial_put(port, FIFO_ON);
	return rdtsc() - start;
}

/*
 * A port whose status register is COM1's scratch register is ready when the case
 * says so. What is sent there goes into FIFO control, where it changes nothing.
 */
KTEST_SLOW_CASE(serial, a_port_that_takes_nothing_is_waited_for_once)
{
	const unsigned int fake = FIFO_CONTROL;
	uint64_t first, second, ready, again;
	unsigned long flags;

	if (!serial_console.link.next || !cpu_features.tsc)
		ktest_skip("no serial port, or no clock");
	flags = irq_local_save();
	outb(SCRATCH, 0);
	first = time_of_a_byte(fake);
	second = time_of_a_byte(fake);
	outb(SCRATCH, CAN_SEND);
	ready = time_of_a_byte(fake);
	outb(SCRATCH, 0);
	again = time_of_a_byte(fake);
	outb(SCRATCH, CAN_SEND);
	serial_put(fake, FIFO_ON);
	irq_local_restore(flags);
	EXPECT(second < first / 10);
	EXPECT(ready < first / 10);
	EXPECT(again > first / 10);
}

KTEST(serial, line_is_8n1_and_registers_are_not_the_divisor)
{
	if (!serial_console.link.next)
		ktest_skip("no serial port");
	EXPECT_EQ(inb(LINE_CONTROL), 0x03);
}
