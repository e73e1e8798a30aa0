/* SPDX-License-Identifier: MIT */
/* quiz.h - questions that the running kernel answers by doing it */
#ifndef MODULES_QUIZ_H
#define MODULES_QUIZ_H

#include <lib/types.h>

struct quiz_score { unsigned int asked, right; };

/*
 * quiz_play - one game with whoever sits at the console
 *
 * The same seed and the same state of the kernel give the same questions. All
 * that they take is given back. Context  thread.
 */
struct quiz_score quiz_play(uint32_t seed);

/* quiz_obstacle - an option of this boot that its rules leave out, or NULL */
const char *quiz_obstacle(void);

/* For self-tests, while an answer is waited for: the kind of question, how many
 * choices it has (0: a number is wanted), and what the explanation expects, the
 * first choice being 0. NULL: nothing is asked. */
struct quiz_expectation {
	const char	*kind;
	unsigned int	nr_choices;
	unsigned long	answer;
};
const struct quiz_expectation *quiz_expects(void);

#endif
