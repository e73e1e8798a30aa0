/* SPDX-License-Identifier: MIT */
/*
 * test_kmap.c - a frame keeps its address, an address is nobody's before a flush
 *
 * All frames come from one block of 4 MiB, so that two of them have one hash:
 * frame i and frame i + KMAP_SLOTS. The invariants are those of mm/kmap.c.
 */
#include <mm/highmem.h>

#include <kernel/lockrank.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/pgtable.h>
#include <mm/tlb.h>
#include <mm/zone.h>
#include <tests/ktest.h>
#include <x86/percpu.h>
#include <x86/spinlock.h>

#include "touch.h"

#define NR_FRAMES	(1U << MAX_ORDER)

static struct page *frames;

/* The first word of each frame says which one it is. */
static void take_frames(void)
{
	unsigned int i;

	kmap_drain();
	frames = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN, MAX_ORDER);
	if (frames && !page_is_highmem(frames)) {
		__free_pages(frames, MAX_ORDER);
		frames = NULL;
	}
	if (!frames)
		ktest_skip("this machine has no 4 MiB of HIGHMEM together");
	for (i = 0; i < NR_FRAMES; i++)
		memcpy_to_page(frames + i, 0, &i, sizeof(i));
}

static void give_frames(void)
{
	EXPECT_EQ(kmap_nr_users(), 0);
	EXPECT_EQ(kmap_check(), 0);
	kmap_drain();
	__free_pages(frames, MAX_ORDER);
}

static bool shows(const void *addr, unsigned int i)
{
	return *(const unsigned int *)addr == i;
}

static void map_first(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		REQUIRE(kmap(frames + i));
}

static void unmap_first(unsigned int nr)
{
	while (nr-- > 0)
		kunmap(frames + nr);
}

KTEST(kmap, low_memory_has_its_address_already)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct tlb_stats before = tlb_stats;
	void *p;

	REQUIRE(page);
	p = kmap(page);
	EXPECT(p == page_address(page));
	EXPECT_EQ(kmap_nr_users(), 0);
	kunmap(page);
	kmap_drain();
	EXPECT_NO_FAULT(touch_read(p));
	EXPECT_EQ(tlb_stats.full, before.full);
	__free_page(page);
}

KTEST(kmap, frame_has_one_address_for_all_its_users)		/* attacks PK3 */
{
	unsigned int *p, *q;

	take_frames();
	p = kmap(frames + 5);
	REQUIRE(p);
	EXPECT((unsigned long)p >= PKMAP_BASE && (unsigned long)p < PKMAP_END);
	EXPECT(shows(p, 5));
	q = kmap(frames + 6);
	EXPECT(q && q != p && shows(q, 6));
	EXPECT(kmap(frames + 5) == p);
	EXPECT_EQ(kmap_nr_users(), 3);
	kunmap(frames + 5);
	kunmap(frames + 6);
	EXPECT_EQ(kmap_nr_users(), 1);
	EXPECT(shows(p, 5));
	kunmap(frames + 5);
	give_frames();
}

static __noinline void expect_gone(void *p)
{
	EXPECT_FAULT(touch_read(p));
}

KTEST(kmap, frames_with_one_hash_do_not_meet)			/* attacks PK2 */
{
	void *p[2][4];
	unsigned int i, j;

	take_frames();
	for (i = 0; i < 4; i++)
		for (j = 0; j < 2; j++) {
			p[j][i] = kmap(frames + i + j * KMAP_SLOTS);
			REQUIRE(p[j][i]);
		}
	EXPECT_EQ(kmap_check(), 0);
	for (i = 0; i < 4; i++) {
		EXPECT(shows(p[0][i], i));
		EXPECT(shows(p[1][i], i + KMAP_SLOTS));
		EXPECT(kmap(frames + i) == p[0][i]);
		kunmap(frames + i);
		kunmap(frames + i);
	}
	kmap_drain();
	EXPECT_EQ(kmap_check(), 0);
	for (i = 0; i < 4; i++) {
		expect_gone(p[0][i]);
		EXPECT(kmap(frames + i + KMAP_SLOTS) == p[1][i]);
		kunmap(frames + i + KMAP_SLOTS);
		kunmap(frames + i + KMAP_SLOTS);
	}
	give_frames();
}

KTEST(kmap, mapping_outlives_its_last_user_until_the_flush)	/* attacks PK1 */
{
	struct tlb_stats before;
	const void *p;

	take_frames();
	p = kmap(frames);
	REQUIRE(p);
	kunmap(frames);
	before = tlb_stats;
	EXPECT(kmap(frames) == p);
	kunmap(frames);
	EXPECT_EQ(tlb_stats.full, before.full);
	kmap_drain();
	EXPECT_EQ(tlb_stats.full, before.full + 1);
	EXPECT_FAULT(touch_read(p));
	kmap_drain();
	EXPECT_EQ(tlb_stats.full, before.full + 1);
	give_frames();
}

KTEST(kmap, one_flush_for_a_whole_circle)			/* attacks PK4 */
{
	struct tlb_stats before;
	unsigned int i;

	take_frames();
	before = tlb_stats;
	for (i = 0; i < 2 * KMAP_SLOTS; i++) {
		void *p = kmap(frames + i);

		EXPECT(p && shows(p, i));
		EXPECT_EQ(tlb_stats.full - before.full, i / KMAP_SLOTS);
		kunmap(frames + i);
	}
	EXPECT_EQ(tlb_stats.pages, before.pages);
	give_frames();
}

KTEST(kmap, next_frame_in_a_slot_is_seen_at_once)		/* attacks PK1 */
{
	unsigned int i, same = 0;
	void *p[KMAP_SLOTS];

	take_frames();
	for (i = 0; i < KMAP_SLOTS; i++) {
		p[i] = kmap(frames + i);
		REQUIRE(p[i] && shows(p[i], i));
		kunmap(frames + i);
	}
	for (i = 0; i < KMAP_SLOTS; i++) {
		void *q = kmap(frames + KMAP_SLOTS + i);

		EXPECT(shows(q, KMAP_SLOTS + i));
		same += q == p[i];
		kunmap(frames + KMAP_SLOTS + i);
	}
	EXPECT_EQ(same, KMAP_SLOTS);
	give_frames();
}

KTEST(kmap, users_keep_their_addresses_through_a_flush)
{
	unsigned int *p, i;

	take_frames();
	map_first(100);
	p = kmap(frames + 50);
	for (i = 100; i < 3 * KMAP_SLOTS / 2; i++) {
		EXPECT(kmap(frames + i));
		kunmap(frames + i);
	}
	EXPECT(shows(p, 50));
	EXPECT(kmap(frames + 50) == p);
	kunmap(frames + 50);
	kunmap(frames + 50);
	unmap_first(100);
	give_frames();
}

KTEST(kmap, with_all_slots_in_use_it_refuses_with_a_line)
{
	uint64_t from;
	void *p;

	take_frames();
	map_first(KMAP_SLOTS);
	from = printk_position();
	EXPECT(!kmap(frames + KMAP_SLOTS));
	EXPECT(printk_position() != from);
	EXPECT_EQ(kmap_nr_users(), KMAP_SLOTS);
	EXPECT(kmap(frames + 7));			/* it has a slot */
	kunmap(frames + 7);
	kunmap(frames + 7);
	p = kmap(frames + KMAP_SLOTS);
	EXPECT(p && shows(p, KMAP_SLOTS));
	kunmap(frames + KMAP_SLOTS);
	EXPECT(kmap(frames + 7));
	unmap_first(KMAP_SLOTS);
	give_frames();
}

/* --- what is wrong --------------------------------------------------------- */

static __noinline void wrong_unmap(struct page *page)
{
	kunmap(page);
}

static void expect_refused(struct page *page)
{
	unsigned long users = kmap_nr_users();

	EXPECT_REPORT("is not mapped, or by nobody", wrong_unmap(page));
	EXPECT(ktest_report_contains("wrong_unmap"));
	EXPECT_EQ(kmap_nr_users(), users);
	EXPECT_EQ(kmap_check(), 0);
}

KTEST(kmap, wrong_kunmap_is_reported_and_changes_nothing)
{
	void *p;

	take_frames();
	expect_refused(frames + 1);			/* never mapped      */
	p = kmap(frames + 1);
	REQUIRE(p);
	expect_refused(frames + 1 + KMAP_SLOTS);	/* of the same hash  */
	kunmap(frames + 1);
	expect_refused(frames + 1);			/* once too often    */
	EXPECT(shows(p, 1));
	kmap_drain();
	expect_refused(frames + 1);			/* gone              */
	give_frames();
}

KTEST(kmap, interrupt_handler_is_refused)
{
	struct page *low;

	take_frames();
	low = alloc_page(GFP_KERNEL);
	REQUIRE(low && kmap(frames));
	this_cpu->irq_depth++;
	EXPECT_REPORT("kmap: refused", EXPECT(!kmap(frames)));
	EXPECT(ktest_report_contains("interrupt_handler_is_refused"));
	EXPECT_REPORT("kmap: refused", EXPECT(!kmap(low)));
	EXPECT_REPORT("kunmap: refused", kunmap(frames));
	EXPECT_REPORT("kunmap: refused", kunmap(low));
	this_cpu->irq_depth--;
	EXPECT_EQ(kmap_nr_users(), 1);
	kunmap(frames);
	this_cpu->irq_depth++;
	EXPECT_REPORT("kmap_drain: refused", kmap_drain());
	this_cpu->irq_depth--;
	give_frames();
	__free_page(low);
}

KTEST(kmap, holder_of_a_spinlock_is_refused)
{
	static struct spinlock lock = SPINLOCK_INIT(RANK_IRQ);
	void *p;

	take_frames();
	REQUIRE(kmap(frames));
	spin_lock(&lock);
	EXPECT_REPORT("kmap: refused", p = kmap(frames + 1));
	EXPECT_REPORT("kunmap: refused", kunmap(frames));
	spin_unlock(&lock);
	EXPECT(!p);
	kunmap(frames);
	give_frames();
}

/* The slot of a frame that is mapped. */
static uint16_t slot_of(const struct page *page)
{
	uint16_t n = 1;

	while (n < KMAP_SLOTS && kmaps.slot[n].page != page)
		n++;
	return n;
}

KTEST(kmap, check_finds_pk1_and_pk5)
{
	struct page *page;
	pte_t *pte, saved;
	uint8_t state;

	take_frames();
	page = frames;
	pte = kernel_pte((unsigned long)kmap(page));
	REQUIRE(pte);
	saved = *pte;
	pte_clear(pte);
	EXPECT_EQ(kmap_check(), 1);
	pte_set(pte, (pte_t){ saved.raw + PAGE_SIZE });
	EXPECT_EQ(kmap_check(), 1);
	pte_replace(pte, saved);
	pte_set(pte + 1, saved);			/* a slot without a frame */
	EXPECT_EQ(kmap_check(), 1);
	pte_clear(pte + 1);
	kmaps.slot[slot_of(page)].count = 0;		/* a frame without a user */
	EXPECT_EQ(kmap_check(), 1);
	kmaps.slot[slot_of(page)].count = 2;
	EXPECT_EQ(kmap_check(), 0);
	state = page->state;
	page->state = PAGE_FREE;
	EXPECT_EQ(kmap_check(), 5);
	page->state = state;
	kunmap(page);
	give_frames();
}

KTEST(kmap, check_finds_pk2)
{
	uint16_t *first, n;

	take_frames();
	map_first(2);
	n = slot_of(frames);
	first = &kmaps.first[0];
	while (*first != n)
		first++;
	*first = 0;				/* in no chain */
	EXPECT_EQ(kmap_check(), 2);
	*first = slot_of(frames + 1);		/* in another hash's */
	EXPECT_EQ(kmap_check(), 2);
	*first = n;
	kmaps.next[n] = n;			/* without an end */
	EXPECT_EQ(kmap_check(), 2);
	kmaps.next[n] = 0;
	EXPECT_EQ(kmap_check(), 0);
	unmap_first(2);
	give_frames();
}

/* One hash, one frame, one entry; and two slots. */
KTEST(kmap, check_finds_pk3)
{
	struct page *twin;
	pte_t *pte, saved;
	uint16_t n;

	take_frames();
	twin = frames + KMAP_SLOTS;
	REQUIRE(kmap(frames));
	pte = kernel_pte((unsigned long)kmap(twin));
	REQUIRE(pte);
	saved = *pte;
	n = slot_of(twin);
	kmaps.slot[n].page = frames;
	pte_replace(pte, *kernel_pte(PKMAP_BASE + (slot_of(frames) - 1UL) *
				     PAGE_SIZE));
	EXPECT_EQ(kmap_check(), 3);
	kmaps.slot[n].page = twin;
	pte_replace(pte, saved);
	EXPECT_EQ(kmap_check(), 0);
	kunmap(frames);
	kunmap(twin);
	give_frames();
}

KTEST(kmap, check_finds_pk4)
{
	take_frames();
	map_first(1);
	kmaps.cursor++;				/* over a slot that is free */
	EXPECT_EQ(kmap_check(), 4);
	kmaps.cursor--;
	EXPECT_EQ(kmap_check(), 0);
	unmap_first(1);
	give_frames();
}

/* --- against a model ------------------------------------------------------- */

KTEST(kmap, random_users_match_a_model)
{
	static unsigned int users[NR_FRAMES];
	static unsigned int *address[NR_FRAMES];
	struct random *random = ktest_random();
	unsigned int step, i, mapped = 0, total = 0, wrong = 0;

	take_frames();
	memset(users, 0, sizeof(users));
	for (step = 0; step < 20000; step++) {
		i = random_below(random, NR_FRAMES);
		if (users[i] == 0 ? mapped == KMAP_SLOTS
				  : random_below(random, 2)) {
			if (users[i] == 0)
				continue;
			kunmap(frames + i);
			total--;
			mapped -= --users[i] == 0;
			continue;
		}
		address[i] = kmap(frames + i);
		REQUIRE(address[i]);
		total++;
		mapped += users[i]++ == 0;
		i = random_below(random, NR_FRAMES);
		wrong += users[i] && !shows(address[i], i);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(kmap_nr_users(), total);
	EXPECT(mapped > KMAP_SLOTS / 2);
	for (i = 0; i < NR_FRAMES; i++)
		while (users[i]) {
			wrong += !shows(address[i], i);
			kunmap(frames + i);
			users[i]--;
		}
	EXPECT_EQ(wrong, 0);
	give_frames();
}
