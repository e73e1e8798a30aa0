/* SPDX-License-Identifier: MIT */
/* watched.h - page_owner for the length of a case, with records of its own */
#ifndef TESTS_WATCHED_H
#define TESTS_WATCHED_H

#include <lib/string.h>
#include <mm/page_watch.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>

static struct page_owner *watched_boot;	/* as the option has it, or NULL */

static inline void watched_begin(void)
{
	struct page_owner *own = vzalloc(mem_map_end * sizeof(*own));

	if (!own)
		ktest_skip("no memory for a record of each frame");
	watched_boot = page_owners;
	page_owners = own;
	page_watch |= WATCH_OWNER;
}

static inline void watched_end(void)
{
	struct page_owner *own = page_owners;

	if (!watched_boot)
		page_watch &= ~WATCH_OWNER;
	page_owners = watched_boot;
	vfree(own);
}

static inline void watched_forget(void)
{
	memset(page_owners, 0, mem_map_end * sizeof(*page_owners));
}

#endif
