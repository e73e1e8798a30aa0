/* SPDX-License-Identifier: MIT */
/*
 * page_watch.h - is anybody interested in each single frame that changes hands?
 *
 * While this word is not 0 every frame is taken and given back on the slow way
 * (mm/page_alloc.c), where the hooks are. The fast ways ask this one question
 * for all who may be interested: mm/page_watch.c.
 */
#ifndef MM_PAGE_WATCH_H
#define MM_PAGE_WATCH_H

#include <mm/gfp.h>
#include <mm/kasan.h>

#define WATCH_FAILNTH	0x1U		/* mm/failnth.c: it may be refused     */
#define WATCH_OWNER	0x2U		/* mm/page_owner.c: who has it         */
#define WATCH_POISON	0x4U		/* mm/page_poison.c: was it written?   */
extern unsigned int page_watch;		/* [I] but for self-tests */

/* page_watch_init - from now on, what was asked for. By page_init. */
void page_watch_init(void);
void page_watch_taken(struct page *page, unsigned int order, gfp_t gfp,
		      unsigned long caller);
void page_watch_given(struct page *page, unsigned int order,
		      unsigned long caller);

/* The hooks: a block was taken by @caller; it is free in a moment. */
static inline void page_watch_alloc(struct page *page, unsigned int order,
				    gfp_t gfp, unsigned long caller)
{
	kasan_alloc_pages(page, order, caller);
	if (unlikely(page_watch))
		page_watch_taken(page, order, gfp, caller);
}

static inline void page_watch_free(struct page *page, unsigned int order,
				   unsigned long caller)
{
	if (unlikely(page_watch))
		page_watch_given(page, order, caller);
	kasan_free_pages(page, order, caller);
}

/*
 * mm/page_owner.c: who has a frame, or of a free one: had it last. 0 is nobody
 * that is known. page_owners has one for each frame; NULL: nobody notes it.
 */
struct page_owner {
	uint32_t	caller;		/* code address of who took its block    */
	uint32_t	freed_by;	/* of who gave it back, before or last   */
	uint16_t	gfp;		/* what was asked for ...                */
	uint16_t	order;		/* ... and how much                      */
};
extern struct page_owner *page_owners;	/* [I] but for self-tests */
void page_owner_init(void);
void page_owner_taken(const struct page *page, unsigned int order, gfp_t gfp,
		      unsigned long caller);
void page_owner_given(const struct page *page, unsigned int order,
		      unsigned long caller);

/* mm/page_poison.c: let it hold the pattern; does it still? If not, a report. */
#define PAGE_POISON	0xAA
void page_poison_fill(struct page *page, unsigned int order);
void page_poison_check(struct page *page, unsigned int order,
		       unsigned long caller);

#endif
