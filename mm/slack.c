/* SPDX-License-Identifier: MIT */
/*
 * slack.c - the bytes between an allocation's last byte and its last page's end
 *
 * Problem     vmalloc maps whole pages. An overrun that stays in the last page
 *             touches no guard and goes unnoticed.
 * Idea        Fill these bytes with a pattern; whoever frees the area looks
 *             whether it is still there. Late, but with both names: who allocated
 *             the area and where the first changed byte is.
 * Picture     | page 0 | page 1 | page 2 |,,,,,,| guard |
 *             asked for ----------------->|slack|
 *             vrealloc may leave several pages of it. With guard=right most of
 *             it lies before the first byte (mm/guard.c).
 * See         mm/vmalloc.c, tests/mm/test_slack.c
 */
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/kasan.h>
#include <mm/vmap.h>

#include "internal.h"

#define SLACK_BYTE	0x5A

/* The first byte that is not the pattern, counted from the owner's first one. */
static bool find_changed(const struct vmap_area *area, long *byte)
{
	const char *first = (const char *)area->first;
	const char *end = first + area->requested;
	unsigned long before = slack_before(area);
	const char *bad = memchr_inv(area->vm.addr, SLACK_BYTE, before);

	if (!bad)
		bad = memchr_inv(end, SLACK_BYTE, slack_size(area) - before);
	*byte = bad - first;
	return bad;
}

/* Through the frames' own addresses: it need not be mapped, nor writable. */
void area_fill(const struct vmap_area *area, unsigned long from,
	       unsigned long end, int byte)
{
	unsigned long next;
	char *page;

	for (; from < end; from = next) {
		next = MIN(ALIGN_DOWN(from, PAGE_SIZE) + PAGE_SIZE, end);
		page = kmap_local_page(area->vm.pages[from / PAGE_SIZE]);
		memset(page + from % PAGE_SIZE, byte, next - from);
		kunmap_local(page);
	}
}

void slack_fill(const struct vmap_area *area)
{
	unsigned long before = slack_before(area);

	area_fill(area, 0, before, SLACK_BYTE);
	area_fill(area, before + area->requested, area->mapped, SLACK_BYTE);
}

void slack_check(const struct vmap_area *area, unsigned long caller)
{
	long byte;

	kasan_vfree(area);		/* we may look at it */
	if (find_changed(area, &byte))
		printk(KERN_ERR "vmalloc: area %p was written %s: "
		       "byte %ld of %lu asked for by %pB; freed by %pB\n",
		       (void *)area->first,
		       byte < 0 ? "before its start" : "past its end", byte,
		       area->requested, (void *)area->caller, (void *)caller);
}
