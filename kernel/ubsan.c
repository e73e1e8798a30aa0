/* SPDX-License-Identifier: MIT */
/*
 * ubsan.c - what C does not define, caught where it happens (UBSAN=1)
 *
 * Problem     An index past the end, a shift by 32, a sum that wraps: C says
 *             nothing of them, and the compiler builds on their absence.
 * Idea        -fsanitize=undefined puts a test before each such operation, and
 *             a call of the function that is named after it, with the place in
 *             the source, the types and the values. We say them in words.
 * Failure     What is not here does not link, by name: the operation is then
 *             the first of its kind in this kernel.
 * Source      The records are gcc's (libsanitizer/ubsan/ubsan_handlers.h).
 * Read first  undefined, then one of the handlers.
 * See         kernel/caught.c, tests/kernel/test_ubsan.c
 */
#include <kernel/caught.h>

#include <kernel/printk.h>
#include <x86/backtrace.h>

/* --- what the compiler leaves for us -------------------------------------- */

struct place {
	const char	*file;
	uint32_t	line, column;
};

struct type {
	uint16_t	kind;
	uint16_t	info;		/* bit 0: signed; from bit 1: log2 of bits */
	char		name[];		/* as in the source, quoted               */
};

struct on_type { struct place at; const struct type *type; };
struct on_types { struct place at; const struct type *left, *right; };

struct on_access {
	struct place	at;
	const struct type *type;
	uint8_t		log_align;
	uint8_t		kind;
};

struct on_builtin { struct place at; uint8_t kind; };
struct on_argument { struct place at, declared; int number; };

static const char *const access_words[] = {
	"load of", "store to", "reference to", "member access in",
	"member call on", "constructor call on", "downcast of", "downcast of",
	"upcast of", "cast to virtual base of", "binding of",
};

/* --- values in words ------------------------------------------------------ */

#define VALUE_SIZE	24

static bool is_signed(const struct type *type)
{
	return type->info & 1;
}

/* @value is the value itself, or where more than 32 bits lie. */
static uint64_t widen(const struct type *type, unsigned long value)
{
	unsigned int bits = 1U << (type->info >> 1);

	if (bits > 32)
		return *(const uint64_t *)value;
	return is_signed(type) ? (uint64_t)(int64_t)(int32_t)value : value;
}

static const char *in_words(const struct type *type, unsigned long value,
			    char *buf)
{
	snprintf(buf, VALUE_SIZE, is_signed(type) ? "%lld" : "%llu",
		 widen(type, value));
	return buf;
}

/* --- the report ----------------------------------------------------------- */

static void __noreturn __printf(3, 4)
undefined(const struct place *at, unsigned long ebp, const char *fmt, ...)
{
	const struct recovery_fault fault = {
		.vector = CAUGHT_BY_CHECK,
		.eip = ((const unsigned long *)ebp)[1] - 1,
	};
	char what[120];
	va_list ap;

	if (caught_begin(&fault)) {
		va_start(ap, fmt);
		vsnprintf(what, sizeof(what), fmt, ap);
		va_end(ap);
		printk(KERN_ERR "UNDEFINED BEHAVIOUR CAUGHT: %s at %s:%u:%u\n",
		       what, at->file, at->line, at->column);
		caught_callers(ebp);
	}
	caught_end(&fault, "", "undefined behaviour");
}

/* The compiler calls these; nobody else declares them. */
#define HANDLER(name, ...)						\
	void __ubsan_handle_##name(__VA_ARGS__);			\
	void __ubsan_handle_##name(__VA_ARGS__)

#define UNDEFINED(...)	undefined(&d->at, FRAME_POINTER(), __VA_ARGS__)

/* --- arithmetic ----------------------------------------------------------- */

static void __noreturn overflow(const struct on_type *d, unsigned long ebp,
				unsigned long left, const char *operator,
				unsigned long right)
{
	char a[VALUE_SIZE], b[VALUE_SIZE];

	undefined(&d->at, ebp, "%s %s %s does not fit in %s",
		  in_words(d->type, left, a), operator,
		  in_words(d->type, right, b), d->type->name);
}

HANDLER(add_overflow, const struct on_type *d, unsigned long left,
	unsigned long right)
{
	overflow(d, FRAME_POINTER(), left, "+", right);
}

HANDLER(sub_overflow, const struct on_type *d, unsigned long left,
	unsigned long right)
{
	overflow(d, FRAME_POINTER(), left, "-", right);
}

HANDLER(mul_overflow, const struct on_type *d, unsigned long left,
	unsigned long right)
{
	overflow(d, FRAME_POINTER(), left, "*", right);
}

/* By 0, or the least number by -1. */
HANDLER(divrem_overflow, const struct on_type *d, unsigned long left,
	unsigned long right)
{
	char a[VALUE_SIZE], b[VALUE_SIZE];

	UNDEFINED("%s / %s has no value in %s", in_words(d->type, left, a),
		  in_words(d->type, right, b), d->type->name);
}

HANDLER(negate_overflow, const struct on_type *d, unsigned long value)
{
	char a[VALUE_SIZE];

	UNDEFINED("-(%s) does not fit in %s", in_words(d->type, value, a),
		  d->type->name);
}

HANDLER(shift_out_of_bounds, const struct on_types *d, unsigned long value,
	unsigned long distance)
{
	char a[VALUE_SIZE], b[VALUE_SIZE];

	UNDEFINED("shift of %s by %s in %s", in_words(d->left, value, a),
		  in_words(d->right, distance, b), d->left->name);
}

/* --- arrays, pointers, values --------------------------------------------- */

HANDLER(out_of_bounds, const struct on_types *d, unsigned long index)
{
	char a[VALUE_SIZE];

	UNDEFINED("index %s is outside of %s", in_words(d->right, index, a),
		  d->left->name);
}

HANDLER(vla_bound_not_positive, const struct on_type *d, unsigned long bound)
{
	char a[VALUE_SIZE];

	UNDEFINED("an array of %s elements", in_words(d->type, bound, a));
}

HANDLER(pointer_overflow, const struct on_type *d, unsigned long base,
	unsigned long result)
{
	UNDEFINED("pointer %08lx moved to %08lx, past the end of memory", base,
		  result);
}

HANDLER(type_mismatch_v1, const struct on_access *d, unsigned long addr)
{
	const char *what = access_words[d->kind];
	unsigned long align = 1UL << d->log_align;

	if (!addr)
		UNDEFINED("%s a NULL pointer to %s", what, d->type->name);
	else if (addr & (align - 1))
		UNDEFINED("%s %s at %08lx, which is no multiple of %lu", what,
			  d->type->name, addr, align);
	else
		UNDEFINED("%s %s at %08lx, where there is too little room",
			  what, d->type->name, addr);
}

HANDLER(load_invalid_value, const struct on_type *d, unsigned long value)
{
	char a[VALUE_SIZE];

	UNDEFINED("%s is no value of %s", in_words(d->type, value, a),
		  d->type->name);
}

/* --- contracts ------------------------------------------------------------ */

HANDLER(invalid_builtin, const struct on_builtin *d)
{
	UNDEFINED("the %s zero bits of 0 are counted",
		  d->kind ? "leading" : "trailing");
}

HANDLER(nonnull_arg, const struct on_argument *d)
{
	UNDEFINED("argument %d is NULL and must not be", d->number);
}

HANDLER(nonnull_return_v1, const void *declared __unused,
	const struct place *at)
{
	undefined(at, FRAME_POINTER(), "NULL is returned and must not be");
}

HANDLER(builtin_unreachable, const struct on_builtin *d)
{
	UNDEFINED("a place is reached that cannot be");
}
