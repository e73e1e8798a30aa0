/* SPDX-License-Identifier: MIT */
/*
 * vmalloc.h - memory that is contiguous in virtual addresses only
 */
#ifndef MM_VMALLOC_H
#define MM_VMALLOC_H

#include <lib/format.h>
#include <mm/gfp.h>
#include <mm/pgtable.h>

struct page;

#define VM_IOREMAP	0x01UL		/* device memory, not RAM             */
#define VM_ALLOC	0x02UL		/* pages owned: vfree frees them      */
#define VM_MAP		0x04UL		/* pages of somebody else             */
#define VM_USERMAP	0x08UL		/* fit to be shown to user code       */
#define VM_VPAGES	0x10UL		/* ->pages itself comes from vmalloc  */
#define VM_KEPT		0x80UL		/* nobody's now: mm/area_stock.c      */
#define VM_BLOCK	0x100UL		/* shared out by mm/vm_map_ram.c      */
#define VM_ALLOW_HUGE_VMAP 0x400UL	/* 2 MiB pages where frames permit    */

/* What no caller may say: how an area was made, or what it is now. */
#define VM_NOT_ASKED	(VM_ALLOC | VM_VPAGES | VM_KEPT | VM_BLOCK)

/*
 * A used section of the window (C12): exactly the textbook's fields, in its
 * order. While the area is linked, @size includes the guard page.
 * Locks: V vmap_lock; o the owner, alone.
 */
struct vm_struct {
	struct vm_struct *next;		/* [V] next higher area                */
	void		*addr;		/* [V] first byte                      */
	unsigned long	size;		/* [V] bytes, guard included           */
	unsigned long	flags;		/* [o] VM_ALLOC, VM_MAP, VM_IOREMAP... */
	struct page	**pages;	/* [o] frame of each page              */
	unsigned int	nr_pages;	/* [o] entries of it                   */
	phys_addr_t	phys_addr;	/* [o] of VM_IOREMAP. The book has an
					 * unsigned long: PAE needs 64 bits.   */
};

_Static_assert(offsetof(struct vm_struct, next) == 0 &&
	       offsetof(struct vm_struct, addr) > 0 &&
	       offsetof(struct vm_struct, size) >
			offsetof(struct vm_struct, addr) &&
	       offsetof(struct vm_struct, flags) >
			offsetof(struct vm_struct, size) &&
	       offsetof(struct vm_struct, pages) >
			offsetof(struct vm_struct, flags) &&
	       offsetof(struct vm_struct, nr_pages) >
			offsetof(struct vm_struct, pages) &&
	       offsetof(struct vm_struct, phys_addr) >
			offsetof(struct vm_struct, nr_pages),
	       "the textbook's fields in the textbook's order (C12)");

/* The unmapped page behind each area (C1); guard=both: two (mm/guard.c). */
#define VM_GUARD_SIZE	vm_guard_size
extern unsigned long vm_guard_size;	/* [I] */

/* vmalloc_init - the records' cache. After slab_init. */
void vmalloc_init(void);

/*
 * vfree - give back what vmalloc, vzalloc or __vmalloc returned
 *
 * NULL is fine. Any other address is reported with the caller and nothing is
 * changed. Context  thread, no spinlock held.
 */
void vfree(const void *addr);

/*
 * vfree_atomic - vfree for where nobody may wait, in effect a little later
 *
 * The address is looked at now: a wrong one is reported with the caller, and so
 * is a second free. The pages stay mapped, and taken, until the next function
 * of this family that a plain thread calls, or vfree_drain. NULL is fine.
 * Context  any: interrupt handlers, and with any spinlock held.
 */
void vfree_atomic(const void *addr);

/* vfree_drain - free now what vfree_atomic has queued. Context  as vfree. */
void vfree_drain(void);

/*
 * vmalloc - @size bytes, contiguous in virtual memory (C4, C5)
 *
 * Rounds up to whole pages, takes each frame where it finds one, HIGHMEM first
 * (C9), and maps them behind each other; the page after the last one is never
 * mapped (C1). The contents are arbitrary. The bytes between @size and the end
 * of the last page are filled with a pattern that vfree checks.
 * Context  thread, no spinlock held; elsewhere it is reported and refused.
 * Returns  a page-aligned address, or NULL: size 0, more than physical memory,
 *          no frames, or no room in the window (each but the first with a line).
 * See      Linux 2.6.24, mm/vmalloc.c; docs/linux.md.
 */
void *vmalloc(unsigned long size) __freed_by(vfree, 1);

/* vzalloc - the same, filled with zeroes */
void *vzalloc(unsigned long size) __freed_by(vfree, 1);

/*
 * __vmalloc - the same with flags and permissions of one's own
 *
 * NULL also for a @prot that would make a frame writable and executable:
 * PAGE_KERNEL_EXEC takes frames from HIGHMEM only (kspace_permits).
 */
void *__vmalloc(unsigned long size, gfp_t gfp, pgprot_t prot);

/*
 * Relatives of vmalloc, which say what is different: mm/vmalloc_kinds.c. vfree
 * frees them all; context and refusals are vmalloc's.
 *
 * vmalloc_32       frames that a device of 32 address bits reaches: NORMAL, DMA
 * vmalloc_user     zeroes, VM_USERMAP. User code will see whole pages, so @size is
 *                  rounded up to them: no slack, nothing that is not zero.
 * vmalloc_32_user  both
 * vmalloc_exec     executable and not writable: fill it by kmap_local_page of its
 *                  frames, which are HIGHMEM (kspace_permits)
 */
void *vmalloc_32(unsigned long size) __freed_by(vfree, 1);
void *vmalloc_user(unsigned long size) __freed_by(vfree, 1);
void *vmalloc_32_user(unsigned long size) __freed_by(vfree, 1);
void *vmalloc_exec(unsigned long size) __freed_by(vfree, 1);

/*
 * vmalloc_huge - in pages of 2 MiB, wherever 512 frames lie together
 *
 * From 2 MiB on the area is aligned to that. Each 2 MiB of it that find a free
 * block of order 9 need one entry of the TLB; the rest is mapped page by page.
 * @gfp  HIGHMEM is added unless it says __GFP_DMA. Not for protect_range.
 */
void *vmalloc_huge(unsigned long size, gfp_t gfp) __freed_by(vfree, 1);

/*
 * __vmalloc_node - with an alignment, in another's name
 *
 * @align   0 or a power of two, else it is reported and refused. @gfp HIGHMEM is
 *          added unless it says __GFP_DMA. @node is not looked at: there is one.
 * @caller  who is to stand in reports.
 */
void *__vmalloc_node(unsigned long size, unsigned long align, gfp_t gfp,
		     int node, const void *caller) __freed_by(vfree, 1);

/* vcalloc - zeroes for @n objects of @size; a product beyond 4 GiB is refused */
static __always_inline void *vcalloc(size_t n, size_t size)
{
	return vzalloc(size_mul(n, size));
}

/*
 * vrealloc - the same bytes in an area of at least @size bytes
 *
 * @p NULL: __vmalloc, HIGHMEM added. @size 0: vfree, returns NULL. As long as
 * the pages of @p suffice it stays where it is, and what is now behind @size is
 * slack; else all bytes asked for are copied into a new area (PAGE_KERNEL) and
 * @p is freed. @gfp  __GFP_ZERO clears what is added.
 * Returns  NULL when there is no memory, or @p is none of vmalloc's (reported
 *          with the caller): then nothing has changed.
 */
void *vrealloc(const void *p, size_t size, gfp_t gfp) __freed_by(vfree, 1);

/* is_vmalloc_addr - does @addr lie in the window? Says nothing about an area. */
static inline bool is_vmalloc_addr(const void *addr)
{
	return addr_in_vmalloc((unsigned long)addr);
}

/*
 * vmap - map @count frames that the caller owns, one behind the other
 *
 * @flags  VM_MAP.
 * Returns  an address, or NULL: count 0, more than all frames or than the window
 *          has pages, no room, no memory, or (reported) an entry that is no page
 *          or that @prot is not for (kspace_permits). vunmap leaves the frames
 *          alone.
 */
void vunmap(const void *addr);
void *vmap(struct page **pages, unsigned int count, unsigned long flags,
	   pgprot_t prot) __freed_by(vunmap, 1);

/*
 * get_vm_area - reserve addresses without mapping anything
 *
 * @size   bytes; rounded up, plus the guard. @flags VM_IOREMAP aligns the area to
 *         its size, clamped to [4 KiB, 512 KiB]; VM_NOT_ASKED is left out.
 * Returns  the linked area, or NULL.
 */
struct vm_struct *get_vm_area(unsigned long size, unsigned long flags);

/* __get_vm_area - the same, with its first page and its guard in [start, end) */
struct vm_struct *__get_vm_area(unsigned long size, unsigned long flags,
				unsigned long start, unsigned long end);

/*
 * remove_vm_area - unmap, flush and unlink the area that begins at @addr
 *
 * Returns  it, ->size now without the guard, or NULL when there is none. Frames
 *          and record are now the caller's; free_vm_struct forgets the record,
 *          and with it ->pages when there are at most four (<mm/vmap.h>).
 */
struct vm_struct *remove_vm_area(const void *addr);

/* free_vm_struct - forget the record that remove_vm_area returned */
void free_vm_struct(struct vm_struct *area);

/*
 * alloc_vm_area - addresses with page tables; its caller will map the pages
 *
 * What is mapped there later needs no more memory. Flag VM_IOREMAP: nobody knows
 * what it is. Context  thread, no spinlock held. Returns  the live area, or NULL:
 * size 0, no room, no memory.
 */
struct vm_struct *alloc_vm_area(unsigned long size);

/* free_vm_area - unmap, flush and forget it; anything else is reported */
void free_vm_area(struct vm_struct *vm);

/*
 * map_vm_area - fill all pages of an area of one's own with @pages, in order
 *
 * Returns  0, or -ENOMEM, or (reported) -EINVAL: an entry that is no page or that
 *          @prot is not for; -EBUSY: something is mapped there. Then nothing has
 *          changed. Context  thread, no spinlock held; elsewhere -EINVAL.
 */
int __must_check map_vm_area(struct vm_struct *vm, pgprot_t prot,
			     struct page **pages);

/*
 * unmap_kernel_range - unmap and flush pages of an area, which stays
 *
 * Whole pages of one live area, its guard excluded, that is not vmalloc's; all
 * else is reported and refused. Context  thread, no spinlock held.
 */
void unmap_kernel_range(unsigned long addr, unsigned long size);

/* vmalloc_check - V1 to V4 of every area, then W1 to W4 (mm/vmalloc.c); 0 or
 * the number, 11 to 14 for W1 to W4. vmalloc_report - a line for each area. */
int vmalloc_check(void);
void vmalloc_report(print_fn *print);

/* vmalloc_report_callers - a line for each caller: its areas, bytes, frames */
void vmalloc_report_callers(print_fn *print);

/* Frames that vmalloc has in use now. */
unsigned long vmalloc_nr_pages(void);

/* find_vm_area - the area that begins at @addr exactly, or NULL */
struct vm_struct *find_vm_area(const void *addr);

/* vmalloc_to_page, vmalloc_to_pfn - the frame behind an address of the window;
 * NULL, or 0, where nothing is mapped (guards included), where a device is that
 * has no struct page, and for any address below the window. */
struct page *vmalloc_to_page(const void *addr);
unsigned long vmalloc_to_pfn(const void *addr);

#endif
