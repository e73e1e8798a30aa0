/* SPDX-License-Identifier: MIT */
/*
 * low_print.c - one line to COM1 and to the VGA screen, with nothing else there
 *
 * Neither need be present: an absent port reads 0xff, which looks ready, and
 * what is written to absent screen memory is lost.
 */
#include <x86/io.h>

#include "low.h"

#define COM1		0x3F8
#define LSR_ROOM	0x20		/* transmitter holding register empty */
#define SCREEN		((uint16_t __iomem __force *)0xB8000)
#define SCREEN_COLUMNS	80U
#define SCREEN_ROWS	25U
#define WHITE_ON_BLACK	0x0F00U

static unsigned int screen_at;

void low_print_init(void)
{
	unsigned int i;

	outb(COM1 + 1, 0);			/* no interrupts            */
	outb(COM1 + 3, 0x80);			/* divisor latch            */
	outb(COM1 + 0, 1);			/* 115200 baud              */
	outb(COM1 + 1, 0);
	outb(COM1 + 3, 0x03);			/* 8 bits, no parity, 1 stop */
	outb(COM1 + 2, 0xC7);			/* FIFO on and empty        */
	for (i = 0; i < SCREEN_COLUMNS * SCREEN_ROWS; i++)
		writew(WHITE_ON_BLACK | ' ', SCREEN + i);
}

static void serial_put(char c)
{
	unsigned int patience = 100000;

	while (!(inb(COM1 + 5) & LSR_ROOM) && --patience)
		;
	outb(COM1, (uint8_t)c);
}

static void screen_put(char c)
{
	if (c == '\n')
		screen_at += SCREEN_COLUMNS - screen_at % SCREEN_COLUMNS;
	else
		writew((uint16_t)(WHITE_ON_BLACK | (uint8_t)c),
		       SCREEN + screen_at++);
	if (screen_at >= SCREEN_COLUMNS * SCREEN_ROWS)
		screen_at = 0;
}

void low_print(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			serial_put('\r');
		serial_put(*text);
		screen_put(*text);
	}
}

void low_print_hex(uint32_t value)
{
	char text[9];
	unsigned int i;

	for (i = 0; i < 8; i++)
		text[i] = "0123456789ABCDEF"[(value >> (28 - 4 * i)) & 15];
	text[8] = '\0';
	low_print(text);
}
