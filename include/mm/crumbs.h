/* SPDX-License-Identifier: MIT */
/*
 * crumbs.h - make the state of claim C6: much memory free, no two frames together
 *
 * An instrument of the demonstration and the tests; nothing else needs it.
 */
#ifndef MM_CRUMBS_H
#define MM_CRUMBS_H

#include <lib/list.h>

struct crumbs {
	struct list_head held;		/* struct page.link of what is taken */
};

/*
 * crumbs_make - take every frame, then give back every other one
 *
 * What is left free consists of blocks of order 0. On large machines blocks of
 * MAX_ORDER are held beyond 1 GiB, so that it takes bounded time.
 * Context  thread; nothing else may need memory meanwhile.
 */
void crumbs_make(struct crumbs *c);

/* crumbs_release - give back all that crumbs_make still holds */
void crumbs_release(struct crumbs *c);

#endif
