/* SPDX-License-Identifier: MIT */
/*
 * kasan_page.c - frames, large blocks and slack under KASAN=1
 *
 * Problem     Frames are handed out whole. Who uses one that is free, or the rest
 *             of a last page, harms whoever gets it next, long afterwards.
 * Idea        A free frame of low memory is poisoned. So is what lies behind the
 *             bytes asked for, up to the end of kmalloc's block or of the area's
 *             last page. A record of each frame says who took it and gave it.
 * Picture     | page 0 | page 1 | page 2 |,,,,,| next block, or guard
 *             asked for ----------------->|poison|
 *             HIGHMEM has no addresses, so no shadow: a free frame there cannot
 *             be touched by mistake.
 * Failure     No page for the shadow of an area's slack: -ENOMEM, the vmalloc is
 *             undone. A block of kmalloc that fills its frames has no poison
 *             behind it.
 * See         mm/kasan.c, mm/slack.c, tests/mm/test_kasan.c
 */
#include <mm/kasan.h>

#include <lib/errno.h>
#include <mm/memblock.h>
#include <mm/vmap.h>

#include "internal.h"

static struct kasan_frame *frames;	/* [I] of low memory, by frame number */

void kasan_init_frames(void)
{
	frames = memblock_alloc((unsigned long)layout.lowmem_end / PAGE_SIZE *
				sizeof(frames[0]), PAGE_SIZE, "frame records");
}

const struct kasan_frame *kasan_frame(unsigned long addr)
{
	if (!frames || !addr_in_direct_map(addr))
		return NULL;
	return &frames[(addr - PAGE_OFFSET) / PAGE_SIZE];
}

void kasan_alloc_pages(const struct page *page, unsigned int order,
		       unsigned long caller)
{
	unsigned int i;

	if (page_is_highmem(page))
		return;
	kasan_unpoison(page_address(page), PAGE_SIZE << order);
	for (i = 0; i < 1U << order; i++)
		frames[page_to_pfn(page) + i] =
			(struct kasan_frame){ .alloc_caller = caller };
}

void kasan_free_pages(const struct page *page, unsigned int order,
		      unsigned long caller)
{
	unsigned int i;

	if (page_is_highmem(page))
		return;
	kasan_poison(page_address(page), PAGE_SIZE << order, KASAN_PAGE);
	for (i = 0; i < 1U << order; i++)
		frames[page_to_pfn(page) + i].free_caller = caller;
}

/* Whatever begins at @p, its end is where the poison ends: of @end bytes. */
static void set_tail(void *p, size_t size, size_t end, unsigned int why)
{
	size_t whole = ALIGN_UP(size, KASAN_GRANULE);

	kasan_unpoison(p, size);
	kasan_poison((char *)p + whole, end - whole, why);
}

void kasan_kmalloc_large(void *p, size_t size, unsigned long caller)
{
	const struct page *head = virt_to_page(p);

	kasan_alloc_pages(head, head->order, caller);
	set_tail(p, size, PAGE_SIZE << head->order, KASAN_TAIL);
}

static bool has_slack(const struct vmap_area *area)
{
	return (area->vm.flags & VM_ALLOC) && slack_size(area);
}

/* From this page of the area on lies slack; with guard=right, from the first. */
static unsigned long slack_from(const struct vmap_area *area)
{
	return slack_before(area) ? 0 : ALIGN_DOWN(area->requested, PAGE_SIZE);
}

int kasan_vmalloc(const struct vmap_area *area)
{
	unsigned long before = slack_before(area), from = slack_from(area);
	char *start = area->vm.addr;

	if (!has_slack(area))
		return 0;
	if (kasan_populate((unsigned long)start + from,
			   area->mapped - from) != 0)
		return -ENOMEM;
	set_tail(start + from, before + area->requested - from,
		 area->mapped - from, KASAN_SLACK);
	kasan_poison(start, before, KASAN_SLACK);
	return 0;
}

void kasan_vfree(const struct vmap_area *area)
{
	char *start = area->vm.addr;
	unsigned long sure = slack_before(area) ? 0 : area->mapped - 1;

	if (has_slack(area) && kasan_shadow((unsigned long)start + sure))
		kasan_unpoison(start + slack_from(area),
			       area->mapped - slack_from(area));
}
