/* SPDX-License-Identifier: MIT */
/*
 * serial.c - COM1, the port that reports; COM2, for traces
 *
 * Problem     Reports must come out whatever else is broken, so no interrupt,
 *             no memory and no other part of the kernel may be needed.
 * Idea        A 16550 is written by polling: wait until its FIFO is empty, put
 *             a byte. A port that stops taking bytes, in QEMU one that nobody
 *             reads, loses text but never stops the kernel: it is waited for
 *             once, then each byte asks once whether it is ready again.
 * Locks       The console lock of printk; reading needs none.
 * Failure     No UART: nothing is registered, and nothing is written to again.
 * See         tests/drivers/test_serial.c; National Semiconductor PC16550D
 */
#include <drivers/serial.h>

#include <x86/cpu.h>
#include <x86/io.h>

/* The registers of the port at p. */
#define REG(p, n)	((uint16_t)((p) + (n)))
#define DATA(p)		REG(p, 0)	/* while DLAB is set: divisor, low  */
#define INT_ENABLE(p)	REG(p, 1)	/* while DLAB is set: divisor, high */
#define FIFO_CONTROL(p)	REG(p, 2)
#define LINE_CONTROL(p)	REG(p, 3)
#define MODEM_CONTROL(p) REG(p, 4)
#define LINE_STATUS(p)	REG(p, 5)
#define SCRATCH(p)	REG(p, 7)

#define DIVISOR_115200	1
#define LCR_DLAB	0x80
#define LCR_8N1		0x03
#define FCR_ON		0x07		/* enable, and empty both FIFOs */
#define MCR_DTR_RTS	0x03
#define LSR_RECEIVED	0x01
#define LSR_CAN_SEND	0x20

/* A byte takes 87 us, a status read 1 us on a PC and 0.3 us in QEMU. A second or
 * three, then: the program that reads at the other end may have been held up. */
#define MAX_POLLS	3000000

void serial_put(unsigned int port, char c)
{
	static bool port_stuck[2];
	bool *stuck = &port_stuck[port == COM2], ready;
	unsigned int polls = *stuck ? 1 : MAX_POLLS;

	while (!(ready = inb(LINE_STATUS(port)) & LSR_CAN_SEND) && --polls > 0)
		cpu_relax();
	*stuck = !ready;
	outb(DATA(port), (uint8_t)c);
}

/* A terminal needs the carriage return that our texts leave out. */
static void serial_write(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\n')
			serial_put(COM1, '\r');
		serial_put(COM1, text[i]);
	}
}

static int serial_read(void)
{
	if (!(inb(LINE_STATUS(COM1)) & LSR_RECEIVED))
		return -1;
	return inb(DATA(COM1));
}

struct console serial_console = {
	.name = "serial",
	.write = serial_write,
	.read = serial_read,
};

/* An absent port reads 0xff whatever was written. */
static bool present(unsigned int port)
{
	outb(SCRATCH(port), 0x5A);
	if (inb(SCRATCH(port)) != 0x5A)
		return false;
	outb(SCRATCH(port), 0xA5);
	return inb(SCRATCH(port)) == 0xA5 && inb(LINE_STATUS(port)) != 0xFF;
}

bool serial_open(unsigned int port)
{
	if (!present(port))
		return false;
	outb(INT_ENABLE(port), 0);
	outb(LINE_CONTROL(port), LCR_DLAB);
	outb(DATA(port), DIVISOR_115200);
	outb(INT_ENABLE(port), 0);
	outb(LINE_CONTROL(port), LCR_8N1);
	outb(FIFO_CONTROL(port), FCR_ON);
	outb(MODEM_CONTROL(port), MCR_DTR_RTS);
	return true;
}

void serial_init(void)
{
	if (serial_open(COM1))
		console_register(&serial_console);
}
