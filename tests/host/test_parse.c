/* SPDX-License-Identifier: MIT */
/* test_parse.c - the kernel's numbers and words against the C library's */
#include "host.h"

#include <ctype.h>
#include <errno.h>

#include <lib/parse.h>

#define ROUNDS	300000
#define MAX_LEN	24

/* Mostly digits, so that many are numbers and some are too large. */
static void random_text(char *text, const char *letters)
{
	size_t len = host_below(MAX_LEN), nr = strlen(letters);

	if (host_below(4))
		len /= 4;
	text[len] = '\0';
	while (len-- > 0)
		text[len] = host_below(12) ? (char)('0' + host_below(10)) :
					     letters[host_below((uint32_t)nr)];
	if (host_below(4) == 0 && text[0] && text[1])
		memcpy(text, "0x", 2);
}

static bool is_hexadecimal(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/* strtoull takes blanks and signs as well, and stops where it likes. */
static int model_number(const char *text, const char **end, uint64_t *value)
{
	char *stop;

	errno = 0;
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	*value = strtoull(text, &stop, is_hexadecimal(text) ? 16 : 10);
	*end = stop;
	return -errno;
}

static int model_u64(const char *text, uint64_t *value)
{
	const char *end;
	int err = model_number(text, &end, value);

	return err == -EINVAL || *end ? -EINVAL : err;
}

static int model_size(const char *text, uint64_t *value)
{
	static const char units[] = "KkMmGg";
	const char *end, *unit;
	int err = model_number(text, &end, value);

	if (err == -EINVAL)
		return err;
	if (*end && (unit = strchr(units, *end))) {
		uint64_t factor = 1ULL << (10 + (unit - units) / 2 * 10);

		end++;
		if (__builtin_mul_overflow(*value, factor, value))
			err = -ERANGE;
	}
	return *end ? -EINVAL : err;
}

static void check_numbers(void)
{
	unsigned int round, nr_numbers = 0, nr_too_large = 0;
	char text[MAX_LEN + 1];

	for (round = 0; round < ROUNDS; round++) {
		uint64_t ours = 5, theirs = 5;
		int err;

		random_text(text, "abcdefxXKg-+ q");
		err = model_u64(text, &theirs);
		CHECK(parse_u64(text, &ours) == err);
		CHECK(ours == (err ? 5 : theirs));
		nr_numbers += err == 0;
		nr_too_large += err == -ERANGE;
	}
	CHECK(nr_numbers > 1000 && nr_too_large > 1000);
}

static void check_sizes(void)
{
	unsigned int round, nr_sizes = 0, nr_too_large = 0;
	char text[MAX_LEN + 2];

	for (round = 0; round < ROUNDS; round++) {
		uint64_t ours = 5, theirs = 5;
		size_t len;
		int err;

		random_text(text, "abcKMGq");
		len = strlen(text);
		text[len] = "KkMmGgT"[host_below(7)];
		text[len + 1] = '\0';
		err = model_size(text, &theirs);
		CHECK(parse_size(text, &ours) == err);
		CHECK(ours == (err ? 5 : theirs));
		nr_sizes += err == 0;
		nr_too_large += err == -ERANGE;
	}
	CHECK(nr_sizes > 1000 && nr_too_large > 1000);
}

/* Without quotes, words are what strtok finds. */
static void check_words(void)
{
	unsigned int round, i;

	for (round = 0; round < ROUNDS; round++) {
		char ours[MAX_LEN + 1], theirs[MAX_LEN + 1];
		char *rest = ours, *word, *model;
		size_t len = host_below(MAX_LEN);

		for (i = 0; i < len; i++)
			ours[i] = "ab= \t\n\r"[host_below(7)];
		ours[len] = '\0';
		strcpy(theirs, ours);
		model = strtok(theirs, " \t\n\r");
		while ((word = parse_word(&rest)) && model) {
			CHECK(strcmp(word, model) == 0);
			model = strtok(NULL, " \t\n\r");
		}
		CHECK(!word && !model);
	}
}

int main(void)
{
	check_numbers();
	host_case("parse_u64 agrees with strtoull on 300000 random texts");
	check_sizes();
	host_case("parse_size agrees with strtoull and a unit");
	check_words();
	host_case("parse_word agrees with strtok");
	return host_end();
}
