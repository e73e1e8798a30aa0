/* SPDX-License-Identifier: MIT */
/*
 * image.c - what boot put into low memory: symbols, stacks, page tables, mem_map
 *
 * Read first  explain_image
 * See         kernel/symbols.c, mm/pgtable.c, mm/page.c
 */
#include <kernel/symbols.h>
#include <x86/kstack.h>

#include "lines.h"

static void print_symbol(unsigned long addr, print_fn *print)
{
	unsigned long offset;
	const char *name = symbol_lookup(addr, &offset);

	if (!name)
		name = symbol_lookup_data(addr, &offset);
	if (name)
		print("  symbol  %s+0x%lx\n", name, offset);
}

static void print_stack(const char *name, const struct kstack *stack,
			unsigned long addr, print_fn *print)
{
	unsigned long below = kstack_top(stack) - addr;

	if (addr >= (unsigned long)stack->bytes && below <= KSTACK_SIZE &&
	    below > 0)
		print("  stack   the %s stack: %lu byte%s below its top, of "
		      "%lu\n",
		      name, below, plural(below), KSTACK_SIZE);
}

static void print_table(unsigned long addr, print_fn *print)
{
	unsigned long page = ALIGN_DOWN(addr, PAGE_SIZE), start;
	unsigned int i = 0;

	while (i < PTRS_PER_TABLE && (unsigned long)kernel_tables[i] != page)
		i++;
	if (i == PTRS_PER_TABLE)
		return;
	start = PAGE_OFFSET + i * LARGE_SIZE;
	print("  table   of the pages [%08lx, %08llx): the entry of %08lx\n",
	      start, (uint64_t)start + LARGE_SIZE,
	      start + addr % PAGE_SIZE / sizeof(pte_t) * PAGE_SIZE);
}

static void print_record(unsigned long addr, print_fn *print)
{
	unsigned long offset = addr - (unsigned long)mem_map;

	if (addr >= (unsigned long)mem_map &&
	    offset / sizeof(struct page) < mem_map_end)
		print("  record  the struct page of frame %lx: byte %lu of "
		      "%zu\n",
		      offset / sizeof(struct page),
		      offset % sizeof(struct page), sizeof(struct page));
}

void explain_image(const struct explain_spot *s, print_fn *print)
{
	if (s->region != REGION_DIRECT && s->region != REGION_STACK_GUARD)
		return;
	print_symbol(s->addr, print);
	print_stack("boot", &boot_stack, s->addr, print);
	print_stack("double-fault", &double_fault_stack, s->addr, print);
	print_table(s->addr, print);
	print_record(s->addr, print);
}
