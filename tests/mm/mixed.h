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

struct mixed_slot {
	const struct mixed_kind *kind;	/* NULL: empty                        */
	void		*p;		/* what the allocator returned        */
	unsigned long	size;		/* bytes; frames: an order; vmap: nr  */
	uint32_t	key;		/* of its contents                    */
	struct page	*frames[MIXED_FRAMES_MAX];
};

struct mixed_kind {
	const char	*name;
	bool		(*take)(struct mixed_slot *slot, struct random *random);
	void		(*visit)(const struct mixed_slot *slot,
				 void (*fn)(void *p, unsigned long size,
					    uint32_t key));	/* its bytes */
	void		(*give)(struct mixed_slot *slot);
	void		*(*resize)(const struct mixed_slot *slot,
				   unsigned long size,
				   struct random *random);	/* or NULL   */
};

/* mixed_start, mixed_end - make and destroy the object caches */
void mixed_start(void);
void mixed_end(void);

/* mixed_take - try to fill an empty slot with a block of any kind and size */
bool mixed_take(struct mixed_slot *slot, struct random *random);

/* mixed_check - is each byte of the block as it was written? */
bool mixed_check(const struct mixed_slot *slot);

/* mixed_resize - krealloc or vrealloc, for blocks that have such a thing; false
 * when it was refused */
bool mixed_resize(struct mixed_slot *slot, struct random *random);

/* mixed_give - give the block back; the slot is empty then */
void mixed_give(struct mixed_slot *slot);

const char *mixed_name(const struct mixed_slot *slot);

/*
 * Parts of these, for who tries nothing but the calls of the kernel
 *
 * mixed_kind, mixed_relative - any kind of block; and of those that the relatives
 *	of vmalloc make (mixed_family.c), which depend on what came before
 * mixed_ask - mixed_take of that kind, but nothing is written; mixed_write does
 * mixed_reask - mixed_resize as far as the call: *@wanted is what the slot will
 *	be; mixed_settle proves and writes it
 */
const struct mixed_kind *mixed_kind(struct random *random);
const struct mixed_kind *mixed_relative(struct random *random);
bool mixed_ask(struct mixed_slot *slot, const struct mixed_kind *kind,
	       struct random *random);
void mixed_write(const struct mixed_slot *slot);
bool mixed_reask(struct mixed_slot *slot, struct mixed_slot *wanted,
		 struct random *random);
void mixed_settle(struct mixed_slot *slot, const struct mixed_slot *wanted);

/* mixed_visit_linear - the bytes of one block, from slot->p on */
void mixed_visit_linear(const struct mixed_slot *slot,
			void (*fn)(void *p, unsigned long size, uint32_t key));

#endif
