/* SPDX-License-Identifier: MIT */
/*
 * test_frames.c - every frame that can be had is memory, and nobody else's
 *
 * Problem     A frame handed out where there is no RAM, or twice, or under two
 *             numbers, looks like any other until somebody's data is gone.
 * Idea        Take all there are, write its own number into each, and only then
 *             read them back: a frame that is no memory has forgotten it, and of
 *             two that are one the first holds the number of the second.
 * Cost        Two visits to each frame, at most NR_FRAMES_MOST of them: the host
 *             of an emulator finds memory for each. On large machines one block
 *             of 2^MAX_ORDER in so many is visited. That number is a power of
 *             two, so of frames whose addresses differ in high bits only, which
 *             would be one if those were lost, all are visited or none.
 * See         mm/page_alloc.c, tests/machine/test_hostile.py (what no entry of
 *             a loader's map gave is not among them, seen from outside)
 */
#include <mm/page_alloc.h>

#include <mm/highmem.h>
#include <mm/zone.h>
#include <tests/ktest.h>

#include "hoard.h"

#define NR_FRAMES_MOST	(MIB(256) >> PAGE_SHIFT)
#define LAST_WORD	(PAGE_SIZE / sizeof(uint32_t) - 1)

static struct list_head held[NR_ZONES];
static unsigned long nr_wrong;

static unsigned int choose_step(unsigned long nr_frames)
{
	unsigned int step = 1;

	while (nr_frames / step > NR_FRAMES_MOST)
		step *= 2;
	return step;
}

/* Both ends of a frame say which one it is. */
static bool write_number(uint32_t *words, pfn_t pfn)
{
	words[0] = pfn;
	words[LAST_WORD] = ~pfn;
	return true;
}

static bool has_number(uint32_t *words, pfn_t pfn)
{
	return words[0] == pfn && words[LAST_WORD] == ~pfn;
}

typedef bool visitor(uint32_t *words, pfn_t pfn);

static void visit_frame(pfn_t pfn, visitor *visit)
{
	uint32_t *words = kmap_local_page(pfn_to_page(pfn));
	bool good = visit(words, pfn);

	kunmap_local(words);
	if (!good && nr_wrong++ == 0)
		ktest_note("frame %05x is no memory, or another as well", pfn);
}

/* Blocks are aligned: all frames of one are visited, or none. */
static unsigned long visit_held(unsigned int step, visitor *visit)
{
	unsigned long nr = 0;
	struct page *page;
	unsigned int id;
	pfn_t pfn, i;

	for (id = 0; id < NR_ZONES; id++)
		list_for_each_entry(page, &held[id], link) {
			pfn = page_to_pfn(page);
			if ((pfn >> MAX_ORDER) % step)
				continue;
			for (i = 0; i < 1U << page->order; i++, nr++)
				visit_frame(pfn + i, visit);
		}
	return nr;
}

KTEST(frames, each_keeps_its_number_while_all_others_are_written)
{
	unsigned long nr_free = nr_free_pages(), nr;
	unsigned int step = choose_step(nr_free);

	nr_wrong = 0;
	hoard_all(held);
	EXPECT_EQ(nr_free_pages(), 0);
	nr = visit_held(step, write_number);
	EXPECT(step == 1 ? nr == nr_free : nr > 0);
	EXPECT_EQ(visit_held(step, has_number), nr);
	EXPECT_EQ(nr_wrong, 0);
	hoard_release_all(held);
}
