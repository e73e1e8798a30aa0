/* SPDX-License-Identifier: MIT */
/*
 * test_quiz.c - what the quiz explains is what the kernel does
 *
 * A typist sits at the console. Right answers are those that the explanation
 * expects; the quiz compares them with what it has seen, so a rule that is wrong
 * costs a point (QZ2). Each case's books show that all was given back (QZ1).
 */
#include <modules/quiz.h>

#include <kernel/monitor.h>
#include <lib/string.h>
#include <mm/failnth.h>
#include <mm/trace.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <modules/visit.h>
#include <tests/ktest.h>
#include <tests/sealed.h>

#include "ask.h"

#define GAMES		4U
#define GAMES_SLOW	300U
#define NR_KINDS	11U

enum typing { RIGHT, WRONG, CARELESS, CORRECTED };

static void needs_what_it_asks_about(void)
{
	if (quiz_obstacle())
		ktest_skip("the quiz knows nothing of %s", quiz_obstacle());
}

/* What is typed, how often an answer was begun, and when to leave. */
static enum typing typing;
static unsigned int nr_answers, leave_after;
static const char *leave_with = "q\r";
static char line[40];
static const char *next;
static uint32_t asked;			/* a digest of what was asked for */

static void write_nothing(const char *text __unused, size_t len __unused)
{
}

static void type_answer(const struct quiz_expectation *q)
{
	unsigned long answer = q->answer;
	const char *before = typing == CARELESS ? "e\r 1 2\r\r-1\rxa\b\b" :
			     typing == CORRECTED ? "x\033[D\033[C\177" : "";
	const char *end = typing == CORRECTED ? "\r\n" : "\r";

	if (typing == WRONG)
		answer = q->nr_choices ? (answer + 1) % q->nr_choices
				       : answer + 1;
	if (nr_answers++ == leave_after)
		snprintf(line, sizeof(line), "%s", leave_with);
	else if (q->nr_choices)
		snprintf(line, sizeof(line), "%s%c%s", before,
			 (int)((typing == CARELESS ? 'A' : 'a') + answer), end);
	else
		snprintf(line, sizeof(line), "%s%lu%s", before, answer, end);
	asked = (asked ^ q->answer ^ q->nr_choices ^ (uint8_t)q->kind[1]) *
		16777619U;
	next = line;
}

/* The console's read: under its lock, so nothing is printed here. */
static int next_key(void)
{
	if (!*next && quiz_expects())
		type_answer(quiz_expects());
	return *next ? *next++ : -1;
}

static struct quiz_score play(enum typing how, uint32_t seed)
{
	struct console typist = {
		.name = "typist", .write = write_nothing, .read = next_key,
	};
	struct quiz_score score;

	typing = how;
	nr_answers = 0;
	next = "";
	console_register(&typist);
	score = quiz_play(seed);
	console_unregister(&typist);
	return score;
}

/* The kinds that this machine cannot show are missing, but not many are. */
static void play_games(enum typing how, unsigned int games)
{
	unsigned int i, bad = 0;
	struct quiz_score score;

	leave_after = NR_KINDS;
	for (i = 0; i < games; i++) {
		score = play(how, random_next(ktest_random()));
		bad += score.asked + 2 < NR_KINDS;
		bad += score.right != (how == WRONG ? 0 : score.asked);
	}
	EXPECT_EQ(bad, 0);
}

KTEST(quiz, right_answers_are_what_is_seen)
{
	needs_what_it_asks_about();
	uint64_t from = printk_position();

	EXPECT_REPORT("    RIGHT  ", play_games(RIGHT, GAMES));
	EXPECT(!printk_contains(from, "NEXT LINE IS WRONG"));
}

KTEST_SLOW_CASE(quiz, rules_hold_with_many_seeds)
{
	needs_what_it_asks_about();
	EXPECT_REPORT("CAUGHT", play_games(RIGHT, GAMES_SLOW));
}

/* The largest block is of order 3 there, which the figures shown do not say. */
KTEST(quiz, asks_for_no_block_where_memory_is_scattered)
{
	needs_what_it_asks_about();
	uint64_t from = printk_position();
	struct visit visit;
	uint32_t seed;

	if (nr_free_pages() < MIB(32) / PAGE_SIZE)
		ktest_skip("less than 32 MiB free: too few for any block");
	visit_begin(&visit);
	EXPECT(ask("frag 7") && answered("order 3"));
	leave_after = NR_KINDS;
	for (seed = 1; seed <= 8; seed++)
		EXPECT_REPORT("[1] ", play(RIGHT, seed));
	EXPECT(printk_contains(from, ", 0), a block of 1 frames."));
	EXPECT(!printk_contains(from, ", 9), a block of 512 frames."));
	EXPECT(visit_end(&visit));
}

KTEST(quiz, wrong_answers_are_told_so)
{
	needs_what_it_asks_about();
	uint64_t from = printk_position();

	EXPECT_REPORT("    WRONG  ", play_games(WRONG, 1));
	EXPECT(!printk_contains(from, "    RIGHT  "));
}

KTEST(quiz, nonsense_is_asked_again)
{
	needs_what_it_asks_about();
	EXPECT_REPORT("    A number, or q to leave.", play_games(CARELESS, 1));
	EXPECT(ktest_report_contains("    A letter from a to d, or q"));
}

/* Arrows, and a line end of two bytes; a second answer would be asked for. */
KTEST(quiz, answers_are_corrected_as_lines_of_the_monitor)
{
	needs_what_it_asks_about();
	EXPECT_REPORT("    RIGHT  ", play_games(CORRECTED, 1));
	EXPECT(!ktest_report_contains(", or q to leave."));
}

KTEST(quiz, control_c_leaves_even_after_nonsense)
{
	needs_what_it_asks_about();
	struct quiz_score score = { 0, 0 };

	leave_after = 2;
	leave_with = "a b\rb\003";
	EXPECT_REPORT(", or q to leave.", score = play(RIGHT, 1));
	leave_with = "q\r";
	EXPECT_EQ(score.asked, 2);
	EXPECT_EQ(score.right, 2);
}

KTEST(quiz, whoever_leaves_gets_all_given_back)
{
	needs_what_it_asks_about();
	struct quiz_score score = { 0, 0 };

	for (leave_after = 0; leave_after < NR_KINDS - 2;
	     leave_after += 4) {
		EXPECT_REPORT("> q\n", score = play(RIGHT, leave_after));
		EXPECT_EQ(score.asked, leave_after);
		EXPECT_EQ(score.right, leave_after);
	}
}

/* What is kept for the next request is another thing then. */
static void use_some_areas(void)
{
	unsigned long pages;
	void *p, *q;

	for (pages = 1; pages < 16; pages++) {
		p = vmalloc(pages * PAGE_SIZE);
		q = vmalloc(pages * PAGE_SIZE);
		vfree(p);
		vfree(q);
	}
}

KTEST(quiz, same_seed_asks_the_same_whatever_is_kept)
{
	needs_what_it_asks_about();
	struct quiz_score score[2];
	uint32_t digest[2];
	unsigned int i;

	leave_after = NR_KINDS;
	for (i = 0; i < 2; i++) {
		asked = 0;
		EXPECT_REPORT("[1] ", score[i] = play(RIGHT, 9));
		digest[i] = asked;
		use_some_areas();
	}
	EXPECT_EQ(digest[0], digest[1]);
	EXPECT_EQ(score[0].right, score[1].right);
}

KTEST(quiz, each_index_keeps_its_rule)
{
	needs_what_it_asks_about();
	const char *const names[] = { "list", "rbtree", "vmem" };
	char chosen[8];
	unsigned int i;

	strscpy(chosen, vmap_chosen(), sizeof(chosen));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		UNSEALED(vmap_choose(names[i]));
		EXPECT_REPORT("vmap=", play_games(RIGHT, 2));
	}
	UNSEALED(vmap_choose(chosen));
}

/* What is asked then may have another answer than the rule says. */
static void play_short(unsigned long step)
{
	struct quiz_score score = { 0, 0 };
	unsigned long n = 1, reached;

	leave_after = NR_KINDS;
	for (;; n += step) {
		failnth_arm(FAIL_ANY, n);
		EXPECT_REPORT("[1] ", score = play(RIGHT, 3));
		reached = failnth_disarm();
		EXPECT(score.asked + 4 >= NR_KINDS);
		if (reached < n || n > 500)
			break;
	}
	EXPECT(n > 20 && n < 500);
}

KTEST(quiz, shortage_leaves_nothing_behind)
{
	needs_what_it_asks_about();
	play_short(13);
}

KTEST_SLOW_CASE(quiz, shortage_anywhere_leaves_nothing_behind)
{
	needs_what_it_asks_about();
	play_short(1);
}

/* What its rules leave out: it says so, rather than something that is false. */
static void expect_refusal(const char *option)
{
	char command[] = "quiz 7";
	uint64_t from = printk_position();

	EXPECT_STR(quiz_obstacle(), option);
	if (!quiz_obstacle())
		return;			/* it would wait for an answer */
	EXPECT(monitor_execute(command));
	EXPECT(printk_contains(from, option) && !printk_contains(from, "[1]"));
}

static void write_no_event(enum trace_event event __unused,
			   const void *what __unused, unsigned long n __unused)
{
}

KTEST(quiz, refuses_what_its_rules_leave_out)
{
	needs_what_it_asks_about();
	UNSEALED(vmap_lazy = true);
	expect_refusal("vmap_purge=lazy");
	UNSEALED(vmap_lazy = false; memory_aids.page_owner = true);
	expect_refusal("page_owner");
	UNSEALED(memory_aids.page_owner = false);
	UNSEALED(trace_writer = write_no_event;
		 trace_on = TRACE_BIT(TRACE_BEGIN));
	expect_refusal("trace=");
	UNSEALED(trace_on = 0; trace_writer = NULL);
	EXPECT(!quiz_obstacle());
}

KTEST(quiz, command_takes_a_seed_or_says_so)
{
	needs_what_it_asks_about();
	char bad[] = "quiz x", large[] = "quiz 4294967296";
	uint64_t from = printk_position();

	EXPECT(monitor_execute(bad) && printk_contains(from, "usage: quiz"));
	from = printk_position();
	EXPECT(monitor_execute(large) && printk_contains(from, "usage: quiz"));
}
