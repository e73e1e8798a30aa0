/* SPDX-License-Identifier: MIT */
/*
 * symbols.h - the kernel knows the names of its own functions
 *
 * The table is made from the linked kernel by tools/symbols.awk and linked in
 * by a second run of the linker.
 */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <lib/types.h>

/* symbols_init - let %pS find its names here */
void symbols_init(void);

/*
 * symbol_lookup - the function that holds code address @addr
 *
 * Returns  its name and *@offset, or NULL outside the kernel's text.
 */
const char *symbol_lookup(unsigned long addr, unsigned long *offset);

/* symbol_lookup_data - the same for a variable; symbol_lookup_sealed for one that
 * is __ro_after_init only */
const char *symbol_lookup_data(unsigned long addr, unsigned long *offset);
const char *symbol_lookup_sealed(unsigned long addr, unsigned long *offset);

/* symbol_find - the address of an exported symbol, 0 when there is none */
unsigned long symbol_find(const char *name);

/* symbol_address - the address of any function by name, 0 when there is none */
unsigned long symbol_address(const char *name);

unsigned int symbols_count(void);

#endif
