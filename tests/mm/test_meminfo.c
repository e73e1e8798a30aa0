/* SPDX-License-Identifier: MIT */
/* test_meminfo.c - the tables say what the counters say */
#include <mm/meminfo.h>

#include <lib/string.h>
#include <mm/vmap.h>
#include <mm/pcp.h>
#include <mm/zone.h>
#include <tests/capture.h>
#include <tests/ktest.h>

static const char *report(void (*fn)(print_fn *print))
{
	capture_begin();
	fn(capture);
	EXPECT(captured_length < sizeof(captured) - 1);
	return captured;
}

/* The length of the longest line. */
static size_t widest_line(const char *text)
{
	size_t widest = 0;

	while (*text) {
		const char *end = strchr(text, '\n');

		if (!end)
			return 9999;
		widest = MAX(widest, (size_t)(end - text));
		text = end + 1;
	}
	return widest;
}

/* The next number at or behind *@p in base @base; *@p goes behind it. */
static unsigned long number(const char **p, unsigned int base)
{
	unsigned long n = 0;

	while (**p == ' ' || **p == '[' || **p == ',')
		(*p)++;
	for (; **p != ' ' && **p != ',' && **p != ')' && **p != '\n'; (*p)++) {
		unsigned int digit = (unsigned int)(**p <= '9' ? **p - '0'
							       : **p - 'a' + 10);

		REQUIRE(digit < base);
		n = n * base + digit;
	}
	return n;
}

KTEST(meminfo, map_covers_kernel_space_without_gap_or_overlap)
{
	const char *p = report(meminfo_map);
	unsigned long end = PAGE_OFFSET;
	unsigned int lines = 0;

	while ((p = strstr(p, "  ["))) {
		EXPECT_EQ(number(&p, 16), end);
		end = number(&p, 16);
		lines++;
	}
	EXPECT_EQ(end, FIXADDR_END);
	EXPECT_EQ(lines, KASAN_SHADOW_START < KASAN_SHADOW_END ? 9 : 7);
	EXPECT(strstr(captured, "vmalloc window"));
}

KTEST(meminfo, map_counts_areas_and_tables)
{
	struct vm_struct *vm = get_vm_area(PAGE_SIZE, VM_MAP);
	char text[64];

	REQUIRE(vm);
	snprintf(text, sizeof(text), "%lu pages; areas: %lu\n",
		 pgtable_nr_tables(), vmap_nr_areas());
	EXPECT(strstr(report(meminfo_map), text));
	free_vm_struct(remove_vm_area(vm->addr));
}

static const char *behind_name(const char *text, const char *name)
{
	char start[16];
	const char *line;

	snprintf(start, sizeof(start), "  %-8s", name);
	line = strstr(text, start);
	REQUIRE(line);
	return line + strlen(start);
}

KTEST(meminfo, zones_table_has_each_zones_figures)
{
	const char *text = report(zoneinfo), *p;
	const struct zone *z;

	for (z = zones; z < zones + NR_ZONES; z++) {
		p = behind_name(text, z->name);
		EXPECT_EQ(number(&p, 16), z->start);
		EXPECT_EQ(number(&p, 16), z->end);
		EXPECT_EQ(number(&p, 10), z->nr_present);
		EXPECT_EQ(number(&p, 10), z->nr_managed);
		EXPECT_EQ(number(&p, 10), zone_nr_free(z));
		EXPECT_EQ(number(&p, 10), pcp_nr_frames(z));
		EXPECT_EQ(number(&p, 10), z->min);
		EXPECT_EQ(number(&p, 10), z->reserve[ZONE_NORMAL]);
		EXPECT_EQ(number(&p, 10), z->reserve[ZONE_HIGHMEM]);
	}
}

KTEST(meminfo, buddy_table_adds_up_to_what_is_free)
{
	const char *text = report(buddyinfo), *p;
	const struct zone *z;
	unsigned int order;

	for (z = zones; z < zones + NR_ZONES; z++) {
		unsigned long sum = 0;

		p = behind_name(text, z->name);
		for (order = 0; order < NR_ORDERS; order++)
			sum += number(&p, 10) << order;
		EXPECT_EQ(*p, '\n');
		EXPECT_EQ(sum, z->buddy.nr_free);
	}
}

KTEST(meminfo, tables_fit_into_80_columns)
{
	EXPECT(widest_line(report(meminfo_map)) <= 80);
	EXPECT(widest_line(report(zoneinfo)) <= 80);
	EXPECT(widest_line(report(buddyinfo)) <= 80);
}
