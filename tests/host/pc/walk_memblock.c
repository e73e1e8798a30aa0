/* SPDX-License-Identifier: MIT */
/*
 * walk_memblock.c - memblock's two lists beside a byte for each kilobyte
 *
 * Idea        2 MiB of RAM in units of 1 KiB, each with an owner in either list:
 *             adding and removing ranges is memset. After each operation both
 *             lists are unfolded and compared, and now and then they are full.
 * Attacks     M1, M2
 */
#include "walk.h"

#include <lib/errno.h>
#include <mm/memblock.h>

#define UNIT		KIB(1)
#define PER_PAGE	(PAGE_SIZE / UNIT)
#define RAM_END		MIB(2)
#define NR_UNITS	((unsigned int)(RAM_END / UNIT))

static const char *const owners[] = { NULL, "RAM", "one", "two", "three" };

struct model { uint8_t owner[NR_UNITS]; };
static struct model ram, reserved;

static void begin(void)
{
	pc_power_on(RAM_END);
	layout.lowmem_end = RAM_END;
}

/* --- the model ----------------------------------------------------------- */

static struct model unfold(const struct memblock_list *list)
{
	struct model m = { { 0 } };
	unsigned int i, owner;

	for (i = 0; i < list->nr; i++) {
		const struct memblock_range *r = &list->range[i];

		for (owner = 1; owners[owner] != r->owner; owner++)
			;
		MUST(r->end <= RAM_END && r->start < r->end);
		memset(&m.owner[r->start / UNIT], (int)owner,
		       (r->end - r->start) / UNIT);
	}
	return m;
}

/* Ranges in the model: the list has no more, as neighbours merge. */
static unsigned int nr_ranges(const struct model *m)
{
	unsigned int i, nr = m->owner[0] != 0;

	for (i = 1; i < NR_UNITS; i++)
		nr += m->owner[i] && m->owner[i] != m->owner[i - 1];
	return nr;
}

static void must_agree(const struct memblock_list *list, const struct model *m)
{
	struct model found = unfold(list);

	MUST(memcmp(&found, m, sizeof(found)) == 0);
	MUST(list->nr >= nr_ranges(m));
}

static bool page_is_free(unsigned int unit)
{
	return ram.owner[unit] &&
	       !memcmp(&reserved.owner[unit], "\0\0\0\0", PER_PAGE);
}

static phys_addr_t next_page(phys_addr_t from, phys_addr_t to, bool is_free)
{
	while (from < to &&
	       page_is_free((unsigned int)(from / UNIT)) != is_free)
		from += PAGE_SIZE;
	return from;
}

/* --- operations ---------------------------------------------------------- */

static void change(struct memblock_list *list, struct model *m,
		   unsigned int start, unsigned int end, unsigned int owner)
{
	bool full = list->nr + 2 > MEMBLOCK_MAX;
	int err;

	if (owner)
		err = memblock_add(list, start * UNIT, end * UNIT,
				   owners[owner]);
	else
		err = memblock_remove(list, start * UNIT, end * UNIT);
	walk_note("change", start << 16 | end, owner, (uint32_t)err);
	MUST(err == 0 || (err == -ENOSPC && full));
	MUST(!(owner && full && start < end) || err);
	if (!err && start < end)
		memset(&m->owner[start], (int)owner, end - start);
}

/* No more than @most units from @start on: MIN would roll the dice twice. */
static unsigned int random_end(unsigned int start, unsigned int most,
			       unsigned int limit)
{
	unsigned int end = start + host_below(most);

	return MIN(end, limit);
}

static void change_ram(void)
{
	unsigned int start = host_below(NR_UNITS / PER_PAGE + 1);
	unsigned int end = random_end(start, one_in(8) ? 200 : 12,
				      NR_UNITS / PER_PAGE);

	change(&memblock.ram, &ram, start * PER_PAGE, end * PER_PAGE,
	       host_below(2));
}

static void change_reserved(bool filling)
{
	unsigned int start = host_below(NR_UNITS + 1);
	unsigned int end = random_end(start, one_in(30) ? 400 : 7, NR_UNITS);

	change(&memblock.reserved, &reserved, start, end,
	       one_in(filling ? 6 : 2) ? 0 : 2 + host_below(3));
}

static void ask(void)
{
	unsigned int unit = host_below(NR_UNITS);
	const struct memblock_range *r =
		memblock_find(&memblock.reserved, unit * UNIT + 5);

	walk_note("find", unit, 0, r ? (uint32_t)r->start : 0);
	MUST((r ? r->owner : NULL) == owners[reserved.owner[unit]]);
}

/* All free runs; returns the longest one's length. */
static phys_addr_t ask_for_runs(void)
{
	phys_addr_t from = host_below(64) * PAGE_SIZE, start, end;
	phys_addr_t to = RAM_END - host_below(64) * PAGE_SIZE, longest = 0;

	while (memblock_next_free(from, to, &start, &end)) {
		MUST(start == next_page(from, to, true));
		MUST(end == next_page(start, to, false));
		longest = MAX(longest, end - start);
		from = end;
	}
	MUST(next_page(from, to, true) >= to);
	walk_note("runs", (uint32_t)to, 0, (uint32_t)longest);
	return longest;
}

/* The highest place, page by page downwards; and it is zero, and reserved. */
static void allocate(void)
{
	unsigned int pages = host_below(4) + 1, unit = NR_UNITS, i, ok = 0;
	char *p;

	if (memblock.reserved.nr + 2 > MEMBLOCK_MAX)
		return;
	while (unit > 0 && ok < pages) {
		unit -= PER_PAGE;
		ok = page_is_free(unit) ? ok + 1 : 0;
	}
	if (ok < pages || unit == 0)	/* 0 would mean none: the low 1 MiB */
		return;			/* is reserved; and none is a panic */
	p = phys_to_virt(unit * UNIT);
	memset(p, 0x55, pages * PAGE_SIZE);
	walk_note("alloc", pages, unit, 0);
	MUST(memblock_alloc(pages * PAGE_SIZE, PAGE_SIZE, owners[2]) == p);
	for (i = 0; i < pages * PAGE_SIZE; i += 97)
		MUST(p[i] == 0);
	memset(&reserved.owner[unit], 2, pages * PER_PAGE);
}

static void step(void)
{
	static unsigned int steps;
	bool filling = steps++ / 2000 % 2 == 0;
	uint32_t dice = host_below(100);

	if (dice < 20)
		change_ram();
	else if (dice < 80)
		change_reserved(filling);
	else if (dice < 90)
		ask();
	else if (dice < 96)
		ask_for_runs();
	else
		allocate();
	must_agree(&memblock.ram, &ram);
	must_agree(&memblock.reserved, &reserved);
}

static void check(void)
{
	unsigned int unit, nr_ram = 0;

	for (unit = 0; unit < NR_UNITS; unit++)
		nr_ram += ram.owner[unit] != 0;
	MUST(memblock_check() == 0);
	MUST(memblock_ram_size() == nr_ram * UNIT);
	MUST(memblock_largest_free(RAM_END) >= ask_for_runs());
}

static void end(void)
{
	change(&memblock.ram, &ram, 0, NR_UNITS, 0);
	change(&memblock.reserved, &reserved, 0, NR_UNITS, 0);
	MUST(memblock.ram.nr == 0 && memblock.reserved.nr == 0);
}

int main(void)
{
	static const struct walk walk = {
		"memblock agrees with a byte for each kilobyte on a long walk",
		100000, 100, begin, step, check, end,
	};

	return walk_run(&walk);
}
