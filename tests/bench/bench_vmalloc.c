/* SPDX-License-Identifier: MIT */
/*
 * bench_vmalloc.c - what areas of frames cost, alone and among many
 *
 * Idea        A pair, of sizes from one page on; with frames from either zone;
 *             with so many areas live beside it; and in a window full of holes:
 *             4000 areas of four pages, every other one freed. Areas that only
 *             have to be there are linked by their first words and made with the
 *             fastest index, whichever is measured.
 * See         tests/bench/figures.txt, docs/book/mm/vmap.md
 */
#include <tests/bench.h>

#include <lib/bits.h>
#include <mm/page_alloc.h>
#include <mm/vmap.h>
#include <tests/sealed.h>

static void *(*volatile vmalloc_ptr)(unsigned long) = vmalloc;
static void *(*volatile vmalloc_flags_ptr)(unsigned long, gfp_t, pgprot_t) =
	__vmalloc;
static void (*volatile vfree_ptr)(const void *) = vfree;
static void *(*volatile vmap_ptr)(struct page **, unsigned int, unsigned long,
				  pgprot_t) = vmap;
static void (*volatile vunmap_ptr)(const void *) = vunmap;

#define VMALLOC_PAIR(symbol, name, call)				\
	static void run_vmalloc_##symbol(void)				\
	{								\
		void *p = call;						\
									\
		if (!p)							\
			bench_failed = true;				\
		vfree_ptr(p);						\
	}								\
	KBENCH(vmalloc_##symbol, name, NULL, run_vmalloc_##symbol, NULL)

VMALLOC_PAIR(1, "vmalloc.1p.pair", vmalloc_ptr(PAGE_SIZE));
VMALLOC_PAIR(4, "vmalloc.4p.pair", vmalloc_ptr(4 * PAGE_SIZE));
VMALLOC_PAIR(16, "vmalloc.16p.pair", vmalloc_ptr(16 * PAGE_SIZE));
VMALLOC_PAIR(256, "vmalloc.256p.pair", vmalloc_ptr(256 * PAGE_SIZE));
VMALLOC_PAIR(1024, "vmalloc.1024p.pair", vmalloc_ptr(1024 * PAGE_SIZE));
VMALLOC_PAIR(high, "vmalloc.16p.highmem.pair",
	     vmalloc_flags_ptr(16 * PAGE_SIZE, GFP_HIGHUSER, PAGE_KERNEL));
VMALLOC_PAIR(normal, "vmalloc.16p.normal.pair",
	     vmalloc_flags_ptr(16 * PAGE_SIZE, GFP_KERNEL, PAGE_KERNEL));

/* --- frames that are there --------------------------------------------------- */

static struct page *frames[16];

static void take_frames(void)
{
	if (alloc_pages_bulk_array(GFP_HIGHUSER, 16, frames) < 16)
		bench_failed = true;
}

static void give_frames(void)
{
	release_pages(frames, 16);
}

static void run_vmap_16(void)
{
	void *p = vmap_ptr(frames, 16, VM_MAP, PAGE_KERNEL);

	if (!p)
		bench_failed = true;
	vunmap_ptr(p);
}
KBENCH(vmap_16, "vmap.16p.pair", take_frames, run_vmap_16, give_frames);

/* --- among others ------------------------------------------------------------ */

static void *live;			/* areas, each with the next one's address */
static void *got;

static void add_live(void *area)
{
	if (!area) {
		bench_failed = true;
		return;
	}
	*(void **)area = live;
	live = area;
}

static void fill(unsigned int nr, unsigned long pages)
{
	const char *measured = vmap_chosen();

	UNSEALED(vmap_choose("vmem"));
	while (nr-- > 0 && !bench_failed)
		add_live(vmalloc(pages * PAGE_SIZE));
	UNSEALED(vmap_choose(measured));
}

static void free_live(void)
{
	while (live) {
		void *p = live;

		live = *(void **)p;
		vfree(p);
	}
}

static void free_every_other(void)
{
	void **p;

	for (p = live; p && *p; p = *p) {
		void **other = *p;

		*p = *other;
		vfree(other);
		if (!*p)
			break;
	}
}

static void free_got(void)
{
	vfree(got);
}

/* The next one is to ask the index, and not the stock. */
static void free_got_and_stock(void)
{
	free_got();
	vmalloc_drain();
}

static void keep_got(void)
{
	add_live(got);
}

static void run_alloc_1(void)
{
	got = vmalloc_ptr(PAGE_SIZE);
	if (!got)
		bench_failed = true;
}

static void run_alloc_4(void)
{
	got = vmalloc_ptr(4 * PAGE_SIZE);
	if (!got)
		bench_failed = true;
}

static void run_alloc_16(void)
{
	got = vmalloc_ptr(16 * PAGE_SIZE);
	if (!got)
		bench_failed = true;
}

#define LIVE(nr, window)						\
	static void prepare_live_##nr(void)				\
	{								\
		fill(nr, 1);						\
	}								\
	KBENCH_WITH(live_##nr, "vmalloc.1p.live" #nr ".alloc",		\
		    .prepare = prepare_live_##nr, .run = run_alloc_1,	\
		    .after = free_got_and_stock, .finish = free_live,	\
		    .needs_free = nr * 5 / 1024, .needs_vmalloc = window)

LIVE(0, 0);
LIVE(100, 0);
LIVE(1000, 0);
LIVE(10000, 0);
LIVE(40000, 512);

static void prepare_frag(void)
{
	fill(4000, 4);
	free_every_other();
}

/* Freed before the next is asked for, or kept: each has another hole. */
#define FRAG(symbol, name, run_, after_)				\
	KBENCH_WITH(symbol, "vmalloc.frag." name ".alloc",		\
		    .prepare = prepare_frag, .run = run_,		\
		    .after = after_, .finish = free_live, .needs_free = 100)

FRAG(frag_same, "same4p", run_alloc_4, free_got);
FRAG(frag_bigger, "bigger16p", run_alloc_16, free_got);
FRAG(frag_same_kept, "same4p.kept", run_alloc_4, keep_got);
FRAG(frag_bigger_kept, "bigger16p.kept", run_alloc_16, keep_got);
