/* SPDX-License-Identifier: MIT */
/* meminfo.h - what memory looks like now, in tables */
#ifndef MM_MEMINFO_H
#define MM_MEMINFO_H

#include <lib/format.h>

void meminfo_map(print_fn *print);	/* the kernel's address map            */
void zoneinfo(print_fn *print);		/* span, RAM, free, floors per zone    */
void buddyinfo(print_fn *print);	/* free blocks per zone and order      */

#endif
