/* SPDX-License-Identifier: MIT */
/*
 * test_string.c - the kernel's string functions against the C library's
 *
 * What is only read lies in a block of exactly its size from malloc, so that
 * the address sanitizer sees a word read beyond the end.
 */
#include "host.h"

#include <lib/string.h>

#define ROUNDS	100000
#define ROOM	80

static char ours[ROOM], theirs[ROOM];

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void fill_both(void)
{
	unsigned int i;

	for (i = 0; i < ROOM; i++)
		ours[i] = theirs[i] = (char)host_random();
}

static void check_writers(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		size_t n = host_below(ROOM / 2);
		size_t to = host_below((uint32_t)(ROOM - n));
		size_t from = host_below((uint32_t)(ROOM - n));
		int byte = (int)host_random();

		if (round % 1000 == 0)
			fill_both();
		if (to + n <= from || from + n <= to) {
			memcpy(theirs + to, theirs + from, n);
			CHECK(k_memcpy(ours + to, ours + from, n) ==
			      ours + to);
			CHECK(memcmp(ours, theirs, ROOM) == 0);
		}
		memmove(theirs + from, theirs + to, n);
		CHECK(k_memmove(ours + from, ours + to, n) == ours + from);
		CHECK(memcmp(ours, theirs, ROOM) == 0);
		memset(theirs + to, byte, n / 4);
		CHECK(k_memset(ours + to, byte, n / 4) == ours + to);
		CHECK(memcmp(ours, theirs, ROOM) == 0);
	}
}

/* A string over two letters, one of them beyond 127: they meet often. */
static char *random_string(size_t len)
{
	char *s = malloc(len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		s[i] = host_below(4) ? 'a' : '\xE4';
	s[len] = '\0';
	return s;
}

static char *random_bytes(size_t len)
{
	char *block = malloc(len ? len : 1), *s = random_string(len);

	memcpy(block, s, len);
	free(s);
	return block;
}

static const char *model_odd_byte(const char *p, int byte, size_t n)
{
	for (; n; n--, p++)
		if ((unsigned char)*p != (unsigned char)byte)
			return p;
	return NULL;
}

static void check_memory_readers(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		size_t n = host_below(24);
		char *a = random_bytes(n), *b = random_bytes(n);

		if (host_below(2))
			memcpy(b, a, n - (n ? host_below((uint32_t)n) : 0));
		CHECK(sign(k_memcmp(a, b, n)) == sign(memcmp(a, b, n)));
		memset(a, 'a', n - (n ? host_below((uint32_t)n) : 0));
		CHECK(memchr_inv(a, 'a' + 256, n) ==
		      model_odd_byte(a, 'a', n));
		CHECK(k_strnlen(a, n) == n);
		free(a);
		free(b);
	}
}

static void check_string_readers(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		char *a = random_string(host_below(12));
		char *b = random_string(host_below(4));
		size_t n = host_below(14);
		int c = host_below(3) ? '\xE4' : 0;

		CHECK(k_strlen(a) == strlen(a));
		CHECK(k_strnlen(a, n) == strnlen(a, n));
		CHECK(sign(k_strcmp(a, b)) == sign(strcmp(a, b)));
		CHECK(sign(k_strncmp(a, b, n)) == sign(strncmp(a, b, n)));
		CHECK(k_strchr(a, c) == strchr(a, c));
		CHECK(k_strstr(a, b) == strstr(a, b));
		free(a);
		free(b);
	}
}

static void check_strscpy(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		char *src = random_string(host_below(12));
		size_t size = 1 + host_below(12);
		char *dst = malloc(size), *model = malloc(size);
		int len = snprintf(model, size, "%s", src);

		CHECK(strscpy(dst, src, size) ==
		      ((size_t)len < size ? len : -34));
		CHECK(strcmp(dst, model) == 0);
		free(src);
		free(dst);
		free(model);
	}
}

int main(void)
{
	check_writers();
	host_case("copies and fills agree with libc in 100000 random moves");
	check_memory_readers();
	host_case("memory is compared and searched as by libc, to the byte");
	check_string_readers();
	host_case("strings are measured, compared and searched as by libc");
	check_strscpy();
	host_case("strscpy keeps what snprintf keeps, and tells of the cut");
	return host_end();
}
