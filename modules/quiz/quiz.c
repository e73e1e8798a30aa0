/* SPDX-License-Identifier: MIT */
/*
 * quiz.c - the kernel asks, the reader predicts, the kernel does it
 *
 * Problem     Whoever has read how something works believes that he knows it. He
 *             does once he can say what will happen next.
 * Idea        A question comes from the state of this kernel and a seed; its
 *             answer is not computed but seen: the thing is done, with whatever
 *             report it causes. The explanation has a rule of its own that says
 *             what it expects, and where it was wrong that is said, too.
 * Picture     ask ------> the reader's answer ---.
 *              `-> rule, why                      compare, score
 *             show -----> what was seen ---------'
 * Invariants  QZ1 What a question takes is given back, right, wrong or left.
 *             QZ2 What the rule expects is what is seen.
 * Failure     A kind of question that this machine cannot show is left out.
 * Read first  internal.h, then play_one
 * See         docs/quiz.md, tests/modules/test_quiz.c
 */
#include <modules/quiz.h>

#include <kernel/cmdline.h>
#include <kernel/monitor.h>
#include <lib/parse.h>
#include <mm/init.h>
#include <mm/pcp.h>
#include <mm/slab.h>
#include <mm/trace.h>
#include <mm/vmap.h>
#include <modules/prompt.h>

#include "internal.h"

#define LEAVE		(~0UL)

static const struct quiz_kind *const kinds[] = {
	&quiz_zone, &quiz_place, &quiz_beside, &quiz_split, &quiz_pages,
	&quiz_merge, &quiz_access, &quiz_kmalloc, &quiz_vfree, &quiz_stock,
	&quiz_index,
};
#define NR_KINDS	ARRAY_SIZE(kinds)

static const struct quiz_expectation *asked;

const struct quiz_expectation *quiz_expects(void)
{
	return asked;
}

/* A function of a line of text. */
#define PRINT_INTO(name, text)						\
void name(struct quiz_round *r, const char *fmt, ...)			\
{									\
	va_list ap;							\
									\
	va_start(ap, fmt);						\
	vsnprintf(text, QUIZ_TEXT, fmt, ap);				\
	va_end(ap);							\
}

PRINT_INTO(quiz_choose, r->choice[r->expects.nr_choices++])
PRINT_INTO(quiz_why, r->why)
PRINT_INTO(quiz_saw, r->seen)

/* --- the answer ------------------------------------------------------------ */

static struct edit edit = { .prompt = "answer> ", .echo = prompt_echo };

/* A letter or a number, as the question wants it; if not, *@answer stays. */
static bool understand(const struct quiz_round *r, char *line,
		       unsigned long *answer)
{
	const char *word = parse_word(&line), *more = parse_word(&line);
	unsigned long letter;
	uint64_t number;

	if (!word || more)
		return false;
	if (word[0] == 'q' && !word[1]) {
		*answer = LEAVE;
		return true;
	}
	if (r->expects.nr_choices) {
		letter = (unsigned long)((word[0] | ' ') - 'a');
		if (word[1] || letter >= r->expects.nr_choices)
			return false;
		*answer = letter;
		return true;
	}
	if (parse_u64(word, &number) != 0 || number >= LEAVE)
		return false;
	*answer = (unsigned long)number;
	return true;
}

/* Whoever drops the line wants to leave. */
static unsigned long wait_for_answer(const struct quiz_round *r)
{
	unsigned long answer = LEAVE;

	asked = &r->expects;
	while (prompt_line(&edit) == EDIT_LINE &&
	       !understand(r, edit.text, &answer)) {
		if (r->expects.nr_choices)
			say("    A letter from a to %c, or q to leave.\n",
			    (int)('a' + r->expects.nr_choices - 1));
		else
			say("    A number, or q to leave.\n");
	}
	asked = NULL;
	return answer;
}

/* --- a question ------------------------------------------------------------ */

/* What is kept for the next request would make each game another one. */
static void settle(void)
{
	vmalloc_drain();
	slab_drain();
	pcp_drain();
}

static void say_choices(const struct quiz_round *r)
{
	unsigned int i;

	for (i = 0; i < r->expects.nr_choices; i++)
		say("    %c) %s\n", (int)('a' + i), r->choice[i]);
}

static void judge(const struct quiz_kind *kind, const struct quiz_round *r,
		  unsigned long answer)
{
	say("    %s  %s\n", answer == r->truth ? "RIGHT" : "WRONG", r->seen);
	if (r->truth != r->expects.answer)
		say("    THE NEXT LINE IS WRONG: please tell, with the seed\n");
	say("    why    %s\n    read   %s\n", r->why, kind->read);
}

/* False: the reader leaves. */
static bool play_one(const struct quiz_kind *kind, uint32_t seed,
		     struct quiz_score *score)
{
	struct quiz_round r = { .expects.kind = kind->name };
	unsigned long answer;

	random_init(&r.random, seed);
	settle();
	say("[%u] ", score->asked + 1);
	if (!kind->ask(&r)) {
		say("%s: not on this machine, not now\n", kind->name);
		return true;
	}
	say_choices(&r);
	answer = wait_for_answer(&r);
	if (answer != LEAVE) {
		kind->show(&r);
		judge(kind, &r, answer);
		score->asked++;
		score->right += answer == r.truth;
	}
	if (kind->give)
		kind->give(&r);
	return answer != LEAVE;
}

/* Each kind once, in an order drawn by the seed. */
struct quiz_score quiz_play(uint32_t seed)
{
	struct quiz_score score = { 0, 0 };
	unsigned char order[NR_KINDS] = { 0 };
	unsigned int i, other;
	struct random random;

	random_init(&random, seed);
	for (i = 0; i < NR_KINDS; i++) {
		other = random_below(&random, i + 1);
		order[i] = order[other];
		order[other] = (unsigned char)i;
	}
	for (i = 0; i < NR_KINDS; i++)
		if (!play_one(kinds[order[i]], random_next(&random), &score))
			break;
	settle();
	return score;
}

/* They change what is kept for the next request, and when a flush comes. */
const char *quiz_obstacle(void)
{
	if (memory_aids.guard[0] != 'a')
		return "guard=";
	if (memory_aids.quarantine)
		return "quarantine=";
	if (memory_aids.page_poison)
		return "page_poison";
	if (memory_aids.page_owner)
		return "page_owner";
	if (trace_on)
		return "trace=";
	return vmap_lazy ? "vmap_purge=lazy" : NULL;
}

MONITOR_COMMAND(quiz, "[SEED]", "predict what this kernel will do", "quiz 7")
{
	unsigned long seed = options.seed;
	struct quiz_score score;

	if (*words && !monitor_number(&words, &seed))
		return false;
	if (quiz_obstacle()) {
		say("It asks about the kernel as it is: boot without %s\n",
		    quiz_obstacle());
		return true;
	}
	say("Predict what this kernel will do. A letter or a number; q leaves. "
	    "Seed %lu.\n", seed);
	score = quiz_play((uint32_t)seed);
	say("%u of %u right.\n", score.right, score.asked);
	return true;
}
