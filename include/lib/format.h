/* SPDX-License-Identifier: MIT */
/*
 * format.h - printf for a kernel: no allocation, no floating point
 *
 * Conversions: %d %i %u %x %X %o %c %s %p %% with the flags '-' '0' '+' '#',
 * width and precision (also '*'), the lengths hh h l ll z, and our own
 *	%p	8 hex digits
 *	%pS	a code address as symbol+0xoff, or 8 hex digits without a symbol
 *	%pB	the same for a return address: names the function that called,
 *		also when that call was its last instruction
 *	%pa	a phys_addr_t, passed by pointer: 0x and 9 hex digits
 * An unknown conversion is printed as it stands. A NULL string is "(null)".
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>

#include <lib/compiler.h>
#include <lib/types.h>

/*
 * vsnprintf, snprintf - format into @buf of @size bytes, always terminated
 *
 * Returns  the length that the whole text has, as in ISO C (more than
 *          @size - 1 when it was cut). @buf may be NULL when @size is 0.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int __printf(3, 4) snprintf(char *buf, size_t size, const char *fmt, ...);

/*
 * format_register_symbols - say how %pS finds the name of a code address
 *
 * @lookup  returns the name of the function that holds @addr and sets *@offset
 *          to the distance from its start, or returns NULL.
 */
typedef const char *symbol_lookup_fn(unsigned long addr, unsigned long *offset);
void format_register_symbols(symbol_lookup_fn *lookup);

/* plural - what follows "page" when there are @n of them */
static inline const char *plural(unsigned long n)
{
	return n == 1 ? "" : "s";
}

/* What a report prints with, so that console, tests and debugger share it. */
typedef void __printf(1, 2) print_fn(const char *fmt, ...);

#endif
