/* SPDX-License-Identifier: MIT */
/*
 * demo.c - the memory manager at work, on one screen
 *
 * Problem     Someone who boots the kernel for the first time should see in a
 *             minute what vmalloc does and what the hole behind an area is for.
 * Idea        Three scenes, each with the textbook's claims by number: scattered
 *             frames behind linear addresses, a machine in crumbs that only
 *             vmalloc can serve, an overrun that is caught. All figures are read
 *             from the running kernel.
 * Read first  demo_run
 * See         docs/claims.md
 */
#include <kernel/demo.h>

#include <kernel/cmdline.h>
#include <kernel/printk.h>
#include <lib/random.h>
#include <mm/crumbs.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/trace.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <x86/recovery.h>

#define STIRRED_ORDER	8U
#define STIRRED_BLOCKS	24U
#define BUFFER_SIZE	10000UL
#define CRUMBS_ORDER	9U		/* 2 MiB; less on a small machine */

#define CLAIMS_COLUMN	67

#define say		console_printf

/* A scene's first line, with the claims that it shows at the right. */
static void __printf(2, 3) say_scene(const char *claims, const char *fmt, ...)
{
	char text[CLAIMS_COLUMN + 1];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say("%-*s %12s\n", CLAIMS_COLUMN - 1, text, claims);
}

/* Frames as MiB with one decimal, into @buf of 16 bytes. */
static const char *mib(unsigned long frames, char *buf)
{
	unsigned long tenths = (unsigned long)((uint64_t)frames * 10 * PAGE_SIZE /
					       MIB(1));

	snprintf(buf, 16, "%lu.%lu MiB", tenths / 10, tenths % 10);
	return buf;
}

/* --- [0] the address map and the zones ------------------------------------- */

static void say_zone(const struct zone *z)
{
	char present[16], free[16];

	say("%-8s %12s %12s\n", z->name, mib(z->nr_present, present),
	    mib(zone_nr_free(z), free));
}

static void show_map(void)
{
	say("%-37s %-12s %8s %12s\n", "Kernel addresses", "Page frames",
	    "RAM", "free");
	say("%08lx  direct map    %4lu MiB       ", PAGE_OFFSET,
	    (layout.high_memory - PAGE_OFFSET) / MIB(1));
	say_zone(&zones[ZONE_DMA]);
	say("%08lx  hole          %4lu MiB       ", layout.high_memory,
	    (VMALLOC_START - layout.high_memory) / MIB(1));
	say_zone(&zones[ZONE_NORMAL]);
	say("%08lx  vmalloc area  %4lu MiB       ", VMALLOC_START,
	    (VMALLOC_END - VMALLOC_START + MIB(1) / 2) / MIB(1));
	say_zone(&zones[ZONE_HIGHMEM]);
	say("%08lx  kmap slots    %4lu MiB       "
	    "HIGHMEM has no address of its own.\n",
	    PKMAP_BASE, (PKMAP_END - PKMAP_BASE) / MIB(1));
}

/* --- [1] vmalloc(10000) ---------------------------------------------------- */

static void release(struct list_head *held)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, held, link)
		__free_pages(page, page->order);
}

/*
 * A machine that has run for a while: all its memory is taken in blocks; some of
 * these are broken up, and one frame of each given back. So the free frames that
 * the next requests get lie all over memory, and elsewhere with another seed.
 */
static void take_blocks(struct list_head *blocks, unsigned int *nr)
{
	struct page *page;

	list_init(blocks);
	for (*nr = 0; (page = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN,
					  STIRRED_ORDER)); (*nr)++)
		list_add(&page->link, blocks);
}

static void break_up(struct page *block, struct random *random,
		     struct list_head *held, struct list_head *loose)
{
	unsigned int lucky = random_below(random, 1U << STIRRED_ORDER), i;
	struct page *page;

	__free_pages(block, STIRRED_ORDER);
	for (i = 0; i < 1U << STIRRED_ORDER; i++) {
		page = alloc_page(GFP_HIGHUSER | __GFP_NOWARN);
		if (page)
			list_add(&page->link, i == lucky ? loose : held);
	}
}

static void stir(struct list_head *held)
{
	struct list_head blocks, loose;
	struct page *block, *next;
	struct random random;
	unsigned int nr;

	random_init(&random, options.seed);
	list_init(held);
	list_init(&loose);
	take_blocks(&blocks, &nr);
	list_for_each_entry_safe(block, next, &blocks, link) {
		if (random_below(&random, nr) >=
		    MIN(STIRRED_BLOCKS, nr / 4 + 1))
			continue;
		list_del(&block->link);
		break_up(block, &random, held, &loose);
	}
	release(&loose);
	release(&blocks);
}

static __noinline char *demo_buffer(void)
{
	return vmalloc(BUFFER_SIZE);
}

static __noinline char *demo_neighbour(void)
{
	return vmalloc(PAGE_SIZE);
}

static const char *const remarks[] = {
	"   the addresses follow each", "   other, the frames need not", "",
};

/* With guard=right @p lies somewhere in the first page, slack before it. */
static const char *first_page(const char *p)
{
	return find_vm_area(p)->addr;
}

static void show_vmalloc(const char *p)
{
	unsigned long mapped = ALIGN_UP(BUFFER_SIZE, PAGE_SIZE), i;
	const char *start = first_page(p);

	say_scene("C4 C5 C9 C12", "[1] p = vmalloc(%lu): bytes in, one linear "
		  "range out", BUFFER_SIZE);
	for (i = 0; i < mapped / PAGE_SIZE; i++) {
		const char *at = start + i * PAGE_SIZE;
		const struct page *page = vmalloc_to_page(at);

		say("    %08lx  page %lu -> frame %06x %-*s%s\n",
		    (unsigned long)at, i, page_to_pfn(page),
		    remarks[i][0] ? 7 : 0, page_zone(page)->name, remarks[i]);
	}
	say_scene("C1 C3", "    %08lx  guard  -> no frame: costs no memory",
		  (unsigned long)start + mapped);
	say("    asked %lu, mapped %lu: the %s %lu bytes are slack, "
	    "checked by vfree\n", BUFFER_SIZE, mapped,
	    p == start ? "last" : "first", mapped - BUFFER_SIZE);
}

/* --- [2] memory in crumbs -------------------------------------------------- */

/* Pages of the largest free block. */
static unsigned long largest_block(void)
{
	unsigned long largest = 0;
	int order, i;

	for (i = 0; i < NR_ZONES; i++) {
		order = buddy_largest(&zones[i].buddy);
		if (order >= 0)
			largest = MAX(largest, 1UL << order);
	}
	return largest;
}

/* In how many pieces does physical memory hold this area? */
static unsigned long count_places(const char *p, unsigned long nr_pages)
{
	unsigned long places = 1, i;

	for (i = 1; i < nr_pages; i++)
		if (vmalloc_to_pfn(p + i * PAGE_SIZE) !=
		    vmalloc_to_pfn(p + (i - 1) * PAGE_SIZE) + 1)
			places++;
	return places;
}

static void show_both(unsigned int order)
{
	unsigned long size = PAGE_SIZE << order;
	struct page *block = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN, order);
	char *p = vmalloc(size);

	say("    alloc_pages(order %u)  %s\n", order, block ? "given" :
	    "refused: no zone has a block of that size left");
	if (p)
		say("    vmalloc(%lu KiB)     given: %lu frames from "
		    "%lu places, at %08lx\n", size / 1024, size / PAGE_SIZE,
		    count_places(p, size / PAGE_SIZE), (unsigned long)p);
	else
		say("    vmalloc(%lu KiB)     refused\n", size / 1024);
	vfree(p);
	__free_pages(block, order);
}

static void show_crumbs(void)
{
	unsigned int order = CRUMBS_ORDER;
	struct crumbs crumbs;
	char free[16];

	crumbs_make(&crumbs);
	while (order > 1 && 1UL << order > nr_free_pages() / 2)
		order--;
	say_scene("C6", "[2] Memory in crumbs: %s free, largest free block "
		  "%lu KiB", mib(nr_free_pages(), free),
		  largest_block() * (PAGE_SIZE / 1024));
	show_both(order);
	crumbs_release(&crumbs);
}

/* --- [3] an overrun -------------------------------------------------------- */

static __noinline void demo_overrun(char *p, unsigned long at)
{
	*(volatile char *)(p + at) = 'X';
}

/* The first byte of the guard. */
static void show_overrun(char *p)
{
	const char *guard = first_page(p) + ALIGN_UP(BUFFER_SIZE, PAGE_SIZE);
	unsigned long at = (unsigned long)(guard - p);
	struct recovery point;

	say_scene("C1 C2", "[3] p[%lu] = 'X', too far:", at);
	if (recovery_set(&point) == 0) {
		demo_overrun(p, at);
		recovery_clear(&point);
		say("    the access went through: THERE IS NO GUARD\n");
	}
}

void demo_run(void)
{
	struct list_head held;
	char *p, *neighbour;

	say("C1, C2 ... are the textbook's claims: docs/claims.md\n");
	show_map();
	trace(TRACE_BEGIN, "[1] vmalloc", 0);
	stir(&held);
	p = demo_buffer();
	neighbour = demo_neighbour();
	trace(TRACE_END, "[1] vmalloc", 0);
	if (p && neighbour) {
		show_vmalloc(p);
		trace(TRACE_BEGIN, "[2] memory in crumbs", 0);
		show_crumbs();
		trace(TRACE_END, "[2] memory in crumbs", 0);
		show_overrun(p);
	} else {
		say("This machine has too little memory for more.\n");
	}
	vfree(neighbour);
	vfree(p);
	release(&held);
	slab_drain();
}
