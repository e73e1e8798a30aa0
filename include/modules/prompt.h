/* SPDX-License-Identifier: MIT */
/*
 * prompt.h - a key, or a line, of whoever sits at the console
 *
 *	static struct edit edit = { .prompt = "> ", .echo = prompt_echo };
 *
 *	if (prompt_line(&edit) == EDIT_LINE)
 *		... edit.text ...
 *
 * They wait. Context  thread.
 */
#ifndef MODULES_PROMPT_H
#define MODULES_PROMPT_H

#include <modules/edit.h>

/* prompt_key - the next one: a character, or an enum key */
int prompt_key(void);

/*
 * prompt_line - one line, into ->text
 *
 * Whoever reads another line with the same @e, as a command may, overwrites it.
 * Returns  EDIT_LINE, and the log has it behind ">"; or EDIT_DROPPED.
 */
enum edit_result prompt_line(struct edit *e);

/* prompt_echo - ->echo of such an edit: the log has lines when they are complete */
void prompt_echo(const char *text);

#endif
