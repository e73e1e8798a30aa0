/* SPDX-License-Identifier: MIT */
/*
 * walk.h - random operations beside a simple model, until they disagree
 *
 * A program fills in a struct walk; its step does one operation, on the kernel
 * and on the model, and says with MUST what has to be true of both.
 */
#ifndef TESTS_HOST_WALK_H
#define TESTS_HOST_WALK_H

#include "pc.h"

struct walk {
	const char	*sentence;	/* what is true if nothing is found    */
	unsigned long	ops;		/* how many, unless OPS= says          */
	unsigned long	check_every;	/* so many of them, and at the end     */
	void		(*begin)(void);
	void		(*step)(void);
	void		(*check)(void);	/* the kernel's own invariants         */
	void		(*end)(void);	/* give all back: do the books balance? */
};

/* The program's whole main. */
int walk_run(const struct walk *walk);

/* The walk ends when this does not hold: a model that is wrong stays wrong. */
#define MUST(cond) \
	((cond) ? (void)0 : walk_failed(__FILE__, __LINE__, #cond))
void __noreturn walk_failed(const char *file, int line, const char *cond);

/*
 * walk_note - an operation and what came of it
 *
 * TRACE=<n> prints them from number n on. All of them go into the digest, which
 * two runs have in common only if they did the same.
 */
void walk_note(const char *what, uint32_t a, uint32_t b, uint32_t result);

/* walk_expect - exactly one error was reported since the last, with this text */
void walk_expect(const char *text);

/* True in one of @n cases. */
static inline bool one_in(uint32_t n)
{
	return host_below(n) == 0;
}

/* walk_fill, walk_filled - bytes that belong to @tag, and are they still there? */
void walk_fill(void *p, size_t size, uint32_t tag);
bool walk_filled(const void *p, size_t size, uint32_t tag);

#endif
