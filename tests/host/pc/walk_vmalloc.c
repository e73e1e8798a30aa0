/* SPDX-License-Identifier: MIT */
/*
 * walk_vmalloc.c - vmalloc and all below it: page tables, TLB, highmem, slack
 *
 * Idea        Areas are made, written, read back through their own addresses and
 *             through their frames, and freed, while others take the memory away.
 *             What must not be there is touched as well: guards, freed areas,
 *             read-only pages. The host's mappings are the TLB (mmu.c), so a
 *             flush that was forgotten shows as memory that is still there.
 *             HIGHMEM lies around 4 GiB, where an address cut to 32 bits is
 *             another frame's. Each frame that is not free must be somebody's.
 * Attacks     W1 to W3, V1 to V4, T1, T2, F1, H1, K1 to K5
 */
#include "shortage.h"
#include "walk.h"

#include <mm/fixmap.h>
#include <mm/highmem.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <x86/percpu.h>

#define LOW_END		MIB(40)		/* 17 of it are mem_map's */
#define MAX_AREAS	64U
#define MAX_LENT	16U		/* frames of ours in a vmap area */

struct area {
	char		*p;
	unsigned long	size;		/* asked for */
	unsigned int	nr_pages;
	uint32_t	tag;
	bool		read_only, executable;
	struct page	*lent[MAX_LENT];	/* vmap: the frames; else NULL */
};

static struct area areas[MAX_AREAS];
static unsigned int nr_areas;
static unsigned long frames_before;	/* free, in slabs, or page tables */

/* --- bytes --------------------------------------------------------------- */

/* Three places: the first byte, the last, and the start of some page between. */
static unsigned long place(const struct area *a, unsigned int i)
{
	if (i == 0)
		return 0;
	return i == 1 ? a->size - 1
		      : a->tag % a->nr_pages * PAGE_SIZE;
}

/* Where two places are one, the last wins. Never 0, as fresh memory may be. */
static char byte_at(const struct area *a, unsigned int i)
{
	unsigned int j;

	for (j = 2; place(a, j) != place(a, i); j--)
		;
	return (char)(a->tag >> 8 * j | 1);
}

static void fill(const struct area *a)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		a->p[place(a, i)] = byte_at(a, i);
}

static struct page *page_of(const struct area *a, unsigned int page)
{
	return a->lent[0] ? a->lent[page] : find_vm_area(a->p)->pages[page];
}

/* The same byte by the window and by the frame's own address. */
static void must_be_intact(const struct area *a)
{
	unsigned int i = host_below(3);
	unsigned long at = place(a, i);
	struct page *page = page_of(a, (unsigned int)(at / PAGE_SIZE));
	char *frame;

	MUST(vmalloc_to_page(a->p + at) == page);
	if (!a->executable)
		MUST(a->p[at] == byte_at(a, i));
	frame = kmap_local_page(page);
	if (!a->executable)
		MUST(frame[at % PAGE_SIZE] == byte_at(a, i));
	kunmap_local(frame);
}

static void must_be_zero(const char *p, unsigned long size)
{
	unsigned long i, step = one_in(8) ? 1 : PAGE_SIZE / 4;

	for (i = 0; i < size; i += step)
		MUST(p[i] == 0);
}

static void touch_edges(const struct area *a)
{
	char *end = a->p + a->nr_pages * PAGE_SIZE;

	MUST(pc_faults(end, one_in(2)));
	MUST(pc_faults(end + PAGE_SIZE - 1, false));
	MUST(pc_faults(a->p - 1, one_in(2)));
	MUST(!pc_faults(end - 1, false));
	MUST(pc_faults(end - 1, true) == (a->read_only || a->executable));
	MUST(!vmalloc_to_page(end));
}

/* --- operations ---------------------------------------------------------- */

static struct area *add(const struct area area)
{
	const struct vm_struct *vm = find_vm_area(area.p);
	struct area *a = &areas[nr_areas++];

	*a = area;
	a->nr_pages = (unsigned int)(ALIGN_UP(a->size, PAGE_SIZE) / PAGE_SIZE);
	a->tag = host_random();
	MUST(vm && vm->addr == a->p);
	MUST(vm->size == a->nr_pages * PAGE_SIZE + VM_GUARD_SIZE);
	if (!a->read_only && !a->executable)
		fill(a);
	return a;
}

static unsigned long random_size(void)
{
	return one_in(100) ? host_below(MIB(6)) + 1
			   : host_below(one_in(4) ? 300000 : 30000) + 1;
}

static void take(void)
{
	struct area a = { .size = random_size() };
	unsigned long nr = ALIGN_UP(a.size, PAGE_SIZE) / PAGE_SIZE;
	gfp_t gfp = GFP_KERNEL | __GFP_HIGHMEM;
	bool zeroed = one_in(8);

	a.p = zeroed ? vzalloc(a.size) : vmalloc(a.size);
	walk_note("vmalloc", a.size, zeroed, (uint32_t)a.p);
	if (!a.p) {
		MUST(memory_is_short(gfp, nr));
		return;
	}
	if (zeroed)
		must_be_zero(a.p, a.size);
	add(a);
}

static void take_special(void)
{
	static const gfp_t kinds[] = {
		GFP_KERNEL, GFP_KERNEL | __GFP_HIGHMEM, GFP_ATOMIC,
		GFP_ATOMIC | __GFP_HIGHMEM,
	};
	struct area a = { .size = host_below(40000) + 1 };
	unsigned long nr = ALIGN_UP(a.size, PAGE_SIZE) / PAGE_SIZE;
	gfp_t gfp = kinds[host_below(ARRAY_SIZE(kinds))] | __GFP_NOWARN;

	a.executable = one_in(3);
	a.read_only = !a.executable;
	a.p = __vmalloc(a.size, gfp, a.executable ? PAGE_KERNEL_EXEC
						  : PAGE_KERNEL_RO);
	walk_note("__vmalloc", a.size, gfp, (uint32_t)a.p);
	if (a.p)
		touch_edges(add(a));
	else
		MUST(memory_is_short(gfp, nr) || a.executable);
}

static void take_lent(void)
{
	unsigned int i, nr = host_below(MAX_LENT) + 1;
	struct area a = { .size = nr * PAGE_SIZE };

	for (i = 0; i < nr; i++)
		a.lent[i] = alloc_page(GFP_HIGHUSER | __GFP_NOWARN);
	if (a.lent[nr - 1])
		a.p = vmap(a.lent, nr, VM_MAP, PAGE_KERNEL);
	walk_note("vmap", nr, 0, (uint32_t)a.p);
	if (a.p) {
		add(a);
		return;
	}
	MUST(memory_is_short(GFP_HIGHUSER, nr));
	for (i = 0; i < nr; i++)
		if (a.lent[i])
			__free_page(a.lent[i]);
}

/* Writes behind what was asked for, where there is room: vfree must tell. */
static bool overrun(const struct area *a)
{
	if (!one_in(32) || a->lent[0] || a->read_only || a->executable ||
	    a->size % PAGE_SIZE == 0)
		return false;
	a->p[a->size + host_below((uint32_t)(PAGE_SIZE -
					     a->size % PAGE_SIZE))] ^= 0x10;
	return true;
}

static void give(struct area *a)
{
	char *p = a->p + host_below(a->nr_pages) * PAGE_SIZE;
	unsigned int i;
	bool bad;

	if (!a->read_only)
		must_be_intact(a);
	bad = overrun(a);
	walk_note(a->lent[0] ? "vunmap" : "vfree", (uint32_t)a->p, a->size,
		  bad);
	if (a->lent[0])
		vunmap(a->p);
	else
		vfree(a->p);
	if (bad)
		walk_expect("was written past its end");
	MUST(!find_vm_area(a->p) && !vmalloc_to_page(p));
	if (one_in(4))
		MUST(pc_faults(p, false));
	for (i = 0; i < MAX_LENT && a->lent[i]; i++)
		__free_page(a->lent[i]);
	*a = areas[--nr_areas];
}

static void protect(struct area *a)
{
	unsigned long start = (unsigned long)a->p;
	unsigned long end = start + a->nr_pages * PAGE_SIZE;

	if (a->read_only || a->executable)
		return;
	walk_note("protect", start, end, 0);
	protect_range(start, end, PAGE_KERNEL_RO);
	MUST(pc_faults(a->p, true) && !pc_faults(a->p, false));
	protect_range(start, end, PAGE_KERNEL);
	must_be_intact(a);
	MUST(!pc_faults(a->p, true));
}

/* As deep as it goes, of frames in either zone. */
static void nest_kmaps(void)
{
	char *at[KMAP_LOCAL_SLOTS];
	unsigned int n = 0, max = host_below(KMAP_LOCAL_SLOTS) + 1;

	while (n < max && n < nr_hoard) {
		at[n] = kmap_local_page(hoard[n]);
		*at[n] = (char)n;
		n++;
	}
	walk_note("kmap", n, max, 0);
	while (n-- > 0) {
		MUST(*at[n] == (char)n);
		kunmap_local(at[n]);
		if (page_is_highmem(hoard[n]))
			MUST(pc_faults(at[n], false));
	}
}

/*
 * Many slots of kmap, each frame twice. A slot that was another frame's before,
 * and was not flushed, would show that one. What is drained faults.
 */
static void keep_kmaps(void)
{
	char *at[64], *seen;
	unsigned int n, i;

	for (n = 0; n < 64 && n < nr_hoard; n++) {
		at[n] = kmap(hoard[n]);
		MUST(at[n] && kmap(hoard[n]) == at[n]);
		seen = kmap_local_page(hoard[n]);
		*seen = (char)n;
		MUST(*at[n] == (char)n);
		kunmap_local(seen);
		kunmap(hoard[n]);
	}
	walk_note("kmap", n, kmap_nr_users(), 0);
	for (i = 0; i < n; i++) {
		MUST(*at[i] == (char)i);
		kunmap(hoard[i]);
	}
	MUST(kmap_nr_users() == 0 && kmap_check() == 0);
	if (n && one_in(3) && page_is_highmem(hoard[0])) {
		kunmap(hoard[0]);
		walk_expect("is not mapped, or by nobody");
		kmap_drain();
		MUST(pc_faults(at[0], false) && kmap_check() == 0);
	}
}

/* --- what must be refused ------------------------------------------------ */

static void free_wrongly(const struct area *a)
{
	char *p = a->p;

	walk_note("wrong", (uint32_t)p, a->nr_pages, 0);
	switch (host_below(5)) {
	case 0:
		vfree(p + 1);
		walk_expect("bad address");
		break;
	case 1:
		vfree(p + a->nr_pages * PAGE_SIZE);
		walk_expect("nonexistent area");
		break;
	case 2:
		a->lent[0] ? vfree(p) : vunmap(p);
		walk_expect("nonexistent area");
		break;
	case 3:
		this_cpu->irq_depth = 1;
		MUST(!vmalloc(1));
		walk_expect("interrupt handler");
		vfree(p);
		walk_expect("interrupt handler");
		this_cpu->irq_depth = 0;
		break;
	default:
		MUST(!vmalloc(0) && !vmalloc(GIB(2)) && !vmalloc(~0UL));
	}
}

static void step(void)
{
	static unsigned int steps;
	bool filling = steps++ / 800 % 2 == 0;
	uint32_t dice = host_below(100);
	struct area *a = nr_areas ? &areas[host_below(nr_areas)] : NULL;

	if (dice < 8)
		filling ? shortage_press() : shortage_ease();
	else if (dice < 12)
		one_in(2) ? nest_kmaps() : keep_kmaps();
	else if (a && dice < 16)
		free_wrongly(a);
	else if (a && dice < 20)
		protect(a);
	else if (a && dice < 25)
		touch_edges(a);
	else if (a && (dice < (filling ? 55U : 65U) || nr_areas == MAX_AREAS))
		give(a);
	else if (dice < 90)
		take();
	else
		dice % 2 ? take_lent() : take_special();
}

/* An area's frames, and those of its array where that is vmalloc memory. */
static unsigned long pages_of(const struct area *a)
{
	unsigned long array = a->nr_pages * sizeof(struct page *);

	return a->nr_pages + (array > PAGE_SIZE && !a->lent[0] ?
			      ALIGN_UP(array, PAGE_SIZE) / PAGE_SIZE : 0);
}

static unsigned long pages_in_slabs(void)
{
	unsigned long nr = 0;
	pfn_t pfn;

	for (pfn = 0; pfn < LOW_END / PAGE_SIZE; pfn++)
		nr += pfn_to_page(pfn)->state == PAGE_SLAB;
	return nr;
}

static void begin(void)
{
	pc_boot(LOW_END, GIB(4) - MIB(8), GIB(4) + MIB(8));
	vmap_choose("vmem");			/* which keeps small areas */
	frames_before = nr_free_pages() + pages_in_slabs() +
			pgtable_nr_tables();
}

static void check(void)
{
	unsigned long lent = 0, own = 0, held = 0;
	unsigned int i;

	for (i = 0; i < nr_areas; i++)
		*(areas[i].lent[0] ? &lent : &own) += pages_of(&areas[i]);
	for (i = 0; i < nr_hoard; i++)
		held += 1UL << hoard[i]->order;
	MUST(vmalloc_nr_pages() == own);
	MUST(nr_free_pages() + own + lent + held + pages_in_slabs() +
	     pgtable_nr_tables() == frames_before);
	MUST(vmalloc_check() == 0 && area_stock_check() == 0);
	MUST(zone_check() == 0);
	MUST(slab_check() == 0);
}

static void end(void)
{
	MUST(kspace_check() == 0);
	while (nr_areas)
		give(&areas[0]);
	while (nr_hoard)
		shortage_ease();
	MUST(vmap_nr_areas() == 0 && vmalloc_nr_pages() == 0);
	MUST(kspace_check() == 0 && zone_check_frames() == 0);
}

int main(void)
{
	static const struct walk walk = {
		"vmalloc keeps its word on a long walk through short memory",
		40000, 500, begin, step, check, end,
	};

	return walk_run(&walk);
}
