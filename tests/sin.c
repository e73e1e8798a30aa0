/* SPDX-License-Identifier: MIT */
/*
 * sin.c - commits a sin and says who noticed
 *
 * Problem     A check that nobody has ever seen speak may be mute. And a report
 *             that comes for another reason than the one claimed proves nothing.
 * Idea        Say beforehand whose report is awaited and what it must contain,
 *             commit the sin, keep the books as around any case, then look what
 *             was said. Somebody outside, tools/sins.py, reads it: a sin may end
 *             the machine before there is a verdict.
 * Picture     # sins.page.double_free: page free must say "it is free already"
 *             # page_alloc: frame 03fde not freed: it is free already; ...
 *             # sins.page.double_free: caught by page free
 *             ok 1 double_free
 * Read first  sin_run
 * See         include/tests/sin.h, tests/sins/, docs/trust.md
 */
#include <tests/sin.h>

#include <x86/cpu.h>

#define MEANS_NAME(id, name) [MEANS_##id] = (name),
static const char *const means_names[NR_MEANS] = { EACH_MEANS(MEANS_NAME) };

static struct books before;
static bool faulted, sound;

static void __printf(1, 2) print_nothing(const char *fmt __unused, ...)
{
}

/* A kernel without some means may be unsound before any sin: then the slow checks
 * have nothing to say about it. */
static void open_books(void)
{
	books_read(&before);
	sound = books_audit(print_nothing);
}

/* Inside of a point that is gone when the books are compared. */
void sin_prepared(void)
{
	unsigned long point = before.recovery;

	open_books();
	before.recovery = point;
}

void sin_faulted(void)
{
	faulted = true;
}

/* What the compiler was asked to put in. */
enum {
#ifdef __SSP_STRONG__
	HAS_CANARY = true,
#else
	HAS_CANARY = false,
#endif
#ifdef DEBUG
	HAS_PATTERN = true,
#else
	HAS_PATTERN = false,
#endif
#ifdef UBSAN
	HAS_UBSAN = true,
#else
	HAS_UBSAN = false,
#endif
#ifdef KASAN
	HAS_KASAN = true,
#else
	HAS_KASAN = false,
#endif
};

/* Not every build has all means, nor every CPU. */
static bool is_here(enum means means)
{
	switch (means) {
	case MEANS_NX:
	case MEANS_WRITABLE_CODE:
		return cpu_features.nx;
	case MEANS_SMEP:
		return read_cr4() & CR4_SMEP;
	case MEANS_SMAP:
		return read_cr4() & CR4_SMAP;
	case MEANS_CANARY:
		return HAS_CANARY;
	case MEANS_PATTERN:
		return HAS_PATTERN;
	case MEANS_UBSAN:
		return HAS_UBSAN;
	case MEANS_KASAN:
		return HAS_KASAN;
	default:
		return true;
	}
}

/* Picked by a glob, and not for this kernel. */
static void skip_unless_safe(const struct sin *sin)
{
	const struct sin_catch *by = sin->by;

	while (by->means != MEANS_NOBODY && !is_here(by->means))
		by++;
	if (by->means == MEANS_NOBODY)
		ktest_skip("would go unnoticed: name it exactly");
	if (sin->fatal)
		ktest_skip("would end the run: name it exactly");
}

static void announce(const struct sin *sin)
{
	const struct sin_catch *by = sin->by;

	if (by->means == MEANS_NOBODY)
		report_printf("  # %s: no means is known\n", sin->name);
	for (; by->means != MEANS_NOBODY; by++)
		report_printf("  # %s: %s must say \"%s\"\n", sin->name,
			      means_names[by->means], by->says);
}

/* What lies outside of the sin's own point: its preparation. */
static void commit(const struct sin *sin)
{
	struct recovery point;

	if (recovery_set(&point) == 0) {
		sin->commit();
		recovery_clear(&point);
	} else {
		sin_faulted();
	}
}

/* Who said since @from what he had to say? NOBODY: none of them. */
static enum means who_spoke(const struct sin *sin, uint64_t from)
{
	const struct sin_catch *by = sin->by;

	while (by->means != MEANS_NOBODY &&
	       !(is_here(by->means) && printk_contains(from, by->says)))
		by++;
	return by->means;
}

static void give_verdict(const struct sin *sin, uint64_t from, bool noticed)
{
	enum means means = who_spoke(sin, from);

	if (means != MEANS_NOBODY)
		report_printf("  # %s: caught by %s\n", sin->name,
			      means_names[means]);
	else if (noticed)
		ktest_fail(sin->file, sin->line,
			   "noticed, but not as announced");
	else
		ktest_fail(sin->file, sin->line, "unnoticed");
}

void sin_run(const struct sin *sin)
{
	unsigned long errors;
	uint64_t from;
	bool good;

	announce(sin);
	if (!ktest_named_exactly())
		skip_unless_safe(sin);
	faulted = false;
	errors = printk_nr_errors();
	from = printk_position();
	open_books();
	commit(sin);
	good = books_compare(&before, report_printf) &&
	       (!sound || books_audit(report_printf));
	give_verdict(sin, from, !good || faulted ||
		     printk_nr_errors() != errors);
}
