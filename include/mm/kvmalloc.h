/* SPDX-License-Identifier: MIT */
/* kvmalloc.h - from kmalloc if it has it, else from vmalloc */
#ifndef MM_KVMALLOC_H
#define MM_KVMALLOC_H

#include <mm/slab.h>
#include <mm/vmalloc.h>

/* Those that call another one are put in place in any build: its reports name
 * their caller. */

/* kvfree - what kvmalloc or its like returned, and NULL; a wrong pointer is
 * reported with the caller. Context  that of vfree, unless it is kmalloc's. */
static __always_inline void kvfree(const void *p)
{
	if (is_vmalloc_addr(p))
		vfree(p);
	else
		kfree(p);
}

/*
 * kvmalloc - @size bytes, contiguous in virtual memory
 *
 * @gfp     as kmalloc's. Without __GFP_WAIT, or where nobody may wait, there is
 *          only kmalloc.
 * Returns  memory of the direct map or of the window, aligned to 8; NULL when
 *          there is none: up to a page kmalloc has the last word.
 */
void *kvmalloc(size_t size, gfp_t gfp);

static __always_inline void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc(size, gfp | __GFP_ZERO);
}

/* kvmalloc_array, kvcalloc - @n objects of @size; a product beyond 4 GiB is
 * refused */
static __always_inline void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return kvmalloc(size_mul(n, size), gfp);
}

static __always_inline void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kvmalloc(size_mul(n, size), gfp | __GFP_ZERO);
}

#endif
