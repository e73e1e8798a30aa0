/* SPDX-License-Identifier: MIT */
/*
 * test_guards.c - which mistake is noticed, and when: a row each for docs/guards.md
 *
 * Each is made on purpose, and it is printed whether anything was said: at once,
 * by whoever came next (vfree, alloc_pages), or never. tools/guards.py boots this
 * with each option of the guard menu and makes the table.
 */
#include <mm/vmalloc.h>

#include <kernel/printk.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/page_watch.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/aids.h>

#define ASKED	10000UL
#define MAPPED	(3 * PAGE_SIZE)

enum seen { NEVER, LATE, AT_ONCE };

static const char *const words[] = { "never", "later", "at once" };
static enum seen seen;
static unsigned long errors;

static void notice(enum seen when)
{
	if (printk_nr_errors() != errors && seen == NEVER)
		seen = when;
	errors = printk_nr_errors();
}

/* Not inlined, and seen by KASAN: as any code is. */
static __noinline void write(volatile char *p)
{
	struct recovery r;

	if (recovery_set(&r) == 0) {
		*p = (char)(*p + 1);
		recovery_clear(&r);
	}
	notice(AT_ONCE);
}

static __noinline void read(volatile char *p)
{
	struct recovery r;

	if (recovery_set(&r) == 0) {
		(void)*p;
		recovery_clear(&r);
	}
	notice(AT_ONCE);
}

static void begin(void)
{
	seen = NEVER;
	errors = printk_nr_errors();
}

static void row(const char *mistake)
{
	notice(LATE);
	report_printf("guards: %s: %s\n", mistake, words[seen]);
}

/* Three areas side by side, to have a neighbour on each side. */
static char *area[3];

static void take_areas(unsigned long size)
{
	unsigned int i;

	vmalloc_drain();
	for (i = 0; i < 3; i++) {
		area[i] = vmalloc(size);
		REQUIRE(area[i]);
	}
	begin();
}

static void give_areas(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		vfree(area[i]);
}

static void miss_by(const char *mistake, unsigned long size, long offset)
{
	take_areas(size);
	write(area[1] + offset);
	give_areas();
	row(mistake);
}

static void use_after_free(const char *mistake, void (*use)(volatile char *p),
			   bool taken_again)
{
	char *p, *q = NULL;

	vmalloc_drain();
	p = vmalloc(MAPPED);
	REQUIRE(p);
	vfree(p);
	if (taken_again)
		q = vmalloc(MAPPED);
	begin();
	use(p);
	vfree(q);
	row(mistake);
}

static void free_twice(const char *mistake, bool taken_again)
{
	char *p, *q = NULL;

	vmalloc_drain();
	p = vmalloc(MAPPED);
	REQUIRE(p);
	vfree(p);
	if (taken_again)
		q = vmalloc(MAPPED);
	begin();
	vfree(p);
	notice(AT_ONCE);
	if (q && find_vm_area(q))
		vfree(q);
	row(mistake);
}

static void write_to_freed_frame(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);
	char *addr;

	REQUIRE(page);
	addr = page_address(page);
	__free_pages(page, 3);
	begin();
	write(addr + 2 * PAGE_SIZE + 100);
	page = alloc_pages(GFP_KERNEL, 3);
	__free_pages(page, 3);
	row("write to a freed frame");
}

static void free_frame_twice(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	REQUIRE(page);
	__free_page(page);
	begin();
	__free_page(page);
	notice(AT_ONCE);
	row("second free of a frame");
}

static __noinline struct page *hoard(void)
{
	return alloc_page(GFP_KERNEL);
}

/* Nobody but their owner can give them back; but who is that? */
static void keep_a_frame(void)
{
	struct page *page = hoard();

	REQUIRE(page);
	begin();
	if (page_owners && page_owners[page_to_pfn(page)].caller -
			   (unsigned long)hoard < 64)
		seen = LATE;
	row("frames that nobody gives back");
	__free_page(page);
}

/* What an area costs, and what is left of the machine. */
static void print_costs(void)
{
	char *p = vmalloc(ASKED);

	REQUIRE(p);
	report_printf("guards: an area of %lu bytes: %u frames, %lu pages of "
		      "addresses\n", ASKED, find_vm_area(p)->nr_pages,
		      find_vm_area(p)->size / PAGE_SIZE);
	vfree(p);
	report_printf("guards: frames of the machine: %lu\n",
		      zones[ZONE_DMA].nr_managed +
		      zones[ZONE_NORMAL].nr_managed +
		      zones[ZONE_HIGHMEM].nr_managed);
}

KTEST_SLOW_CASE(guards, table)
{
	uint64_t from = ktest_report_begin();

	miss_by("1 byte past the end, of 10000", ASKED, ASKED);
	miss_by("1 byte past the end, of 12288", MAPPED, MAPPED);
	miss_by("4097 bytes past the end, of 12288", MAPPED,
		MAPPED + PAGE_SIZE);
	miss_by("1 byte before the start, of 10000", ASKED, -1);
	miss_by("1 byte before the start, of 12288", MAPPED, -1);
	miss_by("4097 bytes before the start, of 12288", MAPPED,
		-(long)PAGE_SIZE - 1);
	use_after_free("read after vfree", read, false);
	use_after_free("read after vfree, taken again", read, true);
	use_after_free("write after vfree", write, false);
	use_after_free("write after vfree, taken again", write, true);
	free_twice("second vfree", false);
	free_twice("second vfree, taken again", true);
	write_to_freed_frame();
	free_frame_twice();
	keep_a_frame();
	print_costs();
	ktest_report_end(__FILE__, __LINE__, from, "");
}
