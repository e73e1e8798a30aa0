/* SPDX-License-Identifier: MIT */
/*
 * trace.c - events of the memory manager as lines of JSON on COM2
 *
 * Problem     A program on the host is to draw what memory did, step by step, and
 *             to check it. What it reads must be complete, and easy to read.
 * Idea        One line for each event, an object of JSON, made and sent at once:
 *             nothing is kept here that could be lost. Addresses are hexadecimal
 *             text, as in all that the kernel prints; everything else is a number.
 * Picture     {"seq":7,"t":90125,"e":"block_split","zone":"DMA","pfn":0,"order":10}
 * Invariants  JS1 Lines do not mix, and seq counts them from 0 on without a gap.
 *             JS2 What a page is mapped to is read from the page tables when its
 *                 line is written, not taken from who set them.
 * Locks       trace_lock (rank TRACE, within all others) covers the line.
 * Failure     No COM2: one warning, and no trace. A port that stops taking bytes,
 *             as one in QEMU does that nobody reads, costs a second or three, then
 *             text, and the trace has a gap in seq (drivers/serial.c).
 * Cost        About 90 bytes for an event: 8 ms on a real line, with interrupts
 *             off meanwhile; in QEMU some 50 microseconds.
 * Read first  trace_select, then write_event
 * See         mm/trace.c, docs/trace.md, tools/replay.py
 */
#include <kernel/trace.h>

#include <drivers/serial.h>
#include <kernel/lockrank.h>
#include <kernel/printk.h>
#include <lib/glob.h>
#include <lib/string.h>
#include <mm/pgtable.h>
#include <mm/trace.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <x86/spinlock.h>

#define LINE_SIZE	512U
#define RUNS_END	400U		/* a line of runs that is longer ends */
#define EVERYTHING	(TRACE_BIT(NR_TRACE_EVENTS) - 1)

static const char *const names[NR_TRACE_EVENTS] = {
	[TRACE_MACHINE] = "machine",
	[TRACE_SPLIT] = "block_split",
	[TRACE_MERGE] = "block_merge",
	[TRACE_TAKE] = "block_take",
	[TRACE_FREE] = "block_free",
	[TRACE_AREA_TAKE] = "area_take",
	[TRACE_AREA_FREE] = "area_free",
	[TRACE_AREA_ASKED] = "area_asked",
	[TRACE_MAP] = "map",
	[TRACE_UNMAP] = "unmap",
	[TRACE_FLUSH] = "flush",
	[TRACE_SLAB_GROW] = "slab_grow",
	[TRACE_SLAB_SHRINK] = "slab_shrink",
	[TRACE_KMAP] = "kmap",
	[TRACE_KUNMAP] = "kunmap",
	[TRACE_BEGIN] = "begin",
	[TRACE_END] = "end",
};

static struct spinlock trace_lock = SPINLOCK_INIT(RANK_TRACE);
static char line[LINE_SIZE];
static size_t length;
static unsigned long seq;

static void __printf(1, 2) add(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + length, LINE_SIZE - length, fmt, ap);
	va_end(ap);
	length += strlen(line + length);
}

static void begin(enum trace_event event)
{
	length = 0;
	add("{\"seq\":%lu,\"t\":%llu,\"e\":\"%s\"", seq++,
	    cpu_features.tsc ? rdtsc() : 0, names[event]);
}

static void end(void)
{
	size_t i;

	add("}\n");
	for (i = 0; i < length; i++)
		serial_put(COM2, line[i]);
}

/* --- what each kind says ---------------------------------------------------- */

static void add_machine(void)
{
	const struct zone *z;

	add(",\"complete\":%s,\"zones\":[",
	    trace_on == EVERYTHING ? "true" : "false");
	for (z = zones; z < zones + NR_ZONES; z++)
		add("%s{\"name\":\"%s\",\"start\":%u,\"end\":%u}",
		    z > zones ? "," : "", z->name, z->start, z->end);
	add("],\"window\":[\"%08lx\",\"%08lx\"],\"kmap\":[\"%08lx\",\"%08lx\"]",
	    VMALLOC_START, VMALLOC_END, PKMAP_BASE, PKMAP_END);
}

/* A self-test's own buddy works without the zone's lock: its frames are the
 * test's, and what it does with them is no news of the zone. */
static void add_block(const struct page *head, unsigned long order)
{
	const struct zone *z = page_zone(head);

	add(",\"zone\":\"%s\",\"pfn\":%u,\"order\":%lu",
	    z->lock.holder == this_cpu->self ? z->name : "none",
	    page_to_pfn(head), order);
}

static void add_area(const struct vmap_area *area, bool whose)
{
	add(",\"addr\":\"%08lx\",\"size\":%lu", (unsigned long)area->vm.addr,
	    area->vm.size);
	if (whose)
		add(",\"guard\":%lu,\"asked\":%lu,\"caller\":\"%pB\"",
		    VM_GUARD_SIZE, area->requested, (void *)area->caller);
}

static void add_range(unsigned long addr, unsigned long nr_pages)
{
	if (nr_pages == 0)
		add(",\"all\":true");
	else
		add(",\"addr\":\"%08lx\",\"pages\":%lu", addr, nr_pages);
}

static void add_slab(const char *cache, unsigned long pfn)
{
	add(",\"cache\":\"%s\",\"pfn\":%lu", cache, pfn);
}

static void add_slot(unsigned long addr, unsigned long pfn)
{
	add(",\"addr\":\"%08lx\"", addr);
	if (pfn)
		add(",\"pfn\":%lu", pfn);
}

#define NO_FRAME	(~(pfn_t)0)

/* What the page at @addr leads to (JS2). */
static pfn_t frame_at(unsigned long addr)
{
	struct pgtable_walk walk;

	return pgtable_lookup(addr, &walk) ?
	       phys_to_pfn(pgtable_phys(&walk, addr)) : NO_FRAME;
}

static void add_unmap(unsigned long addr, unsigned long nr_pages)
{
	unsigned long i, mapped = 0;

	for (i = 0; i < nr_pages; i++)
		mapped += frame_at(addr + i * PAGE_SIZE) != NO_FRAME;
	add_range(addr, nr_pages);
	add(",\"mapped\":%lu", mapped);
}

/* Frames in a row are one run. Returns  for how many of the pages it was enough. */
static unsigned long add_runs(unsigned long addr, unsigned long nr_pages)
{
	unsigned long done = 0, run;

	add(",\"addr\":\"%08lx\",\"runs\":[", addr);
	while (done < nr_pages && length < RUNS_END) {
		unsigned long at = addr + done * PAGE_SIZE;
		pfn_t first = frame_at(at);

		for (run = 1; done + run < nr_pages &&
		     frame_at(at + run * PAGE_SIZE) == first + run; run++)
			;
		add("%s[%u,%lu]", done ? "," : "", first, run);
		done += run;
	}
	add("],\"pages\":%lu", done);
	return done;
}

/* --- one event --------------------------------------------------------------- */

/* Many scattered frames make several lines. */
static void write_map(unsigned long addr, unsigned long nr_pages)
{
	unsigned long done;

	for (; nr_pages > 0; nr_pages -= done, addr += done * PAGE_SIZE) {
		begin(TRACE_MAP);
		done = add_runs(addr, nr_pages);
		end();
	}
}

static void add_words(enum trace_event event, const void *what, unsigned long n)
{
	switch (event) {
	case TRACE_MACHINE:
		add_machine();
		break;
	case TRACE_SPLIT:
	case TRACE_MERGE:
	case TRACE_TAKE:
	case TRACE_FREE:
		add_block(what, n);
		break;
	case TRACE_AREA_TAKE:
	case TRACE_AREA_FREE:
	case TRACE_AREA_ASKED:
		add_area(what, event != TRACE_AREA_FREE);
		break;
	case TRACE_SLAB_GROW:
	case TRACE_SLAB_SHRINK:
		add_slab(what, n);
		break;
	case TRACE_UNMAP:
		add_unmap((unsigned long)what, n);
		break;
	case TRACE_KMAP:
	case TRACE_KUNMAP:
		add_slot((unsigned long)what, n);
		break;
	case TRACE_BEGIN:
	case TRACE_END:
		add(",\"name\":\"%s\"", (const char *)what);
		break;
	default:
		add_range((unsigned long)what, n);
	}
}

static void write_event(enum trace_event event, const void *what,
			unsigned long n)
{
	spin_lock(&trace_lock);
	if (event == TRACE_MAP) {
		write_map((unsigned long)what, n);
	} else {
		begin(event);
		add_words(event, what, n);
		end();
	}
	spin_unlock(&trace_lock);
}

/* --- trace= ------------------------------------------------------------------ */

static unsigned int events_named(const char *glob)
{
	unsigned int event, events = 0;

	for (event = 0; event < NR_TRACE_EVENTS; event++)
		if (glob_match(glob, names[event]))
			events |= TRACE_BIT(event);
	if (!events)
		printk(KERN_WARNING "trace: '%s' names no event, ignored; "
		       "docs/trace.md lists them\n", glob);
	return events;
}

void trace_select(const char *globs)
{
	unsigned int events = 0;
	char glob[24];
	size_t len;

	for (; *globs; globs += len + (globs[len] == ',')) {
		const char *comma = strchr(globs, ',');

		len = comma ? (size_t)(comma - globs) : strlen(globs);
		snprintf(glob, MIN(sizeof(glob), len + 1), "%s", globs);
		events |= events_named(glob);
	}
	if (events && !serial_open(COM2)) {
		printk(KERN_WARNING "trace: there is no COM2 to write to; "
		       "nothing is traced\n");
		events = 0;
	}
	if (events)
		events |= TRACE_BIT(TRACE_MACHINE);
	trace_choose(events, write_event);
}
