/* SPDX-License-Identifier: MIT */
/*
 * walk.c - runs a walk, and tells how to see its end again
 *
 * Problem     A bug that needs 7,000 operations in one order is found by chance
 *             and is lost again unless the same order can be had.
 * Idea        All chance comes from SEED, addresses are the same in every run
 *             (fixed ones, and a program that is not relocated). However the
 *             walk ends, the command that repeats it bit for bit is printed.
 *             After each operation nothing may be left behind: no lock, no
 *             report that was not expected, no kmap.
 * Picture     SEED=7 OPS=20000 build/pc/walk_slab
 *             SEED=7 OPS=1303 TRACE=1290 build/pc/walk_slab   its last ones
 * See         tests/host/pc/walk_*.c, docs/testing.md
 */
#define _GNU_SOURCE

#include "walk.h"

#include <errno.h>
#include <signal.h>

#include <kernel/panic.h>
#include <kernel/printk.h>
#include <mm/highmem.h>
#include <x86/percpu.h>

/* Of the sanitizers, without which the walks are built for COVERAGE=1. */
void __attribute__((weak)) __sanitizer_set_death_callback(void (*fn)(void));

static unsigned long op, trace_from = ~0UL;
static uint32_t digest = 2166136261U;		/* FNV-1a */
static unsigned int nr_errors;			/* reported, not yet expected */
static char said[256];				/* the last of them           */

static unsigned long number_from(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static void tell_replay(void)
{
	const char *seed = getenv("SEED");

	printf("# operation %lu, digest %08x; the same again:\n"
	       "# SEED=%s OPS=%lu TRACE=%lu %s\n", op, digest,
	       seed ? seed : "1", op, op > 10 ? op - 10 : 1,
	       program_invocation_name);
	fflush(stdout);
}

static void on_abort(int signal __unused)
{
	tell_replay();
}

void walk_failed(const char *file, int line, const char *cond)
{
	printf("# %s:%d: %s\n", file, line, cond);
	if (nr_errors)
		printf("# the kernel said: %s", said);
	tell_replay();
	exit(EXIT_FAILURE);
}

static void digest_word(uint32_t word)
{
	unsigned int i;

	for (i = 0; i < 4; i++, word >>= 8)
		digest = (digest ^ (word & 0xff)) * 16777619U;
}

void walk_note(const char *what, uint32_t a, uint32_t b, uint32_t result)
{
	digest_word(a);
	digest_word(b);
	digest_word(result);
	if (op >= trace_from) {
		printf("# %lu: %s %x %x: %x\n", op, what, a, b, result);
		fflush(stdout);
	}
}

/* --- what the kernel says ------------------------------------------------ */

int printk(const char *fmt, ...)
{
	bool error = strncmp(fmt, KERN_ERR, 2) == 0;
	va_list ap;

	if (!error && op < trace_from)
		return 0;
	va_start(ap, fmt);
	k_vsnprintf(said, sizeof(said), fmt + 2, ap);
	va_end(ap);
	nr_errors += error;
	if (op >= trace_from)
		printf("# %lu: %s", op, said);
	return 0;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	k_vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	printf("# panic: %s\n", said);
	abort();
}

void walk_expect(const char *text)
{
	MUST(nr_errors == 1);
	if (!strstr(said, text))
		walk_failed(__FILE__, __LINE__, text);
	nr_errors = 0;
}

/* --- bytes --------------------------------------------------------------- */

static uint8_t byte_of(uint32_t tag, size_t i)
{
	return (uint8_t)((tag + i) * 37U ^ tag >> 7);
}

void walk_fill(void *p, size_t size, uint32_t tag)
{
	uint8_t *bytes = p;
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = byte_of(tag, i);
}

bool walk_filled(const void *p, size_t size, uint32_t tag)
{
	const uint8_t *bytes = p;
	size_t i;

	for (i = 0; i < size && bytes[i] == byte_of(tag, i); i++)
		;
	return i == size;
}

/* --- the walk ------------------------------------------------------------ */

static void must_be_at_rest(void)
{
	MUST(nr_errors == 0);
	MUST(this_cpu->lock_rank == 0);
	MUST(!this_cpu->kmap_next || kmap_local_depth() == 0);
	MUST(pc_cpu.eflags & EFLAGS_IF);
}

int walk_run(const struct walk *walk)
{
	unsigned long ops = number_from("OPS", walk->ops);

	trace_from = number_from("TRACE", ~0UL);
	signal(SIGABRT, on_abort);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(tell_replay);
	walk->begin();
	must_be_at_rest();
	while (op < ops) {
		op++;
		walk->step();
		must_be_at_rest();
		if (op % walk->check_every == 0)
			walk->check();
	}
	walk->check();
	walk->end();
	walk->check();
	printf("# %lu operations, digest %08x\n", op, digest);
	CHECK(op == ops);
	host_case(walk->sentence);
	return host_end();
}
