/* SPDX-License-Identifier: MIT */
/* guard.h - other guards than this boot's, for one case (mm/guard.c) */
#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <lib/string.h>
#include <mm/init.h>
#include <mm/vmap.h>
#include <tests/ktest.h>
#include <tests/sealed.h>

/*
 * guard_choose - guard=@mode from here on. Returns  what guard_restore wants.
 *
 * Of an empty window only: areas that live have the guard of their time. Else the
 * case is skipped.
 */
static inline struct memory_aids guard_choose(const char *mode)
{
	struct memory_aids before = memory_aids, aids = memory_aids;

	vmalloc_drain();
	if (vmap_nr_areas() != 0)
		ktest_skip("there are areas in the window");
	strscpy(aids.guard, mode, sizeof(aids.guard));
	UNSEALED(mm_choose_aids(&aids); vmap_choose(vmap_chosen()));
	return before;
}

static inline void guard_restore(const struct memory_aids *before)
{
	vmalloc_drain();
	UNSEALED(mm_choose_aids(before); vmap_choose(vmap_chosen()));
}

#endif
