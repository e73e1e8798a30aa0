/* SPDX-License-Identifier: MIT */
/*
 * parse.c - numbers and sizes out of text that somebody typed
 *
 * Problem     A typing error on the command line must be noticed, not read as
 *             some other number.
 * Idea        The whole text must be used up. Digits are consumed to their end
 *             even when the value is too large already, so that "too large" is
 *             said only of what is a number.
 * See         tests/lib/test_parse.c, tests/host/test_parse.c
 */
#include <lib/parse.h>

#include <lib/errno.h>
#include <lib/string.h>

static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return UINT32_MAX;
}

/* Nothing is octal: whoever types 010 means ten. */
static unsigned int take_base(const char **text)
{
	if ((*text)[0] != '0' || ((*text)[1] != 'x' && (*text)[1] != 'X'))
		return 10;
	*text += 2;
	return 16;
}

/* Consumes all digits. Returns 0, -EINVAL (no digit) or -ERANGE. */
static int take_number(const char **text, uint64_t *value)
{
	unsigned int base = take_base(text);
	const char *start = *text;
	bool overflow = false;

	for (*value = 0; digit_value(**text) < base; ++*text) {
		overflow |= __builtin_mul_overflow(*value, base, value);
		overflow |= __builtin_add_overflow(*value, digit_value(**text),
						   value);
	}
	if (*text == start)
		return -EINVAL;
	return overflow ? -ERANGE : 0;
}

static unsigned int take_unit_shift(const char **text)
{
	switch (**text) {
	case 'K': case 'k':
		++*text;
		return 10;
	case 'M': case 'm':
		++*text;
		return 20;
	case 'G': case 'g':
		++*text;
		return 30;
	default:
		return 0;
	}
}

int parse_u64(const char *text, uint64_t *value)
{
	uint64_t number;
	int err = take_number(&text, &number);

	if (*text)
		return -EINVAL;
	if (err)
		return err;
	*value = number;
	return 0;
}

int parse_size(const char *text, uint64_t *size)
{
	uint64_t number;
	int err = take_number(&text, &number);
	unsigned int shift = take_unit_shift(&text);

	if (*text)
		return -EINVAL;
	if (err)
		return err;
	if (number << shift >> shift != number)
		return -ERANGE;
	*size = number << shift;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

char *parse_word(char **rest)
{
	bool quoted = false;
	char *word, *p = *rest;

	while (is_blank(*p))
		p++;
	word = p;
	for (; *p && (quoted || !is_blank(*p)); p++)
		if (*p == '"')
			quoted = !quoted;
	*rest = p;
	if (p == word)
		return NULL;
	if (*p) {
		*p = '\0';
		*rest = p + 1;
	}
	return word;
}
