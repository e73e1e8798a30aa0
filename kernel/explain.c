/* SPDX-License-Identifier: MIT */
/*
 * explain.c - what lies at an address, in words
 *
 * Problem     A page fault gives a number. Its reader wants to know: what is
 *             there, whose is it, how far off was I, what would I have hit?
 * Idea        The address space is a handful of regions; inside the window the
 *             nearest area on either side says the rest. Distances are counted
 *             as people count: the first byte behind an area is 1 byte past its
 *             end, the last byte before it is 1 byte before its start. Who asks
 *             by hand is told more, and the picture is drawn there too:
 *             modules/explain/.
 * Locks       None, and no allocation: a report may come from anywhere.
 * Failure     A kernel that is broken is told of with fewer words: mm/lookup.c
 *             looks at each record before anybody reads it.
 * Read first  explain_find, then explain_details.
 * See         kernel/oops.c, tests/kernel/test_explain.c, docs/explain.md
 */
#include <kernel/explain.h>

#include <kernel/symbols.h>
#include <mm/kspace.h>
#include <mm/pgtable.h>

/* What each region is called, and where the code says why it is as it is. */
static const struct { const char *name, *reading; } regions[] = {
	[REGION_NULL] = { "page 0: a NULL pointer", "mm/kspace.c (K5)" },
	[REGION_USER] = { "user space, which is empty", "mm/kspace.c (K5)" },
	[REGION_DIRECT] = { "the direct map (read, write)",
			    "mm/kspace.c (K1, K2)" },
	[REGION_STACK_GUARD] = { "the guard below a stack",
		"mm/kspace.c (K5), kernel/x86/double_fault.c" },
	[REGION_WINDOW] = { "the vmalloc window, with no area",
			    "mm/vmap.c (V3), docs/claims.md (C1, C2, C14)" },
	[REGION_SHADOW] = { "KASAN's shadow", "mm/kasan.c" },
	[REGION_PKMAP] = { "the kmap slots", "mm/kmap.c (PK1)" },
	[REGION_FIXMAP] = { "the fixed slots", "mm/fixmap.c" },
	[REGION_HOLE] = { "a hole of the address map",
			  "include/x86/layout.h, mm/kspace.c (K3)" },
};

/* From its first byte on: with guard=right that is not the first page's. */
static unsigned long area_mapped(const struct vmap_area *area)
{
	return (unsigned long)area->vm.addr + area->mapped - area->first;
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
				   const struct lookup_areas *areas)
{
	unsigned long offset;

	if (!areas->below)
		return areas->above ? REL_GAP : REL_NONE;
	offset = addr - (unsigned long)areas->below->vm.addr;
	if (offset < areas->below->mapped)
		return areas->live || (areas->below->vm.flags & VM_BLOCK) ?
		       REL_INSIDE : REL_BUSY;
	return offset < areas->below->vm.size ? REL_GUARD : REL_GAP;
}

struct explain_spot explain_find(unsigned long addr)
{
	struct explain_spot s = { .addr = addr, .region = find_region(addr) };

	if (s.region == REGION_WINDOW ||
	    (s.region == REGION_HOLE && addr < KASAN_SHADOW_START)) {
		lookup_areas(addr, &s.areas);
		s.relation = find_relation(addr, &s.areas);
		if (s.relation != REL_INSIDE && s.relation != REL_GUARD &&
		    freed_area_find(addr))
			s.relation = REL_FREED;
	}
	return s;
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
	return regions[REGION_DIRECT].name;
}

/* An underrun of the area above, rather than an overrun of the one below? */
static bool nearer_above(const struct explain_spot *s)
{
	const struct vmap_area *below = s->areas.below, *above = s->areas.above;

	return below && above && above->first - s->addr <
	       s->addr - below->first - area_mapped(below) + 1;
}

static int window_place(const struct explain_spot *s, char *buf, size_t size)
{
	const struct vmap_area *below = s->areas.below, *above = s->areas.above;

	if (s->relation == REL_FREED)
		return snprintf(buf, size, "in the freed vmalloc area %08lx",
				s->areas.before->first);
	if (s->relation == REL_INSIDE || s->relation == REL_BUSY)
		return snprintf(buf, size, "inside vmalloc area %08lx%s",
				below->first, s->relation == REL_BUSY ?
				", which is busy" : "");
	if (s->relation == REL_GUARD && nearer_above(s))
		return snprintf(buf, size, "before the start of vmalloc area "
				"%08lx", above->first);
	if (s->relation == REL_GUARD)
		return snprintf(buf, size, "past the end of vmalloc area %08lx",
				below->first);
	if (below && above)
		return snprintf(buf, size, "between vmalloc areas %08lx and "
				"%08lx", below->first, above->first);
	if (below)
		return snprintf(buf, size, "far past the end of vmalloc area "
				"%08lx", below->first);
	return snprintf(buf, size, "before the start of vmalloc area %08lx",
			above->first);
}

int explain_place(unsigned long addr, char *buf, size_t size)
{
	struct explain_spot s = explain_find(addr);
	unsigned long offset;
	const char *sealed = symbol_lookup_sealed(addr, &offset);

	if (sealed)
		return snprintf(buf, size, "in %s+0x%lx, read-only since boot",
				sealed, offset);
	if (s.region == REGION_WINDOW && s.relation != REL_NONE)
		return window_place(&s, buf, size);
	if (addr >= layout.high_memory && addr < VMALLOC_START)
		return snprintf(buf, size, "in the hole behind the direct map, "
				"%lu past its end",
				addr - layout.high_memory + 1);
	if (s.region == REGION_STACK_GUARD)
		return snprintf(buf, size, "the guard below the %s",
				kspace_stack_guard(addr));
	return snprintf(buf, size, "in %s", s.region == REGION_DIRECT ?
			image_part(addr) : regions[s.region].name);
}

/* --- the lines ------------------------------------------------------------- */

static void print_past_end(const struct explain_spot *s, print_fn *print)
{
	const struct vmap_area *a = s->areas.below;
	unsigned long offset = s->addr - a->first;
	unsigned long asked = offset - a->requested + 1;
	unsigned long mapped = offset - area_mapped(a) + 1;

	print("  where   byte %lu of it: %lu byte%s past the end as asked for "
	      "(%lu),\n", offset, asked, plural(asked), a->requested);
	print("          %lu past the end as mapped (%lu)%s\n", mapped,
	      area_mapped(a), s->relation == REL_GUARD ?
	      ": this is the guard page" : "");
}

static void print_before_start(const struct explain_spot *s, print_fn *print)
{
	unsigned long distance = s->areas.above->first - s->addr;

	print("  %s   %lu byte%s before the start of area %08lx\n",
	      s->areas.below || s->relation == REL_FREED ? "and  " : "where",
	      distance, plural(distance), s->areas.above->first);
}

static void print_owner(const struct vmap_area *a, print_fn *print)
{
	print("  owner   %pB asked for %lu bytes; %u frame%s\n",
	      (void *)a->caller, a->requested, a->vm.nr_pages,
	      plural(a->vm.nr_pages));
}

/* What the access would have reached, had it gone on in its direction. */
static void print_saved(unsigned long addr, const struct vmap_area *above,
			print_fn *print)
{
	if (above)
		print("  saved   %08lx, area of %pB, begins %lu byte%s "
		      "further on\n", above->first, (void *)above->caller,
		      above->first - addr, plural(above->first - addr));
	else
		print("  saved   nothing lies behind it\n");
}

/* What is mapped now, is being mapped or was. */
static void print_inside(const struct explain_spot *s, print_fn *print)
{
	const struct vmap_area *a = s->areas.below;

	print("  where   byte %ld of it: asked for %lu, %s %lu\n",
	      (long)(s->addr - a->first), a->requested,
	      a->vm.flags & (VM_ALLOC | VM_MAP) ? "mapped" :
	      "reserved without a mapping,", area_mapped(a));
	print_owner(a, print);
	if (s->relation == REL_BUSY)
		print("  busy    it is being made or removed\n");
}

/* The addresses are a gap again, between those that are in use now (C14). */
static void print_freed(const struct explain_spot *s, print_fn *print)
{
	const struct vmap_area *below = s->areas.below, *a = s->areas.before;

	print("  where   byte %ld of it: it had %lu, and nothing is mapped "
	      "there now\n", (long)(s->addr - a->first), a->requested);
	print("  owner   %pB had asked for it\n", (void *)a->caller);
	if (a->freed_by)
		print("  freed   by %pB\n", (void *)a->freed_by);
	if (below && below != a)
		print("  and     %lu past the end of area %08lx as mapped\n",
		      s->addr - below->first - area_mapped(below) + 1,
		      below->first);
	if (s->areas.above)
		print_before_start(s, print);
}

static void print_between(const struct explain_spot *s, print_fn *print)
{
	if (s->areas.below) {
		print_past_end(s, print);
		print_owner(s->areas.below, print);
	}
	if (s->areas.above && (s->relation == REL_GAP || nearer_above(s))) {
		print_before_start(s, print);
		print_owner(s->areas.above, print);
	} else if (s->relation == REL_GUARD) {
		print_saved(s->addr, s->areas.above, print);
	}
}

static void print_tables(unsigned long addr, print_fn *print)
{
	struct pgtable_walk w;
	bool mapped = pgtable_lookup(addr, &w);
	pte_t last = w.levels == 1 ? w.pdpt : w.levels == 2 ? w.pmd : w.pte;

	print("  why     PDPT %u", w.pdpt_index);
	if (w.levels > 1)
		print(" present, PMD %u", w.pmd_index);
	if (w.levels > 2)
		print(" present, PTE %u", w.pte_index);
	print(" = %llx%s: ", last.raw, w.large ? ", a 2 MiB page" : "");
	if (!mapped)
		print(pte_present(last) ? "damaged\n" : "not present\n");
	else
		print("read%s%s%s\n", pgtable_writable(&w) ? ", write" : "",
		      pgtable_executable(&w) ? ", execute" : "",
		      pgtable_user(&w) ? ", user" : "");
}

void explain_details(unsigned long addr, explain_more_fn *more,
		     print_fn *print)
{
	struct explain_spot s = explain_find(addr);

	if (s.relation == REL_FREED)
		print_freed(&s, print);
	else if (s.relation == REL_INSIDE || s.relation == REL_BUSY)
		print_inside(&s, print);
	else if (s.relation != REL_NONE)
		print_between(&s, print);
	if (s.areas.damaged)
		print("  broken  the list of areas is damaged behind %08lx\n",
		      MAX(s.areas.damaged->first, VMALLOC_START));
	print_tables(addr, print);
	if (more)
		more(&s, print);
	if (explain_picture)
		explain_picture(&s, print);
	print("  read    %s\n", regions[s.region].reading);
}
