/* SPDX-License-Identifier: MIT */
/*
 * ktest.c - runs the cases and reports KTAP
 *
 * Problem     Tests inside a kernel can do what no test outside can, but they can
 *             also take it down, leak into each other, or stop half-way unseen.
 * Idea        The linker collects all cases. Each runs behind a recovery point,
 *             so a fault fails one case; after each, the books are compared and
 *             the log is searched for reports that nobody expected. The plan is
 *             printed first, so a log that ends early is seen to be short.
 * Source      KTAP version 1: Linux, Documentation/dev-tools/ktap.rst
 * Read first  run_case, then ktest_run.
 * See         tests/planted.c, tests/machine/test_ktest.py
 */
#include <tests/ktest.h>

#include <kernel/cmdline.h>
#include <lib/glob.h>
#include <lib/string.h>
#include <mm/kasan.h>
#include <mm/trace.h>
#include <x86/percpu.h>

#define NAME_SIZE	128
#define FAILURES_SHOWN	12U

extern const struct ktest_case ktests_start[], ktests_end[];

/* What the run is about. */
static const char *wanted;
static bool with_slow;
static uint32_t run_seed;

/* The case that runs now. */
static const struct ktest_case *current;
static struct recovery *case_point;
static struct random case_random;
static struct recovery_fault last_fault;
static bool failed, left, skipped;
static unsigned int nr_failures;
static unsigned long expected_errors;
static uint64_t report_from;
static char skip_reason[96];

static struct { unsigned int passed, failed, skipped, suites; } totals;

/* --- what a case calls ----------------------------------------------------- */

static void full_name(const struct ktest_case *c, char *buf)
{
	snprintf(buf, NAME_SIZE, "%s.%s", c->suite, c->name);
}

/* A loop that fails would otherwise print until the run is out of time. */
void ktest_fail(const char *file, int line, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	failed = true;
	if (++nr_failures == FAILURES_SHOWN)
		report_printf("  # further failures of this case not shown\n");
	if (nr_failures >= FAILURES_SHOWN)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report_printf("  # %s:%d: %s\n", file, line, text);
}

/* Leaves through the case's own point, whatever points were set since. */
void ktest_leave(void)
{
	const struct recovery_fault none = { 0 };

	left = true;
	this_cpu->recovery = case_point;
	kasan_abandon_stacks(case_point->esp);
	recovery_resume(&none);
}

void ktest_expect_eq(const char *file, int line, const char *text,
		     uint64_t a, uint64_t b)
{
	if (a != b)
		ktest_fail(file, line, "EXPECT_EQ(%s): %llx, %llx", text, a, b);
}

void ktest_expect_str(const char *file, int line, const char *text,
		      const char *got, const char *want)
{
	if (!got || strcmp(got, want) != 0)
		ktest_fail(file, line, "EXPECT_STR(%s): \"%s\", not \"%s\"",
			   text, got, want);
}

void ktest_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(skip_reason, sizeof(skip_reason), fmt, ap);
	va_end(ap);
	skipped = true;
	ktest_leave();
}

void ktest_note(const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report_printf("  # %s.%s: %s\n", current->suite, current->name, text);
}

bool ktest_named_exactly(void)
{
	char name[NAME_SIZE];

	full_name(current, name);
	return glob_list_names(wanted, name);
}

struct random *ktest_random(void)
{
	return &case_random;
}

const struct recovery_fault *ktest_last_fault(void)
{
	return &last_fault;
}

void ktest_no_fault(void)
{
	last_fault = (struct recovery_fault){ 0 };
}

void ktest_faulted(const struct recovery_fault *fault)
{
	last_fault = *fault;
}

uint64_t ktest_report_begin(void)
{
	expected_errors -= printk_nr_errors();
	report_from = printk_position();
	return report_from;
}

void ktest_report_end(const char *file, int line, uint64_t from,
		      const char *text)
{
	expected_errors += printk_nr_errors();
	if (!printk_contains(from, text))
		ktest_fail(file, line, "no report said \"%s\"", text);
}

bool ktest_report_contains(const char *text)
{
	return printk_contains(report_from, text);
}

/* --- one case -------------------------------------------------------------- */

/* The same seed gives each case numbers of its own (FNV-1a over its name). */
static void seed_case(const struct ktest_case *c)
{
	uint32_t hash = 2166136261U;
	char name[NAME_SIZE];
	const char *p;

	full_name(c, name);
	for (p = name; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619U;
	random_init(&case_random, hash ^ run_seed);
}

static void run_body(const struct ktest_case *c)
{
	struct recovery point;

	case_point = &point;
	if (recovery_set(&point) == 0) {
		c->run();
		recovery_clear(&point);
	} else if (!left) {
		ktest_fail(c->file, c->line, "an exception ended the case: "
			   "vector %u at %08lx", point.fault.vector,
			   point.fault.addr);
	}
}

static void check_reports(const struct ktest_case *c, unsigned long before)
{
	unsigned long surplus = printk_nr_errors() - before - expected_errors;

	if (surplus)
		ktest_fail(c->file, c->line,
			   "%lu reports that the case did not expect", surplus);
}

static void run_case(const struct ktest_case *c)
{
	unsigned long errors = printk_nr_errors();
	char name[NAME_SIZE];
	struct books before;

	current = c;
	failed = left = skipped = false;
	expected_errors = 0;
	nr_failures = 0;
	seed_case(c);
	books_read(&before);
	full_name(c, name);
	trace(TRACE_BEGIN, name, 0);
	run_body(c);
	trace(TRACE_END, name, 0);
	if (c->flags & KTEST_SIN)
		return;
	if (!skipped)
		check_reports(c, errors);
	if (!books_compare(&before, report_printf))
		failed = true;
}

static void print_size_option(const char *name, uint64_t size)
{
	if (size != MEMORY_UNLIMITED)
		report_printf(" %s=%llu", name, size);
}

static void report_case(const struct ktest_case *c, unsigned int number)
{
	if (failed) {
		report_printf("  # repeat it: make run APPEND='test=%s.%s "
			       "seed=%u", c->suite, c->name, run_seed);
		print_size_option("mem", options.limits.mem);
		print_size_option("highmem", options.limits.highmem);
		print_size_option("vmalloc", options.limits.vmalloc);
		report_printf("', on the same MEM= and CPU=\n");
		report_printf("  not ok %u %s\n", number, c->name);
		totals.failed++;
	} else if (skipped) {
		report_printf("  ok %u %s # SKIP %s\n", number, c->name,
			       skip_reason);
		totals.skipped++;
	} else {
		report_printf("  ok %u %s\n", number, c->name);
		totals.passed++;
	}
}

/* --- all cases ------------------------------------------------------------- */

/* Whoever asks for everything does not ask for sins. */
static bool sins_wanted(void)
{
	return strncmp(wanted, "sins.", 5) == 0 || strstr(wanted, ",sins.");
}

static bool is_wanted(const struct ktest_case *c)
{
	char name[NAME_SIZE];

	full_name(c, name);
	if (glob_list_names(wanted, name))
		return true;
	if (c->flags & KTEST_SIN && !sins_wanted())
		return false;
	if (c->flags & KTEST_PLANTED || (c->flags & KTEST_SLOW && !with_slow))
		return false;
	return glob_list_match(wanted, name);
}

/* A suite is a run of cases with the same suite name, as they were linked. */
static const struct ktest_case *suite_end(const struct ktest_case *c)
{
	const char *suite = c->suite;

	while (c < ktests_end && strcmp(c->suite, suite) == 0)
		c++;
	return c;
}

static unsigned int count_wanted(const struct ktest_case *c,
				 const struct ktest_case *end)
{
	unsigned int n = 0;

	for (; c < end; c++)
		n += is_wanted(c);
	return n;
}

static unsigned int count_suites(void)
{
	const struct ktest_case *c, *end;
	unsigned int n = 0;

	for (c = ktests_start; c < ktests_end; c = end) {
		end = suite_end(c);
		n += count_wanted(c, end) > 0;
	}
	return n;
}

/* The slow checks belong to the suite's last case, which fails with them. */
static void run_suite(const struct ktest_case *c, const struct ktest_case *end)
{
	unsigned int planned = count_wanted(c, end), number = 0;
	unsigned int failed_before = totals.failed;
	const char *suite = c->suite;

	report_printf("  KTAP version 1\n  # Subtest: %s\n  1..%u\n", suite,
		       planned);
	for (; c < end; c++) {
		if (!is_wanted(c))
			continue;
		run_case(c);
		if (++number == planned && !(c->flags & KTEST_SIN) &&
		    !books_audit(report_printf))
			failed = true;
		report_case(c, number);
	}
	report_printf("%sok %u %s\n",
		       totals.failed > failed_before ? "not " : "",
		       ++totals.suites, suite);
}

bool ktest_run(const char *globs, bool slow, uint32_t seed)
{
	const struct ktest_case *c, *end;
	unsigned int suites;

	wanted = globs;
	with_slow = slow;
	run_seed = seed;
	memset(&totals, 0, sizeof(totals));
	suites = count_suites();
	printk_set_prefix("# ");
	report_printf("KTAP version 1\n# seed=%u\n1..%u\n", seed, suites);
	if (suites == 0)
		report_printf("# no test matches '%s'\n", globs);
	for (c = ktests_start; c < ktests_end; c = end) {
		end = suite_end(c);
		if (count_wanted(c, end))
			run_suite(c, end);
	}
	report_printf("# totals: pass:%u fail:%u skip:%u suites:%u\n",
		       totals.passed, totals.failed, totals.skipped, suites);
	printk_set_prefix("");
	return suites > 0 && totals.failed == 0;
}
