/* SPDX-License-Identifier: MIT */
/* owners.h - who has which frames, if page_owner notes it */
#ifndef MODULES_OWNERS_H
#define MODULES_OWNERS_H

#include <lib/format.h>
#include <mm/page.h>

/* owners_report - a line for each caller: its blocks, their frames */
void owners_report(print_fn *print);

/* owners_tell - a line about who has frame @pfn, or had it, behind @indent; or
 * none */
void owners_tell(pfn_t pfn, const char *indent, print_fn *print);

#endif
