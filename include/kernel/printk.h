/* SPDX-License-Identifier: MIT */
/*
 * printk.h - the kernel's log
 *
 * Every message goes to a ring buffer and, if its level is below the console
 * level (loglevel=), to the registered consoles. A console that registers late
 * is given what the ring buffer still holds.
 */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H

#include <lib/format.h>
#include <lib/list.h>

/*
 * A level is put before the format: printk(KERN_ERR "vmalloc: ..."). Such a
 * message begins a line of its own; one without a level goes on with the line
 * that printk left unfinished, or begins one of level INFO.
 */
#define KERN_SOH	"\001"
#define KERN_EMERG	KERN_SOH "0"	/* the machine stops              */
#define KERN_ERR	KERN_SOH "3"	/* a report of something wrong    */
#define KERN_WARNING	KERN_SOH "4"	/* bad input, ignored             */
#define KERN_NOTICE	KERN_SOH "5"
#define KERN_INFO	KERN_SOH "6"	/* the default                    */
#define KERN_DEBUG	KERN_SOH "7"

#define PRINTK_DEFAULT_LOGLEVEL	7	/* shows everything but DEBUG     */

/*
 * printk, vprintk - log a message; one cut at 1023 bytes ends in ...
 *
 * Context  any but a console's write. Locks  takes the console lock.
 * Returns  the length that the whole message has.
 */
int __printf(1, 2) printk(const char *fmt, ...);
int __printf(1, 0) vprintk(const char *fmt, va_list ap);

void printk_set_loglevel(unsigned int level);

/*
 * printk_set_prefix - put @text before each further line of printk; "": none
 *
 * While tests run it is "# ", so that an ordinary KTAP parser reads the log.
 */
void printk_set_prefix(const char *text);

/* The prefix may have so many bytes; a longer one is cut. */
#define PRINTK_PREFIX_MAX 7

/*
 * console_printf - text for whoever looks at the console: demo and monitor
 * report_printf - text for whoever parses it: results of tests, benchmarks
 *
 * Neither has a level; both are kept in the ring buffer. A report never has the
 * prefix. A line that another author left unfinished is finished first.
 */
void __printf(1, 2) console_printf(const char *fmt, ...);
void __printf(1, 2) report_printf(const char *fmt, ...);

/*
 * console_type - of what somebody types, @screen for the consoles, @log to keep
 *
 * While a line is corrected the two differ. Both as they are, any length.
 */
void console_type(const char *screen, const char *log);

struct console {
	struct list_head link;
	const char	*name;
	/* Called under the lock; read returns -1 when no byte waits. */
	void		(*write)(const char *text, size_t len);
	int		(*read)(void);		/* or NULL */
};

void console_register(struct console *console);
void console_unregister(struct console *console);

/* console_getc - a byte from any console, or -1 when none waits */
int console_getc(void);

/*
 * The ring buffer as a stream: printk_position counts all bytes ever logged;
 * printk_contains looks for @text in what was logged since @position, and
 * printk_copy copies as much of that as fits into @buf, the oldest first,
 * terminated; it returns the length copied. What the ring buffer has lost is
 * skipped.
 */
uint64_t printk_position(void);
bool printk_contains(uint64_t position, const char *text);
size_t printk_copy(uint64_t position, char *buf, size_t size);

/* Number of KERN_ERR and KERN_EMERG messages so far. */
unsigned long printk_nr_errors(void);

/*
 * printk_emergency - from now on print without taking the console lock
 *
 * For a report from a context that may hold that very lock.
 */
void printk_emergency(bool on);

#endif
