/* SPDX-License-Identifier: MIT */
/*
 * visit.h - somebody is at the prompt, and what he took is given back
 *
 *	struct visit visit;
 *
 *	visit_begin(&visit);
 *	... monitor_execute(line) ...
 *	visit_end(&visit);
 */
#ifndef MODULES_VISIT_H
#define MODULES_VISIT_H

#include <lib/list.h>
#include <mm/crumbs.h>

struct page;

#define VISIT_AREAS	64U

/* What must be the same again when he leaves. */
struct visit_books { unsigned long frames, objects, areas; };

struct visit {
	struct visit	*outer;			/* visits nest: a test of this   */
	void		*area[VISIT_AREAS];	/* of vmalloc                    */
	unsigned int	nr_areas;
	struct list_head blocks;		/* struct page.link, alloc_pages */
	struct crumbs	crumbs;
	bool		in_crumbs;
	struct visit_books before;
};

/* visit_begin, visit_end - what is taken in between comes back. Context  thread.
 * End says what it gave back. Returns  true: the books balance. */
void visit_begin(struct visit *visit);
bool visit_end(struct visit *visit);

/* visit_give_back - all that the innermost visitor has, and say what that was */
void visit_give_back(void);

/* The functions below are about the innermost visit; there must be one. */

/*
 * visit_keep_area - an area of vmalloc is the visitor's, until
 * visit_drop_area - whoever calls this frees it; false: @p is none of his
 * visit_owns_area - is it one of his?
 *
 * Returns  @p. NULL is nothing to keep; where VISIT_AREAS are his already, the
 *          area is freed, with a line, and NULL comes back.
 */
void *visit_keep_area(void *p);
bool visit_drop_area(const void *p);
bool visit_owns_area(const void *p);

/* visit_keep_block, visit_free_block - the same for a block of frames, of the
 * order that its first page says */
void visit_keep_block(struct page *block);
bool visit_owns_block(const struct page *block);
void visit_free_block(struct page *block);

/* visit_owns_frame - does it lie in one of his blocks? */
bool visit_owns_frame(const struct page *page);

/* The crumbs that he has made of memory; NULL: there are none. */
struct crumbs *visit_crumbs(void);
void visit_make_crumbs(void);
void visit_release_crumbs(void);

#endif
