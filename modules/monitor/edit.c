/* SPDX-License-Identifier: MIT */
/*
 * edit.c - one line, typed and corrected at a terminal
 *
 * Problem     Who types makes mistakes, and wants to say the same again with
 *             another address.
 * Idea        A machine that takes one byte at a time and knows nothing of where
 *             it comes from; keys.c makes keys of them. What it writes back is
 *             text, backspaces and the bell: every terminal understands these, and
 *             the line never reaches the right edge, where they differ.
 * Picture     lacuna> expla|in f8803000      "n" typed at |: written is
 *                          nin f8803000 and as many backspaces as "in f8803000"
 * Invariants  ED1 text is terminated at length, and the cursor not behind that.
 *             ED2 Behind the prompt the terminal shows text and nothing else, and
 *                 its cursor stands at cursor.
 *             ED3 Nothing but printable characters gets into text, draft or
 *                 history.
 *             ED4 Not further back than there are remembered lines.
 * Failure     A key that can do nothing rings the bell.
 * Read first  edit_key, then insert
 * See         tests/modules/test_edit.c, tests/host/test_edit.c
 */
#include <modules/edit.h>

#include <lib/bits.h>
#include <lib/string.h>

#define COLUMNS		80U

/* --- what the terminal is told --------------------------------------------- */

static void bell(struct edit *e)
{
	e->echo("\a");
}

static void repeat(struct edit *e, const char *text, unsigned int times)
{
	while (times-- > 0)
		e->echo(text);
}

/* --- one character --------------------------------------------------------- */

static void move_left(struct edit *e)
{
	if (e->cursor == 0) {
		bell(e);
		return;
	}
	e->echo("\b");
	e->cursor--;
}

static void move_right(struct edit *e)
{
	const char one[2] = { e->text[e->cursor], '\0' };

	if (e->cursor == e->length) {
		bell(e);
		return;
	}
	e->echo(one);
	e->cursor++;
}

static void insert(struct edit *e, char c)
{
	char *here = e->text + e->cursor;

	if (e->length + 1 == EDIT_SIZE) {
		bell(e);
		return;
	}
	memmove(here + 1, here, e->length - e->cursor + 1);
	*here = c;
	e->length++;
	e->cursor++;
	e->echo(here);
	repeat(e, "\b", e->length - e->cursor);
}

static void delete(struct edit *e)
{
	char *here = e->text + e->cursor;

	if (e->cursor == e->length) {
		bell(e);
		return;
	}
	memmove(here, here + 1, e->length - e->cursor);
	e->length--;
	e->echo(here);
	e->echo(" ");
	repeat(e, "\b", e->length - e->cursor + 1);
}

static void erase(struct edit *e)
{
	unsigned int before = e->cursor;

	move_left(e);
	if (e->cursor < before)
		delete(e);
}

/* --- the whole line -------------------------------------------------------- */

static void go_home(struct edit *e)
{
	repeat(e, "\b", e->cursor);
	e->cursor = 0;
}

static void go_to_end(struct edit *e)
{
	e->echo(e->text + e->cursor);
	e->cursor = e->length;
}

static void replace(struct edit *e, const char *text)
{
	unsigned int before = e->length;

	go_home(e);
	strscpy(e->text, text, EDIT_SIZE);
	e->length = (unsigned int)strlen(e->text);
	go_to_end(e);
	if (before > e->length) {
		repeat(e, " ", before - e->length);
		repeat(e, "\b", before - e->length);
	}
}

/* --- lines of before ------------------------------------------------------- */

static char *remembered(struct edit *e, unsigned int back)
{
	return e->history[(e->nr_remembered - back) % EDIT_HISTORY];
}

static unsigned int how_far_back(const struct edit *e)
{
	return MIN(e->nr_remembered, EDIT_HISTORY);
}

static void remember(struct edit *e)
{
	if (e->length == 0 ||
	    (e->nr_remembered && strcmp(remembered(e, 1), e->text) == 0))
		return;
	e->nr_remembered++;
	strscpy(remembered(e, 1), e->text, EDIT_SIZE);
}

static void show_older(struct edit *e)
{
	if (e->back == how_far_back(e)) {
		bell(e);
		return;
	}
	if (e->back == 0)
		strscpy(e->draft, e->text, EDIT_SIZE);
	replace(e, remembered(e, ++e->back));
}

static void show_newer(struct edit *e)
{
	if (e->back == 0) {
		bell(e);
		return;
	}
	e->back--;
	replace(e, e->back ? remembered(e, e->back) : e->draft);
}

/* --- the tabulator --------------------------------------------------------- */

/* Words that begin as the one in front of the cursor does, of @length. */
struct words {
	char		before[EDIT_SIZE];	/* what stands in front of it   */
	const char	*begin;
	size_t		length;
	const char	*first;			/* of those that fit            */
	unsigned int	nr;
	size_t		common;			/* so many letters all share    */
};

static bool fits(const struct words *w, const char *word)
{
	return strncmp(word, w->begin, w->length) == 0;
}

static void add_word(struct words *w, const char *word)
{
	size_t same = 0;

	if (w->nr++ == 0) {
		w->first = word;
		w->common = strlen(word);
	}
	while (same < w->common && word[same] == w->first[same])
		same++;
	w->common = same;
}

static void find_words(struct edit *e, struct words *w)
{
	unsigned int start = e->cursor, i;
	const char *word;

	while (start > 0 && e->text[start - 1] != ' ')
		start--;
	*w = (struct words){ .begin = e->text + start,
			     .length = e->cursor - start };
	memcpy(w->before, e->text, start);
	for (i = 0; e->word && (word = e->word(w->before, i)); i++)
		if (fits(w, word))
			add_word(w, word);
}

/* Below the line, which then begins again. */
static void list_words(struct edit *e, const struct words *w)
{
	unsigned int column = COLUMNS, i;
	const char *word;

	for (i = 0; (word = e->word(w->before, i)); i++) {
		if (!fits(w, word))
			continue;
		column += 2 + (unsigned int)strlen(word);
		if (column >= COLUMNS) {
			e->echo("\n");
			column = 2 + (unsigned int)strlen(word);
		}
		e->echo("  ");
		e->echo(word);
	}
	e->echo("\n");
	e->echo(e->prompt);
	e->echo(e->text);
	repeat(e, "\b", e->length - e->cursor);
}

static void complete(struct edit *e)
{
	struct words w;

	find_words(e, &w);
	if (w.nr == 0) {
		bell(e);
	} else if (w.nr > 1 && w.common == w.length) {
		list_words(e, &w);
	} else {
		for (; w.length < w.common; w.length++)
			insert(e, w.first[w.length]);
		if (w.nr == 1)
			insert(e, ' ');
	}
}

/* --- keys ------------------------------------------------------------------ */

static enum edit_result end_line(struct edit *e)
{
	remember(e);
	e->echo("\n");
	return EDIT_LINE;
}

static enum edit_result drop_line(struct edit *e)
{
	go_to_end(e);
	e->echo("^C\n");
	return EDIT_DROPPED;
}

void edit_begin(struct edit *e)
{
	e->text[0] = '\0';
	e->length = e->cursor = e->back = 0;
	e->echo(e->prompt);
}

static void take_key(struct edit *e, int key)
{
	switch (key) {
	case KEY_LEFT:
		move_left(e);
		break;
	case KEY_RIGHT:
		move_right(e);
		break;
	case KEY_HOME:
		go_home(e);
		break;
	case KEY_END:
		go_to_end(e);
		break;
	case KEY_UP:
		show_older(e);
		break;
	case KEY_DOWN:
		show_newer(e);
		break;
	case KEY_ERASE:
		erase(e);
		break;
	case KEY_DELETE:
		delete(e);
		break;
	case KEY_CLEAR:
		replace(e, "");
		break;
	case KEY_TAB:
		complete(e);
		break;
	default:
		if (key != KEY_NONE)
			insert(e, (char)key);
	}
}

enum edit_result edit_key(struct edit *e, int byte)
{
	int key = keys_take(&e->keys, byte);

	if (key == KEY_ENTER)
		return end_line(e);
	if (key == KEY_DROP)
		return drop_line(e);
	take_key(e, key);
	return EDIT_MORE;
}

/* --- proof ----------------------------------------------------------------- */

static bool is_printable(const char *text)
{
	size_t i = 0;

	while (i < EDIT_SIZE && text[i] >= ' ' && text[i] <= '~')
		i++;
	return i < EDIT_SIZE && text[i] == '\0';
}

int edit_check(const struct edit *e)
{
	unsigned int i;

	if (e->length >= EDIT_SIZE || e->text[e->length] != '\0' ||
	    e->cursor > e->length)
		return 1;
	for (i = 0; i < EDIT_HISTORY; i++)
		if (!is_printable(e->history[i]))
			return 3;
	if (strlen(e->text) != e->length || !is_printable(e->text) ||
	    !is_printable(e->draft))
		return 3;
	return e->back > how_far_back(e) ? 4 : 0;
}
