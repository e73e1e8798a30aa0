/* SPDX-License-Identifier: MIT */
/*
 * ktest.h - self-tests inside the kernel
 *
 *	KTEST(vmalloc, guard_page_faults)
 *	{
 *		char *p = vmalloc(PAGE_SIZE);
 *
 *		REQUIRE(p);
 *		EXPECT_FAULT(p[PAGE_SIZE] = 1);
 *		vfree(p);
 *	}
 *
 * A case is named by the sentence it proves; its suite is the file it tests.
 * After each case the books must balance (tests/books.c) and no report may have
 * been printed that the case did not expect.
 */
#ifndef TESTS_KTEST_H
#define TESTS_KTEST_H

#include <kernel/printk.h>
#include <lib/random.h>
#include <x86/recovery.h>

struct ktest_case {
	const char	*suite, *name, *file;
	int		line;
	unsigned int	flags;
	void		(*run)(void);
};

#define KTEST_SLOW	0x1U	/* only when named exactly, or with slow      */
#define KTEST_PLANTED	0x2U	/* must fail: only when named exactly         */
#define KTEST_SIN	0x4U	/* judges itself: <tests/sin.h>               */

#define KTEST_DEFINE(suite_, name_, flags_)				\
	static void ktest_##suite_##_##name_(void);			\
	static const struct ktest_case ktest_case_##suite_##_##name_	\
	__used __section(".ktests") = {					\
		#suite_, #name_, __FILE__, __LINE__, (flags_),		\
		ktest_##suite_##_##name_				\
	};								\
	static void ktest_##suite_##_##name_(void)

#define KTEST(suite, name)		KTEST_DEFINE(suite, name, 0)
#define KTEST_SLOW_CASE(suite, name)	KTEST_DEFINE(suite, name, KTEST_SLOW)

/* EXPECT notes a failure and goes on; REQUIRE ends the case. */
#define EXPECT(cond)							\
	((cond) ? (void)0 : ktest_fail(__FILE__, __LINE__, "EXPECT(%s)", #cond))

#define REQUIRE(cond)							\
	do {								\
		if (!(cond)) {						\
			ktest_fail(__FILE__, __LINE__, "REQUIRE(%s)", #cond); \
			ktest_leave();					\
		}							\
	} while (0)

/* Compares two integers and prints both values (as unsigned 64-bit hex). */
#define EXPECT_EQ(a, b)							\
	ktest_expect_eq(__FILE__, __LINE__, #a " == " #b,		\
			(__force uint64_t)(a), (__force uint64_t)(b))

#define EXPECT_STR(a, b)						\
	ktest_expect_str(__FILE__, __LINE__, #a, (a), (b))

/* The statement must fault. The fault stays readable in ktest_last_fault(). */
#define EXPECT_FAULT(statement)						\
	do {								\
		struct recovery r_;					\
									\
		ktest_no_fault();					\
		if (recovery_set(&r_) == 0) {				\
			r_.quiet = true;				\
			{ statement; }					\
			recovery_clear(&r_);				\
			ktest_fail(__FILE__, __LINE__,			\
				   "EXPECT_FAULT(%s): it did not", #statement); \
		} else {						\
			ktest_faulted(&r_.fault);			\
		}							\
	} while (0)

#define EXPECT_NO_FAULT(statement)					\
	do {								\
		struct recovery r_;					\
									\
		if (recovery_set(&r_) == 0) {				\
			r_.quiet = true;				\
			{ statement; }					\
			recovery_clear(&r_);				\
		} else {						\
			ktest_fail(__FILE__, __LINE__,			\
				   "EXPECT_NO_FAULT(%s): fault at %08lx", \
				   #statement, r_.fault.addr);		\
		}							\
	} while (0)

/*
 * The statement must print a report that contains each of the given texts;
 * it may fault, when a recovery point in it says so. EXPECT_REPORT allows
 * KERN_ERR messages for its duration.
 */
#define EXPECT_REPORT(text, statement)					\
	do {								\
		uint64_t from_ = ktest_report_begin();			\
		{ statement; }						\
		ktest_report_end(__FILE__, __LINE__, from_, (text));	\
	} while (0)

/* The statement must fault, and the (loud) report must contain @text. */
#define EXPECT_BAD_ACCESS(text, statement)				\
	EXPECT_REPORT(text,						\
		struct recovery rr_;					\
		ktest_no_fault();					\
		if (recovery_set(&rr_) == 0) {				\
			{ statement; }					\
			recovery_clear(&rr_);				\
			ktest_fail(__FILE__, __LINE__,			\
				   "EXPECT_BAD_ACCESS: no fault");	\
		} else {						\
			ktest_faulted(&rr_.fault);			\
		})

void __printf(3, 4) ktest_fail(const char *file, int line, const char *fmt, ...);
void __noreturn ktest_leave(void);
void ktest_expect_eq(const char *file, int line, const char *text,
		     uint64_t a, uint64_t b);
void ktest_expect_str(const char *file, int line, const char *text,
		      const char *got, const char *want);

/* ktest_skip - end the case as skipped: this machine cannot show it */
void __noreturn __printf(1, 2) ktest_skip(const char *fmt, ...);

/* A comment in the report: "# suite.case: ..." */
void __printf(1, 2) ktest_note(const char *fmt, ...);

/* Was the case that runs named itself, not picked by a glob? */
bool ktest_named_exactly(void);

/* The case's own generator, seeded from seed= and the case's name. */
struct random *ktest_random(void);

const struct recovery_fault *ktest_last_fault(void);
void ktest_no_fault(void);
void ktest_faulted(const struct recovery_fault *fault);
uint64_t ktest_report_begin(void);
void ktest_report_end(const char *file, int line, uint64_t from,
		      const char *text);
/* Also true of the report that the last EXPECT_REPORT caught? */
bool ktest_report_contains(const char *text);

/*
 * ktest_run - run the cases that the comma separated globs pick, report KTAP
 *
 * Returns  true when at least one ran and none failed.
 */
bool ktest_run(const char *globs, bool slow, uint32_t seed);

/*
 * The books (tests/books.c): every counter that must come back to where it was,
 * and every check that must hold.
 */
struct books {
	unsigned long	pages;		/* free, or made into page tables */
	unsigned long	slab_objects, areas, area_pages;
	unsigned long	lock_rank, irq_depth, kmap_depth, kmap_users;
	unsigned long	interrupts_on, recovery;
};
void books_read(struct books *b);	/* drains all stocks first */
bool books_compare(const struct books *before, print_fn *print);
bool books_audit(print_fn *print);	/* the slow checks, once per suite */

#endif
