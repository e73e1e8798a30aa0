/* SPDX-License-Identifier: MIT */
/* test_glob.c - patterns, lists of patterns, and a recursive model of both */
#include <lib/glob.h>

#include <lib/string.h>
#include <tests/ktest.h>

KTEST(glob, a_pattern_without_a_star_matches_itself_only)
{
	EXPECT(glob_match("vmap.guard", "vmap.guard"));
	EXPECT(!glob_match("vmap.guard", "vmap.guard_page"));
	EXPECT(!glob_match("vmap.guard_page", "vmap.guard"));
	EXPECT(!glob_match("vmap.guard", "Vmap.guard"));
	EXPECT(glob_match("", ""));
	EXPECT(!glob_match("", "a"));
}

KTEST(glob, a_star_stands_for_anything_also_dots_and_nothing)
{
	EXPECT(glob_match("*", ""));
	EXPECT(glob_match("*", "vmap.guard"));
	EXPECT(glob_match("vmap*guard", "vmap.a.guard"));
	EXPECT(glob_match("vmap.*", "vmap."));
	EXPECT(glob_match("*guard", "vmap.guard"));
	EXPECT(!glob_match("*guard", "vmap.guards"));
	EXPECT(!glob_match("vmap.*", "vmalloc.x"));
	EXPECT(glob_match("***", "x"));
}

/* The first place where "ab" fits is the wrong one. */
KTEST(glob, a_star_tries_again_further_on)
{
	EXPECT(glob_match("*ab", "abcab"));
	EXPECT(glob_match("*a*b*c", "xaxbxbxc"));
	EXPECT(!glob_match("*a*b*c", "xaxbxbxcx"));
	EXPECT(glob_match("a*aab", "aaaaab"));
	EXPECT(!glob_match("a*aab", "aab"));
}

KTEST(glob, no_other_character_is_special)
{
	EXPECT(glob_match("a?[b]\\", "a?[b]\\"));
	EXPECT(!glob_match("a?c", "abc"));
	EXPECT(!glob_match("[a]", "a"));
}

KTEST(glob, a_list_matches_what_any_of_its_patterns_does)
{
	EXPECT(glob_list_match("buddy.*,vmap.*", "vmap.guard"));
	EXPECT(glob_list_match("buddy.*,vmap.*", "buddy.split"));
	EXPECT(!glob_list_match("buddy.*,vmap.*", "slab.free"));
	EXPECT(!glob_list_match("buddy,vmap", "buddy,vmap"));
}

KTEST(glob, empty_patterns_in_a_list_match_nothing)
{
	EXPECT(!glob_list_match("", ""));
	EXPECT(!glob_list_match("", "a"));
	EXPECT(!glob_list_match(",", ""));
	EXPECT(!glob_list_match(",,", "a"));
	EXPECT(glob_list_match(",a,", "a"));
}

KTEST(glob, a_star_stops_at_its_pattern_end)
{
	EXPECT(!glob_list_match("a*,b", "b2"));
	EXPECT(glob_list_match("a*,b", "a,b"));
}

KTEST(glob, a_list_names_only_what_is_written_out)
{
	EXPECT(glob_list_names("vmap.slow,x.*", "vmap.slow"));
	EXPECT(!glob_list_names("vmap.*", "vmap.slow"));
	EXPECT(!glob_list_names("vmap.slower", "vmap.slow"));
	EXPECT(!glob_list_names("vmap", "vmap.slow"));
	EXPECT(!glob_list_names("", ""));
	EXPECT(glob_list_names("a,,b", "b"));
	EXPECT(!glob_list_names("a,,b", ""));
}

/* Exponential without care: 24 stars over a name that never ends right. */
KTEST(glob, many_stars_take_no_longer_than_a_few)
{
	char pattern[52], name[201];
	unsigned int i;

	for (i = 0; i < 24; i++)
		memcpy(pattern + 2 * i, "*a", 2);
	memcpy(pattern + 48, "*b", 3);
	memset(name, 'a', 200);
	name[200] = '\0';
	EXPECT(!glob_match(pattern, name));
	name[199] = 'b';
	EXPECT(glob_match(pattern, name));
}

/* The definition, word for word. */
static bool model_match(const char *p, const char *s)
{
	if (*p == '*')
		return model_match(p + 1, s) || (*s && model_match(p, s + 1));
	if (!*p || !*s)
		return *p == *s;
	return *p == *s && model_match(p + 1, s + 1);
}

static void random_text(struct random *r, char *text, unsigned int max,
			const char *letters)
{
	unsigned int len = random_below(r, max);

	text[len] = '\0';
	while (len-- > 0)
		text[len] = letters[random_below(r, strlen(letters))];
}

KTEST(glob, random_patterns_agree_with_the_definition)
{
	struct random *r = ktest_random();
	unsigned int round, wrong = 0, matched = 0;
	char pattern[8], name[10];

	for (round = 0; round < 5000; round++) {
		random_text(r, pattern, sizeof(pattern), "ab**");
		random_text(r, name, sizeof(name), "ab");
		matched += model_match(pattern, name);
		wrong += glob_match(pattern, name) !=
			 model_match(pattern, name);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(matched > 500 && matched < 4500);
}
