/* SPDX-License-Identifier: MIT */
/*
 * entries.c - the page-table entries of an address, their bits spelled out
 *
 * Read first  explain_entries
 * See         mm/pgtable.c; Intel SDM vol. 3, 4.4, and 11.12 for the PAT
 */
#include <x86/cpu.h>

#include "lines.h"

#define PTE_PAT		(1ULL << 7)	/* of a page of 4 KiB ...            */
#define PTE_PAT_LARGE	(1ULL << 12)	/* ... and of 2 MiB                  */

/* As cpu_init sets the PAT up: its upper half repeats the lower one. */
static const char *cache_kind(uint64_t raw)
{
	bool pwt = raw & PTE_PWT;

	if (raw & PTE_PCD)
		return pwt ? "uncached" : "uncached unless an MTRR combines";
	if (!pwt)
		return "write-back";
	return cpu_features.pat ? "write-combining" : "write-through";
}

static void print_level(const char *level, unsigned int index, pte_t entry,
			print_fn *print)
{
	print("  %-4s %3u %016llx  ", level, index, entry.raw);
	if (pte_present(entry))
		print("present, ");
	else
		print(entry.raw ? "not present: the rest means nothing\n" :
		      "not present\n");
}

/* What a table's entry forbids, nothing below it may do; that of the PDPT has no
 * bits for it. */
static void print_inner(const char *level, unsigned int index, pte_t entry,
			bool followed, print_fn *print)
{
	uint64_t raw = entry.raw;

	print_level(level, index, entry, print);
	if (!pte_present(entry))
		return;
	print("%s %09llx", followed ? "table at" : "but a bit is reserved, or "
	      "no table can be at", raw & PTE_PHYS_MASK);
	if (level[1] == 'M')
		print(": %s%s%s%s", raw & PTE_WRITE ? "writable" : "read-only",
		      raw & PTE_USER ? ", user" : "",
		      raw & PTE_ACCESSED ? ", accessed" : "",
		      raw & PTE_NX ? ", no execute" : "");
	print("\n");
}

static void print_leaf(bool large, unsigned int index, pte_t entry,
		       bool mapped, print_fn *print)
{
	uint64_t raw = entry.raw, pat = large ? PTE_PAT_LARGE : PTE_PAT;

	print_level(large ? "PMD" : "PTE", index, entry, print);
	if (!pte_present(entry))
		return;
	print("%s%s page at %09llx\n", mapped ? "" :
	      "but a bit is reserved: no ", large ? "2 MiB" : "4 KiB",
	      ALIGN_DOWN(raw & PTE_PHYS_MASK, large ? LARGE_SIZE : PAGE_SIZE));
	print("          %s, %s, %s, %s%s\n",
	      raw & PTE_WRITE ? "writable" : "read-only",
	      raw & PTE_USER ? "user" : "kernel only",
	      raw & PTE_NX ? "no execute" : "executable", cache_kind(raw),
	      raw & pat ? ", PAT" : "");
	print("          %s, %s%s\n",
	      raw & PTE_ACCESSED ? "accessed" : "not accessed",
	      raw & PTE_DIRTY ? "dirty" : "clean",
	      raw & PTE_GLOBAL ? ", global: a new CR3 does not flush it" : "");
}

void explain_entries(const struct explain_spot *s, print_fn *print)
{
	struct pgtable_walk w;
	bool mapped = pgtable_lookup(s->addr, &w);

	print_inner("PDPT", w.pdpt_index, w.pdpt, w.levels > 1, print);
	if (w.large)
		print_leaf(true, w.pmd_index, w.pmd, mapped, print);
	else if (w.levels > 1)
		print_inner("PMD", w.pmd_index, w.pmd, w.levels > 2, print);
	if (w.levels > 2)
		print_leaf(false, w.pte_index, w.pte, mapped, print);
}
