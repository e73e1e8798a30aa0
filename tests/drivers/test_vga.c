/* SPDX-License-Identifier: MIT */
/*
 * test_vga.c - what is written stands on the screen
 *
 * The cursor is read back from the adapter, so these cases begin wherever the
 * report so far has left it.
 */
#include <drivers/vga.h>

#include <lib/string.h>
#include <tests/ktest.h>
#include <x86/io.h>

static void require_screen(void)
{
	if (!vga_console.link.next)
		ktest_skip("no VGA text screen");
}

static void write(const char *text)
{
	vga_console.write(text, strlen(text));
}

static unsigned int crtc_read(uint8_t index)
{
	outb(0x3D4, index);
	return inb(0x3D5);
}

static unsigned int cursor_at(void)
{
	return crtc_read(0x0E) << 8 | crtc_read(0x0F);
}

static char char_at(unsigned int row, unsigned int column)
{
	return (char)vga_cell(row, column);
}

static bool row_begins_with(unsigned int row, const char *text)
{
	unsigned int column;

	for (column = 0; text[column]; column++)
		if (char_at(row, column) != text[column])
			return false;
	return true;
}

/* Scrolls everything away; the cursor is then at the start of the last row. */
static void fresh_screen(void)
{
	unsigned int row;

	require_screen();
	for (row = 0; row < VGA_ROWS; row++)
		write("\n");
}

KTEST(vga, text_stands_at_the_cursor_in_light_grey)
{
	fresh_screen();
	write("Lacuna");
	EXPECT(row_begins_with(VGA_ROWS - 1, "Lacuna "));
	EXPECT_EQ(vga_cell(VGA_ROWS - 1, 0), 0x0700 | 'L');
}

KTEST(vga, cursor_follows_the_text)
{
	fresh_screen();
	EXPECT_EQ(cursor_at(), (VGA_ROWS - 1) * VGA_COLUMNS);
	write("abc");
	EXPECT_EQ(cursor_at(), (VGA_ROWS - 1) * VGA_COLUMNS + 3);
}

KTEST(vga, rows_scroll_up_in_order_and_the_last_is_blank)
{
	char line[] = "row ?\n";
	unsigned int row, column;

	fresh_screen();
	for (row = 0; row < VGA_ROWS; row++) {
		line[4] = (char)('a' + row);
		write(line);
	}
	for (row = 0; row < VGA_ROWS - 1; row++) {
		EXPECT(row_begins_with(row, "row "));
		EXPECT_EQ(char_at(row, 4), 'b' + row);
	}
	for (column = 0; column < VGA_COLUMNS; column++)
		EXPECT_EQ(char_at(VGA_ROWS - 1, column), ' ');
}

/* The 80th character fills the row; the 81st begins the next. */
KTEST(vga, long_line_goes_on_in_the_next_row)
{
	char line[VGA_COLUMNS + 2];

	fresh_screen();
	memset(line, 'x', VGA_COLUMNS);
	line[VGA_COLUMNS] = 'y';
	line[VGA_COLUMNS + 1] = '\0';
	write(line);
	EXPECT_EQ(char_at(VGA_ROWS - 2, 0), 'x');
	EXPECT_EQ(char_at(VGA_ROWS - 2, VGA_COLUMNS - 1), 'x');
	EXPECT_EQ(char_at(VGA_ROWS - 1, 0), 'y');
	EXPECT_EQ(char_at(VGA_ROWS - 1, 1), ' ');
}

KTEST(vga, return_and_backspace_move_the_cursor_only)
{
	fresh_screen();
	write("\bone\rT");
	EXPECT(row_begins_with(VGA_ROWS - 1, "Tne"));
	write("wo\bp");
	EXPECT(row_begins_with(VGA_ROWS - 1, "Twp"));
}

/* A random text against a screen of our own. */
KTEST(vga, random_text_looks_as_on_a_model_screen)
{
	static char model[VGA_ROWS][VGA_COLUMNS];
	unsigned int i, row, column = 0, wrong = 0;
	char c;

	fresh_screen();
	memset(model, ' ', sizeof(model));
	for (i = 0; i < 3000; i++) {
		c = (char)('!' + random_below(ktest_random(), 94));
		if (random_below(ktest_random(), 30) == 0)
			c = '\n';
		vga_console.write(&c, 1);
		if (c != '\n')
			model[VGA_ROWS - 1][column++] = c;
		if (c == '\n' || column == VGA_COLUMNS) {
			memmove(model[0], model[1],
				sizeof(model) - sizeof(model[0]));
			memset(model[VGA_ROWS - 1], ' ', VGA_COLUMNS);
			column = 0;
		}
	}
	for (row = 0; row < VGA_ROWS; row++)
		for (column = 0; column < VGA_COLUMNS; column++)
			if (char_at(row, column) != model[row][column])
				wrong++;
	EXPECT_EQ(wrong, 0);
}
