/* SPDX-License-Identifier: MIT */
/*
 * layout.h - where everything lies in the kernel's gigabyte of addresses
 *
 *	0x00000000  user space; page 0 is never mapped
 *	0xC0000000  PAGE_OFFSET: direct map of physical memory from 0 on
 *	            hole of 8 to 16 MiB
 *	            VMALLOC_START .. VMALLOC_END   [ area | guard ] ...
 *	            hole of two pages
 *	            KASAN=1: the shadow, see below, and a hole
 *	0xFFA00000  PKMAP_BASE: 2 MiB, 512 slots of kmap()
 *	            hole
 *	0xFFE00000  FIXADDR_START .. 0xFFFFF000: fixed slots
 *
 * Everything above the direct map is derived here; only the direct map's end
 * depends on the machine (layout_init).
 */
#ifndef X86_LAYOUT_H
#define X86_LAYOUT_H

#ifdef __ASSEMBLER__
#define UL(x)		x
#else
#include <lib/bits.h>
#include <lib/phys.h>
#include <lib/types.h>
#define UL(x)		x##UL
#endif

#define PAGE_SHIFT	12
#define PAGE_SIZE	(UL(1) << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define LARGE_SHIFT	21			/* a 2 MiB page under PAE */
#define LARGE_SIZE	(UL(1) << LARGE_SHIFT)

#define PAGE_OFFSET	UL(0xC0000000)
#define PKMAP_BASE	UL(0xFFA00000)
#define PKMAP_END	UL(0xFFC00000)
#define FIXADDR_START	UL(0xFFE00000)
#define FIXADDR_END	UL(0xFFFFF000)

/*
 * The shadow: a byte for each 8 bytes of the kernel's gigabyte, at (address >> 3)
 * plus an offset that the compiler knows too (tools/variants.mk). The stacks of
 * instrumented code are larger. Without KASAN there is none: its place is empty.
 */
#ifdef KASAN
#define KASAN_SHADOW_OFFSET UL(0xD8000000)
#define KASAN_SHADOW_START ((PAGE_OFFSET >> 3) + KASAN_SHADOW_OFFSET)
#define KASAN_SHADOW_END (KASAN_SHADOW_START + UL(0x08000000))
#define WINDOW_LIMIT	KASAN_SHADOW_START
#define KSTACK_SIZE	(8 * PAGE_SIZE)
#else
#define KASAN_SHADOW_START PKMAP_BASE
#define KASAN_SHADOW_END PKMAP_BASE
#define WINDOW_LIMIT	UL(0)			/* 4 GiB */
#define KSTACK_SIZE	(4 * PAGE_SIZE)
#endif

/* Areas end two pages below PKMAP_BASE, as in Linux 2.6.24, or the shadow. */
#define VMALLOC_END	(KASAN_SHADOW_START - 2 * PAGE_SIZE)
#define VMALLOC_GAP	UL(0x00800000)		/* the least hole below the window */
#define VMALLOC_RESERVE	UL(0x08000000)		/* default of vmalloc=          */
#define LOWMEM_MAX	(WINDOW_LIMIT - PAGE_OFFSET - VMALLOC_RESERVE)

#define DMA_END		UL(0x01000000)		/* ZONE_DMA is below 16 MiB     */
#define LEGACY_END	UL(0x00100000)		/* BIOS, VGA, option ROMs       */

#ifndef __ASSEMBLER__

#ifdef KASAN
_Static_assert(KASAN_SHADOW_START == 0xF0000000, "docs/layout.md says so");
_Static_assert(((UL(0) - 1) >> 3) + KASAN_SHADOW_OFFSET + 1 == KASAN_SHADOW_END,
	       "the last byte's shadow is the shadow's last byte");
_Static_assert(LOWMEM_MAX == MIB(640), "what the shadow leaves");
#else
_Static_assert(LOWMEM_MAX == MIB(896), "the classic split");
#endif
_Static_assert(KASAN_SHADOW_START % LARGE_SIZE == 0 &&
	       KASAN_SHADOW_END <= PKMAP_BASE, "page tables of its own");
_Static_assert(PKMAP_END - PKMAP_BASE == 512 * PAGE_SIZE, "512 slots of kmap");
_Static_assert(VMALLOC_END < KASAN_SHADOW_START && VMALLOC_END % PAGE_SIZE == 0,
	       "a hole between the window and what follows");
_Static_assert(PKMAP_BASE % LARGE_SIZE == 0, "one page table holds all slots");
_Static_assert(FIXADDR_START % LARGE_SIZE == 0, "one page table holds them");
_Static_assert(FIXADDR_START - PKMAP_END >= LARGE_SIZE, "a hole above kmap");

/* Where this machine's direct map ends and its window begins. [I] */
struct layout {
	uint64_t	lowmem_end;	/* bytes of memory in the direct map   */
	unsigned long	high_memory;	/* the same as an address              */
	unsigned long	vmalloc_start;
};
extern struct layout layout;

#define VMALLOC_START	(layout.vmalloc_start)

/*
 * layout_init - set the end of the direct map; derives the window's start
 *
 * @lowmem_end  page aligned, at most LOWMEM_MAX. The hole up to VMALLOC_START
 *              has 8 to 16 MiB (Linux 2.6.24, include/asm-x86/pgtable_32.h).
 */
void layout_init(uint64_t lowmem_end);

/* Only for physical memory of the direct map. */
static inline void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(PAGE_OFFSET + (unsigned long)phys_raw(phys));
}

static inline phys_addr_t virt_to_phys(const void *virt)
{
	return phys_make((unsigned long)virt - PAGE_OFFSET);
}

static inline bool addr_in_direct_map(unsigned long addr)
{
	return addr >= PAGE_OFFSET && addr < layout.high_memory;
}

static inline bool addr_in_vmalloc(unsigned long addr)
{
	return addr >= VMALLOC_START && addr < VMALLOC_END;
}

static inline bool addr_in_shadow(unsigned long addr)
{
	return addr >= KASAN_SHADOW_START && addr < KASAN_SHADOW_END;
}

/* The kernel image's borders, from linker.ld. */
extern char kernel_start[], text_start[], text_end[], rodata_start[],
	    rodata_end[], data_start[], ro_after_init_start[],
	    ro_after_init_end[], kernel_end[];

/* Where the image ends in physical memory, as a number for memory maps. */
static inline uint64_t image_end(void)
{
	return phys_raw(virt_to_phys(kernel_end));
}

#endif
#endif
