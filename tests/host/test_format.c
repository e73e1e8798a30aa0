/* SPDX-License-Identifier: MIT */
/* test_format.c - the kernel's printf against the C library's */
#include "host.h"

#include <stdarg.h>

#define ROUNDS	100000
#define TEXT	128

struct conversion {
	const char	*lengths[6];	/* up to the NULL          */
	char		letter;
	const char	*flags;		/* ISO C defines these      */
};

static const struct conversion conversions[] = {
	{ { "", "hh", "h", "l", "ll", "z" }, 'd', "-0+" },
	{ { "", "hh", "h", "l", "ll", "z" }, 'i', "-0+" },
	{ { "", "hh", "h", "l", "ll", "z" }, 'u', "-0+" },
	{ { "", "hh", "h", "l", "ll", "z" }, 'x', "-0+#" },
	{ { "", "hh", "h", "l", "ll", "z" }, 'X', "-0+#" },
	{ { "", "hh", "h", "l", "ll", "z" }, 'o', "-0+#" },
	{ { "" }, 'c', "-" },
	{ { "" }, 's', "-" },
};

/* Both print into @size bytes; texts, lengths and the bytes behind agree. */
static void check_same(size_t size, const char *fmt, ...)
{
	char ours[TEXT], theirs[TEXT];
	va_list ap, copy;
	int our_len, their_len;

	memset(ours, '#', sizeof(ours));
	memset(theirs, '#', sizeof(theirs));
	va_start(ap, fmt);
	va_copy(copy, ap);
	our_len = k_vsnprintf(ours, size, fmt, ap);
	their_len = vsnprintf(theirs, size, fmt, copy);
	va_end(copy);
	va_end(ap);
	CHECK(our_len == their_len);
	CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
	if (our_len != their_len || memcmp(ours, theirs, sizeof(ours)) != 0)
		printf("# '%s' gave '%.40s', not '%.40s'\n", fmt, ours, theirs);
}

static size_t append(char *fmt, size_t len, const char *text)
{
	return len + (size_t)sprintf(fmt + len, "%s", text);
}

static size_t append_flags(char *fmt, size_t len, const char *flags)
{
	for (; *flags; flags++)
		if (host_below(3) == 0)
			fmt[len++] = *flags;
	fmt[len] = '\0';
	return len;
}

/* A width or a precision: none, digits or a star, which is counted. */
static size_t append_number(char *fmt, size_t len, int *nr_stars)
{
	switch (host_below(3)) {
	case 0:
		return len;
	case 1:
		fmt[len++] = '*';
		fmt[len] = '\0';
		++*nr_stars;
		return len;
	default:
		return len + (size_t)sprintf(fmt + len, "%u",
					     1 + host_below(24));
	}
}

static const struct conversion *make_format(char *fmt, int *nr_stars,
					    const char **length)
{
	const struct conversion *conv;
	size_t len = 0, nr = sizeof(conversions) / sizeof(conversions[0]);
	char letter[2] = "";

	conv = &conversions[host_below((uint32_t)nr)];
	do {
		*length = conv->lengths[host_below(6)];
	} while (!*length);
	letter[0] = conv->letter;
	*nr_stars = 0;

	len = append(fmt, len, "<%");
	len = append_flags(fmt, len, conv->flags);
	len = append_number(fmt, len, nr_stars);
	if (conv->letter != 'c' && host_below(2)) {
		len = append(fmt, len, ".");
		len = append_number(fmt, len, nr_stars);
	}
	len = append(fmt, len, *length);
	len = append(fmt, len, letter);
	append(fmt, len, ">%d");
	return conv;
}

/* The argument is followed by another: a wrong size would shift that one. */
#define CHECK_ARG(arg)							\
	(nr_stars == 0 ? check_same(size, fmt, (arg), 7) :		\
	 nr_stars == 1 ? check_same(size, fmt, first, (arg), 7) :	\
			 check_same(size, fmt, first, second, (arg), 7))

static void check_random_conversion(void)
{
	int nr_stars, first = (int)host_below(40) - 20;
	int second = (int)host_below(24) - 4;
	size_t size = host_below(4) ? TEXT : host_below(30);
	const struct conversion *conv;
	uint64_t value = host_random64();
	const char *length;
	char fmt[64];

	if (host_below(20) == 0)
		value = 0;
	conv = make_format(fmt, &nr_stars, &length);
	if (conv->letter == 's')
		CHECK_ARG(&"string"[value % 7]);
	else if (conv->letter == 'c')
		CHECK_ARG((int)(value % 256));
	else if (strcmp(length, "ll") == 0)
		CHECK_ARG((unsigned long long)value);
	else if (strcmp(length, "l") == 0)
		CHECK_ARG((unsigned long)value);
	else if (strcmp(length, "z") == 0)
		CHECK_ARG((size_t)value);
	else
		CHECK_ARG((int)value);
}

int main(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++)
		check_random_conversion();
	host_case("format agrees with libc on 100000 random conversions");

	for (round = 0; round < TEXT; round++)
		check_same(round, "%s: %d of %zu, %08x%% %c|%-6s|%+lld",
			   "text", -42, (size_t)4096, 0xBEEF, 'x', "left",
			   -1234567890123LL);
	host_case("format cuts a longer text at every size as libc does");
	return host_end();
}
