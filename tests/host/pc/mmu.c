/* SPDX-License-Identifier: MIT */
/*
 * mmu.c - the host's mappings are the TLB, its page faults are the misses
 *
 * Problem     The kernel writes page tables and expects that addresses change
 *             their meaning - and that they do not before it has flushed.
 * Idea        All of the kernel's addresses begin as PROT_NONE. An access faults;
 *             the handler walks the kernel's page tables as the hardware does
 *             (Intel SDM vol. 3, 4.4) and maps that page of RAM, as writable as
 *             the entries say: a miss that filled the TLB. It stays until invlpg
 *             or a write to CR3 or CR4 removes it. So a flush that was forgotten
 *             is seen: the old page is still there.
 * Picture     p[0] = 1 -> SIGSEGV -> CR3 -> PDPT -> PMD -> PTE -> mmap(p, frame)
 *                                                         `-> none: a page fault
 * Invariants  MM1 tlb[] says of each page what the host has mapped there.
 * Failure     A page fault nobody expects is the sanitizer's: it prints who.
 *             An entry that leads to no RAM ends in SIGBUS.
 * Cost        About 15 us for a page that is mapped and flushed again. To stay
 *             quick, the direct map is flushed by a new CR3 only.
 * Read first  on_fault, then fill.
 * See         tests/host/pc/pc.c
 */
#define _GNU_SOURCE

#include "pc.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <mm/pgtable.h>

#define ERROR_WRITE	2U		/* of a page fault's error code */
#define TLB_ENTRIES	4096U		/* above the direct map; then all go */
#define NR_PAGES	((PC_KERNEL_END - PAGE_OFFSET) / PAGE_SIZE)

enum { ABSENT, READ_ONLY, WRITABLE };

struct leaf {
	phys_addr_t	phys;		/* of the whole page */
	unsigned long	size;
	bool		write;
};

static int ram;
static uint8_t tlb[NR_PAGES];
static unsigned int nr_entries;
static struct sigaction sanitizer;
static sigjmp_buf recovery;
static volatile sig_atomic_t expecting;

static uint8_t *tlb_entry(unsigned long addr)
{
	return &tlb[(addr - PAGE_OFFSET) / PAGE_SIZE];
}

/* --- the walk ------------------------------------------------------------ */

/* Tables lie in low memory, or in the program itself: below 4 GiB in any case. */
static pte_t entry_of(phys_addr_t table, unsigned long index)
{
	const pte_t *entries = phys_to_virt(table);

	if (table >> 32)
		return (pte_t){ 0 };
	return entries[index % PTRS_PER_TABLE];
}

/* As boot/ leaves it: all there is, writable, at PAGE_OFFSET. */
static bool walk_early(unsigned long addr, struct leaf *leaf)
{
	*leaf = (struct leaf){ ALIGN_DOWN(addr, LARGE_SIZE) - PAGE_OFFSET,
			       LARGE_SIZE, true };
	return addr - PAGE_OFFSET < LOWMEM_MAX;
}

static bool walk(unsigned long addr, struct leaf *leaf)
{
	pte_t pdpt, pmd, pte;

	if (!pc_cpu.cr3)
		return walk_early(addr, leaf);
	pdpt = entry_of(pc_cpu.cr3, addr >> 30);
	pmd = pte_present(pdpt) ? entry_of(pte_phys(pdpt), addr >> LARGE_SHIFT)
				: pdpt;
	if (!pte_present(pmd))
		return false;
	*leaf = (struct leaf){ ALIGN_DOWN(pte_phys(pmd), LARGE_SIZE),
			       LARGE_SIZE, pmd.raw & PTE_WRITE };
	if (pmd.raw & PTE_LARGE)
		return true;
	pte = entry_of(pte_phys(pmd), addr >> PAGE_SHIFT);
	*leaf = (struct leaf){ pte_phys(pte), PAGE_SIZE,
			       pmd.raw & pte.raw & PTE_WRITE };
	return pte_present(pte);
}

/* --- the TLB ------------------------------------------------------------- */

static void host_map(unsigned long addr, unsigned long size, int prot,
		     int flags, off_t offset)
{
	if (mmap((void *)addr, size, prot, flags | MAP_FIXED,
		 flags & MAP_ANONYMOUS ? -1 : ram, offset) == MAP_FAILED) {
		printf("# mmu: the host refuses to map: %m\n");
		exit(EXIT_FAILURE);
	}
}

static void forget(unsigned long addr, unsigned long size)
{
	host_map(addr, size, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, 0);
	memset(tlb_entry(addr), ABSENT, size / PAGE_SIZE);
}

static void forget_above_direct_map(void)
{
	unsigned long from = PAGE_OFFSET + LOWMEM_MAX;

	if (layout.vmalloc_start)
		from = MIN(from, layout.vmalloc_start);
	forget(from, PC_KERNEL_END - from);
	nr_entries = 0;
}

/* True: the access can be tried again. */
static bool fill(unsigned long addr, bool write)
{
	struct leaf leaf;

	if (!walk(addr, &leaf) || (write && !leaf.write))
		return false;
	addr = ALIGN_DOWN(addr, leaf.size);
	if (leaf.size == PAGE_SIZE && nr_entries++ == TLB_ENTRIES)
		forget_above_direct_map();
	host_map(addr, leaf.size, leaf.write ? PROT_READ | PROT_WRITE
					     : PROT_READ,
		 MAP_SHARED | (leaf.size == PAGE_SIZE ? MAP_POPULATE : 0),
		 (off_t)leaf.phys);
	memset(tlb_entry(addr), leaf.write ? WRITABLE : READ_ONLY,
	       leaf.size / PAGE_SIZE);
	return true;
}

void write_cr3(unsigned long v)
{
	if (v != pc_cpu.cr3)
		forget(PAGE_OFFSET, PC_KERNEL_END - PAGE_OFFSET);
	pc_cpu.cr3 = v;
}

/* The entries of kernel space are global: only PGE itself makes them go. */
void write_cr4(unsigned long v)
{
	if ((v ^ pc_cpu.cr4) & CR4_PGE)
		forget_above_direct_map();
	pc_cpu.cr4 = v;
}

void invlpg(unsigned long addr)
{
	if (*tlb_entry(addr) != ABSENT)
		forget(ALIGN_DOWN(addr, PAGE_SIZE), PAGE_SIZE);
}

/* --- faults -------------------------------------------------------------- */

static void on_fault(int signal, siginfo_t *info, void *context)
{
	unsigned long addr = (unsigned long)info->si_addr;
	const ucontext_t *at = context;
	bool write = at->uc_mcontext.gregs[REG_ERR] & ERROR_WRITE;

	if (addr >= PAGE_OFFSET && addr < PC_KERNEL_END && fill(addr, write))
		return;
	if (expecting)
		siglongjmp(recovery, 1);
	sanitizer.sa_sigaction(signal, info, context);
}

bool pc_faults(const void *p, bool write)
{
	volatile char *byte = (char *)(unsigned long)p;
	char value;
	bool faulted = sigsetjmp(recovery, 1);

	expecting = !faulted;
	if (expecting) {
		value = *byte;
		if (write)
			*byte = value;
	}
	expecting = 0;
	return faulted;
}

void mmu_init(int fd)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_NODEFER };

	ram = fd;
	action.sa_sigaction = on_fault;
	sigaction(SIGSEGV, &action, &sanitizer);
}
