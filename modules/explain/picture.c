/* SPDX-License-Identifier: MIT */
/*
 * picture.c - the page that was hit, and its neighbours
 *
 * Idea        One cell a page. Slack is ,,, where it lies: behind what was asked
 *             for, or with guard=right before it.
 * Picture      f8800000      f8801000      f8802000      f8803000      f8804000
 *              | page 0      | page 1      | page 2 ,,,  | GUARD       | neighbour
 *                                                        X here
 * Locks       None, and no allocation: it is part of each report.
 * See         kernel/explain.c, tests/kernel/test_explain.c
 */
#include <kernel/explain.h>

#define CELLS		5		/* pages in the picture               */
#define CELLS_BEFORE	3		/* of them before the hit             */
#define CELL_WIDTH	14

static const char *permissions(unsigned long page)
{
	struct pgtable_walk w;

	if (!pgtable_lookup(page, &w))
		return "nothing";
	if (pgtable_writable(&w))
		return "R W";
	return pgtable_executable(&w) ? "R X" : "R";
}

static void describe_page(unsigned long page, const struct vmap_area *own,
			  char *buf, size_t size)
{
	struct explain_spot s = explain_find(page);
	const struct vmap_area *area = s.areas.below;
	unsigned long index, last, end;

	if (s.relation == REL_INSIDE && own && area != own) {
		snprintf(buf, size, "neighbour");
	} else if (s.relation == REL_INSIDE || s.relation == REL_BUSY) {
		index = (page - (unsigned long)area->vm.addr) / PAGE_SIZE;
		last = area->mapped / PAGE_SIZE - 1;
		end = (unsigned long)area->vm.addr + area->mapped;
		if (index == 0 && area->first > page)	/* guard=right */
			snprintf(buf, size, ",,, page 0");
		else
			snprintf(buf, size, "page %lu%s", index,
				 index == last && area->first +
				 area->requested < end ? " ,,," : "");
	} else if (s.relation == REL_FREED) {
		snprintf(buf, size, "freed");
	} else if (s.relation == REL_GUARD || s.region == REGION_STACK_GUARD) {
		snprintf(buf, size, "GUARD");
	} else {
		snprintf(buf, size, "%s", permissions(page));
	}
}

/* The hit's page with up to three before it and one behind it. */
void explain_picture(const struct explain_spot *s, print_fn *print)
{
	unsigned long addr = s->addr;
	unsigned long hit = addr / PAGE_SIZE, last = 0xFFFFF;
	unsigned long first = hit < CELLS_BEFORE ? 0 : hit - CELLS_BEFORE;
	unsigned long page, end = MIN(first + CELLS - 1, last);
	char text[CELL_WIDTH];

	print("   ");
	for (page = first; page <= end; page++)
		print(""
		      "%08lx%s", page * PAGE_SIZE, page < end ? "      " : "\n");
	print("   ");
	for (page = first; page <= end; page++) {
		describe_page(page * PAGE_SIZE, s->areas.below, text, sizeof(text));
		print("| %-*s%s", page < end ? CELL_WIDTH - 2 : 0, text,
		      page < end ? "" : "\n");
	}
	print("   %*sX here\n", (int)((hit - first) * CELL_WIDTH +
	      (addr % PAGE_SIZE) * CELL_WIDTH / PAGE_SIZE), "");
}

