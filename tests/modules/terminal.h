/* SPDX-License-Identifier: MIT */
/*
 * terminal.h - a terminal of 80 columns that understands nothing but what it must
 *
 * For the line editor, in the kernel and on the build machine. Text, backspace,
 * line feed and bell; whatever else comes, or reaches an edge, makes it `broken`.
 */
#ifndef TESTS_MODULES_TERMINAL_H
#define TESTS_MODULES_TERMINAL_H

#include <lib/types.h>
#include <modules/edit.h>

#define TERMINAL_COLUMNS 80U
#define TERMINAL_ROWS	8U

static struct {
	char		row[TERMINAL_ROWS][TERMINAL_COLUMNS + 1];
	unsigned int	nr_rows, column;	/* row number nr_rows is the last */
	unsigned int	bells;
	bool		broken;
} terminal;

static char *terminal_row(unsigned int ago)
{
	return terminal.row[(terminal.nr_rows - ago) % TERMINAL_ROWS];
}

static void terminal_new_row(void)
{
	unsigned int i;

	terminal.nr_rows++;
	terminal.column = 0;
	for (i = 0; i < TERMINAL_COLUMNS; i++)
		terminal_row(0)[i] = ' ';
}

static void terminal_reset(void)
{
	terminal.nr_rows = 0;
	terminal.bells = 0;
	terminal.broken = false;
	terminal_new_row();
}

static void terminal_write(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			terminal_new_row();
		else if (*text == '\a')
			terminal.bells++;
		else if (*text == '\b' && terminal.column > 0)
			terminal.column--;
		else if (*text >= ' ' && *text <= '~' &&
			 terminal.column + 1 < TERMINAL_COLUMNS)
			terminal_row(0)[terminal.column++] = *text;
		else
			terminal.broken = true;
	}
}

/* Does row @ago show @text, and blanks behind it? */
static bool terminal_shows(unsigned int ago, const char *text)
{
	const char *row = terminal_row(ago);
	unsigned int i = 0;

	while (text[i] && row[i] == text[i])
		i++;
	if (text[i])
		return false;
	while (i < TERMINAL_COLUMNS && row[i] == ' ')
		i++;
	return i == TERMINAL_COLUMNS;
}

/* ED2 (modules/monitor/edit.c), with a prompt of eight characters. */
static bool terminal_agrees(const struct edit *e)
{
	char want[TERMINAL_COLUMNS + 1];
	unsigned int i, n = 0;

	for (i = 0; e->prompt[i]; i++)
		want[n++] = e->prompt[i];
	for (i = 0; e->text[i]; i++)
		want[n++] = e->text[i];
	want[n] = '\0';
	return !terminal.broken && terminal_shows(0, want) &&
	       terminal.column == 8 + e->cursor;
}

#endif
