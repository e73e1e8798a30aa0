/* SPDX-License-Identifier: MIT */
/*
 * format.c - printf for a kernel
 *
 * Problem     Everything the kernel says is text with numbers in it, also when
 *             memory is short and the stack is small.
 * Idea        Each conversion is read into a struct spec, its argument becomes
 *             text or a 64-bit number, and that is put between the padding.
 *             The output counts every character but stores only what fits, so
 *             the caller learns the length that the text would have had.
 * Picture     |<----------------- width ----------------->|
 *             | blanks | sign or 0x | zeros | digits | blanks |
 * Read first  vsnprintf, convert, put_number.
 * See         tests/lib/test_format.c, tests/host/test_format.c
 */
#include <lib/format.h>

#include <lib/bits.h>
#include <lib/export.h>
#include <lib/phys.h>
#include <lib/string.h>

#define POINTER_DIGITS	((int)(2 * sizeof(void *)))
#define PHYS_DIGITS	9		/* 36 bits of physical address */
#define MAX_DIGITS	22		/* 2^64 - 1 in octal           */

enum length { LEN_CHAR, LEN_SHORT, LEN_INT, LEN_LONG, LEN_LLONG, LEN_SIZE };

struct spec {
	bool		left, zero, plus, alt;
	int		width;
	int		precision;	/* -1: none given */
	enum length	length;
};

struct output {
	char		*buf;
	size_t		size, len;	/* len may exceed size */
};

/* A va_list may be an array; inside a struct it can be passed by pointer. */
struct args {
	va_list		ap;
};

static symbol_lookup_fn *lookup_symbol __ro_after_init;

void format_register_symbols(symbol_lookup_fn *lookup)
{
	lookup_symbol = lookup;
}

static void put_char(struct output *out, char c)
{
	if (out->len < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void put_repeated(struct output *out, char c, int count)
{
	while (count-- > 0)
		put_char(out, c);
}

static void put_bytes(struct output *out, const char *text, size_t len)
{
	while (len-- > 0)
		put_char(out, *text++);
}

static void put_text(struct output *out, const struct spec *spec,
		     const char *text, size_t len)
{
	int padding = spec->width - (int)len;

	if (!spec->left)
		put_repeated(out, ' ', padding);
	put_bytes(out, text, len);
	if (spec->left)
		put_repeated(out, ' ', padding);
}

static void put_string(struct output *out, const struct spec *spec,
		       const char *text)
{
	size_t max = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;

	if (!text)
		text = "(null)";
	put_text(out, spec, text, strnlen(text, max));
}

/* Fills @digits from its end; a value of 0 has no digits here. */
static int make_digits(char digits[MAX_DIGITS], uint64_t value,
		       unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int nr = 0;

	for (; value; value /= base)
		digits[MAX_DIGITS - ++nr] = set[value % base];
	return nr;
}

static int zeros_wanted(const struct spec *spec, int nr_digits, int nr_sign)
{
	if (spec->precision >= 0)
		return spec->precision - nr_digits;
	if (spec->zero && !spec->left)
		return MAX(spec->width - nr_sign, 1) - nr_digits;
	return 1 - nr_digits;
}

static void put_number(struct output *out, const struct spec *spec,
		       const char *sign, uint64_t value, char conversion)
{
	bool octal = conversion == 'o', upper = conversion == 'X';
	unsigned int base = octal ? 8 : conversion == 'u' ? 10 : 16;
	int nr_sign = (int)strlen(sign), nr_digits, zeros, blanks;
	char digits[MAX_DIGITS];

	nr_digits = make_digits(digits, value, base, upper);
	zeros = MAX(zeros_wanted(spec, nr_digits, nr_sign), 0);
	if (octal && spec->alt && zeros == 0)
		zeros = 1;
	blanks = spec->width - nr_sign - zeros - nr_digits;

	if (!spec->left)
		put_repeated(out, ' ', blanks);
	put_bytes(out, sign, (size_t)nr_sign);
	put_repeated(out, '0', zeros);
	put_bytes(out, digits + MAX_DIGITS - nr_digits, (size_t)nr_digits);
	if (spec->left)
		put_repeated(out, ' ', blanks);
}

static int64_t signed_arg(struct args *args, enum length length)
{
	switch (length) {
	case LEN_CHAR:
		return (signed char)va_arg(args->ap, int);
	case LEN_SHORT:
		return (short)va_arg(args->ap, int);
	case LEN_INT:
		return va_arg(args->ap, int);
	case LEN_LLONG:
		return va_arg(args->ap, long long);
	default:				/* long and ptrdiff_t are one */
		return va_arg(args->ap, long);
	}
}

static uint64_t unsigned_arg(struct args *args, enum length length)
{
	switch (length) {
	case LEN_CHAR:
		return (unsigned char)va_arg(args->ap, unsigned int);
	case LEN_SHORT:
		return (unsigned short)va_arg(args->ap, unsigned int);
	case LEN_INT:
		return va_arg(args->ap, unsigned int);
	case LEN_LLONG:
		return va_arg(args->ap, unsigned long long);
	case LEN_SIZE:	/* NOLINT(bugprone-branch-clone): another type */
		return va_arg(args->ap, size_t);
	default:
		return va_arg(args->ap, unsigned long);
	}
}

static void put_signed(struct output *out, const struct spec *spec,
		       int64_t value)
{
	if (value < 0)
		put_number(out, spec, "-", -(uint64_t)value, 'u');
	else
		put_number(out, spec, spec->plus ? "+" : "", (uint64_t)value,
			   'u');
}

static void put_unsigned(struct output *out, const struct spec *spec,
			 uint64_t value, char conversion)
{
	const char *sign = "";

	if (spec->alt && value && conversion == 'x')
		sign = "0x";
	if (spec->alt && value && conversion == 'X')
		sign = "0X";
	put_number(out, spec, sign, value, conversion);
}

static void put_address(struct output *out, const struct spec *spec,
			const void *pointer)
{
	struct spec digits = *spec;

	digits.precision = POINTER_DIGITS;
	put_number(out, &digits, "", (uintptr_t)pointer, 'x');
}

/*
 * @back is 1 for a return address: it may lie behind the last byte of the
 * function that made the call, when that call does not return.
 */
static void put_symbol(struct output *out, const struct spec *spec,
		       const void *pointer, unsigned int back)
{
	unsigned long offset, addr = (unsigned long)pointer;
	const char *name = NULL;
	char text[128];

	if (lookup_symbol)
		name = lookup_symbol(addr - back, &offset);
	if (!name) {
		put_address(out, spec, pointer);
		return;
	}
	snprintf(text, sizeof(text), "%s+0x%lx", name, offset + back);
	put_string(out, spec, text);
}

static void put_phys_addr(struct output *out, const struct spec *spec,
			  const phys_addr_t *phys)
{
	struct spec digits = *spec;

	digits.precision = PHYS_DIGITS;
	put_number(out, &digits, "0x", phys_raw(*phys), 'x');
}

/* @fmt stands behind the p. Returns where the text goes on. */
static const char *put_pointer(struct output *out, const struct spec *spec,
			       const char *fmt, const void *pointer)
{
	switch (*fmt) {
	case 'S':
		put_symbol(out, spec, pointer, 0);
		return fmt + 1;
	case 'B':
		put_symbol(out, spec, pointer, 1);
		return fmt + 1;
	case 'a':
		put_phys_addr(out, spec, pointer);
		return fmt + 1;
	default:
		put_address(out, spec, pointer);
		return fmt;
	}
}

static const char *read_flags(const char *fmt, struct spec *spec)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			spec->left = true;
			break;
		case '0':
			spec->zero = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case '#':
			spec->alt = true;
			break;
		default:
			return fmt;
		}
	}
}

static const char *read_int(const char *fmt, struct args *args, int *value)
{
	if (*fmt == '*') {
		*value = va_arg(args->ap, int);
		return fmt + 1;
	}
	for (*value = 0; *fmt >= '0' && *fmt <= '9'; fmt++)
		*value = *value * 10 + (*fmt - '0');
	return fmt;
}

static const char *read_length(const char *fmt, struct spec *spec)
{
	switch (*fmt) {
	case 'h':
		spec->length = fmt[1] == 'h' ? LEN_CHAR : LEN_SHORT;
		return fmt + (fmt[1] == 'h' ? 2 : 1);
	case 'l':
		spec->length = fmt[1] == 'l' ? LEN_LLONG : LEN_LONG;
		return fmt + (fmt[1] == 'l' ? 2 : 1);
	case 'z':
		spec->length = LEN_SIZE;
		return fmt + 1;
	default:
		spec->length = LEN_INT;
		return fmt;
	}
}

static const char *read_spec(const char *fmt, struct args *args,
			     struct spec *spec)
{
	*spec = (struct spec){ .precision = -1 };
	fmt = read_flags(fmt, spec);
	fmt = read_int(fmt, args, &spec->width);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	if (*fmt == '.')
		fmt = read_int(fmt + 1, args, &spec->precision);
	return read_length(fmt, spec);
}

/* @fmt stands behind the '%'. Returns where the text goes on. */
static const char *convert(struct output *out, const char *fmt,
			   struct args *args)
{
	const char *start = fmt - 1;
	struct spec spec;
	char c;

	fmt = read_spec(fmt, args, &spec);
	switch (*fmt) {
	case 'd': case 'i':
		put_signed(out, &spec, signed_arg(args, spec.length));
		return fmt + 1;
	case 'u': case 'x': case 'X': case 'o':
		put_unsigned(out, &spec, unsigned_arg(args, spec.length), *fmt);
		return fmt + 1;
	case 'c':
		c = (char)va_arg(args->ap, int);
		put_text(out, &spec, &c, 1);
		return fmt + 1;
	case 's':
		put_string(out, &spec, va_arg(args->ap, const char *));
		return fmt + 1;
	case 'p':
		return put_pointer(out, &spec, fmt + 1,
				   va_arg(args->ap, const void *));
	case '%':
		put_char(out, '%');
		return fmt + 1;
	default:			/* nothing we know: show it */
		put_bytes(out, start, (size_t)(fmt - start));
		return fmt;
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct output out = { .buf = buf, .size = size };
	struct args args;

	va_copy(args.ap, ap);
	while (*fmt) {
		if (*fmt == '%')
			fmt = convert(&out, fmt + 1, &args);
		else
			put_char(&out, *fmt++);
	}
	va_end(args.ap);
	if (size)
		buf[MIN(out.len, size - 1)] = '\0';
	return (int)out.len;
}
EXPORT_SYMBOL(vsnprintf);

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}
EXPORT_SYMBOL(snprintf);
