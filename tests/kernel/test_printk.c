/* SPDX-License-Identifier: MIT */
/*
 * test_printk.c - the log, seen by a console of our own
 *
 * What is said here goes to the real consoles too, into the report of the
 * tests: each line begins with "# ".
 */
#include <kernel/printk.h>

#include <kernel/cmdline.h>
#include <kernel/lockrank.h>
#include <lib/bits.h>
#include <lib/string.h>
#include <tests/ktest.h>
#include <x86/spinlock.h>

#define KTEST_PREFIX	"# "
#define RING_SIZE	KIB(64)

static char seen[2048];
static size_t seen_len;
static int next_key = -1;

static void ear_write(const char *text, size_t len)
{
	while (len-- > 0 && seen_len < sizeof(seen) - 1)
		seen[seen_len++] = *text++;
	seen[seen_len] = '\0';
}

static int ear_read(void)
{
	return next_key;
}

static struct console ear = {
	.name = "ear", .write = ear_write, .read = ear_read,
};

static void idle_write(const char *text, size_t len)
{
	(void)text;
	(void)len;
}

static int idle_read(void)
{
	return -1;
}

static struct console idle = {
	.name = "idle", .write = idle_write, .read = idle_read,
};

static void forget(void)
{
	seen_len = 0;
	seen[0] = '\0';
}

/* From here on; what a late console is given is another test's matter. */
static void listen(void)
{
	printk_set_loglevel(PRINTK_DEFAULT_LOGLEVEL);
	console_register(&ear);
	forget();
}

static void stop_listening(void)
{
	console_unregister(&ear);
	printk_set_prefix(KTEST_PREFIX);
	printk_set_loglevel(options.loglevel);
}

KTEST(printk, a_message_reaches_ring_and_consoles)
{
	uint64_t from = printk_position();
	int len;

	listen();
	len = printk("test: %d and %s\n", 42, "text");
	stop_listening();
	EXPECT_STR(seen, "# test: 42 and text\n");
	EXPECT_EQ(len, 18);
	EXPECT_EQ(printk_position() - from, 20);
	EXPECT(printk_contains(from, "# test: 42 and text\n"));
}

KTEST(printk, a_level_at_or_above_the_limit_is_kept_in_the_ring_only)
{
	uint64_t from = printk_position();

	listen();
	printk_set_loglevel(6);
	printk(KERN_INFO "test: hidden\n");
	printk(KERN_NOTICE "test: shown\n");
	printk("test: of no level\n");
	printk_set_loglevel(7);
	printk(KERN_INFO "test: shown now\n");
	stop_listening();
	EXPECT_STR(seen, "# test: shown\n# test: shown now\n");
	EXPECT(printk_contains(from, "test: hidden\n"));
	EXPECT(printk_contains(from, "test: of no level\n"));
}

KTEST(printk, a_console_that_comes_late_is_given_the_ring)
{
	uint64_t from = printk_position();
	static char held[sizeof(seen)];

	printk("test: before anybody listened\n");
	forget();
	console_register(&ear);
	stop_listening();

	/* The ear took the beginning of the ring, as much as it holds. */
	printk_copy(0, held, sizeof(held));
	EXPECT(seen_len > 0);
	EXPECT_STR(seen, held);
	EXPECT(printk_contains(from, "test: before anybody listened\n"));
}

KTEST(printk, a_console_that_left_hears_nothing)
{
	listen();
	stop_listening();
	printk("test: said behind its back\n");
	EXPECT_STR(seen, "");
}

KTEST(printk, the_prefix_stands_before_each_line)	/* attacks L3 */
{
	listen();
	printk_set_prefix("# p ");
	printk("one\ntwo\n\n");
	printk("three ");
	printk("goes on\n");
	stop_listening();
	EXPECT_STR(seen, "# p one\n# p two\n# p \n# p three goes on\n");
}

KTEST(printk, report_has_no_prefix_and_a_line_of_its_own)
{							/* attacks L2, L3 */
	listen();
	printk("unfinished");
	report_printf("  # a ");
	report_printf("report\n");
	printk("finished\n");
	stop_listening();
	EXPECT_STR(seen,
		   "# unfinished\n  # a report\n# finished\n");
}

KTEST(printk, console_text_has_the_prefix_and_a_line_of_its_own)
{							/* attacks L2, L3 */
	listen();
	printk("unfinished");
	console_printf("for the ");
	console_printf("console\n");
	stop_listening();
	EXPECT_STR(seen, "# unfinished\n# for the console\n");
}

KTEST(printk, a_message_finishes_the_line_of_the_console)
{							/* attacks L2 */
	listen();
	console_printf("half a line");
	printk("a message\n");
	console_printf("the rest\n");
	stop_listening();
	EXPECT_STR(seen, "# half a line\n# a message\n# the rest\n");
}

KTEST(printk, a_message_with_a_level_begins_a_line)
{
	listen();
	printk(KERN_INFO "one");
	printk(", still one");
	printk(KERN_INFO "two\n");
	stop_listening();
	EXPECT_STR(seen, "# one, still one\n# two\n");
}

KTEST(printk, the_rest_of_a_hidden_line_is_hidden)
{
	listen();
	printk(KERN_DEBUG "test: hidden");
	printk(" and its rest\n");
	printk("test: shown\n");
	stop_listening();
	EXPECT_STR(seen, "# test: shown\n");
}

KTEST(printk, errors_are_counted_and_nothing_else_is)
{
	unsigned long before = printk_nr_errors();

	printk(KERN_WARNING "test: a warning\n");
	printk("test: no level\n");
	EXPECT_EQ(printk_nr_errors() - before, 0);
	EXPECT_REPORT("test: an error",
		      printk(KERN_ERR "test: an error\n"));
	EXPECT_EQ(printk_nr_errors() - before, 1);
	EXPECT_REPORT("test: an emergency",
		      printk(KERN_EMERG "test: an emergency\n"));
	EXPECT_EQ(printk_nr_errors() - before, 2);
}

KTEST(printk, a_long_message_is_whole_up_to_1023_bytes)
{
	static char text[1024];
	uint64_t from = printk_position();

	memset(text, 'x', sizeof(text) - 2);
	text[0] = '<';
	text[sizeof(text) - 3] = '>';
	text[sizeof(text) - 2] = '\n';
	EXPECT_EQ(printk(KERN_DEBUG "%s", text), 1023);
	EXPECT(printk_contains(from, text));
}

KTEST(printk, a_longer_message_says_that_it_was_cut)
{
	uint64_t from = printk_position();
	static char text[1025];

	memset(text, 'x', sizeof(text) - 1);
	EXPECT_EQ(printk(KERN_DEBUG "%s", text), 1024);
	EXPECT(printk_contains(from, "xxx...\n"));
	EXPECT_EQ(printk_position() - from, 1023 + strlen(KTEST_PREFIX));
}

/* What is not for the screen costs the reader of this log nothing. */
static void log_quietly(unsigned int nr_lines)
{
	while (nr_lines-- > 0)
		printk(KERN_DEBUG "test: filler of the ring, line %08x\n",
		       nr_lines);
}

KTEST(printk, the_ring_forgets_the_oldest_text_first)	/* attacks L1 */
{
	static char copy[RING_SIZE + 1];
	uint64_t from = printk_position(), middle;
	char border[3] = "";

	printk(KERN_DEBUG "test: to be forgotten\n");
	log_quietly(10);
	middle = printk_position();
	printk(KERN_DEBUG "test: to be kept\n");
	EXPECT(printk_contains(from, "test: to be forgotten\n"));

	while (printk_position() < middle + RING_SIZE - 64)
		log_quietly(1);
	EXPECT(!printk_contains(from, "test: to be forgotten\n"));
	EXPECT(printk_contains(from, "test: to be kept\n"));
	EXPECT_EQ(printk_copy(from, copy, sizeof(copy)), RING_SIZE);
	EXPECT_EQ(strlen(copy), RING_SIZE);
	EXPECT(strstr(copy, "test: to be kept\n") != NULL);
	EXPECT(!strncmp(copy + RING_SIZE - 9, "00000000\n", 9));

	/* In the array the oldest byte stands behind the newest. */
	border[0] = copy[RING_SIZE - 1];
	border[1] = copy[0];
	EXPECT(!printk_contains(printk_position() - 1, border));
}

KTEST(printk, a_search_begins_at_its_position)
{
	uint64_t from;

	printk(KERN_DEBUG "test: once\n");
	from = printk_position();
	EXPECT(!printk_contains(from, "test"));
	EXPECT(!printk_contains(from + 1000, "test"));
	printk(KERN_DEBUG "test: twice\n");
	EXPECT(printk_contains(from, "test: twice\n"));
	EXPECT(!printk_contains(from, "test: once"));
	EXPECT(!printk_contains(from, "test: twice\nx"));
}

KTEST(printk, a_copy_is_cut_to_its_buffer)
{
	uint64_t from = printk_position();
	char buf[8] = "#######";

	printk(KERN_DEBUG "test\n");
	EXPECT_EQ(printk_copy(from, buf, sizeof(buf)), 7);
	EXPECT_STR(buf, "# test\n");
	EXPECT_EQ(printk_copy(from + 2, buf, 3), 2);
	EXPECT_STR(buf, "te");
	EXPECT_EQ(printk_copy(from, buf, 1), 0);
	EXPECT_STR(buf, "");
	buf[0] = '#';
	EXPECT_EQ(printk_copy(from, buf, 0), 0);
	EXPECT_EQ(buf[0], '#');
}

/* The rank makes a second console lock a panic; an emergency takes none. */
KTEST(printk, an_emergency_prints_while_the_lock_is_held)
{
	struct spinlock lock = SPINLOCK_INIT(RANK_CONSOLE);

	listen();
	spin_lock(&lock);
	printk_emergency(true);
	printk("test: from under the lock\n");
	printk_emergency(false);
	spin_unlock(&lock);
	stop_listening();
	EXPECT_STR(seen, "# test: from under the lock\n");
}

/* Whatever was typed at the real consoles comes before our key. */
KTEST(printk, a_key_is_read_from_whichever_console_has_one)
{
	unsigned int tries;
	int c = -1;

	listen();
	console_register(&idle);
	next_key = 0x100;
	for (tries = 0; tries < 1000 && c != next_key; tries++)
		c = console_getc();
	next_key = -1;
	console_unregister(&idle);
	stop_listening();
	EXPECT_EQ(c, 0x100);
}

/* "p" is printk's, "c" the console's; each line has one kind. */
static void say_something(struct random *r)
{
	switch (random_below(r, 5)) {
	case 0:
		printk(KERN_INFO "p");
		break;
	case 1:
		printk("p\npp");
		break;
	case 2:
		printk("p\n");
		break;
	case 3:
		console_printf("# cc");
		break;
	default:
		console_printf("# c\n");
	}
}

KTEST(printk, authors_never_share_a_line)		/* attacks L2, L3 */
{
	const char *line, *end, *p;
	unsigned int round;

	listen();
	for (round = 0; round < 60; round++)
		say_something(ktest_random());
	console_printf("# c\n");
	stop_listening();

	for (line = seen; *line; line = end + 1) {
		end = strchr(line, '\n');
		REQUIRE(end && end - line > 2);
		EXPECT_EQ(strncmp(line, KTEST_PREFIX, 2), 0);
		for (p = line + 2; p < end; p++)
			EXPECT(line[2] == 'p' ? *p == 'p' : *p != 'p');
	}
	EXPECT(line > seen + 100);
}
