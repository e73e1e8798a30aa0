/* SPDX-License-Identifier: MIT */
/* count.c - how often each event of <lib/count.h> happened; only for COUNT=1 */
#include <lib/count.h>

unsigned long event_counts[NR_COUNT_EVENTS];
