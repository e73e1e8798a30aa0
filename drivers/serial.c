/* SPDX-License-Identifier: MIT */
/*
 * serial.c - COM1, the port that reports
 *
 * Problem     Reports must come out whatever else is broken, so no interrupt,
 *             no memory and no other part of the kernel may be needed.
 * Idea        A 16550 is written by polling: wait until its FIFO is empty, put
 *             a byte. Every wait is bounded: a port that stops taking bytes
 *             loses text but never stops the kernel.
 * Locks       The console lock of printk; reading needs none.
 * Failure     No UART: nothing is registered, and nothing is written to again.
 * See         tests/drivers/test_serial.c; National Semiconductor PC16550D
 */
#include <drivers/serial.h>

#include <x86/cpu.h>
#include <x86/io.h>

#define COM1		0x3F8
#define DATA		(COM1 + 0)	/* while DLAB is set: divisor, low  */
#define INT_ENABLE	(COM1 + 1)	/* while DLAB is set: divisor, high */
#define FIFO_CONTROL	(COM1 + 2)
#define LINE_CONTROL	(COM1 + 3)
#define MODEM_CONTROL	(COM1 + 4)
#define LINE_STATUS	(COM1 + 5)
#define SCRATCH		(COM1 + 7)

#define DIVISOR_115200	1
#define LCR_DLAB	0x80
#define LCR_8N1		0x03
#define FCR_ON		0x07		/* enable, and empty both FIFOs */
#define MCR_DTR_RTS	0x03
#define LSR_RECEIVED	0x01
#define LSR_CAN_SEND	0x20

/* A byte takes 87 us and a status read about 1 us: the time of 200 bytes. */
#define MAX_POLLS	20000

static void serial_put(char c)
{
	unsigned int polls;

	for (polls = 0; polls < MAX_POLLS; polls++) {
		if (inb(LINE_STATUS) & LSR_CAN_SEND)
			break;
		cpu_relax();
	}
	outb(DATA, (uint8_t)c);
}

/* A terminal needs the carriage return that our texts leave out. */
static void serial_write(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\n')
			serial_put('\r');
		serial_put(text[i]);
	}
}

static int serial_read(void)
{
	if (!(inb(LINE_STATUS) & LSR_RECEIVED))
		return -1;
	return inb(DATA);
}

struct console serial_console = {
	.name = "serial",
	.write = serial_write,
	.read = serial_read,
};

/* An absent port reads 0xff whatever was written. */
static bool serial_present(void)
{
	outb(SCRATCH, 0x5A);
	if (inb(SCRATCH) != 0x5A)
		return false;
	outb(SCRATCH, 0xA5);
	return inb(SCRATCH) == 0xA5 && inb(LINE_STATUS) != 0xFF;
}

void serial_init(void)
{
	if (!serial_present())
		return;

	outb(INT_ENABLE, 0);
	outb(LINE_CONTROL, LCR_DLAB);
	outb(DATA, DIVISOR_115200);
	outb(INT_ENABLE, 0);
	outb(LINE_CONTROL, LCR_8N1);
	outb(FIFO_CONTROL, FCR_ON);
	outb(MODEM_CONTROL, MCR_DTR_RTS);
	console_register(&serial_console);
}
