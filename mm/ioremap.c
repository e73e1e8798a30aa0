/* SPDX-License-Identifier: MIT */
/*
 * ioremap.c - addresses for the registers and the memory of devices
 *
 * Problem     Devices answer at physical addresses, where the direct map does not
 *             reach. And what a CPU does to memory must not be done to them: a
 *             register that is read from a cache, or written some time, is none.
 * Idea        An area of the window, as for vmalloc, but what is mapped there are
 *             frames without RAM, with a kind of caching that suits the device.
 *             One frame must never have two kinds: so RAM is refused, and where
 *             the direct map shows the frame already, what differs from it.
 * Picture     physical  0   A0000  100000    lowmem_end        FEC00000
 *                       | RAM | VGA | RAM ...    | HIGHMEM | hole | device |
 *                               |                                     |
 *             virtual           as it is             VM_IOREMAP area, phys_addr
 * Invariants  I1  No frame of RAM is in an area of ioremap.
 *             I2  A frame that the direct map shows is mapped elsewhere cached
 *                 only, as it is there.
 *             I3  phys_addr of an area of ioremap is where its first page is
 *                 mapped to, and never 0.
 * Failure     NULL, after a report or line in all cases but those that Linux lets
 *             pass in silence: size 0 and a sum that wraps.
 * Source      Linux 2.6.24, arch/x86/mm/ioremap_32.c; deviations in docs/linux.md.
 *             Kinds of caching: Intel SDM vol. 3, 11.12 (PAT).
 * Read first  ioremap_as, then map_device.
 * See         tests/mm/test_ioremap.c, mm/vm_area.c
 */
#include <mm/ioremap.h>

#include <kernel/printk.h>
#include <lib/export.h>
#include <mm/vmap.h>
#include <x86/cpu.h>

#include "internal.h"

#define ISA_FIRST	PFN_DOWN(0xA0000U)	/* frame of video memory ...  */
#define ISA_END		PFN_DOWN(LEGACY_END)	/* ... and ROMs, up to here   */

static bool has_ram(pfn_t first, pfn_t end)
{
	while (first < end && pfn_to_page(first)->state == PAGE_ABSENT)
		first++;
	return first < end;
}

/* Why frames of which some lie below the end of RAM get no area; NULL: they do. */
static const char *refusal(pfn_t first, pfn_t end, const pgprot_t *prot)
{
	if (has_ram(first, MIN(end, mem_map_end)))
		return "RAM in use";
	if (first < PFN_DOWN(layout.lowmem_end) && prot != &PAGE_KERNEL)
		return "in the direct map, and cached there";
	return NULL;
}

static __noinline void *refuse(phys_addr_t phys, unsigned long size,
			       const char *why, unsigned long caller)
{
	if (size && phys_raw(phys) + size - 1 >= phys_raw(phys))
		printk(KERN_ERR "ioremap: refused: %lu bytes at %pa: %s; "
		       "called by %pB\n", size, &phys, why, (void *)caller);
	return NULL;
}

/* All of [@phys, @phys + @size), against which nothing speaks. */
static __always_inline void *map_device(phys_addr_t phys, unsigned long size,
					const pgprot_t *prot,
					unsigned long caller)
{
	unsigned long offset = (unsigned long)phys_raw(phys) % PAGE_SIZE;
	unsigned long mapped = ALIGN_UP(offset + size, PAGE_SIZE);
	struct vmap_area *area;

	if (mapped < size)
		return refuse(phys, size, "larger than the window", caller);
	area = vm_area_create(&(struct vm_request){
		.size = offset + size,
		.align = vm_area_align(mapped, VM_IOREMAP),
		WHOLE_WINDOW,
		.flags = VM_IOREMAP,
		.gfp = GFP_KERNEL,
		.prot = *prot,
		.caller = caller,
	});
	if (!area)
		return NULL;
	phys = phys_make(phys_raw(phys) & PTE_PHYS_MASK);
	area->vm.phys_addr = phys;
	if (map_phys((unsigned long)area->vm.addr, phys, mapped, *prot) != 0) {
		abandon_area(area);
		printk(KERN_WARNING "ioremap: no frame for the page tables of "
		       "%lu bytes, asked by %pB\n", size, (void *)caller);
		return NULL;
	}
	vm_area_publish(area);
	return (char *)area->vm.addr + offset;
}

/* Where there may be RAM, or the direct map. */
static __noinline void *ioremap_low(phys_addr_t phys, unsigned long size,
				    const pgprot_t *prot, unsigned long caller)
{
	pfn_t first = phys_to_pfn(phys);
	pfn_t end = phys_to_pfn(phys_add(phys, size - 1)) + 1;
	const char *why;

	if (first >= ISA_FIRST && end <= ISA_END)
		return phys_to_virt(phys);
	why = refusal(first, end, prot);
	return why ? refuse(phys, size, why, caller)
		   : map_device(phys, size, prot, caller);
}

/*
 * Physical addresses have at least 32 bits, so that the upper halves tell whether
 * the CPU has them all - a sum that wraps begins with one that it has not.
 */
static void *ioremap_as(phys_addr_t phys, unsigned long size,
			const pgprot_t *prot, unsigned long caller)
{
	uint64_t start = phys_raw(phys), last = start + size - 1;
	uint32_t upper = (uint32_t)(start >> 32) | (uint32_t)(last >> 32);

	if (!vm_context_allows("ioremap", caller))
		return NULL;
	if (unlikely(size == 0 || upper >> (cpu_features.phys_bits - 32)))
		return refuse(phys, size, "beyond what this CPU can address",
			      caller);
	if (unlikely(phys_to_pfn(phys) < mem_map_end))
		return ioremap_low(phys, size, prot, caller);
	return map_device(phys, size, prot, caller);
}

void __iomem *ioremap(phys_addr_t phys, unsigned long size)
{
	return (void __force __iomem *)ioremap_as(phys, size,
						  &PAGE_KERNEL_NOCACHE, CALLER);
}
EXPORT_SYMBOL(ioremap);

void __iomem *ioremap_wc(phys_addr_t phys, unsigned long size)
{
	return (void __force __iomem *)ioremap_as(phys, size, &PAGE_KERNEL_WC,
						  CALLER);
}
EXPORT_SYMBOL(ioremap_wc);

void __iomem *ioremap_cache(phys_addr_t phys, unsigned long size)
{
	return (void __force __iomem *)ioremap_as(phys, size, &PAGE_KERNEL,
						  CALLER);
}
EXPORT_SYMBOL(ioremap_cache);

/* alloc_vm_area makes areas of the same kind, without a device (I3). */
static struct vmap_area *claim_device(unsigned long addr)
{
	struct vmap_area *area = vmap_claim(addr, VM_IOREMAP);

	if (unlikely(area && phys_raw(area->vm.phys_addr) == 0)) {
		vm_area_publish(area);
		return NULL;
	}
	return area;
}

/* What is in the direct map already has got no area, and NULL neither. */
static __noinline void unmap_other(unsigned long addr, unsigned long caller)
{
	pfn_t frame = (addr - PAGE_OFFSET) / PAGE_SIZE;

	if (addr && (frame < ISA_FIRST || frame >= ISA_END))
		printk(KERN_ERR "iounmap: bad address %p, called by %pB\n",
		       (void *)addr, (void *)caller);
}

void iounmap(volatile void __iomem *addr)
{
	unsigned long start = (__force unsigned long)addr & PAGE_MASK;
	struct vmap_area *area;

	if (!vm_context_allows("iounmap", CALLER))
		return;
	area = claim_device(start);
	if (unlikely(!area)) {
		unmap_other((__force unsigned long)addr, CALLER);
		return;
	}
	area->freed_by = CALLER;
	destroy_area(area);
}
EXPORT_SYMBOL(iounmap);
