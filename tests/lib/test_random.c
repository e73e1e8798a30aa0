/* SPDX-License-Identifier: MIT */
/* test_random.c - what a random test relies on */
#include <lib/random.h>

#include <lib/bits.h>
#include <tests/ktest.h>

KTEST(random, the_same_seed_gives_the_same_numbers)
{
	struct random a, b;
	unsigned int i, wrong = 0;

	random_init(&a, 7);
	random_init(&b, 7);
	for (i = 0; i < 1000; i++)
		wrong += random_next(&a) != random_next(&b);
	EXPECT_EQ(wrong, 0);
}

/* Frozen: the seed in an old report must still repeat it. */
KTEST(random, the_sequence_is_that_of_xorshift32)
{
	struct random r = { .state = 1 };

	EXPECT_EQ(random_next(&r), 270369);
	EXPECT_EQ(random_next(&r), 67634689);
	EXPECT_EQ(random_next(&r), 2647435461U);
	EXPECT_EQ(random_next(&r), 307599695);
}

KTEST(random, neighbouring_seeds_part_at_once)		/* attacks R1 */
{
	struct random a, b;
	uint32_t seed, alike = 0;

	for (seed = 0; seed < 100; seed++) {
		random_init(&a, seed);
		random_init(&b, seed + 1);
		EXPECT(a.state != 0);
		alike += random_below(&a, 1000) == random_below(&b, 1000);
	}
	EXPECT(alike < 5);
}

KTEST(random, a_bound_is_never_reached_and_all_below_it_is)
{
	struct random *r = ktest_random();
	uint32_t seen = 0, i, n;

	for (i = 0; i < 1000; i++) {
		n = random_below(r, 13);
		EXPECT(n < 13);
		seen |= 1U << n;
	}
	EXPECT_EQ(seen, (1U << 13) - 1);
}

KTEST(random, bounds_of_zero_and_one_give_zero)
{
	struct random *r = ktest_random();

	EXPECT_EQ(random_below(r, 0), 0);
	EXPECT_EQ(random_below(r, 1), 0);
}

/* 64,000 draws into 64 boxes: 1000 each, and 200 is six times the spread. */
KTEST(random, the_numbers_are_spread_evenly)
{
	static unsigned int box[64];
	struct random *r = ktest_random();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(box); i++)
		box[i] = 0;
	for (i = 0; i < 64000; i++)
		box[random_below(r, 64)]++;
	for (i = 0; i < ARRAY_SIZE(box); i++)
		EXPECT(box[i] > 800 && box[i] < 1200);
}

KTEST(random, the_walk_does_not_return_early)
{
	struct random *r = ktest_random();
	uint32_t start = r->state, i;

	for (i = 0; i < 100000; i++)
		if (random_next(r) == start || r->state == 0)
			break;
	EXPECT_EQ(i, 100000);
}
