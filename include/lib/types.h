/* SPDX-License-Identifier: MIT */
/* types.h - the scalars that carry a meaning */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t phys_addr_t;	/* PAE: 36 to 40 bits of physical address  */
typedef uint32_t pfn_t;		/* page frame number: physical >> PAGE_SHIFT */
typedef uint32_t gfp_t;		/* GFP_ flags, <mm/gfp.h>                  */

#endif
