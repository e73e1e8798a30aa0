/* SPDX-License-Identifier: MIT */
/* internal.h - what a question consists of */
#ifndef QUIZ_INTERNAL_H
#define QUIZ_INTERNAL_H

#include <kernel/printk.h>
#include <lib/random.h>
#include <modules/quiz.h>

#define QUIZ_CHOICES	4U
#define QUIZ_TEXT	100U
#define QUIZ_PAGES	4U
#define QUIZ_AREAS	8U

struct page;
struct vm_struct;

/* One question that is being asked. A kind uses the last part as it likes. */
struct quiz_round {
	struct random	random;
	struct quiz_expectation expects;	/* ->answer is the kind's       */
	char		choice[QUIZ_CHOICES][QUIZ_TEXT];
	char		why[QUIZ_TEXT];		/* the rule that ->answer is by */
	unsigned long	truth;			/* what was seen                */
	char		seen[QUIZ_TEXT];	/* the same in words            */

	unsigned int	variant;
	unsigned long	size, addr;
	char		*p;
	struct page	*page[QUIZ_PAGES];
	struct vm_struct *area[QUIZ_AREAS];
};

/*
 * A kind of question.
 *
 * ask   takes what is needed, prints the question, fills in choices, ->answer and
 *       ->why; false: this machine cannot show it now, and nothing is held.
 * show  does it; ->truth and ->seen are what came of it, never what was expected.
 * give  gives back what ask took and show left; also when show was not called.
 */
struct quiz_kind {
	const char	*name;
	const char	*read;			/* the chapter                  */
	bool		(*ask)(struct quiz_round *r);
	void		(*show)(struct quiz_round *r);
	void		(*give)(struct quiz_round *r);
};

extern const struct quiz_kind quiz_zone, quiz_split, quiz_merge, quiz_stock,
			      quiz_kmalloc, quiz_place, quiz_pages, quiz_vfree,
			      quiz_beside, quiz_access, quiz_index;

#define say		console_printf

/* quiz_choose - one more choice, in words. quiz_why - the rule, quiz_saw - what
 * was seen: a line of 69 columns at most. */
void __printf(2, 3) quiz_choose(struct quiz_round *r, const char *fmt, ...);
void __printf(2, 3) quiz_why(struct quiz_round *r, const char *fmt, ...);
void __printf(2, 3) quiz_saw(struct quiz_round *r, const char *fmt, ...);

#endif
