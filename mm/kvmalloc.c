/* SPDX-License-Identifier: MIT */
/*
 * kvmalloc.c - from kmalloc if it has it, else from vmalloc
 *
 * Problem     A table is usually small and sometimes large. kmalloc is cheap and
 *             fails where memory is in crumbs; vmalloc never needs a large block,
 *             and costs page tables, a guard and a flush.
 * Idea        Ask kmalloc, and for more than a page without insisting: no line if
 *             there is no block, and nothing of what a zone keeps for those who
 *             have no other way. Then vmalloc. The address says who must free it.
 * Picture     size:  1 ........... 4 KiB ..................... 4 MiB ......
 *                    kmalloc alone  kmalloc, else vmalloc       vmalloc
 * Failure     NULL with the line of the one who was asked last.
 * Cost        That of kmalloc; where it has no block, that of vmalloc more.
 * Source      Linux since 4.12, mm/util.c.
 * See         tests/mm/test_kvmalloc.c
 */
#include <mm/kvmalloc.h>

#include <lib/export.h>
#include <x86/percpu.h>

void *kvmalloc(size_t size, gfp_t gfp)
{
	bool retry = size > KMALLOC_ONE_FRAME && (gfp & __GFP_WAIT) &&
		     in_plain_thread();
	gfp_t first = retry ? (gfp | __GFP_NOWARN) & ~__GFP_HIGH : gfp;
	void *p = kmalloc(size, first);

	if (p || !retry)
		return p;
	return __vmalloc_node(size, 0, gfp, 0, (const void *)CALLER);
}
EXPORT_SYMBOL(kvmalloc);
