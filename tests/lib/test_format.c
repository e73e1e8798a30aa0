/* SPDX-License-Identifier: MIT */
/* test_format.c - printf against the texts that it must produce */
#include <lib/format.h>

#include <lib/parse.h>
#include <lib/phys.h>
#include <lib/string.h>
#include <tests/ktest.h>

/* Not marked as a printf, so that odd formats can be tried too. */
static void expect_text(int line, const char *want, const char *fmt, ...)
{
	char got[128];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(got, sizeof(got), fmt, ap);
	va_end(ap);
	ktest_expect_str(__FILE__, line, fmt, got, want);
	ktest_expect_eq(__FILE__, line, "length of the text", (uint64_t)len,
			strlen(want));
}

#define EXPECT_TEXT(want, ...)	expect_text(__LINE__, want, __VA_ARGS__)

KTEST(format, decimal_numbers_with_sign_width_and_zeros)
{
	EXPECT_TEXT("0", "%d", 0);
	EXPECT_TEXT("-42", "%i", -42);
	EXPECT_TEXT("+42", "%+d", 42);
	EXPECT_TEXT("   42|42   |", "%5d|%-5d|", 42, 42);
	EXPECT_TEXT("00042 -0042 +0042", "%05d %05d %+05d", 42, -42, 42);
	EXPECT_TEXT("  042", "%5.3d", 42);
	EXPECT_TEXT("123456", "%3d", 123456);
	EXPECT_TEXT("[]", "[%.0d]", 0);
}

KTEST(format, hex_and_octal_numbers_with_their_marks)
{
	EXPECT_TEXT("dead BEEF 755", "%x %X %o", 0xDEAD, 0xBEEF, 0755);
	EXPECT_TEXT("0xff 0XFF 0377", "%#x %#X %#o", 255, 255, 255);
	EXPECT_TEXT("0 0 0", "%#x %#X %#o", 0, 0, 0);
	EXPECT_TEXT("0x00ff|  0xff|0xff  |", "%#06x|%#6x|%-#6x|", 255, 255,
		    255);
	EXPECT_TEXT("  0x0ff", "%#7.3x", 255);
	EXPECT_TEXT("0", "%#.0o", 0);
}

KTEST(format, a_precision_or_left_alignment_overrules_the_zero_flag)
{
	EXPECT_TEXT("   07", "%05.2d", 7);
	EXPECT_TEXT("7    |", "%-05d|", 7);
}

KTEST(format, strings_with_width_and_precision)
{
	EXPECT_TEXT("text", "%s", "text");
	EXPECT_TEXT("  text|text  |", "%6s|%-6s|", "text", "text");
	EXPECT_TEXT("te|  te|", "%.2s|%4.2s|", "text", "text");
	EXPECT_TEXT("", "%.0s", "text");
	EXPECT_TEXT("100%", "%d%%", 100);
	EXPECT_TEXT("  a|b  |", "%3c|%-3c|", 'a', 'b');
}

KTEST(format, a_precision_bounds_what_is_read_of_a_string)
{
	static const char unterminated[3] = { 'a', 'b', 'c' };

	EXPECT_TEXT("abc", "%.3s", unterminated);
}

KTEST(format, a_null_string_is_shown_as_such)
{
	EXPECT_TEXT("(null)", "%s", (char *)NULL);
	EXPECT_TEXT("  (null)", "%8s", (char *)NULL);
}

KTEST(format, lengths_cut_their_argument_to_size)
{
	EXPECT_TEXT("-1 255", "%hhd %hhu", 0x1FF, 0x1FF);
	EXPECT_TEXT("-1 65535", "%hd %hu", 0x1FFFF, 0x1FFFF);
	EXPECT_TEXT("-2 4294967294", "%ld %lu", -2L, -2UL);
	EXPECT_TEXT("4096 fff", "%zu %zx", (size_t)4096, (size_t)0xFFF);
}

/* A 64-bit argument takes two words: what follows it must not shift. */
KTEST(format, sixty_four_bit_numbers_in_full)
{
	EXPECT_TEXT("18446744073709551615 x", "%llu %c", UINT64_MAX, 'x');
	EXPECT_TEXT("-9223372036854775808 x", "%lld %c", INT64_MIN, 'x');
	EXPECT_TEXT("9223372036854775807", "%lld", INT64_MAX);
	EXPECT_TEXT("fedcba9876543210", "%llx", 0xFEDCBA9876543210ULL);
	EXPECT_TEXT("1777777777777777777777", "%llo", UINT64_MAX);
}

KTEST(format, width_and_precision_from_arguments)
{
	EXPECT_TEXT("   42", "%*d", 5, 42);
	EXPECT_TEXT("42   |", "%*d|", -5, 42);
	EXPECT_TEXT("te", "%.*s", 2, "text");
	EXPECT_TEXT("text", "%.*s", -1, "text");
	EXPECT_TEXT("  007", "%*.*d", 5, 3, 7);
}

KTEST(format, pointers_and_physical_addresses_have_a_fixed_width)
{
	phys_addr_t low = phys_make(0x1000), high = phys_make(0x123456789ULL);
	phys_addr_t top = phys_make(0xFFFFFFF000ULL);

	EXPECT_TEXT("c0101a2f 00000000", "%p %p", (void *)0xC0101A2FUL,
		    (void *)NULL);
	EXPECT_TEXT("0x000001000 0x123456789", "%pa %pa", &low, &high);
	EXPECT_TEXT("0xfffffff000", "%pa", &top);
}

/* At least three bytes long, whatever the compiler makes of it. */
static void __noinline some_function(void)
{
	__asm__ volatile("nop; nop");
}

KTEST(format, code_addresses_are_named)
{
	unsigned long start = (unsigned long)some_function;

	EXPECT_TEXT("some_function+0x0", "%pS", start);
	EXPECT_TEXT("some_function+0x2!", "%pS!", start + 2);
	EXPECT_TEXT("some_function+0x2  |", "%-19pB|", start + 2);
}

/* A call that never returns may be a function's last instruction. */
KTEST(format, a_return_address_names_the_function_before_it)
{
	unsigned long start = (unsigned long)some_function;
	char want[64], got[64];

	snprintf(want, sizeof(want), "%pS", (void *)(start - 1));
	snprintf(got, sizeof(got), "%pB", (void *)start);
	EXPECT(strstr(got, "some_function") == NULL);
	EXPECT_EQ(strncmp(want, got, (size_t)(strchr(want, '+') - want)), 0);
}

KTEST(format, an_address_without_a_symbol_is_eight_digits)
{
	EXPECT_TEXT("00001234", "%pS", (void *)0x1234UL);
	EXPECT_TEXT("00001234", "%pB", (void *)0x1234UL);
}

KTEST(format, unknown_conversions_are_printed_as_they_stand)
{
	EXPECT_TEXT("%y 1", "%y %d", 1);
	EXPECT_TEXT("%-5k|2", "%-5k|%d", 2);
	EXPECT_TEXT("at the end %", "at the end %");
	EXPECT_TEXT("at the end %03l", "at the end %03l");
}

KTEST(format, text_is_cut_to_every_size_and_terminated)
{
	static const char whole[] = "ab-00042-xyz";
	char buf[20];
	size_t size;
	int len;

	for (size = 1; size < sizeof(buf); size++) {
		memset(buf, '#', sizeof(buf));
		len = snprintf(buf, size, "%s-%05d-%s", "ab", 42, "xyz");
		EXPECT_EQ(len, 12);
		EXPECT_EQ(strlen(buf), size < 13 ? size - 1 : 12);
		EXPECT_EQ(memcmp(buf, whole, strlen(buf)), 0);
		EXPECT(!memchr_inv(buf + size, '#', sizeof(buf) - size));
	}
}

KTEST(format, no_buffer_at_all_gives_the_length)
{
	EXPECT_EQ(snprintf(NULL, 0, "%08x and %s", 1, "more"), 17);
}

KTEST(format, a_zero_character_does_not_end_the_text)
{
	char buf[8];

	EXPECT_EQ(snprintf(buf, sizeof(buf), "a%cb", 0), 3);
	EXPECT_EQ(memcmp(buf, "a\0b", 4), 0);
}

/* Random numbers of random width, read back by the parser. */
KTEST(format, numbers_survive_the_way_into_text_and_back)
{
	static const char *const formats[] = { "%llu", "%#llx", "%020llu" };
	struct random *r = ktest_random();
	unsigned int round, wrong = 0;
	uint64_t value, back;
	char text[32];

	for (round = 0; round < 3000; round++) {
		value = (uint64_t)random_next(r) << 32 | random_next(r);
		value >>= random_below(r, 64);
		snprintf(text, sizeof(text), formats[round % 3], value);
		wrong += parse_u64(text, &back) != 0 || back != value;
	}
	EXPECT_EQ(wrong, 0);
}
