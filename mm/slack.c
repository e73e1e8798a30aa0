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
 *             vrealloc may leave several pages of it.
 * See         mm/vmalloc.c, tests/mm/test_slack.c
 */
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/kasan.h>
#include <mm/vmap.h>

#include "internal.h"

#define SLACK_BYTE	0x5A

static char *slack_start(const struct vmap_area *area)
{
	return (char *)area->vm.addr + area->requested;
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
	area_fill(area, area->requested, area->vm.size - VM_GUARD_SIZE,
		  SLACK_BYTE);
}

void slack_check(const struct vmap_area *area, unsigned long caller)
{
	const char *bad;

	kasan_vfree(area);		/* we may look at it */
	bad = memchr_inv(slack_start(area), SLACK_BYTE, slack_size(area));
	if (bad)
		printk(KERN_ERR "vmalloc: area %p was written past its end: "
		       "byte %lu of %lu asked for by %pB; freed by %pB\n",
		       area->vm.addr,
		       (unsigned long)(bad - (const char *)area->vm.addr),
		       area->requested, (void *)area->caller, (void *)caller);
}
