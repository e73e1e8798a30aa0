/* SPDX-License-Identifier: MIT */
/* test_parse.c - what is a number, what is not, and where words end */
#include <lib/parse.h>

#include <lib/bits.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <tests/ktest.h>

#define UNTOUCHED 0x5555AAAA5555AAAAULL

/* What the parser made of @text; an error must leave the value alone. */
static uint64_t number(const char *text, int want_err)
{
	uint64_t value = UNTOUCHED;

	EXPECT_EQ(parse_u64(text, &value), want_err);
	EXPECT(!want_err || value == UNTOUCHED);
	return value;
}

static uint64_t size(const char *text, int want_err)
{
	uint64_t value = UNTOUCHED;

	EXPECT_EQ(parse_size(text, &value), want_err);
	EXPECT(!want_err || value == UNTOUCHED);
	return value;
}

KTEST(parse, numbers_in_two_bases)
{
	EXPECT_EQ(number("0", 0), 0);
	EXPECT_EQ(number("10000", 0), 10000);
	EXPECT_EQ(number("0xC0ffEE", 0), 0xC0FFEE);
	EXPECT_EQ(number("0X10", 0), 16);
	EXPECT_EQ(number("0755", 0), 755);
	EXPECT_EQ(number("08", 0), 8);
	EXPECT_EQ(number("00", 0), 0);
}

KTEST(parse, the_largest_number_fits_and_the_next_does_not)
{
	EXPECT_EQ(number("18446744073709551615", 0), UINT64_MAX);
	EXPECT_EQ(number("0xffffffffffffffff", 0), UINT64_MAX);
	EXPECT_EQ(number("018446744073709551615", 0), UINT64_MAX);
	number("18446744073709551616", -ERANGE);
	number("0x10000000000000000", -ERANGE);
	number("018446744073709551616", -ERANGE);
	number("99999999999999999999999999", -ERANGE);
}

KTEST(parse, what_is_no_whole_number_is_refused)
{
	static const char *const bad[] = {
		"", " ", "-1", "+1", " 1", "1 ", "12q", "q", "0x", "0xg",
		"00x1", "1.5", "1K", "0x1x", "\xFF",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		number(bad[i], -EINVAL);
}

/* "Too large" is said only of a number. */
KTEST(parse, garbage_after_too_many_digits_is_still_garbage)
{
	number("99999999999999999999999999q", -EINVAL);
	size("99999999999999999999999999KK", -EINVAL);
}

KTEST(parse, sizes_take_a_unit_in_either_case)
{
	EXPECT_EQ(size("512", 0), 512);
	EXPECT_EQ(size("4k", 0), 4096);
	EXPECT_EQ(size("0x10K", 0), 16384);
	EXPECT_EQ(size("64M", 0), MIB(64));
	EXPECT_EQ(size("64m", 0), MIB(64));
	EXPECT_EQ(size("16G", 0), GIB(16));
	EXPECT_EQ(size("16g", 0), GIB(16));
	EXPECT_EQ(size("0G", 0), 0);
}

KTEST(parse, sizes_without_digits_or_with_more_behind_are_refused)
{
	static const char *const bad[] = {
		"", "K", "M", "4KB", "4KK", "4T", "-4K", "4 K", "0xK",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		size(bad[i], -EINVAL);
}

KTEST(parse, a_unit_may_not_push_bits_out)
{
	EXPECT_EQ(size("17179869183G", 0), 17179869183ULL << 30);
	size("17179869184G", -ERANGE);
	size("18014398509481984K", -ERANGE);
	size("18446744073709551615M", -ERANGE);
}

KTEST(parse, words_are_cut_at_blanks_of_every_kind)
{
	char text[] = "  one\ttwo \r\n three ";
	char *rest = text;

	EXPECT_STR(parse_word(&rest), "one");
	EXPECT_STR(parse_word(&rest), "two");
	EXPECT_STR(parse_word(&rest), "three");
	EXPECT(parse_word(&rest) == NULL);
	EXPECT(parse_word(&rest) == NULL);
}

KTEST(parse, quotes_hold_blanks_together_and_stay)
{
	char text[] = "name=\"a b\"c next \"open to the end";
	char *rest = text;

	EXPECT_STR(parse_word(&rest), "name=\"a b\"c");
	EXPECT_STR(parse_word(&rest), "next");
	EXPECT_STR(parse_word(&rest), "\"open to the end");
	EXPECT(parse_word(&rest) == NULL);
}

KTEST(parse, nothing_but_blanks_has_no_word)
{
	char empty[] = "", blanks[] = " \t ";
	char *rest = empty;

	EXPECT(parse_word(&rest) == NULL);
	rest = blanks;
	EXPECT(parse_word(&rest) == NULL);
}

/* Words joined with random blanks come out as they went in. */
KTEST(parse, random_lines_come_apart_into_their_words)
{
	struct random *r = ktest_random();
	unsigned int round, i, wrong = 0;
	char line[64], want[64];

	for (round = 0; round < 300; round++) {
		char *rest = line, *word;
		size_t len = 0;

		for (i = 0; i < sizeof(line) - 1; i++)
			line[i] = "ab \t"[random_below(r, 4)];
		line[i] = '\0';
		for (i = 0; line[i]; i++)
			if (line[i] == 'a' || line[i] == 'b')
				want[len++] = line[i];
		want[len] = '\0';

		for (len = 0; (word = parse_word(&rest)); len += strlen(word)) {
			wrong += !*word || strchr(word, ' ') != NULL ||
				 strchr(word, '\t') != NULL;
			wrong += strncmp(want + len, word, strlen(word)) != 0;
		}
		wrong += want[len] != '\0';
	}
	EXPECT_EQ(wrong, 0);
}
