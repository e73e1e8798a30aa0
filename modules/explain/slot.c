/* SPDX-License-Identifier: MIT */
/*
 * slot.c - addresses with a meaning of their own: slots, the shadow, page 0
 *
 * Read first  explain_slot
 * See         mm/kmap.c, mm/highmem.c, mm/fixmap.c
 */
#include <mm/fixmap.h>
#include <mm/highmem.h>

#include "lines.h"

static void print_kmap(unsigned long addr, print_fn *print)
{
	unsigned int n = (unsigned int)((addr - PKMAP_BASE) / PAGE_SIZE) + 1;
	const struct kmap_slot *slot = &kmaps.slot[n];
	int count = slot->count;

	print("  slot    %u of %u: ", n, KMAP_SLOTS);
	if (count <= 0)
		print(count ? "cleared, its flush is under way\n" : "free\n");
	else if (!page_pointer_valid(slot->page))
		print("damaged: it has no frame, but %d users\n", count - 1);
	else if (count == 1)
		print("frame %x, which nobody uses any more\n",
		      page_to_pfn(slot->page));
	else
		print("frame %x, for %d user%s\n", page_to_pfn(slot->page),
		      count - 1, plural((unsigned int)count - 1));
}

/* The slots of kmap_local are a stack that begins with the last. */
static void print_fixed(unsigned long addr, print_fn *print)
{
	static const char *const names[] = {
		[FIX_KMAP_FULL] = "behind kmap_local's last",
		[FIX_KMAP_EMPTY] = "before kmap_local's first",
		[FIX_RAMCHECK] = "a page that ramcheck tries",
		[FIX_TEST] = "for the self-tests",
	};
	unsigned long slot = (FIXADDR_END - 1 - addr) / PAGE_SIZE;
	unsigned long place = FIX_KMAP_LAST - slot;

	print("  slot    %lu: ", slot);
	if (slot >= FIX_KMAP_FIRST && slot <= FIX_KMAP_LAST)
		print("kmap_local, place %lu of %u: %s\n", place + 1,
		      KMAP_LOCAL_SLOTS, place < kmap_local_depth() ? "in use" :
		      "free");
	else
		print("%s\n", slot < ARRAY_SIZE(names) ? names[slot] :
		      "there is none of this number");
}

void explain_slot(const struct explain_spot *s, print_fn *print)
{
	unsigned long addr = s->addr;

	if (s->region == REGION_NULL)
		print("  slot    none: perhaps the member at offset %lu of a "
		      "struct at NULL\n", addr);
	else if (s->region == REGION_PKMAP)
		print_kmap(addr, print);
	else if (s->region == REGION_FIXMAP)
		print_fixed(addr, print);
	else if (s->region == REGION_SHADOW)
		print("  shadow  of the 8 bytes from %08lx on\n",
		      PAGE_OFFSET + (addr - KASAN_SHADOW_START) * 8);
}
