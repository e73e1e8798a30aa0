/* SPDX-License-Identifier: MIT */
/*
 * layout.c - where the direct map ends and the window begins
 *
 * The hole between them catches whoever runs off the end of the direct map.
 * Rounding down to VMALLOC_GAP after adding twice the gap less one byte leaves
 * at least one gap and less than two.
 */
#include <x86/layout.h>

#include <lib/assert.h>

struct layout layout __ro_after_init;

void layout_init(uint64_t lowmem_end)
{
	ASSERT(lowmem_end > 0 && lowmem_end <= LOWMEM_MAX);
	ASSERT(IS_ALIGNED(lowmem_end, PAGE_SIZE));

	layout.lowmem_end = lowmem_end;
	layout.high_memory = PAGE_OFFSET + (unsigned long)lowmem_end;
	layout.vmalloc_start = ALIGN_DOWN(layout.high_memory +
					  2 * VMALLOC_GAP - 1, VMALLOC_GAP);

	ASSERT(layout.vmalloc_start - layout.high_memory >= VMALLOC_GAP);
	ASSERT(layout.vmalloc_start < VMALLOC_END);
}
