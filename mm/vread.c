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
 * Invariants  None: it has no state, and changes no table.
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

static void advance(struct transfer *t, unsigned long n)
{
	t->buf += n;
	t->addr += n;
	t->left -= n;
}

static void skip(struct transfer *t, unsigned long n)
{
	n = MIN(n, t->left);
	if (!t->write)
		memset(t->buf, 0, n);
	advance(t, n);
}

/* The frame of RAM that the next byte is in, or NULL: it is not to be touched. */
static struct page *frame_of(const struct vmap_area *area,
			     const struct transfer *t)
{
	struct pgtable_walk walk;
	pfn_t pfn;

	if ((area->vm.flags & VM_IOREMAP) ||
	    vmap_find((unsigned long)area->vm.addr) != area ||
	    !pgtable_lookup(t->addr, &walk) ||
	    (t->write && !pgtable_writable(&walk)))
		return NULL;
	pfn = phys_to_pfn(pgtable_phys(&walk, t->addr));
	if (!pfn_valid(pfn) || pfn_to_page(pfn)->state == PAGE_ABSENT)
		return NULL;
	return pfn_to_page(pfn);
}

static void copy_page(const struct vmap_area *area, struct transfer *t)
{
	unsigned long at = t->addr % PAGE_SIZE, n = MIN(PAGE_SIZE - at, t->left);
	struct page *frame = frame_of(area, t);
	char *page;

	if (!frame) {
		skip(t, n);
		return;
	}
	page = kmap_local_page(frame);
	if (t->write)
		memcpy(page + at, t->buf, n);
	else
		memcpy(t->buf, page + at, n);
	kunmap_local(page);
	advance(t, n);
}

static int visit(const struct vmap_area *area, void *arg)
{
	unsigned long start = (unsigned long)area->vm.addr;
	unsigned long end = start + area->vm.size - VM_GUARD_SIZE;
	struct transfer *t = arg;

	if (t->addr >= end || area->vm.flags == VM_KEPT)
		return 0;
	if (t->addr < start)
		skip(t, start - t->addr);
	while (t->left && t->addr < end)
		copy_page(area, t);
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
