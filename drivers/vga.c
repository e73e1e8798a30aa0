/* SPDX-License-Identifier: MIT */
/*
 * vga.c - the 80x25 text screen
 *
 * Problem     A machine may have no serial port, or nobody may be listening.
 * Idea        The adapter shows 80 x 25 cells of its memory, two bytes each:
 *             a character and its colour. Writing a text means writing cells.
 * Picture     0xB8000 -> | 'L' 07 | 'a' 07 | ... 80 cells a row, 25 rows
 * Invariants  V1  cursor is on the screen: row < VGA_ROWS, column < VGA_COLUMNS
 *                 between two calls.
 * Locks       The console lock of printk.
 * Failure     No adapter, or none that shows text: nothing is registered.
 * See         tests/drivers/test_vga.c
 */
#include <drivers/vga.h>

#include <lib/string.h>
#include <x86/io.h>
#include <x86/layout.h>

#define TEXT_MEMORY	phys_make(0xB8000)
#define COLOUR		0x0700U		/* light grey on black */
#define BLANK		(COLOUR | ' ')

#define CRTC_INDEX	0x3D4
#define CRTC_DATA	0x3D5
#define CRTC_CURSOR_HIGH 0x0E
#define CRTC_CURSOR_LOW	0x0F

static struct {
	unsigned int row, column;
} cursor;

/* The first MiB, the adapter's memory in it, is part of the direct map. */
static uint16_t __iomem *cell_at(unsigned int row, unsigned int column)
{
	void *screen = phys_to_virt(TEXT_MEMORY);

	return (uint16_t __iomem __force *)screen + row * VGA_COLUMNS + column;
}

uint16_t vga_cell(unsigned int row, unsigned int column)
{
	return readw(cell_at(row, column));
}

static void clear_row(unsigned int row)
{
	unsigned int column;

	for (column = 0; column < VGA_COLUMNS; column++)
		writew(BLANK, cell_at(row, column));
}

/* __force: text memory keeps what is written, so it may be moved as memory. */
static void scroll(void)
{
	memmove((void __force *)cell_at(0, 0), (void __force *)cell_at(1, 0),
		(VGA_ROWS - 1) * VGA_COLUMNS * sizeof(uint16_t));
	clear_row(VGA_ROWS - 1);
}

static void next_row(void)
{
	cursor.column = 0;
	if (++cursor.row == VGA_ROWS) {
		cursor.row--;
		scroll();
	}
}

static void put(char c)
{
	switch (c) {
	case '\n':
		next_row();
		break;
	case '\r':
		cursor.column = 0;
		break;
	case '\b':
		if (cursor.column > 0)
			cursor.column--;
		break;
	case '\a':			/* it has no bell */
		break;
	default:
		writew((uint16_t)(COLOUR | (uint8_t)c),
		       cell_at(cursor.row, cursor.column));
		if (++cursor.column == VGA_COLUMNS)
			next_row();
	}
}

static void crtc_write(uint8_t index, unsigned int byte)
{
	outb(CRTC_INDEX, index);
	outb(CRTC_DATA, (uint8_t)byte);
}

static uint8_t crtc_read(uint8_t index)
{
	outb(CRTC_INDEX, index);
	return inb(CRTC_DATA);
}

static void show_cursor(void)
{
	unsigned int at = cursor.row * VGA_COLUMNS + cursor.column;

	crtc_write(CRTC_CURSOR_HIGH, at >> 8);
	crtc_write(CRTC_CURSOR_LOW, at);
}

static void vga_write(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		put(text[i]);
	show_cursor();
}

struct console vga_console = {
	.name = "vga",
	.write = vga_write,
};

/* The cell alone proves nothing: without an adapter there may be plain RAM. */
static bool crtc_present(void)
{
	crtc_write(CRTC_CURSOR_LOW, 0x5A);
	return crtc_read(CRTC_CURSOR_LOW) == 0x5A;
}

static bool memory_present(void)
{
	uint16_t __iomem *cell = cell_at(0, 0);
	uint16_t saved = readw(cell);
	bool present;

	writew(0x5AA5, cell);
	present = readw(cell) == 0x5AA5;
	writew(saved, cell);
	return present;
}

void vga_init(void)
{
	unsigned int row;

	if (!crtc_present() || !memory_present())
		return;
	for (row = 0; row < VGA_ROWS; row++)
		clear_row(row);
	show_cursor();
	console_register(&vga_console);
}
