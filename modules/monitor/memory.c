/* SPDX-License-Identifier: MIT */
/*
 * memory.c - the monitor's questions about memory
 *
 * Idea        Each command prints what a report function of its subsystem says.
 *             The debugger's `lacuna` commands have the same names and print the
 *             same lines (tools/gdb/commands.py).
 * Read first  any of them
 * See         tests/modules/test_monitor.c
 */
#include <kernel/monitor.h>

#include <kernel/printk.h>
#include <mm/meminfo.h>
#include <mm/pgtable.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>
#include <modules/owners.h>
#include <modules/page_head.h>

MONITOR_COMMAND(zones, NULL, "each zone's span, free pages and floors", "zones")
{
	zoneinfo(console_printf);
	return true;
}

MONITOR_COMMAND(buddy, NULL, "free blocks by zone and order", "buddy")
{
	buddyinfo(console_printf);
	return true;
}

MONITOR_COMMAND(slabs, NULL, "the object caches", "slabs")
{
	slab_report(console_printf);
	return true;
}

MONITOR_COMMAND(vmlist, NULL, "the areas of the vmalloc window", "vmlist")
{
	vmalloc_report(console_printf);
	return true;
}

MONITOR_COMMAND(callers, NULL, "the same, summed by who asked", "callers")
{
	vmalloc_report_callers(console_printf);
	return true;
}

static void print_entry(const char *level, unsigned int index, pte_t entry)
{
	console_printf("  %-5s %3u  %016llx  %s\n", level, index, entry.raw,
		       pte_present(entry) ? "" : "not present");
}

MONITOR_COMMAND(pt, "ADDR", "the page-table entries of an address",
		"pt c0100000")
{
	struct pgtable_walk w;
	unsigned long addr;
	bool mapped;

	if (!monitor_address(&words, &addr))
		return false;
	mapped = pgtable_lookup(addr, &w);
	print_entry("PDPT", w.pdpt_index, w.pdpt);
	if (w.levels > 1)
		print_entry("PMD", w.pmd_index, w.pmd);
	if (w.levels > 2)
		print_entry("PTE", w.pte_index, w.pte);
	if (mapped)
		console_printf(
			"  %08lx -> physical %09llx: read%s%s, %s page\n", addr,
			pgtable_phys(&w, addr),
			pgtable_writable(&w) ? ", write" : "",
			pgtable_executable(&w) ? ", execute" : "",
			w.large ? "2 MiB" : "4 KiB");
	else
		console_printf("  %08lx is not mapped\n", addr);
	return true;
}

static void print_page(pfn_t pfn)
{
	const struct page *page = pfn_to_page(pfn);
	char cache[CACHE_NAME_MAX + 1];

	console_printf("  frame %x at physical %09llx: %s", pfn,
		       pfn_to_phys(pfn), page_state_name(page->state));
	if (page->state != PAGE_ABSENT)
		console_printf(", zone %s", page->zone < NR_ZONES ?
			       page_zone(page)->name : "broken");
	if (page->state == PAGE_FREE || page->state == PAGE_USED)
		console_printf(", a block of order %u", page->order);
	if (page->state == PAGE_USED)
		console_printf(", references: %u", page->count);
	if (page->state == PAGE_SLAB) {
		page_cache_name(page, cache);
		console_printf(", cache %s", cache);
	}
	console_printf("\n");
	owners_tell(pfn, "  ", console_printf);
}

/* A kernel address is looked up, anything else is a frame number. */
MONITOR_COMMAND(page, "ADDR|PFN", "the struct page of a frame", "page 1000")
{
	struct pgtable_walk w;
	unsigned long value;
	uint64_t pfn;

	if (!monitor_address(&words, &value))
		return false;
	pfn = value;
	if (value >= PAGE_OFFSET) {
		if (!pgtable_lookup(value, &w)) {
			console_printf("  %08lx is not mapped\n", value);
			return true;
		}
		pfn = phys_raw(pgtable_phys(&w, value)) >> PAGE_SHIFT;
	}
	if (pfn < mem_map_end)
		print_page((pfn_t)pfn);
	else
		console_printf(
			"  frame %llx has no struct page; the last is %x\n",
			pfn, mem_map_end - 1);
	return true;
}
