/* SPDX-License-Identifier: MIT */
/*
 * explain.c - what lies at an address, in words
 *
 * Problem     A page fault gives a number. Its reader wants to know: what is
 *             there, whose is it, how far off was I, what would I have hit?
 * Idea        The address space is a handful of regions; inside the window the
 *             nearest area on either side says the rest. Distances are counted
 *             as people count: the first byte behind an area is 1 byte past its
 *             end, the last byte before it is 1 byte before its start.
 * Locks       None, and no allocation: a report may come from anywhere.
 * Read first  find_spot, then explain_details.
 * See         kernel/oops.c, tests/kernel/test_explain.c
 */
#include <kernel/explain.h>

#include <kernel/symbols.h>
#include <mm/kspace.h>
#include <mm/vmap.h>

#define CELLS		5		/* pages in the picture               */
#define CELLS_BEFORE	3		/* of them before the hit             */
#define CELL_WIDTH	14

enum region {
	REGION_NULL, REGION_USER, REGION_DIRECT, REGION_STACK_GUARD,
	REGION_WINDOW, REGION_SHADOW, REGION_PKMAP, REGION_FIXMAP, REGION_HOLE,
};

/* Where an address lies relative to the nearest areas of the window. */
enum relation { REL_NONE, REL_INSIDE, REL_GUARD, REL_GAP };

struct spot {
	unsigned long	addr;
	enum region	region;
	enum relation	relation;
	struct vmap_area *below, *above;	/* may be NULL */
};

static unsigned long area_start(const struct vmap_area *area)
{
	return (unsigned long)area->vm.addr;
}

static unsigned long area_mapped(const struct vmap_area *area)
{
	return area->vm.size - VM_GUARD_SIZE;
}

static enum region find_region(unsigned long addr)
{
	if (addr < PAGE_SIZE)
		return REGION_NULL;
	if (addr < PAGE_OFFSET)
		return REGION_USER;
	if (kspace_stack_guard(addr))
		return REGION_STACK_GUARD;
	if (addr < layout.high_memory)
		return REGION_DIRECT;
	if (addr_in_vmalloc(addr))
		return REGION_WINDOW;
	if (addr_in_shadow(addr))
		return REGION_SHADOW;
	if (addr >= PKMAP_BASE && addr < PKMAP_END)
		return REGION_PKMAP;
	if (addr >= FIXADDR_START && addr < FIXADDR_END)
		return REGION_FIXMAP;
	return REGION_HOLE;
}

static enum relation find_relation(unsigned long addr,
				   const struct vmap_area *below)
{
	unsigned long offset;

	if (!below)
		return REL_GAP;
	offset = addr - area_start(below);
	if (offset < area_mapped(below))
		return REL_INSIDE;
	return offset < below->vm.size ? REL_GUARD : REL_GAP;
}

static struct spot find_spot(unsigned long addr)
{
	struct spot s = { .addr = addr, .region = find_region(addr) };

	if (s.region == REGION_WINDOW ||
	    (s.region == REGION_HOLE && addr < KASAN_SHADOW_START)) {
		vmap_neighbours(addr, &s.below, &s.above);
		s.relation = find_relation(addr, s.below);
	}
	return s;
}

static const char *region_name(enum region region)
{
	static const char *const names[] = {
		[REGION_NULL] = "page 0: a NULL pointer",
		[REGION_USER] = "user space, which is empty",
		[REGION_DIRECT] = "the direct map",
		[REGION_STACK_GUARD] = "the guard below a stack",
		[REGION_WINDOW] = "the vmalloc window, with no area",
		[REGION_SHADOW] = "KASAN's shadow",
		[REGION_PKMAP] = "the kmap slots",
		[REGION_FIXMAP] = "the fixed slots",
		[REGION_HOLE] = "a hole of the address map",
	};

	return names[region];
}

/* --- the phrase ------------------------------------------------------------ */

static const char *image_part(unsigned long addr)
{
	if (addr >= (unsigned long)text_start && addr < (unsigned long)text_end)
		return "the kernel's text (read, execute)";
	if (addr >= (unsigned long)rodata_start &&
	    addr < (unsigned long)rodata_end)
		return "the kernel's constants (read only)";
	if (addr >= (unsigned long)data_start &&
	    addr < (unsigned long)kernel_end)
		return "the kernel's data (read, write)";
	return "the direct map (read, write)";
}

/* An underrun of the area above, rather than an overrun of the one below? */
static bool nearer_above(const struct spot *s)
{
	unsigned long past = s->addr - area_start(s->below) -
			     area_mapped(s->below) + 1;

	return s->above && area_start(s->above) - s->addr < past;
}

static int window_place(const struct spot *s, char *buf, size_t size)
{
	if (s->relation == REL_INSIDE)
		return snprintf(buf, size, "inside vmalloc area %08lx",
				area_start(s->below));
	if (s->relation == REL_GUARD && nearer_above(s))
		return snprintf(buf, size, "before the start of vmalloc area "
				"%08lx", area_start(s->above));
	if (s->relation == REL_GUARD)
		return snprintf(buf, size, "past the end of vmalloc area %08lx",
				area_start(s->below));
	if (s->below && s->above)
		return snprintf(buf, size, "between vmalloc areas %08lx and "
				"%08lx", area_start(s->below),
				area_start(s->above));
	if (s->below)
		return snprintf(buf, size, "far past the end of vmalloc area "
				"%08lx", area_start(s->below));
	return snprintf(buf, size, "before the start of vmalloc area %08lx",
			area_start(s->above));
}

int explain_place(unsigned long addr, char *buf, size_t size)
{
	struct spot s = find_spot(addr);
	unsigned long offset;
	const char *sealed = symbol_lookup_sealed(addr, &offset);

	if (sealed)
		return snprintf(buf, size, "in %s+0x%lx, read-only since boot",
				sealed, offset);
	if (s.region == REGION_WINDOW && (s.below || s.above))
		return window_place(&s, buf, size);
	if (addr >= layout.high_memory && addr < VMALLOC_START)
		return snprintf(buf, size, "in the hole behind the direct map, "
				"%lu past its end",
				addr - layout.high_memory + 1);
	if (s.region == REGION_STACK_GUARD)
		return snprintf(buf, size, "the guard below the %s",
				kspace_stack_guard(addr));
	return snprintf(buf, size, "in %s", s.region == REGION_DIRECT ?
			image_part(addr) : region_name(s.region));
}

/* --- the lines ------------------------------------------------------------- */

static const char *plural(unsigned long n)
{
	return n == 1 ? "" : "s";
}

static void print_past_end(const struct spot *s, print_fn *print)
{
	const struct vmap_area *a = s->below;
	unsigned long offset = s->addr - area_start(a);
	unsigned long asked = offset - a->requested + 1;
	unsigned long mapped = offset - area_mapped(a) + 1;

	print("  where   byte %lu of it: %lu byte%s past the end as asked for "
	      "(%lu),\n", offset, asked, plural(asked), a->requested);
	print("          %lu past the end as mapped (%lu)%s\n", mapped,
	      area_mapped(a), s->relation == REL_GUARD ?
	      ": this is the guard page" : "");
}

static void print_before_start(const struct spot *s, print_fn *print)
{
	unsigned long distance = area_start(s->above) - s->addr;

	print("  %s   %lu byte%s before the start of area %08lx\n",
	      s->below ? "and  " : "where", distance, plural(distance),
	      area_start(s->above));
}

static void print_owner(const char *label, const struct vmap_area *a,
			print_fn *print)
{
	print("  %s   %pB asked for %lu bytes; %u frame%s\n", label,
	      (void *)a->caller, a->requested, a->vm.nr_pages,
	      plural(a->vm.nr_pages));
}

/* What the access would have reached, had it gone on in its direction. */
static void print_saved(const struct spot *s, print_fn *print)
{
	if (s->relation == REL_GUARD && s->above)
		print("  saved   %08lx, area of %pB, begins %lu byte%s "
		      "further on\n",
		      area_start(s->above), (void *)s->above->caller,
		      area_start(s->above) - s->addr,
		      plural(area_start(s->above) - s->addr));
	else if (s->relation == REL_GUARD)
		print("  saved   nothing lies behind it\n");
}

static void print_window(const struct spot *s, print_fn *print)
{
	if (s->relation == REL_INSIDE) {
		print("  where   byte %lu of it: asked for %lu, %s %lu\n",
		      s->addr - area_start(s->below), s->below->requested,
		      s->below->vm.flags & (VM_ALLOC | VM_MAP) ? "mapped" :
		      "reserved without a mapping,", area_mapped(s->below));
		print_owner("owner", s->below, print);
		return;
	}
	if (s->below) {
		print_past_end(s, print);
		print_owner("owner", s->below, print);
	}
	if (s->above && (s->relation == REL_GAP || nearer_above(s))) {
		print_before_start(s, print);
		print_owner("owner", s->above, print);
	} else {
		print_saved(s, print);
	}
}

static void print_tables(unsigned long addr, print_fn *print)
{
	struct pgtable_walk w;
	bool mapped = pgtable_lookup(addr, &w);

	if (!pte_present(w.pdpt)) {
		print("  why     PDPT %u = %llx: not present\n", w.pdpt_index,
		      w.pdpt.raw);
		return;
	}
	print("  why     PDPT %u present", w.pdpt_index);
	if (!pte_present(w.pmd)) {
		print(", PMD %u = %llx: not present\n", w.pmd_index, w.pmd.raw);
		return;
	}
	if (w.large)
		print(", PMD %u = %llx, a 2 MiB page", w.pmd_index, w.pmd.raw);
	else
		print(", PMD %u present, PTE %u = %llx", w.pmd_index,
		      w.pte_index, w.pte.raw);
	if (!mapped)
		print(": not present\n");
	else
		print(": read%s%s%s\n", pgtable_writable(&w) ? ", write" : "",
		      pgtable_executable(&w) ? ", execute" : "",
		      pgtable_user(&w) ? ", user" : "");
}

/* --- the picture ----------------------------------------------------------- */

static const char *permissions(unsigned long page)
{
	struct pgtable_walk w;

	if (!pgtable_lookup(page, &w))
		return "nothing";
	if (pgtable_writable(&w))
		return "R W";
	return pgtable_executable(&w) ? "R X" : "R";
}

static void describe_page(unsigned long page, const struct vmap_area *own,
			  char *buf, size_t size)
{
	struct spot s = find_spot(page);
	unsigned long index, last;

	if (s.relation == REL_INSIDE && own && s.below != own) {
		snprintf(buf, size, "neighbour");
	} else if (s.relation == REL_INSIDE) {
		index = (page - area_start(s.below)) / PAGE_SIZE;
		last = area_mapped(s.below) / PAGE_SIZE - 1;
		snprintf(buf, size, "page %lu%s", index, index == last &&
			 s.below->requested % PAGE_SIZE ? " ,,," : "");
	} else if (s.relation == REL_GUARD || s.region == REGION_STACK_GUARD) {
		snprintf(buf, size, "GUARD");
	} else {
		snprintf(buf, size, "%s", permissions(page));
	}
}

/* The hit's page with up to three before it and one behind it. */
static void print_picture(const struct spot *s, print_fn *print)
{
	unsigned long addr = s->addr;
	unsigned long hit = addr / PAGE_SIZE, last = 0xFFFFF;
	unsigned long first = hit < CELLS_BEFORE ? 0 : hit - CELLS_BEFORE;
	unsigned long page, end = MIN(first + CELLS - 1, last);
	char text[CELL_WIDTH];

	print("   ");
	for (page = first; page <= end; page++)
		print("%08lx%s", page * PAGE_SIZE, page < end ? "      " : "\n");
	print("   ");
	for (page = first; page <= end; page++) {
		describe_page(page * PAGE_SIZE, s->below, text, sizeof(text));
		print("| %-*s%s", page < end ? CELL_WIDTH - 2 : 0, text,
		      page < end ? "" : "\n");
	}
	print("   %*sX here\n", (int)((hit - first) * CELL_WIDTH +
	      (addr % PAGE_SIZE) * CELL_WIDTH / PAGE_SIZE), "");
}

/* Where the code says why this address is as it is. */
static const char *const reading[] = {
	[REGION_NULL] = "mm/kspace.c (K5)",
	[REGION_USER] = "mm/kspace.c (K5)",
	[REGION_DIRECT] = "mm/kspace.c (K1, K2)",
	[REGION_STACK_GUARD] = "mm/kspace.c (K5), kernel/x86/double_fault.c",
	[REGION_WINDOW] = "mm/vmap.c (V3), docs/claims.md (C1, C2, C14)",
	[REGION_SHADOW] = "mm/kasan.c",
	[REGION_PKMAP] = "include/x86/layout.h",
	[REGION_FIXMAP] = "mm/fixmap.c",
	[REGION_HOLE] = "include/x86/layout.h, mm/kspace.c (K3)",
};

void explain_details(unsigned long addr, print_fn *print)
{
	struct spot s = find_spot(addr);

	if (s.relation != REL_NONE && (s.below || s.above))
		print_window(&s, print);
	print_tables(addr, print);
	print_picture(&s, print);
	print("  read    %s\n", reading[s.region]);
}
