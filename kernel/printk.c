/* SPDX-License-Identifier: MIT */
/*
 * printk.c - the kernel's log
 *
 * Problem     Every part of the kernel must be able to speak at any moment:
 *             before there is a console, from an interrupt, in the middle of
 *             somebody else's line, and in a report about this very file.
 * Idea        Two streams. The ring gets all text and keeps the last 64 KiB;
 *             the screen, which is all consoles together, gets what its level
 *             lets through. A stream knows who wrote its unfinished line, so
 *             that another author starts a fresh one and a prefix is put only
 *             where a line begins.
 * Picture     printk --+--> ring stream ----> ring[] ----> a late console
 *                      +--> screen stream --> each console's write
 * Invariants  L1  Byte number p of the log is ring[p % RING_SIZE] while
 *                 ring_end - RING_SIZE <= p < ring_end.
 *             L2  In one line of a stream there is text of one author only.
 *             L3  Each line but a report's begins with the prefix that is set.
 * Locks       console_lock (rank CONSOLE, the innermost) covers everything
 *             here, and each console's write and read. An emergency goes
 *             without: whoever holds the lock will not go on.
 * Failure     None. Text beyond MESSAGE_SIZE is cut, and "..." says so.
 * Read first  stream_write, then vprintk.
 * See         tests/kernel/test_printk.c
 */
#include <kernel/printk.h>

#include <kernel/lockrank.h>
#include <lib/bits.h>
#include <lib/export.h>
#include <lib/string.h>
#include <x86/spinlock.h>

#define RING_SIZE	KIB(64)
#define MESSAGE_SIZE	1024
#define CUT_MARK	"...\n"
#define LEVEL_ERR	3U
#define LEVEL_INFO	6U

enum author { NOBODY, AUTHOR_PRINTK, AUTHOR_CONSOLE, AUTHOR_REPORT };

struct stream {
	void		(*put)(const char *text, size_t len);
	enum author	line_author;	/* NOBODY: at the start of a line */
};

static void ring_put(const char *text, size_t len);
static void screen_put(const char *text, size_t len);

static struct spinlock console_lock = SPINLOCK_INIT(RANK_CONSOLE);
static struct list_head consoles = LIST_HEAD_INIT(consoles);
static struct stream ring_stream = { .put = ring_put };
static struct stream screen_stream = { .put = screen_put };
static char ring[RING_SIZE];
static uint64_t ring_end;			/* bytes ever logged         */
static char message[MESSAGE_SIZE];		/* being formatted           */
static char prefix[PRINTK_PREFIX_MAX + 1];
static unsigned int loglevel = PRINTK_DEFAULT_LOGLEVEL;
static unsigned int line_level;			/* of printk's newest line   */
static unsigned long nr_errors;
static bool emergency;

/*
 * Returns whether the lock was taken: an emergency may begin in between. In one
 * nobody else runs, and the lock is as good as held.
 */
static bool log_lock(void) __acquires(&console_lock)
{
	if (emergency) {
		__acquire(&console_lock);
		return false;
	}
	spin_lock(&console_lock);
	return true;
}

static void log_unlock(bool locked) __releases(&console_lock)
{
	if (locked)
		spin_unlock(&console_lock);
	else
		__release(&console_lock);
}

static char ring_byte(uint64_t position)
{
	return ring[(size_t)position % RING_SIZE];
}

/* The first byte at or after @position that the ring still holds. */
static uint64_t ring_from(uint64_t position)
{
	uint64_t oldest = ring_end > RING_SIZE ? ring_end - RING_SIZE : 0;

	return MIN(MAX(position, oldest), ring_end);
}

static void ring_put(const char *text, size_t len)
{
	while (len-- > 0)
		ring[(size_t)ring_end++ % RING_SIZE] = *text++;
}

static void screen_put(const char *text, size_t len)
{
	struct console *console;

	list_for_each_entry(console, &consoles, link)
		console->write(text, len);
}

static void stream_fresh_line(struct stream *stream)
{
	if (stream->line_author != NOBODY)
		stream->put("\n", 1);
	stream->line_author = NOBODY;
}

static size_t line_length(const char *text)
{
	const char *newline = strchr(text, '\n');

	return newline ? (size_t)(newline - text) + 1 : strlen(text);
}

/* Keeps L2 and L3. */
static void stream_write(struct stream *stream, enum author author,
			 const char *text)
{
	size_t len;

	if (stream->line_author != author)
		stream_fresh_line(stream);
	for (; *text; text += len) {
		len = line_length(text);
		if (author != AUTHOR_REPORT && stream->line_author == NOBODY)
			stream->put(prefix, strlen(prefix));
		stream->put(text, len);
		stream->line_author = text[len - 1] == '\n' ? NOBODY : author;
	}
}

static int format_message(const char *fmt, va_list ap)
{
	int len = vsnprintf(message, sizeof(message), fmt, ap);

	if (len >= MESSAGE_SIZE)
		strscpy(message + MESSAGE_SIZE - sizeof(CUT_MARK), CUT_MARK,
			sizeof(CUT_MARK));
	return len;
}

/* A new line of printk begins, at the level its author gave. */
static void begin_line(unsigned int level)
{
	stream_fresh_line(&ring_stream);
	if (level < loglevel)
		stream_fresh_line(&screen_stream);
	line_level = level;
	if (level <= LEVEL_ERR)
		nr_errors++;
}

/* Cuts the level off the format and begins the line it asks for. */
static const char *take_level(const char *fmt)
{
	if (fmt[0] == KERN_SOH[0] && fmt[1] >= '0' && fmt[1] <= '7') {
		begin_line((unsigned int)(fmt[1] - '0'));
		return fmt + 2;
	}
	if (ring_stream.line_author != AUTHOR_PRINTK)
		begin_line(LEVEL_INFO);
	return fmt;
}

int vprintk(const char *fmt, va_list ap)
{
	bool locked = log_lock();
	int len;

	len = format_message(take_level(fmt), ap);
	stream_write(&ring_stream, AUTHOR_PRINTK, message);
	if (line_level < loglevel)
		stream_write(&screen_stream, AUTHOR_PRINTK, message);
	log_unlock(locked);
	return len;
}
EXPORT_SYMBOL(vprintk);

int printk(const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vprintk(fmt, ap);
	va_end(ap);
	return len;
}
EXPORT_SYMBOL(printk);

static void console_vprintf(enum author author, const char *fmt, va_list ap)
{
	bool locked = log_lock();

	format_message(fmt, ap);
	stream_write(&ring_stream, author, message);
	stream_write(&screen_stream, author, message);
	log_unlock(locked);
}

void console_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	console_vprintf(AUTHOR_CONSOLE, fmt, ap);
	va_end(ap);
}

void report_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	console_vprintf(AUTHOR_REPORT, fmt, ap);
	va_end(ap);
}

void console_type(const char *screen, const char *log)
{
	bool locked = log_lock();

	stream_write(&ring_stream, AUTHOR_CONSOLE, log);
	stream_write(&screen_stream, AUTHOR_CONSOLE, screen);
	log_unlock(locked);
}

void printk_set_loglevel(unsigned int level)
{
	loglevel = level;
}

void printk_set_prefix(const char *text)
{
	bool locked = log_lock();

	strscpy(prefix, text, sizeof(prefix));
	log_unlock(locked);
}

void printk_emergency(bool on)
{
	emergency = on;
}

unsigned long printk_nr_errors(void)
{
	return nr_errors;
}

/* The ring's content wraps at its end, so it may come in two pieces. */
static void replay(struct console *console)
{
	uint64_t from = ring_from(0);
	size_t start, len;

	for (; from < ring_end; from += len) {
		start = (size_t)from % RING_SIZE;
		len = MIN(RING_SIZE - start, (size_t)(ring_end - from));
		console->write(ring + start, len);
	}
}

void console_register(struct console *console)
{
	bool locked = log_lock();

	replay(console);
	list_add_tail(&console->link, &consoles);
	log_unlock(locked);
}

void console_unregister(struct console *console)
{
	bool locked = log_lock();

	list_del(&console->link);
	log_unlock(locked);
}

int console_getc(void)
{
	bool locked = log_lock();
	struct console *console;
	int c = -1;

	list_for_each_entry(console, &consoles, link)
		if (c < 0 && console->read)
			c = console->read();
	log_unlock(locked);
	return c;
}

uint64_t printk_position(void)
{
	bool locked = log_lock();
	uint64_t end = ring_end;

	log_unlock(locked);
	return end;
}

static bool ring_matches(uint64_t position, const char *text)
{
	for (; *text; text++, position++)
		if (position == ring_end || ring_byte(position) != *text)
			return false;
	return true;
}

bool printk_contains(uint64_t position, const char *text)
{
	bool locked = log_lock(), found = false;

	for (position = ring_from(position); !found && position < ring_end;
	     position++)
		found = ring_matches(position, text);
	log_unlock(locked);
	return found;
}

size_t printk_copy(uint64_t position, char *buf, size_t size)
{
	bool locked = log_lock();
	size_t len = 0;

	for (position = ring_from(position);
	     position < ring_end && len + 1 < size; position++)
		buf[len++] = ring_byte(position);
	if (size)
		buf[len] = '\0';
	log_unlock(locked);
	return len;
}
