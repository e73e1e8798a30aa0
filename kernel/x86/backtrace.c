/* SPDX-License-Identifier: MIT */
/*
 * backtrace.c - who called whom, along the saved frame pointers
 *
 * Problem     A report wants the callers, and it is wanted most when the stack
 *             may be garbage: the walk itself must never fault.
 * Idea        Every function begins with push ebp; mov esp, ebp. So ebp points
 *             to a chain; before each step the page tables are asked.
 * Picture     ebp -> | caller's ebp | return address |  lower addresses first
 *                        |
 *                        +-> | its caller's ebp | return address | ...
 * Invariants  B1  No word is read that is not mapped in the kernel's half.
 *             B2  The chain rises strictly: the walk ends.
 * Cost        Two walks of the page tables per frame.
 * See         tests/x86/test_backtrace.c
 */
#include <x86/backtrace.h>

#include <x86/cpu.h>
#include <x86/layout.h>

#define ENTRY_PRESENT	(1ULL << 0)
#define ENTRY_LARGE	(1ULL << 7)
#define ENTRY_PHYS	0x000FFFFFFFFFF000ULL

struct stack_frame {
	unsigned long	outer;		/* the caller's frame pointer */
	unsigned long	return_address;
};

/*
 * PAE tables lie in low memory (mm/pgtable.c sees to it), so the direct map
 * reaches them, the one of the boot phase too. mm's own walk is above us.
 */
static uint64_t table_entry(uint64_t table, unsigned long index)
{
	const uint64_t *entries = phys_to_virt(phys_make(table));

	return entries[index % 512];
}

static bool kernel_addr_is_mapped(unsigned long addr)
{
	uint64_t entry;

	if (addr < PAGE_OFFSET)
		return false;
	entry = table_entry(read_cr3() & ~0x1FUL, addr >> 30);
	if (!(entry & ENTRY_PRESENT))
		return false;
	entry = table_entry(entry & ENTRY_PHYS, addr >> LARGE_SHIFT);
	if (!(entry & ENTRY_PRESENT) || (entry & ENTRY_LARGE))
		return entry & ENTRY_PRESENT;
	entry = table_entry(entry & ENTRY_PHYS, addr >> PAGE_SHIFT);
	return entry & ENTRY_PRESENT;
}

/* A frame may straddle two pages: both words are checked. */
static bool frame_is_readable(unsigned long ebp)
{
	return IS_ALIGNED(ebp, sizeof(long)) && kernel_addr_is_mapped(ebp) &&
	       kernel_addr_is_mapped(ebp + sizeof(long));
}

/* Not checked by KASAN: whatever ebp says, it is mapped, and that will do. */
__no_sanitize_address unsigned int
backtrace_collect(unsigned long ebp, unsigned long *addrs, unsigned int max)
{
	unsigned long below = 0;
	unsigned int nr = 0;

	while (nr < max && ebp > below && frame_is_readable(ebp)) {
		const struct stack_frame *frame = (void *)ebp;

		if (frame->return_address < PAGE_OFFSET)
			break;
		addrs[nr++] = frame->return_address;
		below = ebp;
		ebp = frame->outer;
	}
	return nr;
}
