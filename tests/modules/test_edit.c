/* SPDX-License-Identifier: MIT */
/*
 * test_edit.c - the line editor, key by key, on a terminal that is a model
 *
 * A million random keys are tests/host/test_edit.c's.
 */
#include <modules/edit.h>

#include <lib/string.h>
#include <tests/ktest.h>

#include "terminal.h"

static const char *const some_words[] = { "page", "peek", "poke", "pt", "zones" };

static const char *word_behind(const char *before, unsigned int nr)
{
	return before[0] == '\0' && nr < ARRAY_SIZE(some_words) ?
	       some_words[nr] : NULL;
}

static struct edit edit;

static void begin(void)
{
	edit = (struct edit){ .prompt = "lacuna> ", .echo = terminal_write,
			      .word = word_behind };
	terminal_reset();
	edit_begin(&edit);
}

/* The last result. After each key the terminal shows what there is. */
static enum edit_result type(const char *keys)
{
	enum edit_result result = EDIT_MORE;

	for (; *keys; keys++) {
		result = edit_key(&edit, (unsigned char)*keys);
		EXPECT_EQ(edit_check(&edit), 0);
		if (result == EDIT_MORE)
			EXPECT(terminal_agrees(&edit));
	}
	return result;
}

static void enter(const char *line)
{
	EXPECT(type(line) == EDIT_MORE);
	EXPECT(type("\r") == EDIT_LINE);
	edit_begin(&edit);
}

#define UP	"\033[A"
#define DOWN	"\033[B"
#define RIGHT	"\033[C"
#define LEFT	"\033[D"

KTEST(edit, a_line_is_typed_and_ends_with_return)
{
	begin();
	EXPECT(type("explain f8803000") == EDIT_MORE);
	EXPECT(type("\r") == EDIT_LINE);
	EXPECT_STR(edit.text, "explain f8803000");
	EXPECT(terminal_shows(1, "lacuna> explain f8803000"));
}

KTEST(edit, a_line_end_of_two_bytes_is_one)
{
	begin();
	EXPECT(type("a\r") == EDIT_LINE);
	edit_begin(&edit);
	EXPECT(type("\n") == EDIT_MORE);
	EXPECT(type("b\n") == EDIT_LINE);
	edit_begin(&edit);
	EXPECT(type("\n") == EDIT_LINE);
}

KTEST(edit, characters_go_in_where_the_cursor_is)
{
	begin();
	type("zne" LEFT LEFT "o");
	EXPECT_STR(edit.text, "zone");
	type("\033[F" "s" "\033[H" "x");		/* end, home          */
	EXPECT_STR(edit.text, "xzones");
	type("\001" "\033[3~" "\005" "!");		/* Ctrl-A, delete, Ctrl-E */
	EXPECT_STR(edit.text, "zones!");
	type("\177\010" RIGHT);
	EXPECT_STR(edit.text, "zone");
	EXPECT_EQ(terminal.bells, 1);
}

KTEST(edit, nothing_to_delete_rings_the_bell)
{
	begin();
	type("\177" "\033[3~" LEFT RIGHT UP DOWN);
	EXPECT_EQ(terminal.bells, 6);
	type("abc" "\033[1~" "\033[3~" "\033[4~" "\033[3~");
	EXPECT_STR(edit.text, "bc");
	EXPECT_EQ(terminal.bells, 7);
}

KTEST(edit, control_u_clears_and_control_c_throws_away)
{
	begin();
	type("abc" LEFT "\025" "d");
	EXPECT_STR(edit.text, "d");
	EXPECT(type("ef\003") == EDIT_DROPPED);
	EXPECT(terminal_shows(1, "lacuna> def^C"));
	edit_begin(&edit);
	EXPECT_STR(edit.text, "");
	type(UP);				/* nor is it remembered */
	EXPECT_EQ(terminal.bells, 1);
}

KTEST(edit, a_line_that_is_full_takes_no_more)			/* attacks ED1 */
{
	unsigned int i;

	begin();
	for (i = 0; i + 1 < EDIT_SIZE; i++)
		type("x");
	EXPECT_EQ(terminal.bells, 0);
	type("y" LEFT "y" "\033[H" "y");
	EXPECT_EQ(terminal.bells, 3);
	EXPECT_EQ(strlen(edit.text), EDIT_SIZE - 1);
	EXPECT(!strchr(edit.text, 'y'));
	type("\033[3~" "y");
	EXPECT(edit.text[0] == 'y');
	EXPECT(type("\r") == EDIT_LINE);
}

KTEST(edit, lines_of_before_come_back)				/* attacks ED4 */
{
	begin();
	enter("one");
	enter("two");
	enter("two");				/* once is enough */
	enter("");
	type("thr" UP);
	EXPECT_STR(edit.text, "two");
	type("\033OA");
	EXPECT_STR(edit.text, "one");
	type(UP);
	EXPECT_EQ(terminal.bells, 1);
	type(DOWN "s" DOWN);
	EXPECT_STR(edit.text, "thr");
	type(UP);
	EXPECT_STR(edit.text, "two");		/* it was not changed there */
}

KTEST(edit, only_the_last_lines_are_remembered)			/* attacks ED4 */
{
	char line[16];
	unsigned int i;

	begin();
	for (i = 1; i <= EDIT_HISTORY + 5; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		enter(line);
	}
	for (i = 0; i < EDIT_HISTORY + 5; i++)
		type(UP);
	EXPECT_STR(edit.text, "line 6");
	EXPECT_EQ(terminal.bells, 5);
}

KTEST(edit, tab_completes_what_is_unique)
{
	begin();
	type("z\t");
	EXPECT_STR(edit.text, "zones ");
	type("\025" "po\t" "f\t");
	EXPECT_STR(edit.text, "poke f");
	EXPECT_EQ(terminal.bells, 1);		/* nothing is known behind it */
	type("\025" "x\t");
	EXPECT_EQ(terminal.bells, 2);
	type("\025" "age" "\033[H" "p" "\t");
	EXPECT_EQ(edit_check(&edit), 0);
}

KTEST(edit, tab_lists_what_is_not)
{
	begin();
	type("p\t");
	EXPECT_STR(edit.text, "p");
	EXPECT(terminal_shows(1, "  page  peek  poke  pt"));
	EXPECT(terminal_shows(2, "lacuna> p"));
	type(LEFT "\t");
	EXPECT(terminal_shows(1, "  page  peek  poke  pt  zones"));
	EXPECT_STR(edit.text, "p");
}

KTEST(edit, sequences_that_nobody_knows_are_swallowed)		/* attacks ED3 */
{
	begin();
	type("a" "\033[5~" "\033[1;5C" "\033[?25h" "\033(B" "\033x" "\033OP"
	     "\033[99999999999999999999~" "\033[[A" "\033[[E" "b");
	EXPECT_STR(edit.text, "ab");
	type("\033[12" "\003");			/* cut short: Ctrl-C is Ctrl-C */
	edit_begin(&edit);
	type("\033" "\033[D" "c" "\x80\xff\x01\x1f\x07" "d");
	EXPECT_STR(edit.text, "dc");		/* \x01 is Ctrl-A */
}

/* Whatever comes in, the terminal shows the line. */
KTEST(edit, junk_leaves_terminal_and_line_in_step)		/* attacks ED2 */
{
	unsigned int i;

	begin();
	for (i = 0; i < 3000; i++) {
		if (edit_key(&edit, (int)random_below(ktest_random(), 256)) !=
		    EDIT_MORE)
			edit_begin(&edit);
		EXPECT(terminal_agrees(&edit));
		EXPECT_EQ(edit_check(&edit), 0);
	}
}
