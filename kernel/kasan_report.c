/* SPDX-License-Identifier: MIT */
/*
 * kasan_report.c - a byte that must not be touched, in words (KASAN=1)
 *
 * Problem     The shadow knows a reason, one byte. Its reader wants to know what
 *             lies there, whose it is, who had it before, how far off he was.
 * Idea        The same form as the report of a page fault, so that whoever reads
 *             one can read the other. The reason leads to those who know more:
 *             the slab, the frames, the compiler's records, explain.c.
 * Failure     The check comes before the access: it has changed nothing.
 * Read first  kasan_report
 * See         kernel/caught.c, kernel/oops.c, tests/mm/test_kasan.c
 */
#include <kernel/kasan.h>

#include <kernel/caught.h>
#include <kernel/explain.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/kasan.h>
#include <x86/trap.h>

#define SHADOW_LINE	16U		/* granules shown in a line */

/* Why a byte may not be touched; a granule's first bytes say it with the next. */
static unsigned int reason_for(unsigned long bad)
{
	unsigned int shadow = kasan_shadow(bad);

	return shadow < KASAN_GRANULE ? kasan_shadow(bad + KASAN_GRANULE)
				      : shadow;
}

/* "5 bytes past the end of ", "1 byte before ", or "in " */
static int how_far(unsigned long bad, unsigned long start, size_t size,
		   char *buf, size_t room)
{
	unsigned long past = bad - start - size + 1, before = start - bad;

	if (bad < start)
		return snprintf(buf, room, "%lu byte%s before ", before,
				plural(before));
	if (bad - start >= size)
		return snprintf(buf, room, "%lu byte%s past the end of ", past,
				plural(past));
	return snprintf(buf, room, "in ");
}

/* --- objects --------------------------------------------------------------- */

static bool is_free(const struct kasan_object *o, unsigned int reason)
{
	return reason == KASAN_FREE || reason == KASAN_HELD || o->free_caller;
}

static void object_place(unsigned long bad, unsigned int reason, char *buf,
			 size_t room)
{
	struct kasan_object o;
	int len;

	if (!kasan_find_object(bad, &o)) {
		snprintf(buf, room, "in a slab without a cache");
		return;
	}
	len = how_far(bad, o.start, o.requested, buf, room);
	snprintf(buf + len, room - (size_t)len, "%s object of %s",
		 is_free(&o, reason) ? "a freed" : "an", o.cache);
}

static void object_details(unsigned long bad)
{
	struct kasan_object o;

	if (!kasan_find_object(bad, &o))
		return;
	caught_print("  where   object %08lx of cache %s, %zu byte%s\n",
		     o.start, o.cache, o.requested, plural(o.requested));
	if (o.alloc_caller)
		caught_print("  owner   %pB asked for it\n",
			     (void *)o.alloc_caller);
	if (o.free_caller)
		caught_print("  freed   by %pB\n", (void *)o.free_caller);
}

/* --- frames ---------------------------------------------------------------- */

static void frame_details(unsigned long bad)
{
	const struct kasan_frame *frame = kasan_frame(bad);

	if (!frame)
		return;
	if (frame->alloc_caller)
		caught_print("  owner   %pB asked for the frame\n",
			     (void *)frame->alloc_caller);
	if (frame->free_caller)
		caught_print("  freed   by %pB\n", (void *)frame->free_caller);
}

/* Bytes from the last one that may be touched to this one. */
static unsigned long past_last_good(unsigned long bad)
{
	unsigned long at = bad;

	while (kasan_first_bad(at - 1, 1))
		at--;
	return bad - at + 1;
}

static void tail_place(unsigned long bad, const char *what, char *buf,
		       size_t room)
{
	unsigned long past = past_last_good(bad);

	snprintf(buf, room, "%lu byte%s past the end of %s", past, plural(past),
		 what);
}

static void slack_place(unsigned long bad, char *buf, size_t room)
{
	char area[64];

	explain_place(bad, area, sizeof(area));
	tail_place(bad, "what was asked for", buf, room);
	snprintf(buf + strlen(buf), room - strlen(buf), ", %s", area);
}

/* --- variables ------------------------------------------------------------- */

static bool is_global(unsigned int reason)
{
	return reason == KASAN_GLOBAL;
}

static bool find_variable(unsigned long bad, unsigned int reason,
			  struct kasan_variable *v)
{
	return is_global(reason) ? kasan_find_global(bad, v)
				 : kasan_find_local(bad, v);
}

static void variable_place(unsigned long bad, unsigned int reason, char *buf,
			   size_t room)
{
	struct kasan_variable v;
	int len;

	if (!find_variable(bad, reason, &v)) {
		snprintf(buf, room, "beside a variable on a stack");
		return;
	}
	len = how_far(bad, v.start, v.size, buf, room);
	snprintf(buf + len, room - (size_t)len, "%s '%s'%s",
		 is_global(reason) ? "global" : "local", v.name,
		 reason == KASAN_STACK_SCOPE ? ", whose block has ended" : "");
}

static void variable_details(unsigned long bad, unsigned int reason)
{
	struct kasan_variable v;

	if (!find_variable(bad, reason, &v))
		return;
	caught_print("  where   '%s' has %zu byte%s at %08lx\n", v.name, v.size,
		     plural(v.size), v.start);
	if (v.file)
		caught_print("  owner   %s:%d\n", v.file, v.line);
	else
		caught_print("  owner   a frame of %pS\n", (void *)v.function);
}

/* --- the report ------------------------------------------------------------ */

static void print_place(unsigned long bad, unsigned int reason, char *buf,
			size_t room)
{
	switch (reason) {
	case KASAN_FREE:
	case KASAN_HELD:
	case KASAN_REDZONE:
		object_place(bad, reason, buf, room);
		break;
	case KASAN_PAGE:
		snprintf(buf, room, "in a frame that is free");
		break;
	case KASAN_TAIL:
		tail_place(bad, "a large block of kmalloc", buf, room);
		break;
	case KASAN_SLACK:
		slack_place(bad, buf, room);
		break;
	case KASAN_ALLOCA_LEFT:
	case KASAN_ALLOCA_RIGHT:
		snprintf(buf, room, "beside an array of variable size");
		break;
	default:
		variable_place(bad, reason, buf, room);
	}
}

/* Returns where the code says why, or NULL when that has been said. */
static const char *print_details(unsigned long bad, unsigned int reason)
{
	switch (reason) {
	case KASAN_FREE:
	case KASAN_HELD:
	case KASAN_REDZONE:
		object_details(bad);
		return "mm/kasan_slab.c";
	case KASAN_PAGE:
	case KASAN_TAIL:
		frame_details(bad);
		return "mm/kasan_page.c";
	case KASAN_SLACK:
		explain_details(bad, NULL, caught_print);
		return NULL;
	case KASAN_ALLOCA_LEFT:
	case KASAN_ALLOCA_RIGHT:
		return "kernel/kasan.c";
	default:
		variable_details(bad, reason);
		return "kernel/kasan_variable.c";
	}
}

static const char *reason_words(unsigned int reason)
{
	static const struct { unsigned int reason; const char *words; } all[] = {
		{ KASAN_ALLOCA_LEFT, "before an array of variable size" },
		{ KASAN_ALLOCA_RIGHT, "behind an array of variable size" },
		{ KASAN_STACK_LEFT, "before a function's variables" },
		{ KASAN_STACK_MIDDLE, "between a function's variables" },
		{ KASAN_STACK_RIGHT, "behind a function's variables" },
		{ KASAN_STACK_SCOPE, "a variable whose block has ended" },
		{ KASAN_GLOBAL, "behind a global" },
		{ KASAN_FREE, "an object that is its slab's" },
		{ KASAN_HELD, "a freed object, in the quarantine" },
		{ KASAN_REDZONE, "between objects" },
		{ KASAN_SLACK, "the slack of a vmalloc area" },
		{ KASAN_TAIL, "behind a large block of kmalloc" },
		{ KASAN_PAGE, "a free frame" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].reason == reason)
			return all[i].words;
	return "for a reason that nobody gave";
}

/* The granules around it: so many that the line begins at a round address. */
static void print_shadow(unsigned long bad, unsigned int reason)
{
	unsigned long at = ALIGN_DOWN(bad, SHADOW_LINE * KASAN_GRANULE);
	unsigned long hit = ALIGN_DOWN(bad, KASAN_GRANULE);
	unsigned int i;

	caught_print("  shadow  %08lx:", at);
	for (i = 0; i < SHADOW_LINE; i++, at += KASAN_GRANULE)
		caught_print(at == hit ? "[%02x" : at == hit + KASAN_GRANULE ?
			     "]%02x" : " %02x", kasan_shadow(at));
	caught_print("%s\n          a byte for 8 of memory; %02x: %s\n",
		     at == hit + KASAN_GRANULE ? "]" : "", reason,
		     reason_words(reason));
}

static void print_report(unsigned long addr, size_t size, bool write,
			 unsigned long bad, unsigned long ebp)
{
	unsigned int reason = reason_for(bad);
	const char *read;
	char place[120];

	print_place(bad, reason, place, sizeof(place));
	printk(KERN_ERR "BAD %s CAUGHT: at %08lx, %s\n",
	       write ? "WRITE" : "READ", bad, place);
	caught_callers(ebp);
	read = print_details(bad, reason);
	caught_print("  access  %zu byte%s at %08lx\n", size, plural(size),
		     addr);
	print_shadow(bad, reason);
	if (read)
		caught_print("  read    %s\n", read);
}

void kasan_report(unsigned long addr, size_t size, bool write,
		  unsigned long bad, unsigned long ebp)
{
	const struct recovery_fault fault = {
		.vector = CAUGHT_BY_CHECK,
		.error = write ? PF_WRITE : 0,
		.addr = bad,
		.eip = ((const unsigned long *)ebp)[1] - 1,
	};

	if (caught_begin(&fault))
		print_report(addr, size, write, bad, ebp);
	caught_end(&fault, "The access changed nothing. ", "a bad access");
}
