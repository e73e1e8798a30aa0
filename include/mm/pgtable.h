/* SPDX-License-Identifier: MIT */
/*
 * pgtable.h - PAE page tables: entries, walk, map, unmap, protect
 *
 *	   31 30 29       21 20       12 11        0
 *	  | PDPT |   PMD    |    PTE    |  offset   |     4 x 512 x 512 x 4 KiB
 *
 * An entry has 64 bits and the CPU of our day reads it in two halves. pte_set
 * and pte_clear know the order (Intel SDM vol. 3, 4.4.2 and 8.1.1): the half
 * with the present bit is written last when it appears, first when it goes.
 */
#ifndef MM_PGTABLE_H
#define MM_PGTABLE_H

#include <lib/compiler.h>
#include <lib/count.h>
#include <x86/layout.h>

typedef struct { uint64_t raw; } pte_t;
_Static_assert(sizeof(pte_t) == 8, "the MMU reads 8-byte entries");

#define PTRS_PER_TABLE	512U

#define PTE_PRESENT	(1ULL << 0)
#define PTE_WRITE	(1ULL << 1)
#define PTE_USER	(1ULL << 2)
#define PTE_PWT		(1ULL << 3)
#define PTE_PCD		(1ULL << 4)
#define PTE_ACCESSED	(1ULL << 5)
#define PTE_DIRTY	(1ULL << 6)
#define PTE_LARGE	(1ULL << 7)		/* of a PMD entry: a 2 MiB page */
#define PTE_GLOBAL	(1ULL << 8)
#define PTE_NX		(1ULL << 63)
#define PTE_PHYS_MASK	0x000FFFFFFFFFF000ULL

/* What a mapping permits. PAGE_KERNEL, _RO, _EXEC are Linux's names. */
typedef struct { uint64_t raw; } pgprot_t;
extern pgprot_t PAGE_KERNEL;		/* read, write      */
extern pgprot_t PAGE_KERNEL_RO;		/* read             */
extern pgprot_t PAGE_KERNEL_EXEC;	/* read and execute */
extern pgprot_t PAGE_KERNEL_NOCACHE;	/* device registers */
extern pgprot_t PAGE_KERNEL_WC;		/* frame buffers    */

/* pgtable_init - fill in the PAGE_KERNEL constants for this CPU (NX, PGE) */
void pgtable_init(void);

static inline pte_t pte_make(phys_addr_t phys, pgprot_t prot)
{
	return (pte_t){ phys_raw(phys) | prot.raw };
}

static inline bool pte_present(pte_t pte)
{
	return pte.raw & PTE_PRESENT;
}

static inline phys_addr_t pte_phys(pte_t pte)
{
	return phys_make(pte.raw & PTE_PHYS_MASK);
}

static inline pfn_t pte_pfn(pte_t pte)
{
	return (pfn_t)((pte.raw & PTE_PHYS_MASK) >> PAGE_SHIFT);
}

/* From not present to the entry whose halves these are. */
static inline void pte_set_halves(pte_t *entry, uint32_t low, uint32_t high)
{
	volatile uint32_t *half = (volatile uint32_t *)entry;

	half[1] = high;
	half[0] = low;
	count_event(COUNT_PTE_WRITE);
}

/* From not present to @pte. */
static inline void pte_set(pte_t *entry, pte_t pte)
{
	pte_set_halves(entry, (uint32_t)pte.raw, (uint32_t)(pte.raw >> 32));
}

/* From anything to not present; the caller flushes. */
static inline void pte_clear(pte_t *entry)
{
	volatile uint32_t *half = (volatile uint32_t *)entry;

	half[0] = 0;
	half[1] = 0;
	count_event(COUNT_PTE_WRITE);
}

/* From one present value to another, never half of each. */
static inline void pte_replace(pte_t *entry, pte_t pte)
{
	pte_clear(entry);
	pte_set(entry, pte);
}

/* One walk: the entry of each level, 0 below one that leads to no table. */
struct pgtable_walk {
	unsigned int	levels;			/* how many of them were read */
	unsigned int	pdpt_index, pmd_index, pte_index;
	pte_t		pdpt, pmd, pte;
	bool		large;			/* mapped by the PMD entry */
};

/*
 * pgtable_lookup - walk the tables that are in use now, for any address
 *
 * Touches only page tables, and those only where they can be; takes no lock: works
 * in a report.
 * Returns  whether @addr is mapped; *@walk is filled in either case. An entry that
 *          is present, but that the CPU refuses for a reserved bit, maps nothing.
 */
bool pgtable_lookup(unsigned long addr, struct pgtable_walk *walk);

/* pgtable_phys - where @addr is mapped to; only if pgtable_lookup said so */
phys_addr_t pgtable_phys(const struct pgtable_walk *walk, unsigned long addr);

/* pgtable_writable, pgtable_executable, pgtable_user - what a mapped address
 * permits, to user code as well; without NX all can be executed. */
bool pgtable_writable(const struct pgtable_walk *walk);
bool pgtable_user(const struct pgtable_walk *walk);
bool pgtable_executable(const struct pgtable_walk *walk);

/* The table of each 2 MiB of kernel space, NULL where there is none. Locks: read
 * without, written under kspace_lock; once there, a table stays (T1). */
extern pte_t *kernel_tables[PTRS_PER_TABLE];

/* kernel_pte - the entry of a kernel address, NULL without a page table for it:
 * nothing is mapped there, or 2 MiB pages are. */
#ifdef STATIC_ANALYSIS	/* who only reads the code does not know what is mapped */
pte_t *kernel_pte(unsigned long addr);
#else
static inline pte_t *kernel_pte(unsigned long addr)
{
	pte_t *table = kernel_tables[(addr >> LARGE_SHIFT) -
				     (PAGE_OFFSET >> LARGE_SHIFT)];

	if (unlikely(!table))
		return NULL;
	return table + (addr >> PAGE_SHIFT) % PTRS_PER_TABLE;
}
#endif

/*
 * pgtable_populate - page tables for all of [@start, @end) of kernel space
 *
 * Tables come from low memory, are counted and kept (but see pgtable_forget).
 * Context  thread, no spinlock held. Locks  takes kspace_lock.
 * Returns  0 or -ENOMEM (tables made so far stay).
 */
int __must_check pgtable_populate(unsigned long start, unsigned long end);

/*
 * pgtable_forget - give back the tables of [start, end) that map nothing
 *
 * For map_pages_large, and for self-tests, which want to see tables made. The
 * range is one owner's and has none but tables that pgtable_populate made.
 * Context  as pgtable_populate.
 */
void pgtable_forget(unsigned long start, unsigned long end);

/*
 * map_pages - map @nr frames at @addr on, in order
 *
 * Context  thread. The range belongs to the caller and is not mapped.
 * Returns  0 or -ENOMEM, and then nothing is mapped. No flush is needed: the
 *          CPU caches no entry that is not present (SDM vol. 3, 4.10.2.3).
 */
struct page;
int __must_check map_pages(unsigned long addr, struct page *const *pages,
			   unsigned int nr, pgprot_t prot);

/*
 * map_pages_large - the same, in pages of 2 MiB where the frames permit it
 *
 * That is where 512 of them lie together, aligned to 2 MiB, at an address that
 * is, too: the range has those 2 MiB for itself, and its page table goes.
 */
int __must_check map_pages_large(unsigned long addr, struct page *const *pages,
				 unsigned int nr, pgprot_t prot);

/* map_phys - the same for @size bytes of physical addresses from @phys on */
int __must_check map_phys(unsigned long addr, phys_addr_t phys,
			  unsigned long size, pgprot_t prot);

/*
 * unmap_range - unmap [@start, @end) and flush it
 *
 * Pages that are not mapped are skipped. After it returns no CPU can reach the
 * frames through these addresses.
 */
void unmap_range(unsigned long start, unsigned long end);

/*
 * unmap_range_noflush - the same without the flush, which the caller owes
 *
 * Until then frames and addresses are not to be used again.
 * Returns  whether the range has a page table: if not, nothing was mapped there
 *          and there is nothing to flush.
 */
bool __must_check unmap_range_noflush(unsigned long start, unsigned long end);

/* protect_range - give mapped 4 KiB pages of [@start, @end) another @prot */
void protect_range(unsigned long start, unsigned long end, pgprot_t prot);

/* pgtable_check - T1 to T3 (mm/pgtable.c); 0 or the number */
int pgtable_check(void);

/* Page tables of kernel space made so far, in frames; under KASAN also what the
 * shadow of the window has taken, which is kept as well. */
unsigned long pgtable_nr_tables(void);

#endif
