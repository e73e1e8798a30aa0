/* SPDX-License-Identifier: MIT */
/*
 * mixed.h - blocks of memory from all allocators, taken, checked and given back
 *
 * A slot holds one block or nothing. What is written to it depends on the slot's
 * key and on the page of the block, so a block that was given twice, lost a page
 * or had two exchanged is found when it is looked at.
 */
#ifndef TESTS_MM_MIXED_H
#define TESTS_MM_MIXED_H

#include <lib/random.h>
#include <mm/gfp.h>

#define MIXED_FRAMES_MAX	6U	/* of a vmap */

struct mixed_kind;
struct mixed_slot {
	const struct mixed_kind *kind;	/* NULL: empty                        */
	void		*p;		/* what the allocator returned        */
	unsigned long	size;		/* bytes; frames: an order; vmap: nr  */
	uint32_t	key;		/* of its contents                    */
	struct page	*frames[MIXED_FRAMES_MAX];
};

/* mixed_start, mixed_end - make and destroy the object caches */
void mixed_start(void);
void mixed_end(void);

/* mixed_take - try to fill an empty slot with a block of any kind and size */
bool mixed_take(struct mixed_slot *slot, struct random *random);

/* mixed_check - is each byte of the block as it was written? */
bool mixed_check(const struct mixed_slot *slot);

/* mixed_resize - krealloc, for blocks of kmalloc; false when it was refused */
bool mixed_resize(struct mixed_slot *slot, struct random *random);

/* mixed_give - give the block back; the slot is empty then */
void mixed_give(struct mixed_slot *slot);

const char *mixed_name(const struct mixed_slot *slot);

#endif
