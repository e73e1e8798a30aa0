/* SPDX-License-Identifier: MIT */
/*
 * glob.c - names picked by pattern
 *
 * Problem     test=vmalloc.*,buddy.merge* picks some of several hundred names.
 * Idea        Walk pattern and name together. A '*' first stands for nothing;
 *             at a mismatch it swallows one more character and the walk begins
 *             again behind it. Only the last '*' need ever be tried again: what
 *             an earlier one could swallow more, the later one can as well.
 * Cost        O(length of pattern * length of name), no recursion.
 * See         tests/lib/test_glob.c, tests/host/test_glob.c
 */
#include <lib/glob.h>

#include <lib/string.h>

/* The pattern is [p, end): a piece of a list has no 0 behind it. */
static bool match(const char *p, const char *end, const char *name)
{
	const char *star = NULL, *resume = NULL;

	while (*name) {
		if (p < end && *p == '*') {
			star = p++;
			resume = name;
		} else if (p < end && *p == *name) {
			p++;
			name++;
		} else if (star) {
			p = star + 1;
			name = ++resume;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}

static const char *piece_end(const char *list)
{
	while (*list && *list != ',')
		list++;
	return list;
}

bool glob_match(const char *pattern, const char *name)
{
	return match(pattern, pattern + strlen(pattern), name);
}

bool glob_list_match(const char *list, const char *name)
{
	const char *end;

	for (;; list = end + 1) {
		end = piece_end(list);
		if (end > list && match(list, end, name))
			return true;
		if (!*end)
			return false;
	}
}

bool glob_list_names(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *end;

	for (;; list = end + 1) {
		end = piece_end(list);
		if (len && (size_t)(end - list) == len &&
		    memcmp(list, name, len) == 0)
			return true;
		if (!*end)
			return false;
	}
}
