/* SPDX-License-Identifier: MIT */
/* test_glob.c - the kernel's patterns against fnmatch */
#include "host.h"

#include <fnmatch.h>

#include <lib/glob.h>

#define ROUNDS	200000
#define MAX_LEN	16

static void random_text(char *text, const char *letters)
{
	size_t len = host_below(MAX_LEN), nr = strlen(letters);

	text[len] = '\0';
	while (len-- > 0)
		text[len] = letters[host_below((uint32_t)nr)];
}

static bool model_list_match(const char *list, const char *name)
{
	char copy[MAX_LEN], *piece, *rest = copy;
	bool found = false;

	strcpy(copy, list);
	while ((piece = strsep(&rest, ",")))
		found |= *piece && fnmatch(piece, name, FNM_NOESCAPE) == 0;
	return found;
}

static bool model_list_names(const char *list, const char *name)
{
	char copy[MAX_LEN], *piece, *rest = copy;
	bool found = false;

	strcpy(copy, list);
	while ((piece = strsep(&rest, ",")))
		found |= *piece && strcmp(piece, name) == 0;
	return found;
}

static void check_patterns(void)
{
	char pattern[MAX_LEN], name[MAX_LEN];
	unsigned int round, nr_matched = 0;

	for (round = 0; round < ROUNDS; round++) {
		bool model;

		random_text(pattern, "ab.***");
		random_text(name, "ab.");
		model = fnmatch(pattern, name, FNM_NOESCAPE) == 0;
		CHECK(glob_match(pattern, name) == model);
		nr_matched += model;
	}
	CHECK(nr_matched > ROUNDS / 100);
}

static void check_lists(void)
{
	unsigned int round, nr_matched = 0, nr_named = 0;
	char list[MAX_LEN], name[MAX_LEN];

	for (round = 0; round < ROUNDS; round++) {
		random_text(list, "aab,,*");
		random_text(name, "ab");
		if (host_below(2))
			name[strlen(name) / 4] = '\0';
		CHECK(glob_list_match(list, name) ==
		      model_list_match(list, name));
		CHECK(glob_list_names(list, name) ==
		      model_list_names(list, name));
		nr_matched += model_list_match(list, name);
		nr_named += model_list_names(list, name);
	}
	CHECK(nr_matched > ROUNDS / 100 && nr_named > ROUNDS / 100);
}

int main(void)
{
	check_patterns();
	host_case("glob agrees with fnmatch on 200000 random patterns");
	check_lists();
	host_case("lists of globs agree with fnmatch on each of their pieces");
	return host_end();
}
