/* SPDX-License-Identifier: MIT */
/*
 * test_string.c - bytes and C strings against a model one byte at a time
 *
 * The hazards are the words: a copy that is right for whole words and wrong for
 * what is left over, right when aligned, or that reads past the end.
 */
#include <lib/string.h>

#include <lib/bits.h>
#include <lib/errno.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>
#include <x86/layout.h>

#define ROOM		96
#define MAX_SHIFT	8
#define MAX_LEN		40

static unsigned char real[ROOM], model[ROOM];

/* Both arrays hold the same bytes, all different. */
static void fill_both(void)
{
	unsigned int i;

	for (i = 0; i < ROOM; i++)
		real[i] = model[i] = (unsigned char)(i * 7 + 3);
}

static bool arrays_agree(void)
{
	unsigned int i;

	for (i = 0; i < ROOM; i++)
		if (real[i] != model[i])
			return false;
	return true;
}

/* As if by way of a second array: right for every overlap. */
static void model_move(unsigned int to, unsigned int from, unsigned int n)
{
	unsigned char between[ROOM];
	unsigned int i;

	for (i = 0; i < n; i++)
		between[i] = model[from + i];
	for (i = 0; i < n; i++)
		model[to + i] = between[i];
}

static bool move_agrees(unsigned int to, unsigned int from, unsigned int n)
{
	fill_both();
	model_move(to, from, n);
	return memmove(real + to, real + from, n) == real + to &&
	       arrays_agree();
}

KTEST(string, memcpy_copies_exactly_n_bytes_at_every_alignment)
{
	unsigned int to, from, n, wrong = 0;

	for (to = 1; to <= MAX_SHIFT; to++)
		for (from = 48; from < 48 + MAX_SHIFT; from++)
			for (n = 0; n < MAX_LEN; n++) {
				fill_both();
				model_move(to, from, n);
				memcpy(real + to, real + from, n);
				wrong += !arrays_agree();
			}
	EXPECT_EQ(wrong, 0);
}

KTEST(string, memmove_down_over_its_own_source_keeps_the_bytes)
{
	unsigned int shift, from, n, wrong = 0;

	for (shift = 0; shift <= MAX_SHIFT; shift++)
		for (from = MAX_SHIFT; from < 2 * MAX_SHIFT; from++)
			for (n = 0; n < MAX_LEN; n++)
				wrong += !move_agrees(from - shift, from, n);
	EXPECT_EQ(wrong, 0);
}

KTEST(string, memmove_up_over_its_own_source_keeps_the_bytes)
{
	unsigned int shift, from, n, wrong = 0;

	for (shift = 0; shift <= MAX_SHIFT; shift++)
		for (from = MAX_SHIFT; from < 2 * MAX_SHIFT; from++)
			for (n = 0; n < MAX_LEN; n++)
				wrong += !move_agrees(from + shift, from, n);
	EXPECT_EQ(wrong, 0);
}

KTEST(string, memset_fills_exactly_n_bytes_with_the_low_byte)
{
	unsigned int to, n, i, wrong = 0;

	for (to = 1; to <= MAX_SHIFT; to++)
		for (n = 0; n < MAX_LEN; n++) {
			fill_both();
			for (i = 0; i < n; i++)
				model[to + i] = 0xA5;
			memset(real + to, HIDE(0x7A5), n);
			wrong += !arrays_agree();
		}
	EXPECT_EQ(wrong, 0);
}

KTEST(string, copies_and_fills_return_their_destination)
{
	EXPECT(memcpy(real + 3, real + 50, 9) == real + 3);
	EXPECT(memmove(real + 5, real + 3, 9) == real + 5);
	EXPECT(memset(real + 1, 0, 9) == real + 1);
}

KTEST(string, memcmp_finds_a_difference_at_every_place)
{
	unsigned int n, i, wrong = 0;

	for (n = 1; n < MAX_LEN; n++)
		for (i = 0; i < n; i++) {
			fill_both();
			real[i + 1] = (unsigned char)(model[i + 1] + 1);
			wrong += memcmp(real + 1, model + 1, n) == 0;
			wrong += memcmp(real + 1, model + 1, i) != 0;
		}
	EXPECT_EQ(wrong, 0);
}

KTEST(string, memcmp_orders_by_the_first_unsigned_difference)
{
	EXPECT(memcmp("aaaa\x80zzz", "aaaa\x7F{{{", 8) > 0);
	EXPECT(memcmp("aaaa\x01\xFF", "aaaa\x02\x01", 6) < 0);
	EXPECT_EQ(memcmp("ab", "cd", 0), 0);
}

KTEST(string, memchr_inv_finds_the_first_odd_byte_at_every_place)
{
	unsigned int n, i, wrong = 0;

	for (n = 0; n < MAX_LEN; n++)
		for (i = 0; i <= n; i++) {
			memset(real, 0xDB, ROOM);
			real[1 + i] = 0x5B;
			wrong += memchr_inv(real + 1, 0x3DB, n) !=
				 (i < n ? real + 1 + i : NULL);
		}
	EXPECT_EQ(wrong, 0);
}

KTEST(string, lengths_count_up_to_the_terminator_or_the_limit)
{
	EXPECT_EQ(strlen(""), 0);
	EXPECT_EQ(strlen("lacuna"), 6);
	EXPECT_EQ(strnlen("lacuna", 9), 6);
	EXPECT_EQ(strnlen("lacuna", 6), 6);
	EXPECT_EQ(strnlen("lacuna", 2), 2);
	EXPECT_EQ(strnlen("lacuna", 0), 0);
}

/* The page behind an area is its guard: one byte too far is a fault. */
KTEST(string, nothing_is_touched_behind_the_last_byte)
{
	char *page = vmalloc(PAGE_SIZE);
	unsigned int n;

	REQUIRE(page);
	memset(page, 'x', PAGE_SIZE);
	for (n = 0; n < 9; n++) {
		char *end = page + PAGE_SIZE, *p = end - n;

		EXPECT_NO_FAULT(memmove(p - 1, p, n));
		EXPECT_NO_FAULT(memcpy(p, page, n));
		EXPECT_NO_FAULT(memset(p, 'x', n));
		EXPECT_NO_FAULT(EXPECT(memcmp(page, p, n) == 0));
		EXPECT_NO_FAULT(EXPECT(memchr_inv(p, 'x', n) == NULL));
		EXPECT_NO_FAULT(EXPECT(strnlen(p, n) == n));
		EXPECT_NO_FAULT(EXPECT(strncmp(page, p, n) == 0));
	}
	EXPECT_FAULT(memset(page + PAGE_SIZE - 4, 0, 5));
	vfree(page);
}

KTEST(string, strings_compare_as_unsigned_characters)
{
	EXPECT_EQ(strcmp("same", "same"), 0);
	EXPECT(strcmp("a\x80", "a\x7F") > 0);
	EXPECT(strcmp("short", "shorter") < 0);
	EXPECT(strcmp("shorter", "short") > 0);
	EXPECT(strcmp("", "a") < 0);
}

KTEST(string, strncmp_looks_at_no_more_than_n)
{
	EXPECT_EQ(strncmp("prefix-one", "prefix-two", 7), 0);
	EXPECT(strncmp("prefix-one", "prefix-two", 8) < 0);
	EXPECT_EQ(strncmp("a", "b", 0), 0);
	EXPECT_EQ(strncmp("end\0x", "end\0y", 5), 0);
}

KTEST(string, strchr_finds_the_first_match_and_the_terminator)
{
	static const char text[] = "vmap.vmalloc";

	EXPECT(strchr(text, '.') == text + 4);
	EXPECT(strchr(text, 'v') == text);
	EXPECT(strchr(text, 'x') == NULL);
	EXPECT(strchr(text, 0) == text + sizeof(text) - 1);
}

KTEST(string, strstr_finds_the_first_whole_match)
{
	static const char text[] = "aaab aab";

	EXPECT(strstr(text, "aab") == text + 1);
	EXPECT(strstr(text, "b a") == text + 3);
	EXPECT(strstr(text, "aabx") == NULL);
	EXPECT(strstr(text, "") == text);
	EXPECT(strstr("", "a") == NULL);
	EXPECT(strstr("ab", "abc") == NULL);
}

KTEST(string, strscpy_terminates_and_tells_when_it_cuts)
{
	char buf[8] = "#######";

	EXPECT_EQ(strscpy(buf, "lacuna", sizeof(buf)), 6);
	EXPECT_STR(buf, "lacuna");
	EXPECT_EQ(strscpy(buf, "seventy", sizeof(buf)), 7);
	EXPECT_STR(buf, "seventy");
	EXPECT_EQ(strscpy(buf, "eightish", sizeof(buf)), -ERANGE);
	EXPECT_STR(buf, "eightis");
	EXPECT_EQ(strscpy(buf, "x", 1), -ERANGE);
	EXPECT_STR(buf, "");
	EXPECT_EQ(strscpy(buf, "", 1), 0);
	buf[0] = '#';
	EXPECT_EQ(strscpy(buf, "x", 0), -ERANGE);
	EXPECT_EQ(buf[0], '#');
}

KTEST(string, a_random_walk_of_moves_and_fills_matches_the_model)
{
	struct random *r = ktest_random();
	unsigned int round, i, wrong = 0;

	fill_both();
	for (round = 0; round < 2000; round++) {
		unsigned int n = random_below(r, ROOM / 2);
		unsigned int to = random_below(r, ROOM - n);
		unsigned int from = random_below(r, ROOM - n);

		if (random_below(r, 8) == 0) {
			for (i = 0; i < n; i++)
				model[to + i] = (unsigned char)round;
			memset(real + to, (int)round, n);
		} else {
			model_move(to, from, n);
			memmove(real + to, real + from, n);
		}
		wrong += !arrays_agree();
	}
	EXPECT_EQ(wrong, 0);
}
