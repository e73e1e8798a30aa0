/* SPDX-License-Identifier: MIT */
/* test_symbols.c - the names of the kernel's own functions */
#include <kernel/symbols.h>

#include <lib/string.h>
#include <mm/vmalloc.h>
#include <tests/ktest.h>
#include <x86/layout.h>

/* At least four bytes long, whatever the compiler makes of it. */
static void __noinline symbols_test_function(void)
{
	__asm__ volatile("nop; nop; nop");
}

KTEST(symbols, a_function_is_found_by_each_address_in_it)
{
	unsigned long start = (unsigned long)symbols_test_function, offset;

	EXPECT_STR(symbol_lookup(start, &offset), "symbols_test_function");
	EXPECT_EQ(offset, 0);
	EXPECT_STR(symbol_lookup(start + 3, &offset), "symbols_test_function");
	EXPECT_EQ(offset, 3);
}

KTEST(symbols, there_is_no_name_outside_the_text)
{
	unsigned long offset;

	EXPECT(!symbol_lookup((unsigned long)text_start - 1, &offset));
	EXPECT(!symbol_lookup((unsigned long)text_end, &offset));
	EXPECT(!symbol_lookup((unsigned long)data_start, &offset));
	EXPECT(!symbol_lookup(0, &offset));
	EXPECT(!symbol_lookup(UINT32_MAX, &offset));
}

KTEST(symbols, the_last_byte_of_the_text_has_a_name)
{
	unsigned long offset;

	EXPECT(symbol_lookup((unsigned long)text_end - 1, &offset));
}

/*
 * From the end of the text to its start, function by function: each begins
 * where the lookup says, and the byte before it belongs to another.
 */
KTEST(symbols, the_functions_cover_the_text_in_order)	/* attacks S1 */
{
	unsigned long addr = (unsigned long)text_end, offset, zero;
	unsigned int nr = 0, wrong = 0;
	const char *name;

	while ((name = symbol_lookup(addr - 1, &offset))) {
		addr -= 1 + offset;
		wrong += symbol_lookup(addr, &zero) != name || zero != 0;
		nr++;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(addr - (unsigned long)text_start < 16);
	EXPECT(nr > 100 && nr <= symbols_count());
}

KTEST(symbols, names_lead_back_to_addresses)
{
	EXPECT_EQ(symbol_address("symbols_test_function"),
		  (unsigned long)symbols_test_function);
	EXPECT_EQ(symbol_address("vmalloc"), (unsigned long)vmalloc);
	EXPECT_EQ(symbol_address("no_such_function"), 0);
	EXPECT_EQ(symbol_address("symbols_test_functio"), 0);
	EXPECT_EQ(symbol_address(""), 0);
}

KTEST(symbols, only_what_is_exported_can_be_found_by_modules)
{
	EXPECT_EQ(symbol_find("printk"), (unsigned long)printk);
	EXPECT_EQ(symbol_find("strlen"), (unsigned long)strlen);
	EXPECT_EQ(symbol_find("symbols_test_function"), 0);
	EXPECT(symbol_address("symbols_test_function") != 0);
	EXPECT_EQ(symbol_find(""), 0);
}
