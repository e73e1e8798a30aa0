/* SPDX-License-Identifier: MIT */
/*
 * keys.c - bytes of a terminal, put together to keys
 *
 * Problem     A letter is one byte, but an arrow is three, and a terminal has keys
 *             that nobody asked for: their bytes must not end up in the line.
 * Idea        The standard says of each sequence where it ends, so one that means
 *             nothing to us can be swallowed whole. A control character never
 *             belongs to one: whatever was swallowed, Enter is Enter.
 * Picture     ESC [ A            up          ESC O A   up, of a VT100 in a program
 *             ESC [ 3 ~          delete      ESC ( B   a character set: swallowed
 *             ESC [ 1 ; 5 C      Ctrl-Right: swallowed
 *                 parameters 3/0 to 3/15, final byte 4/0 to 7/14
 *             ESC [ [ A          F1 of Linux's text console, which goes one
 *                 letter beyond the standard: swallowed as well
 * Read first  keys_take
 * See         tests/modules/test_edit.c; ECMA-48, 5.4
 */
#include <modules/keys.h>

#include <lib/bits.h>

#define CTRL(letter)	((letter) & 0x1F)
#define ESCAPE		27
#define DELETE		127
#define STRANGE		1000U		/* as a number: of no key that we know */

/* ESC [ number ~ */
static int numbered_key(unsigned int number)
{
	switch (number) {
	case 1: case 7:
		return KEY_HOME;
	case 3:
		return KEY_DELETE;
	case 4: case 8:
		return KEY_END;
	default:
		return KEY_NONE;
	}
}

/* ESC [ letter, ESC O letter */
static int lettered_key(int letter)
{
	switch (letter) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'F':
		return KEY_END;
	case 'H':
		return KEY_HOME;
	default:
		return KEY_NONE;
	}
}

/* Bytes 2/0 to 2/15 wait for one more. */
static void take_escaped(struct keys *k, int byte)
{
	k->number = 0;
	if (byte == '[' || byte == 'O')
		k->state = KEYS_SEQUENCE;
	else if (byte >= '0')
		k->state = KEYS_PLAIN;
}

static int take_sequence(struct keys *k, int byte)
{
	if (byte >= '0' && byte <= '9')
		k->number = MIN(10 * k->number + (unsigned int)(byte - '0'),
				STRANGE);
	else if (byte < '@')
		k->number = STRANGE;
	else if (byte == '[' && k->number == 0)
		k->state = KEYS_FUNCTION;
	else
		k->state = KEYS_PLAIN;
	if (k->state != KEYS_PLAIN)
		return KEY_NONE;
	if (byte == '~')
		return numbered_key(k->number);
	return k->number ? KEY_NONE : lettered_key(byte);
}

static int take_control(struct keys *k, int byte)
{
	switch (byte) {
	case '\r': case '\n':
		return KEY_ENTER;
	case '\t':
		return KEY_TAB;
	case CTRL('A'):
		return KEY_HOME;
	case CTRL('C'):
		return KEY_DROP;
	case CTRL('E'):
		return KEY_END;
	case CTRL('H'): case DELETE:
		return KEY_ERASE;
	case CTRL('U'):
		return KEY_CLEAR;
	case ESCAPE:
		k->state = KEYS_ESCAPE;
		return KEY_NONE;
	default:
		return KEY_NONE;
	}
}

int keys_take(struct keys *k, int byte)
{
	bool second = k->after_return && byte == '\n';	/* one end of a line */

	k->after_return = byte == '\r';
	if (second)
		return KEY_NONE;
	if (byte < ' ' || byte >= DELETE) {
		k->state = KEYS_PLAIN;
		return take_control(k, byte);
	}
	if (k->state == KEYS_ESCAPE)
		take_escaped(k, byte);
	else if (k->state == KEYS_SEQUENCE)
		return take_sequence(k, byte);
	else if (k->state == KEYS_FUNCTION)
		k->state = KEYS_PLAIN;
	else
		return byte;
	return KEY_NONE;
}
