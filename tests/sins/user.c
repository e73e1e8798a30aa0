/* SPDX-License-Identifier: MIT */
/*
 * user.c - user memory, touched by the kernel where it did not mean to
 *
 * There is no user space yet: <tests/user_page.h> shows one frame to users for a
 * moment.
 */
#include <tests/sin.h>
#include <tests/user_page.h>

#include "access.h"

static uint8_t frame[PAGE_SIZE] __aligned(PAGE_SIZE);

/* With a return instruction, so that it can be called. */
static char *make_page(void)
{
	frame[0] = OPCODE_RET;
	return user_page(frame);
}

SIN(user, read_of_a_user_page, BY(SMAP, "the kernel is kept out"))
{
	char *p = make_page();

	COMMIT(sin_read(p));
	user_page_end();
}

SIN(user, write_to_a_user_page, BY(SMAP, "the kernel is kept out"))
{
	char *p = make_page();

	COMMIT(sin_write(p + 1));
	user_page_end();
}

SIN(user, jump_to_a_user_page, BY(SMEP, "BAD FETCH CAUGHT"))
{
	char *p = make_page();

	COMMIT(sin_fetch(p));
	user_page_end();
}
