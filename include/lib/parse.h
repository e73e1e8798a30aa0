/* SPDX-License-Identifier: MIT */
/* parse.h - numbers and sizes out of text that somebody typed */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H

#include <lib/types.h>

/*
 * parse_u64 - a whole string as a number: decimal, or 0x hex
 *
 * Returns  0 and *@value; -EINVAL when @text is empty or holds anything else;
 *          -ERANGE when it does not fit. *@value is unchanged on failure.
 */
int parse_u64(const char *text, uint64_t *value);

/*
 * parse_size - a number of bytes with an optional K, M or G (either case)
 *
 * Returns  as parse_u64.
 */
int parse_size(const char *text, uint64_t *size);

/*
 * parse_word - cut the next blank separated word off *@rest
 *
 * Writes a terminating 0 into the text behind the word. A part in double
 * quotes may hold blanks; the quotes stay. Returns NULL at the end.
 */
char *parse_word(char **rest);

#endif
