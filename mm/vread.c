/* SPDX-License-Identifier: MIT */
/*
 * vread.c - bytes of the window, whatever is there or not
 *
 * Problem     Who dumps the kernel's memory reads addresses that nobody gave him:
 *             guards, gaps, registers whose mere reading makes a device act, and
 *             areas that somebody frees at that moment.
 * Idea        Go along the areas in order, under the lock, so that none can go.
 *             Ask the page tables which frame lies at each page and copy from the
 *             frame's own address: the window itself is never touched, so nothing
 *             can fault there. Whatever is no frame of RAM is zeroes.
 * Picture     addr                                          addr + count
 *              |--gap--| area | guard | ioremap | guard | area |-- gap --|
 *              |000000 | copy |  000  |  0000   |  000  | copy |
 *              `------------- returned ------------------------'
 * Failure     A short count.
 * Cost        O(areas + bytes), with interrupts off. For debuggers.
 * Source      Linux 2.6.24, mm/vmalloc.c, and its odd count: a gap before an area
 *             counts, one behind the last area does not. It reads device areas;
 *             here, as since 2.6.32, they are zeroes.
 * Read first  visit
 * See         tests/mm/test_vread.c
 */
#include <mm/vread.h>

#include <lib/export.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/page.h>
#include <mm/vmap.h>

/* What is still to be done. */
struct transfer {
	char		*buf;
	unsigned long	addr, left;
	bool		write;
};

/* The frame of RAM that the next byte is in, or NULL: it is not to be touched. */
static struct page *frame_of(const struct vmap_area *area,
			     const struct transfer *t)
{
	struct page *frame = vmalloc_to_page((void *)t->addr);
	struct pgtable_walk walk;

	if ((area->vm.flags & VM_IOREMAP) || !frame ||
	    frame->state == PAGE_ABSENT ||
	    vmap_find((unsigned long)area->vm.addr) != area)
		return NULL;
	pgtable_lookup(t->addr, &walk);
	return t->write && !pgtable_writable(&walk) ? NULL : frame;
}

/* The next @n bytes, which are all in @frame. */
static void copy(struct transfer *t, struct page *frame, unsigned long n)
{
	char *page = frame ? kmap_local_page(frame) : NULL;

	if (frame && t->write)
		memcpy(page + t->addr % PAGE_SIZE, t->buf, n);
	else if (frame)
		memcpy(t->buf, page + t->addr % PAGE_SIZE, n);
	else if (!t->write)
		memset(t->buf, 0, n);
	if (frame)
		kunmap_local(page);
	t->buf += n;
	t->addr += n;
	t->left -= n;
}

static int visit(const struct vmap_area *area, void *arg)
{
	unsigned long start = (unsigned long)area->vm.addr;
	unsigned long end = start + area->mapped;
	struct transfer *t = arg;

	if (t->addr >= end || (area->vm.flags & VM_KEPT))
		return 0;
	if (t->addr < start)
		copy(t, NULL, MIN(start - t->addr, t->left));
	while (t->left && t->addr < end)
		copy(t, frame_of(area, t),
		     MIN(PAGE_SIZE - t->addr % PAGE_SIZE, t->left));
	return t->left == 0;
}

static long transfer(struct transfer t)
{
	unsigned long count = t.left;

	if (t.addr + count < count)
		count = t.left = 0 - t.addr;
	vmap_for_each(visit, &t);
	return (long)(count - t.left);
}

long vread(char *buf, const char *addr, unsigned long count)
{
	return transfer((struct transfer){ buf, (unsigned long)addr, count,
					   false });
}
EXPORT_SYMBOL(vread);

/* Nothing writes to its buffer. */
long vwrite(const char *buf, char *addr, unsigned long count)
{
	return transfer((struct transfer){ (char *)(unsigned long)buf,
					   (unsigned long)addr, count, true });
}
EXPORT_SYMBOL(vwrite);
