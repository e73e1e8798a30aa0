/* SPDX-License-Identifier: MIT */
/* glob.h - names picked by pattern */
#ifndef LIB_GLOB_H
#define LIB_GLOB_H

#include <lib/types.h>

/* glob_match - '*' in @pattern matches any characters, dots too; rest exact */
bool glob_match(const char *pattern, const char *name);

/*
 * glob_list_match - does one of the comma separated patterns match @name?
 *
 * An empty pattern matches nothing.
 */
bool glob_list_match(const char *list, const char *name);

/* glob_list_names - is @name itself, without any '*', one of the list? */
bool glob_list_names(const char *list, const char *name);

#endif
