/* SPDX-License-Identifier: MIT */
/*
 * prompt.c - a key, or a line, of whoever sits at the console
 *
 * Problem     The monitor, the quiz and the map that is drawn again and again all
 *             wait for the same person at the same terminal.
 * Idea        They wait here. What the terminal has begun, an arrow's sequence or
 *             a line end of two bytes, goes on with whoever reads next: keys are
 *             the terminal's, lines are the reader's.
 * Read first  prompt_line
 * See         include/modules/prompt.h, modules/monitor/edit.c
 */
#include <modules/prompt.h>

#include <kernel/printk.h>
#include <x86/cpu.h>

static struct keys keys;

static int wait_for_byte(void)
{
	int byte = console_getc();

	while (byte < 0) {
		cpu_halt();		/* the tick wakes us */
		byte = console_getc();
	}
	return byte;
}

int prompt_key(void)
{
	int key = KEY_NONE;

	while (key == KEY_NONE)
		key = keys_take(&keys, wait_for_byte());
	return key;
}

void prompt_echo(const char *text)
{
	console_type(text, "");
}

static void keep_in_log(const char *text)
{
	console_type("", "> ");
	console_type("", text);
	console_type("", "\n");
}

enum edit_result prompt_line(struct edit *e)
{
	enum edit_result result = EDIT_MORE;

	e->keys = keys;
	edit_begin(e);
	while (result == EDIT_MORE)
		result = edit_key(e, wait_for_byte());
	keys = e->keys;
	if (result == EDIT_LINE)
		keep_in_log(e->text);
	return result;
}
