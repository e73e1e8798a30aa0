/* SPDX-License-Identifier: MIT */
/* test_list.c - rings of links */
#include <lib/list.h>

#include <tests/ktest.h>

/* The link does not come first, so that list_entry has something to do. */
struct item {
	unsigned int	 value;
	struct list_head link;
	bool		 linked;
};

#define NR_ITEMS 6

static struct item item[NR_ITEMS];

static void set_up(struct list_head *head)
{
	unsigned int i;

	list_init(head);
	for (i = 0; i < NR_ITEMS; i++) {
		item[i].value = i;
		item[i].linked = false;
	}
}

/*
 * The values from front to back as decimal digits, checked in both ways. HIDE:
 * gcc's analyzer takes the head of an empty list for an item.
 */
static unsigned int digits(struct list_head *head)
{
	struct list_head *link = head = HIDE(head);
	unsigned int number = 0;
	struct item *pos;

	list_for_each_entry(pos, head, link) {
		EXPECT(pos->link.prev == link);
		link = &pos->link;
		number = number * 10 + pos->value;
	}
	EXPECT(head->prev == link);
	return number;
}

KTEST(list, an_empty_list_is_a_ring_of_its_own)
{
	struct list_head named = LIST_HEAD_INIT(named), head;

	list_init(&head);
	EXPECT(list_empty(&head));
	EXPECT(list_empty(&named));
	EXPECT_EQ(digits(&head), 0);
}

KTEST(list, adding_at_the_front_makes_a_stack)
{
	struct list_head head;
	unsigned int i;

	set_up(&head);
	for (i = 1; i < 5; i++)
		list_add(&item[i].link, &head);
	EXPECT_EQ(digits(&head), 4321);
	EXPECT(list_first_entry(&head, struct item, link) == &item[4]);
}

KTEST(list, adding_at_the_back_makes_a_queue)
{
	struct list_head head;
	unsigned int i;

	set_up(&head);
	for (i = 1; i < 5; i++)
		list_add_tail(&item[i].link, &head);
	EXPECT_EQ(digits(&head), 1234);
	EXPECT(list_first_entry(&head, struct item, link) == &item[1]);
}

KTEST(list, an_element_leaves_from_front_middle_and_back)
{
	struct list_head head;
	unsigned int i;

	set_up(&head);
	for (i = 1; i < 6; i++)
		list_add_tail(&item[i].link, &head);
	list_del(&item[3].link);
	EXPECT_EQ(digits(&head), 1245);
	list_del(&item[1].link);
	EXPECT_EQ(digits(&head), 245);
	list_del(&item[5].link);
	EXPECT_EQ(digits(&head), 24);
	list_del(&item[2].link);
	list_del(&item[4].link);
	EXPECT(list_empty(&head));
}

KTEST(list, the_safe_walk_survives_the_removal_of_each)
{
	struct list_head head;
	struct item *pos, *tmp;
	unsigned int i, sum = 0;

	set_up(&head);
	for (i = 1; i < 6; i++)
		list_add_tail(&item[i].link, &head);
	list_for_each_entry_safe(pos, tmp, &head, link) {
		list_del(&pos->link);
		pos->link.next = NULL;
		sum += pos->value;
	}
	EXPECT_EQ(sum, 15);
	EXPECT(list_empty(&head));
}

/* The model is the list as digits in a number. */
static unsigned int model_remove(unsigned int number, unsigned int value)
{
	unsigned int result = 0, scale = 1;

	for (; number; number /= 10) {
		if (number % 10 == value)
			continue;
		result += number % 10 * scale;
		scale *= 10;
	}
	return result;
}

static unsigned int model_push_front(unsigned int number, unsigned int value)
{
	unsigned int scale = 1;

	while (scale <= number)
		scale *= 10;
	return number + value * scale;
}

KTEST(list, a_random_walk_matches_the_model)
{
	struct random *r = ktest_random();
	unsigned int round, model = 0, wrong = 0;
	struct list_head head;

	set_up(&head);
	for (round = 0; round < 2000; round++) {
		struct item *it = &item[1 + random_below(r, NR_ITEMS - 1)];

		if (it->linked) {
			list_del(&it->link);
			model = model_remove(model, it->value);
		} else if (random_below(r, 2)) {
			list_add(&it->link, &head);
			model = model_push_front(model, it->value);
		} else {
			list_add_tail(&it->link, &head);
			model = model * 10 + it->value;
		}
		it->linked = !it->linked;
		wrong += digits(&head) != model;
		wrong += list_empty(&head) != (model == 0);
	}
	EXPECT_EQ(wrong, 0);
}
