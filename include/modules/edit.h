/* SPDX-License-Identifier: MIT */
/*
 * edit.h - one line, typed and corrected at a terminal
 *
 *	static struct edit edit = { .prompt = "> ", .echo = write, .word = NULL };
 *
 *	edit_begin(&edit);
 *	while (edit_key(&edit, wait_for_a_byte()) == EDIT_MORE)
 *		;
 */
#ifndef MODULES_EDIT_H
#define MODULES_EDIT_H

#include <modules/keys.h>

#define EDIT_SIZE	70U	/* behind a prompt of eight, and with ^C behind
				 * it, it never gets to the 80th column         */
#define EDIT_HISTORY	16U	/* lines that are remembered                    */

enum edit_result {
	EDIT_MORE,		/* the line is not ready                        */
	EDIT_LINE,		/* it stands in ->text                          */
	EDIT_DROPPED,		/* it was thrown away: Ctrl-C                   */
};

struct edit {
	/* Of the user, set once. */
	const char	*prompt;
	void		(*echo)(const char *text);	/* to the terminal      */
	/* Word number @nr that may stand behind the text @before; NULL: there
	 * are no more. The field may be NULL as well. */
	const char	*(*word)(const char *before, unsigned int nr);

	/* The line. */
	char		text[EDIT_SIZE];
	unsigned int	length, cursor;

	struct keys	keys;

	/* Lines of before; @back of them ago is what is shown, 0: nothing. */
	char		history[EDIT_HISTORY][EDIT_SIZE];
	unsigned int	nr_remembered, back;
	char		draft[EDIT_SIZE];	/* what stood there before      */
};

/* edit_begin - an empty line behind the prompt */
void edit_begin(struct edit *e);

/*
 * edit_key - a byte that came from the terminal, 0 to 255
 *
 * Returns  EDIT_LINE at the end of the line, the cursor is in the next one then;
 *          edit_begin goes on.
 */
enum edit_result edit_key(struct edit *e, int byte);

int edit_check(const struct edit *e);	/* ED1, ED3, ED4; 0 or the number */

#endif
