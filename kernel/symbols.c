/* SPDX-License-Identifier: MIT */
/*
 * symbols.c - the kernel knows the names of its own functions
 *
 * Problem     A report that says C0101A2F helps nobody; the names are in the
 *             ELF file, which the machine does not have.
 * Idea        tools/symbols.awk makes three tables of the linked kernel, in
 *             the order of the addresses, and a second run of the linker adds
 *             them behind everything that they name. A function extends to the
 *             next symbol. Behind the functions stand the variables, of which
 *             the first are read-only after boot. Exported names are another
 *             table, made by the compiler from EXPORT_SYMBOL.
 * Picture     symbol_addresses     C0100000  C0100040  C01000A0 ...
 *             symbol_name_offsets  0         7         15       ...
 *             symbol_names         memcpy\0  memmove\0 memset\0 ...
 * Invariants  S1  symbol_addresses never decreases and lies in the text.
 * Cost        symbol_lookup O(log n); by name O(n).
 * Read first  symbol_lookup.
 * See         tools/symbols.awk, tests/kernel/test_symbols.c
 */
#include <kernel/symbols.h>

#include <lib/export.h>
#include <lib/format.h>
#include <lib/string.h>
#include <x86/layout.h>

/* The table that tools/symbols.awk wrote. */
extern const uint32_t symbol_addresses[], symbol_name_offsets[], symbol_count,
		      symbol_count_all;
extern const char symbol_names[];

/* What EXPORT_SYMBOL collected: linker.ld knows where it is. */
extern const struct exported_symbol exports_start[], exports_end[];

static const char *symbol_name(unsigned int index)
{
	return symbol_names + symbol_name_offsets[index];
}

/* How many of the symbols [low, high) begin at or below @addr, and @low: the last
 * of them holds it. */
static unsigned int nr_symbols_up_to(unsigned long addr, unsigned int low,
				     unsigned int high)
{
	unsigned int middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (symbol_addresses[middle] <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *symbol_lookup(unsigned long addr, unsigned long *offset)
{
	unsigned int nr;

	nr = nr_symbols_up_to(addr, 0, symbol_count);
	if (nr == 0 || addr >= (unsigned long)text_end)
		return NULL;
	*offset = addr - symbol_addresses[nr - 1];
	return symbol_name(nr - 1);
}

const char *symbol_lookup_data(unsigned long addr, unsigned long *offset)
{
	unsigned int nr;

	nr = nr_symbols_up_to(addr, symbol_count, symbol_count_all);
	if (nr == symbol_count || addr >= (unsigned long)kernel_end)
		return NULL;
	*offset = addr - symbol_addresses[nr - 1];
	return symbol_name(nr - 1);
}

const char *symbol_lookup_sealed(unsigned long addr, unsigned long *offset)
{
	return addr < (unsigned long)ro_after_init_end ?
	       symbol_lookup_data(addr, offset) : NULL;
}

unsigned long symbol_find(const char *name)
{
	const struct exported_symbol *symbol;

	for (symbol = exports_start; symbol < exports_end; symbol++)
		if (strcmp(symbol->name, name) == 0)
			return symbol->addr;
	return 0;
}

unsigned long symbol_address(const char *name)
{
	unsigned int i;

	for (i = 0; i < symbol_count; i++)
		if (strcmp(symbol_name(i), name) == 0)
			return symbol_addresses[i];
	return 0;
}

unsigned int symbols_count(void)
{
	return symbol_count;
}

void symbols_init(void)
{
	format_register_symbols(symbol_lookup);
}
