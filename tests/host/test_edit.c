/* SPDX-License-Identifier: MIT */
/*
 * test_edit.c - the line editor against a model that is as simple as can be
 *
 * The model keeps a text and a place in it, and each line ever entered; it does
 * what the keys are for by cutting and joining.
 */
#include "host.h"

#include <modules/edit.h>

#include "../modules/terminal.h"

#define ROUNDS		300000
#define MOST		(EDIT_SIZE - 1)

static const char *const words[] = { "page", "peek", "poke", "pt", "zones" };
#define NR_WORDS	(sizeof(words) / sizeof(words[0]))

static const char *word_behind(const char *before, unsigned int nr)
{
	return before[0] == '\0' && nr < NR_WORDS ? words[nr] : NULL;
}

static struct edit edit = { .prompt = "lacuna> ", .echo = terminal_write,
			    .word = word_behind };

/* --- the model ------------------------------------------------------------- */

static char text[256], draft[256], entered[ROUNDS + 1][EDIT_SIZE];
static size_t at;
static unsigned int nr_entered, back;

static void put(const char *more)
{
	char joined[512];

	snprintf(joined, sizeof(joined), "%.*s%s%s", (int)at, text, more,
		 text + at);
	if (strlen(joined) <= MOST) {
		strcpy(text, joined);
		at += strlen(more);
	}
}

static void cut(size_t place)
{
	char joined[512];

	if (place >= strlen(text))
		return;
	snprintf(joined, sizeof(joined), "%.*s%s", (int)place, text,
		 text + place + 1);
	strcpy(text, joined);
	at = place;
}

static void show(const char *line)
{
	strcpy(text, line);
	at = strlen(text);
}

static void recall(int step)
{
	unsigned int most = nr_entered < EDIT_HISTORY ? nr_entered :
			    EDIT_HISTORY;

	if (step > 0 ? back == most : back == 0)
		return;
	if (back == 0)
		strcpy(draft, text);
	back += (unsigned int)step;
	show(back ? entered[nr_entered - back] : draft);
}

static void end(bool keep)
{
	if (keep && *text &&
	    !(nr_entered && strcmp(entered[nr_entered - 1], text) == 0))
		strcpy(entered[nr_entered++], text);
	show("");
	back = 0;
}

/* --- keys ------------------------------------------------------------------ */

static void letter(void)
{
	char one[2] = { (char)(' ' + host_below(95)), '\0' };

	put(one);
	if (edit_key(&edit, (unsigned char)one[0]) != EDIT_MORE)
		CHECK(false);
}

static void press(const char *bytes)
{
	enum edit_result result = EDIT_MORE;

	for (; *bytes; bytes++)
		result = edit_key(&edit, (unsigned char)*bytes);
	if (result != EDIT_MORE)
		edit_begin(&edit);
}

static void random_key(void)
{
	switch (host_below(24)) {
	case 0: case 1:
		press(host_below(2) ? "\033[D" : "\033OD");
		at -= at > 0;
		break;
	case 2: case 3:
		press("\033[C");
		at += at < strlen(text);
		break;
	case 4:
		press(host_below(2) ? "\033[H" : "\033[1~");
		at = 0;
		break;
	case 5:
		press(host_below(2) ? "\033[F" : "\005");
		at = strlen(text);
		break;
	case 6:
		press(host_below(2) ? "\010" : "\177");
		if (at > 0)
			cut(at - 1);
		break;
	case 7:
		press("\033[3~");
		cut(at);
		break;
	case 8: case 9:
		press("\033[A");
		recall(1);
		break;
	case 10:
		press("\033[B");
		recall(-1);
		break;
	case 11:
		press(host_below(2) ? "\r" : "\n");
		end(true);
		break;
	case 12:
		if (host_below(4) == 0) {
			press(host_below(2) ? "\003" : "\025\003");
			end(false);
		}
		break;
	case 13:
		press("\033[5;2~\033[Z\033(0\033[[B");	/* of no meaning */
		break;
	default:
		letter();
	}
}

static void same(void)
{
	CHECK(strcmp(edit.text, text) == 0 && edit.cursor == at);
	CHECK(terminal_agrees(&edit));
	CHECK(edit_check(&edit) == 0);
}

int main(void)
{
	unsigned int i;

	terminal_reset();
	edit_begin(&edit);
	for (i = 0; i < ROUNDS; i++) {
		random_key();
		same();
	}
	CHECK(nr_entered > 1000);
	host_case("text, cursor and terminal are those of the model");

	for (i = 0; i < ROUNDS; i++) {
		if (edit_key(&edit, (int)host_below(256)) != EDIT_MORE)
			edit_begin(&edit);
		CHECK(terminal_agrees(&edit) && edit_check(&edit) == 0);
	}
	host_case("any bytes at all leave terminal and line in step");
	return host_end();
}
