/* SPDX-License-Identifier: MIT */
/*
 * sin.h - cases that commit a sin, to see who notices
 *
 *	SIN(page, double_free, BY(PAGE_FREE, "it is free already"))
 *	{
 *		struct page *page = alloc_page(GFP_KERNEL);
 *
 *		REQUIRE(page);
 *		__free_page(page);
 *		COMMIT(__free_page(HIDE(page)));
 *	}
 *
 * Each BY is a means that must notice the sin, and what the report must say.
 * With one of them the case passes when that was said. Without any of them the
 * sin must go unnoticed, which tools/sins.py demands: so nobody can claim a
 * means that is not the one. NOTHING stands where no means is known.
 *
 * Sins are not among test=*. test=sins.* commits those that this kernel is to
 * notice and survive, and skips the others; named exactly, a sin is committed
 * whatever comes of it. What a body still has to give back it gives back.
 */
#ifndef TESTS_SIN_H
#define TESTS_SIN_H

#include <tests/ktest.h>

/* What notices: an identifier, its name in docs/trust.md. */
#define EACH_MEANS(X)							\
	X(NOBODY,	"nobody")					\
	X(CPU,		"CPU")						\
	X(NULL_PAGE,	"null page")					\
	X(READ_ONLY,	"read only")					\
	X(AFTER_INIT,	"after init")					\
	X(NX,		"nx")						\
	X(SMEP,		"smep")						\
	X(SMAP,		"smap")						\
	X(STACK_GUARD,	"stack guard")					\
	X(CANARY,	"canary")					\
	X(PATTERN,	"pattern")					\
	X(GUARD,	"guard page")					\
	X(UNMAP,	"unmap")					\
	X(SLACK,	"slack")					\
	X(ALIAS,	"alias")					\
	X(WRITABLE_CODE, "writable code")				\
	X(PAGE_FREE,	"page free")					\
	X(SLAB_FREE,	"slab free")					\
	X(FREE_LINK,	"free link")					\
	X(AREA_FREE,	"area free")					\
	X(RANK,		"rank")						\
	X(HOLDER,	"holder")					\
	X(CONTEXT,	"context")					\
	X(KMAP,		"kmap")						\
	X(BOOKS,	"books")					\
	X(CHECKS,	"checks")					\
	X(UBSAN,	"UBSAN")					\
	X(KASAN,	"KASAN")

#define MEANS_ID(id, name) MEANS_##id,
enum means { EACH_MEANS(MEANS_ID) NR_MEANS };

struct sin_catch {
	enum means	means;		/* NOBODY ends the list                */
	const char	*says;		/* this stands in the report           */
};

struct sin {
	const char	*name, *file;
	int		line;
	const struct sin_catch *by;
	bool		fatal;		/* the kernel cannot go on afterwards  */
	void		(*commit)(void);
};

#define BY(means, says)	{ MEANS_##means, (says) }
#define NOTHING		{ MEANS_NOBODY, "" }

/* The group's cases are a suite of their own, sins.<group>. */
#define SIN_DEFINE(group, name_, fatal_, ...)				\
	static void sin_##group##_##name_(void);			\
	static void run_##group##_##name_(void)				\
	{								\
		static const struct sin_catch by[] = {			\
			__VA_ARGS__, NOTHING				\
		};							\
		static const struct sin sin = {				\
			"sins." #group "." #name_, __FILE__, __LINE__,	\
			by, (fatal_), sin_##group##_##name_		\
		};							\
									\
		sin_run(&sin);						\
	}								\
	static const struct ktest_case ktest_case_##group##_##name_	\
	__used __section(".ktests") = {					\
		"sins." #group, #name_, __FILE__, __LINE__, KTEST_SIN,	\
		run_##group##_##name_					\
	};								\
	static void sin_##group##_##name_(void)

#define SIN(group, name, ...)	SIN_DEFINE(group, name, false, __VA_ARGS__)

/* Noticed or not: it ends in a panic, or structures are beyond repair. */
#define SIN_FATAL(group, name, ...) SIN_DEFINE(group, name, true, __VA_ARGS__)

/* The sin itself. When it is reported and recovered from, the case goes on. */
#define COMMIT(statement)						\
	do {								\
		struct recovery r_;					\
									\
		if (recovery_set(&r_) == 0) {				\
			{ statement; }					\
			recovery_clear(&r_);				\
		} else {						\
			sin_faulted();					\
		}							\
	} while (0)

/* The books as they are now are right: what a fatal sin needs stays taken. */
void sin_prepared(void);

void sin_run(const struct sin *sin);
void sin_faulted(void);

#endif
