/* SPDX-License-Identifier: MIT */
/* types.h - the scalars that carry a meaning */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

/* For i686-elf-gcc 32 bits are a long, and %x and %u would be wrong for them. */
#undef __INT32_TYPE__
#undef __UINT32_TYPE__
#define __INT32_TYPE__	int
#define __UINT32_TYPE__	unsigned int

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lib/compiler.h>

typedef uint32_t pfn_t;		/* page frame number: physical >> PAGE_SHIFT */

/* What is __bitwise is no number: only its own kind goes with it. */
typedef uint64_t __bitwise phys_addr_t;	/* 36 to 40 bits, <lib/phys.h>  */
typedef uint32_t __bitwise gfp_t;	/* GFP_ flags, <mm/gfp.h>       */

#endif
