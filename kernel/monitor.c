/* SPDX-License-Identifier: MIT */
/*
 * monitor.c - questions to the running kernel
 *
 * Problem     Reading about memory is one thing, asking a running kernel another.
 * Idea        A line editor on the console and a table of commands. The words
 *             are those of the debugger's `lacuna` commands; each prints what a
 *             report function of the subsystem says.
 * Failure     A bad argument is answered with the command's form. A command that
 *             faults is reported and returns to the prompt, unless it held a
 *             lock: then what the lock protects is damaged, and that is a panic.
 * Read first  commands, then monitor_execute.
 * See         tests/kernel/test_monitor.c
 */
#include <kernel/monitor.h>

#include <kernel/explain.h>
#include <kernel/printk.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <mm/meminfo.h>
#include <mm/pgtable.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>
#include <x86/cpu.h>
#include <x86/recovery.h>

#define LINE_SIZE	80U
#define EXAMPLE_SIZE	10000UL
#define BACKSPACE	8
#define DELETE		127
#define KILL_LINE	21		/* Ctrl-U */

struct command {
	const char	*name, *argument, *help;
	void		(*run)(unsigned long value);
};

static const struct command commands[];

static void run_zones(unsigned long value __unused)
{
	zoneinfo(console_printf);
}

static void run_buddy(unsigned long value __unused)
{
	buddyinfo(console_printf);
}

static void run_slabs(unsigned long value __unused)
{
	slab_report(console_printf);
}

static void run_vmlist(unsigned long value __unused)
{
	vmalloc_report(console_printf);
}

static void run_callers(unsigned long value __unused)
{
	vmalloc_report_callers(console_printf);
}

static void run_map(unsigned long value __unused)
{
	meminfo_map(console_printf);
	memblock_report(console_printf);
}

static void print_entry(const char *level, unsigned int index, pte_t entry)
{
	console_printf("  %-5s %3u  %016llx  %s\n", level, index, entry.raw,
		       pte_present(entry) ? "" : "not present");
}

static void run_pt(unsigned long addr)
{
	struct pgtable_walk w;
	bool mapped = pgtable_lookup(addr, &w);

	print_entry("PDPT", w.pdpt_index, w.pdpt);
	if (pte_present(w.pdpt))
		print_entry("PMD", w.pmd_index, w.pmd);
	if (pte_present(w.pmd) && !w.large)
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
}

/* A kernel address is looked up, anything else is a frame number. */
static void run_page(unsigned long value)
{
	struct pgtable_walk w;
	const struct page *page;
	pfn_t pfn = (pfn_t)value;

	if (value >= PAGE_OFFSET) {
		if (!pgtable_lookup(value, &w)) {
			console_printf("  %08lx is not mapped\n", value);
			return;
		}
		pfn = phys_to_pfn(pgtable_phys(&w, value));
	}
	if (!pfn_valid(pfn)) {
		console_printf(
			"  frame %x has no struct page; the last is %x\n", pfn,
			mem_map_end - 1);
		return;
	}
	page = pfn_to_page(pfn);
	console_printf("  frame %x at physical %09llx: %s", pfn,
		       pfn_to_phys(pfn), page_state_name(page->state));
	if (page->state != PAGE_ABSENT)
		console_printf(", zone %s", page_zone(page)->name);
	if (page->state == PAGE_FREE || page->state == PAGE_USED)
		console_printf(", a block of order %u", page->order);
	if (page->state == PAGE_USED)
		console_printf(", references: %u", page->count);
	console_printf("\n");
}

static void run_explain(unsigned long addr)
{
	char place[80];

	explain_place(addr, place, sizeof(place));
	console_printf("  %08lx: %s\n", addr, place);
	explain_details(addr, console_printf);
}

static void run_help(unsigned long value __unused)
{
	const struct command *c;

	for (c = commands; c->name; c++)
		console_printf("  %-8s %-9s %s\n", c->name,
			       c->argument ? c->argument : "", c->help);
	console_printf("  Numbers are hexadecimal. Ctrl-U clears the line.\n");
}

static const struct command commands[] = {
	{ "map", NULL, "the address map, RAM, what boot reserved", run_map },
	{ "zones", NULL, "each zone's span, free pages and floors", run_zones },
	{ "buddy", NULL, "free blocks by zone and order", run_buddy },
	{ "slabs", NULL, "the object caches", run_slabs },
	{ "vmlist", NULL, "the areas of the vmalloc window", run_vmlist },
	{ "callers", NULL, "the same, summed by who asked", run_callers },
	{ "pt", "ADDR", "the page-table entries of an address", run_pt },
	{ "page", "ADDR|PFN", "the struct page of a frame", run_page },
	{ "explain", "ADDR", "what lies at an address, in words", run_explain },
	{ "help", NULL, "this list", run_help },
	{ "exit", NULL, "leave the monitor", NULL },
	{ NULL, NULL, NULL, NULL },
};

static const struct command *find_command(const char *name)
{
	const struct command *c;

	for (c = commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* Hexadecimal with or without 0x. */
static bool parse_hex(const char *text, unsigned long *value)
{
	char buf[20] = "0x";
	uint64_t v;

	if (!text)
		return false;
	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	if (strscpy(buf + 2, text, sizeof(buf) - 2) < 0 ||
	    parse_u64(buf, &v) != 0 || v > UINT32_MAX)
		return false;
	*value = (unsigned long)v;
	return true;
}

static void run_guarded(const struct command *c, unsigned long value)
{
	struct recovery point;

	if (recovery_set(&point) == 0) {
		c->run(value);
		recovery_clear(&point);
	}
}

bool monitor_execute(char *line)
{
	const char *name = parse_word(&line);
	const struct command *c = name ? find_command(name) : NULL;
	unsigned long value = 0;

	if (!name)
		return true;
	if (!c) {
		console_printf("  '%s' is no command; `help` lists them\n",
			       name);
		return true;
	}
	if (!c->run)
		return false;
	if (c->argument && !parse_hex(parse_word(&line), &value))
		console_printf("  usage: %s %s, hexadecimal\n", c->name,
			       c->argument);
	else
		run_guarded(c, value);
	return true;
}

static int wait_for_key(void)
{
	int c = console_getc();

	while (c < 0) {
		cpu_halt();		/* the tick wakes us */
		c = console_getc();
	}
	return c;
}

static void erase(size_t n)
{
	while (n--)
		console_printf("\b \b");
}

static void read_line(char *line)
{
	size_t n = 0;
	int c;

	while ((c = wait_for_key()) != '\r' && c != '\n') {
		if (c == BACKSPACE || c == DELETE) {
			erase(n ? 1 : 0);
			n -= n ? 1 : 0;
		} else if (c == KILL_LINE) {
			erase(n);
			n = 0;
		} else if (c >= ' ' && c < DELETE && n + 1 < LINE_SIZE) {
			console_printf("%c", c);
			line[n++] = (char)c;
		}
	}
	console_printf("\n");
	line[n] = '\0';
}

/* An area to look at: the demonstration has given its own back. */
void monitor_run(void)
{
	char *example = vmalloc(EXAMPLE_SIZE);
	unsigned long guard = VMALLOC_START;	/* no memory: nothing there */
	char line[LINE_SIZE];

	if (example)
		guard = (unsigned long)example +
			ALIGN_UP(EXAMPLE_SIZE, PAGE_SIZE);
	console_printf("The monitor: try explain %lx, vmlist, zones, map, "
		       "help, exit\n", guard);
	do {
		console_printf("lacuna> ");
		read_line(line);
	} while (monitor_execute(line));
	vfree(example);
}
