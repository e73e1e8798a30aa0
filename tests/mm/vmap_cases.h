/* SPDX-License-Identifier: MIT */
/*
 * vmap_cases.h - ranges of the window: in order, in bounds, whichever the index
 *
 * What all three indexes must agree on. Each has a file that says which one it is
 * - SUITE, INDEX, and whether it takes the lowest hole, LOWEST_FIRST - includes
 * this and adds what it alone promises. The index is chosen for the duration of a
 * case, so one boot tests all of them.
 *
 * The cases put records of their own into the list, into a stretch of the
 * window that is free at the start of each: the arena. It is a small window
 * of its own, so whatever else lives in the real one does not matter. Sizes
 * are in pages and include the guard, as the list sees them.
 */
#ifndef TESTS_MM_VMAP_CASES_H
#define TESTS_MM_VMAP_CASES_H

#include <mm/vmap.h>

#include <lib/errno.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <tests/ktest.h>
#include <tests/sealed.h>

#define ARENA_PAGES	256U
#define ARENA_SIZE	(ARENA_PAGES * PAGE_SIZE)
#define NR_POOL		64U

static struct vmap_area pool[NR_POOL];
static unsigned long arena;
static const char *at_boot;		/* the index that was chosen then */

static void with_index(const char *name, void (*run)(void))
{
	if (!at_boot)
		at_boot = vmap_chosen();
	UNSEALED(vmap_choose(name));
	EXPECT_STR(vmap_chosen(), name);
	run();
	UNSEALED(vmap_choose(at_boot));
}

/* A case of the suite that includes this. */
#define CASE(name)							\
	static void run_##name(void);					\
	KTEST(SUITE, name)						\
	{								\
		with_index(INDEX, run_##name);				\
	}								\
	static void run_##name(void)

/* Of a live area only its owner may, who has claimed it. */
static void take_out(struct vmap_area *area)
{
	unsigned long start = (unsigned long)area->vm.addr;

	if (vmap_find(start) == area)
		EXPECT(vmap_claim(start, 0) == area);
	vmap_remove(area);
}

/* Also after a case that ended early. */
static void remove_all(void)
{
	unsigned int i;

	for (i = 0; i < NR_POOL; i++)
		if (pool[i].vm.addr)
			take_out(&pool[i]);
	memset(pool, 0, sizeof(pool));
	EXPECT_EQ(vmap_check(), 0);
}

static void find_arena(void)
{
	static struct vmap_area probe;

	remove_all();
	probe = (struct vmap_area){ .vm.size = ARENA_SIZE };
	REQUIRE(vmap_insert(&probe, MIB(1), VMALLOC_START, VMALLOC_END) == 0);
	arena = (unsigned long)probe.vm.addr;
	vmap_remove(&probe);
}

/* An area that is in the list already would make a circle of it. */
static int insert_busy(struct vmap_area *area, unsigned long size,
		       unsigned long align, unsigned long start,
		       unsigned long end)
{
	REQUIRE(!area->vm.addr);
	*area = (struct vmap_area){ .vm.size = size, .vm.flags = VM_MAP };
	return vmap_insert(area, align, start, end);
}

static int insert_within(struct vmap_area *area, unsigned long size,
			 unsigned long align, unsigned long start,
			 unsigned long end)
{
	int err = insert_busy(area, size, align, start, end);

	if (!err)
		vmap_publish(area);
	return err;
}

static int insert_aligned(struct vmap_area *area, unsigned long nr,
			  unsigned long align)
{
	return insert_within(area, nr * PAGE_SIZE, align, arena,
			     arena + ARENA_SIZE);
}

static int insert(struct vmap_area *area, unsigned long nr)
{
	return insert_aligned(area, nr, PAGE_SIZE);
}

/* The page of the arena on which @area begins. */
static unsigned long page_of(const struct vmap_area *area)
{
	return ((unsigned long)area->vm.addr - arena) / PAGE_SIZE;
}

/* Pool areas 0, 1, 2 ... of these sizes behind each other; 0 ends the list. */
static void insert_row(const unsigned int *sizes)
{
	unsigned long page = 0;
	unsigned int i;

	for (i = 0; sizes[i]; i++) {
		REQUIRE(insert(&pool[i], sizes[i]) == 0);
		REQUIRE(page_of(&pool[i]) == page);
		page += sizes[i];
	}
}

static void remove_one(struct vmap_area *area)
{
	take_out(area);
	area->vm.addr = NULL;
}

/* --- holes ---------------------------------------------------------------- */

CASE(areas_follow_each_other_from_the_start)	/* attacks V2 */
{
	static const unsigned int sizes[] = { 2, 3, 7, 2, 0 };
	unsigned long areas = vmap_nr_areas();

	find_arena();
	insert_row(sizes);
	EXPECT_EQ(vmap_nr_areas(), areas + 4);
	EXPECT(pool[0].vm.next == &pool[1].vm);		/* C11 */
	EXPECT(pool[1].vm.next == &pool[2].vm);
	EXPECT(pool[2].vm.next == &pool[3].vm);
	EXPECT_EQ(vmap_check(), 0);
	remove_all();
	EXPECT_EQ(vmap_nr_areas(), areas);
}

CASE(hole_is_reused_by_an_exact_fit)
{
	static const unsigned int sizes[] = { 2, 5, 2, 0 };

	find_arena();
	insert_row(sizes);
	remove_one(&pool[1]);
	REQUIRE(insert(&pool[3], 5) == 0);
	EXPECT_EQ(page_of(&pool[3]), 2);
	EXPECT(pool[0].vm.next == &pool[3].vm);
	EXPECT(pool[3].vm.next == &pool[2].vm);
	remove_all();
}

CASE(hole_one_page_too_small_is_skipped)
{
	static const unsigned int sizes[] = { 2, 5, 2, 0 };

	find_arena();
	insert_row(sizes);
	remove_one(&pool[1]);
	REQUIRE(insert(&pool[3], 6) == 0);
	EXPECT_EQ(page_of(&pool[3]), 9);
	remove_all();
}

#if LOWEST_FIRST
CASE(lowest_hole_that_fits_is_taken)
{
	static const unsigned int sizes[] = { 3, 2, 8, 2, 5, 2, 5, 2, 0 };

	find_arena();
	insert_row(sizes);
	remove_one(&pool[6]);
	remove_one(&pool[0]);
	remove_one(&pool[4]);
	REQUIRE(insert(&pool[8], 4) == 0);	/* not 0..3, not 22..27 */
	EXPECT_EQ(page_of(&pool[8]), 15);
	REQUIRE(insert(&pool[9], 5) == 0);
	EXPECT_EQ(page_of(&pool[9]), 22);
	REQUIRE(insert(&pool[10], 3) == 0);
	EXPECT_EQ(page_of(&pool[10]), 0);
	remove_all();
}
#endif

CASE(neighbouring_holes_are_one)
{
	static const unsigned int sizes[] = { 2, 3, 4, 2, 0 };

	find_arena();
	insert_row(sizes);
	remove_one(&pool[2]);
	remove_one(&pool[1]);
	REQUIRE(insert(&pool[4], 7) == 0);
	EXPECT_EQ(page_of(&pool[4]), 2);
	remove_all();
}

/* --- alignment ------------------------------------------------------------- */

CASE(alignment_holds_and_wastes_no_more_than_it_must)
{
	unsigned long align, pages;

	find_arena();
	for (align = PAGE_SIZE; align <= ARENA_SIZE / 2; align *= 2) {
		pages = align / PAGE_SIZE;
		REQUIRE(insert(&pool[0], 3) == 0);
		REQUIRE(insert_aligned(&pool[1], 2, align) == 0);
		EXPECT(IS_ALIGNED((unsigned long)pool[1].vm.addr, align));
		EXPECT_EQ(page_of(&pool[1]), ALIGN_UP(3, pages));
		remove_one(&pool[1]);
		remove_one(&pool[0]);
	}
	remove_all();
}

CASE(hole_that_fits_only_unaligned_is_skipped)
{
	static const unsigned int sizes[] = { 3, 9, 2, 0 };

	find_arena();
	insert_row(sizes);
	remove_one(&pool[1]);			/* free: [3, 12), and from 14 */
	REQUIRE(insert_aligned(&pool[3], 5, 8 * PAGE_SIZE) == 0);
	EXPECT_EQ(page_of(&pool[3]), 16);
	REQUIRE(insert_aligned(&pool[4], 4, 8 * PAGE_SIZE) == 0);
	EXPECT_EQ(page_of(&pool[4]), 8);
	remove_all();
}

/* --- bounds ---------------------------------------------------------------- */

CASE(window_is_filled_to_its_last_page_and_no_further) /* V1 */
{
	find_arena();
	EXPECT_EQ(insert(&pool[0], ARENA_PAGES + 1), -ENOSPC);
	EXPECT_EQ(insert(&pool[0], ARENA_PAGES), 0);
	EXPECT_EQ(page_of(&pool[0]), 0);
	EXPECT_EQ(insert(&pool[1], 2), -ENOSPC);
	remove_one(&pool[0]);
	REQUIRE(insert(&pool[0], ARENA_PAGES - 2) == 0);
	EXPECT_EQ(insert(&pool[1], 3), -ENOSPC);
	EXPECT_EQ(insert(&pool[1], 2), 0);
	EXPECT_EQ(page_of(&pool[1]), ARENA_PAGES - 2);
	EXPECT_EQ(insert(&pool[2], 2), -ENOSPC);
	remove_all();
}

/*
 * Linux 2.6.24 looks at the window's end only when an area lies behind the
 * place it found: in an empty list, and above the last area, it does not.
 */
CASE(end_counts_also_where_no_area_follows)	/* attacks V1 */
{
	unsigned long size = VMALLOC_END - VMALLOC_START;

	find_arena();
	EXPECT_EQ(insert_within(&pool[0], size + PAGE_SIZE, PAGE_SIZE,
				VMALLOC_START, VMALLOC_END), -ENOSPC);
	EXPECT_EQ(insert_within(&pool[0], 3 * PAGE_SIZE, PAGE_SIZE,
				VMALLOC_END - 2 * PAGE_SIZE, VMALLOC_END),
		  -ENOSPC);
	if (vmap_nr_areas() == 0) {
		EXPECT_EQ(insert_within(&pool[0], size, PAGE_SIZE,
					VMALLOC_START, VMALLOC_END), 0);
		EXPECT_EQ((unsigned long)pool[0].vm.addr, VMALLOC_START);
		EXPECT_EQ(vmap_check(), 0);
		remove_one(&pool[0]);
	}
	remove_all();
}

/* Neither in the arena nor in the whole window. */
static void expect_no_room(unsigned long size, unsigned long align)
{
	EXPECT_EQ(insert_within(&pool[1], size, align, arena,
				arena + ARENA_SIZE), -ENOSPC);
	EXPECT_EQ(insert_within(&pool[1], size, align, VMALLOC_START,
				VMALLOC_END), -ENOSPC);
}

CASE(sizes_near_4_gib_do_not_wrap)			/* attacks V1 */
{
	static const unsigned long sizes[] = {
		0xFFFFF000, 0xFFFFE000, 0xFF000000, 0x80000000, 0x40000000,
	};
	unsigned long align, areas = vmap_nr_areas();
	unsigned int i;

	find_arena();
	REQUIRE(insert(&pool[0], 2) == 0);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (align = PAGE_SIZE; align; align *= 2)
			expect_no_room(sizes[i], align);
	for (align = 2 * ARENA_SIZE; align; align *= 2)	/* nothing so round */
		EXPECT_EQ(insert_within(&pool[1], 2 * PAGE_SIZE, align,
					arena + PAGE_SIZE, arena + ARENA_SIZE),
			  -ENOSPC);
	EXPECT_EQ(vmap_nr_areas(), areas + 1);
	remove_all();
}

CASE(area_across_the_bounds_of_a_search_is_respected) /* V2 */
{
	find_arena();
	REQUIRE(insert(&pool[0], 10) == 0);
	EXPECT_EQ(insert_within(&pool[1], 4 * PAGE_SIZE, PAGE_SIZE,
				arena + 5 * PAGE_SIZE, arena + 20 * PAGE_SIZE),
		  0);
	EXPECT_EQ(page_of(&pool[1]), 10);
	REQUIRE(insert(&pool[2], ARENA_PAGES - 20) == 0);	/* 14 .. 250 */
	EXPECT_EQ(insert_within(&pool[3], 4 * PAGE_SIZE, PAGE_SIZE,
				arena + 12 * PAGE_SIZE,
				arena + 100 * PAGE_SIZE), -ENOSPC);
	remove_all();
}

CASE(refusal_leaves_the_list_as_it_was)		/* attacks V4 */
{
	static const unsigned int sizes[] = { 30, 50, 70, 90, 0 };
	unsigned long areas;
	unsigned int i;

	find_arena();
	insert_row(sizes);
	remove_one(&pool[1]);
	areas = vmap_nr_areas();
	for (i = 51; i < 60; i++)
		EXPECT_EQ(insert(&pool[4], i), -ENOSPC);
	EXPECT_EQ(vmap_nr_areas(), areas);
	EXPECT(pool[0].vm.next == &pool[2].vm);
	EXPECT(pool[2].vm.next == &pool[3].vm);
	EXPECT(!vmap_find(0));
	remove_all();
}

/* --- finding and claiming -------------------------------------------------- */

CASE(only_the_exact_start_finds_an_area)
{
	unsigned long start;

	find_arena();
	REQUIRE(insert(&pool[0], 4) == 0);
	start = (unsigned long)pool[0].vm.addr;
	EXPECT(vmap_find(start) == &pool[0]);
	EXPECT(!vmap_find(start - 1));
	EXPECT(!vmap_find(start + 1));
	EXPECT(!vmap_find(start + PAGE_SIZE));
	EXPECT(!vmap_find(start + 3 * PAGE_SIZE));	/* its guard */
	EXPECT(!vmap_find(start + 4 * PAGE_SIZE));
	EXPECT(!vmap_find(0));
	EXPECT(!vmap_find(~0UL));
	remove_all();
}

CASE(claimed_area_is_not_found_and_keeps_its_addresses)
{
	unsigned long start;

	find_arena();
	REQUIRE(insert(&pool[0], 4) == 0);
	start = (unsigned long)pool[0].vm.addr;
	EXPECT(vmap_claim(start, VM_MAP) == &pool[0]);
	EXPECT(!vmap_find(start));
	EXPECT(!vmap_claim(start, VM_MAP));		/* once only */
	REQUIRE(insert(&pool[1], 2) == 0);
	EXPECT_EQ(page_of(&pool[1]), 4);
	remove_one(&pool[0]);
	REQUIRE(insert(&pool[2], 4) == 0);
	EXPECT_EQ(page_of(&pool[2]), 0);
	remove_all();
}

/* Half-built: its addresses are taken, but nobody can find or remove it. */
CASE(area_being_made_is_not_found_until_it_is_published)
{
	unsigned long start;

	find_arena();
	REQUIRE(insert_busy(&pool[0], 4 * PAGE_SIZE, PAGE_SIZE, arena,
			    arena + ARENA_SIZE) == 0);
	start = (unsigned long)pool[0].vm.addr;
	EXPECT(!vmap_find(start));
	EXPECT(!vmap_claim(start, 0));
	EXPECT_EQ(vmap_check(), 0);
	vmap_publish(&pool[0]);
	EXPECT(vmap_find(start) == &pool[0]);
	remove_all();
}

CASE(claim_wants_the_start_and_one_of_the_flags)
{
	unsigned long start;

	find_arena();
	REQUIRE(insert(&pool[0], 4) == 0);
	start = (unsigned long)pool[0].vm.addr;
	EXPECT(!vmap_claim(start, VM_ALLOC));
	EXPECT(!vmap_claim(start, VM_ALLOC | VM_IOREMAP));
	EXPECT(!vmap_claim(start + PAGE_SIZE, VM_MAP));
	EXPECT(vmap_find(start) == &pool[0]);		/* left alone */
	EXPECT(vmap_claim(start, VM_ALLOC | VM_MAP) == &pool[0]);
	remove_all();
}

/* --- neighbours ------------------------------------------------------------ */

struct around { unsigned long addr; const struct vmap_area *below, *above; };

static int note_around(const struct vmap_area *area, void *arg)
{
	struct around *a = arg;

	if ((unsigned long)area->vm.addr <= a->addr)
		a->below = area;
	else if (!a->above)
		a->above = area;
	return 0;
}

static void expect_neighbours(unsigned long addr)
{
	struct around model = { .addr = addr };
	struct vmap_area *below, *above;

	vmap_for_each(note_around, &model);
	vmap_neighbours(addr, &below, &above);
	EXPECT(below == model.below);
	EXPECT(above == model.above);
}

CASE(neighbours_are_right_at_every_position)
{
	static const unsigned int sizes[] = { 2, 3, 4, 2, 6, 0 };
	unsigned long page;

	find_arena();
	for (page = 0; page < ARENA_PAGES; page += 50)	/* none of ours yet */
		expect_neighbours(arena + page * PAGE_SIZE);
	insert_row(sizes);
	remove_one(&pool[2]);
	for (page = 0; page < 20; page++) {
		expect_neighbours(arena + page * PAGE_SIZE);
		expect_neighbours(arena + page * PAGE_SIZE - 1);
		expect_neighbours(arena + page * PAGE_SIZE + 1);
	}
	expect_neighbours(0);
	expect_neighbours(VMALLOC_START);
	expect_neighbours(VMALLOC_END - 1);
	expect_neighbours(~0UL);
	remove_all();
}

/* A report may meet a list that an overrun has damaged. */
CASE(neighbours_end_even_in_a_circle)
{
	static const unsigned int sizes[] = { 2, 2, 2, 0 };
	struct vmap_area *below, *above;
	struct vm_struct *next;

	find_arena();
	insert_row(sizes);
	next = pool[2].vm.next;
	pool[2].vm.next = &pool[0].vm;
	vmap_neighbours(VMALLOC_END, &below, &above);
	pool[2].vm.next = next;
	EXPECT(below);
	remove_all();
}

struct visit { const struct vmap_area *last; unsigned int seen, stop; };

static int count_until(const struct vmap_area *area, void *arg)
{
	struct visit *v = arg;

	EXPECT(!v->last || v->last->vm.addr < area->vm.addr);
	v->last = area;
	return ++v->seen == v->stop ? 42 : 0;
}

CASE(for_each_goes_upwards_and_stops_when_told)
{
	static const unsigned int sizes[] = { 2, 3, 4, 2, 6, 0 };
	struct visit all = { 0 }, some = { .stop = 3 };

	find_arena();
	insert_row(sizes);
	EXPECT_EQ(vmap_for_each(count_until, &all), 0);
	EXPECT_EQ(all.seen, vmap_nr_areas());
	EXPECT_EQ(vmap_for_each(count_until, &some), 42);
	EXPECT_EQ(some.seen, 3);
	remove_all();
}

/* --- against a model ------------------------------------------------------- */

static bool taken[ARENA_PAGES];

/* The lowest place by trying all; ARENA_PAGES: none. */
static unsigned int model_place(unsigned int nr, unsigned int align)
{
	unsigned int at, i;

	for (at = 0; at + nr <= ARENA_PAGES; at += align) {
		for (i = 0; i < nr && !taken[at + i]; i++)
			;
		if (i == nr)
			return at;
	}
	return ARENA_PAGES;
}

static void model_set(unsigned long at, unsigned long nr, bool value)
{
	memset(&taken[at], value, nr);
}

static void random_insert(struct vmap_area *area)
{
	unsigned int nr = 2 + random_below(ktest_random(), 15);
	unsigned int align = 1U << random_below(ktest_random(), 6);
	unsigned int place = model_place(nr, align);

	if (place == ARENA_PAGES) {
		EXPECT_EQ(insert_aligned(area, nr, align * PAGE_SIZE), -ENOSPC);
		area->vm.addr = NULL;
		return;
	}
	REQUIRE(insert_aligned(area, nr, align * PAGE_SIZE) == 0);
	if (LOWEST_FIRST)
		EXPECT_EQ(page_of(area), place);
	EXPECT(IS_ALIGNED((unsigned long)area->vm.addr, align * PAGE_SIZE));
	EXPECT(page_of(area) + nr <= ARENA_PAGES);
	EXPECT(!memchr_inv(&taken[page_of(area)], false, nr));
	model_set(page_of(area), nr, true);
}

CASE(random_inserts_and_removals_match_a_model)	/* V1 to V7 */
{
	unsigned int step, refused = 0;

	find_arena();
	memset(taken, 0, sizeof(taken));
	for (step = 0; step < 4000; step++) {
		struct vmap_area *area = &pool[random_below(ktest_random(),
							    NR_POOL)];

		if (!area->vm.addr) {
			random_insert(area);
			refused += !area->vm.addr;
		} else {
			model_set(page_of(area), area->vm.size / PAGE_SIZE,
				  false);
			remove_one(area);
		}
		if (step % 16 == 0)
			EXPECT_EQ(vmap_check(), 0);
	}
	EXPECT(refused > 0);			/* the arena was full at times */
	remove_all();
}

/* --- each invariant broken and found --------------------------------------- */

CASE(check_finds_v1)
{
	static const unsigned int sizes[] = { 4, 4, 0 };
	struct vm_struct *vm = &pool[1].vm;
	void *addr;

	find_arena();
	insert_row(sizes);
	addr = vm->addr;
	vm->addr = (char *)addr + 16;
	EXPECT_EQ(vmap_check(), 1);
	vm->addr = (void *)(VMALLOC_END - 2 * PAGE_SIZE);	/* ends outside */
	EXPECT_EQ(vmap_check(), 1);
	vm->addr = (void *)PAGE_OFFSET;
	EXPECT_EQ(vmap_check(), 1);
	vm->addr = addr;
	vm->size = PAGE_SIZE;					/* a guard alone */
	EXPECT_EQ(vmap_check(), 1);
	vm->size = 0xFFFFF000;
	EXPECT_EQ(vmap_check(), 1);
	vm->size = 4 * PAGE_SIZE - 1;
	EXPECT_EQ(vmap_check(), 1);
	vm->size = 4 * PAGE_SIZE;
	remove_all();
}

CASE(check_finds_v2)
{
	static const unsigned int sizes[] = { 4, 4, 4, 0 };

	find_arena();
	insert_row(sizes);
	pool[1].vm.size += PAGE_SIZE;
	EXPECT_EQ(vmap_check(), 2);
	pool[1].vm.size -= PAGE_SIZE;
	remove_all();
}

CASE(check_finds_v3)
{
	struct page *page = alloc_page(GFP_KERNEL);
	unsigned long guard;

	REQUIRE(page);
	find_arena();
	REQUIRE(insert(&pool[0], 3 + (unsigned int)(VM_GUARD_SIZE / PAGE_SIZE))
		== 0);
	guard = arena + 3 * PAGE_SIZE;
	REQUIRE(map_pages(guard - PAGE_SIZE, &page, 1, PAGE_KERNEL) == 0);
	EXPECT_EQ(vmap_check(), 0);
	REQUIRE(map_pages(guard, &page, 1, PAGE_KERNEL) == 0);
	EXPECT_EQ(vmap_check(), 3);
	unmap_range(arena, arena + 4 * PAGE_SIZE);
	remove_all();
	__free_page(page);
}

CASE(check_finds_v4)
{
	static const unsigned int sizes[] = { 4, 4, 4, 0 };
	void *addr;

	find_arena();
	insert_row(sizes);
	addr = pool[0].vm.addr;				/* two change places */
	pool[0].vm.addr = pool[1].vm.addr;
	pool[1].vm.addr = addr;
	EXPECT_EQ(vmap_check(), 4);
	pool[1].vm.addr = pool[0].vm.addr;
	pool[0].vm.addr = addr;
	EXPECT_EQ(vmap_check(), 0);
	pool[0].vm.next = &pool[2].vm;			/* one is lost */
	EXPECT_EQ(vmap_check(), 4);
	pool[0].vm.next = &pool[1].vm;
	pool[2].prev = &pool[0];			/* on the way back */
	EXPECT_EQ(vmap_check(), 4);
	pool[0].vm.next = &pool[2].vm;			/* and both: one too few */
	EXPECT_EQ(vmap_check(), 4);
	pool[0].vm.next = &pool[1].vm;
	pool[2].prev = &pool[1];
	remove_all();
}

CASE(check_finds_v5)
{
	static const unsigned int sizes[] = { 4, 4, 4, 0 };
	unsigned long hole;

	find_arena();
	insert_row(sizes);
	remove_one(&pool[1]);
	hole = pool[0].hole;
	EXPECT_EQ(hole, 4 * PAGE_SIZE);
	pool[0].hole += PAGE_SIZE;
	EXPECT_EQ(vmap_check(), 5);
	pool[0].hole = hole;
	pool[2].hole -= PAGE_SIZE;			/* the window's end */
	EXPECT_EQ(vmap_check(), 5);
	pool[2].hole += PAGE_SIZE;
	remove_all();
}

/* Holes of 4 and 9 pages, behind areas that would also do with more. */
static void two_holes(void)
{
	static const unsigned int sizes[] = { 8, 4, 8, 9, 8, 0 };

	find_arena();
	insert_row(sizes);
	remove_one(&pool[1]);
	remove_one(&pool[3]);
}

CASE(check_finds_v7)
{
	static struct vmap_area stray;
	static const unsigned int sizes[] = { 4, 4, 0 };

	find_arena();
	insert_row(sizes);
	stray.first = arena + 100 * PAGE_SIZE;
	stray.vm.addr = (void *)stray.first;
	vmap_publish(&stray);				/* it is in no list */
	EXPECT_EQ(vmap_check(), 7);
	EXPECT(vmap_claim(arena + 100 * PAGE_SIZE, 0) == &stray);
	remove_all();
}

/* --- choosing ---------------------------------------------------------------- */

/* Nothing tells them apart but speed, so ask who is there. */
CASE(index_is_the_one_that_was_chosen)
{
	static const char *const names[] = { "list", "rbtree", "vmem" };
	const char *chosen = vmap_chosen();
	unsigned int i;

	two_holes();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		UNSEALED(vmap_choose(names[i]));
		EXPECT_STR(vmap_chosen(), names[i]);
		EXPECT_EQ(vmap_check(), 0);
		UNSEALED(vmap_choose("none such"));
		EXPECT_STR(vmap_chosen(), names[i]);
		UNSEALED(vmap_choose(chosen));
		EXPECT_EQ(vmap_check(), 0);
	}
	remove_all();
}

#endif
