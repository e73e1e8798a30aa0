/* SPDX-License-Identifier: MIT */
/* export.h - EXPORT_SYMBOL: names that loadable modules may use */
#ifndef LIB_EXPORT_H
#define LIB_EXPORT_H

#include <lib/compiler.h>

struct exported_symbol {
	unsigned long	addr;
	const char	*name;
};

#define EXPORT_SYMBOL(sym)						\
	static const struct exported_symbol export_##sym		\
	__used __section(".exports") = { (unsigned long)&sym, #sym }

#endif
