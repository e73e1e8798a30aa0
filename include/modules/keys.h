/* SPDX-License-Identifier: MIT */
/* keys.h - bytes of a terminal, put together to keys */
#ifndef MODULES_KEYS_H
#define MODULES_KEYS_H

#include <lib/types.h>

/* Keys that are no character; a printable character stands for itself. */
enum key {
	KEY_NONE,		/* nothing, or not yet                          */
	KEY_ENTER = 0x100,
	KEY_LEFT, KEY_RIGHT, KEY_UP, KEY_DOWN, KEY_HOME, KEY_END,
	KEY_ERASE,		/* the character before the cursor              */
	KEY_DELETE,		/* the one at the cursor                        */
	KEY_CLEAR,		/* Ctrl-U: all of the line                      */
	KEY_DROP,		/* Ctrl-C: and do nothing                       */
	KEY_TAB,
};

enum keys_state {
	KEYS_PLAIN,		/* a byte is a key                              */
	KEYS_ESCAPE,		/* behind an escape character                   */
	KEYS_SEQUENCE,		/* behind ESC [ or ESC O                        */
	KEYS_FUNCTION,		/* behind ESC [ [                               */
};

/* All zero to begin with. */
struct keys {
	enum keys_state	state;
	unsigned int	number;		/* of the sequence so far               */
	bool		after_return;	/* the byte before was one              */
};

/* keys_take - one byte, 0 to 255. Returns  the key that it completes. */
int keys_take(struct keys *k, int byte);

#endif
