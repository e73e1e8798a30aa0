/* SPDX-License-Identifier: MIT */
/* test_vmap_list.c - the window, searched along its areas */
#define SUITE		vmap_list
#define INDEX		"list"
#define LOWEST_FIRST	1

#include "vmap_cases.h"
