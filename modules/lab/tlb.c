/* SPDX-License-Identifier: MIT */
/*
 * tlb.c - the TLB laboratory: what is seen when a flush is left out
 *
 * Problem     "The entry is cleared, so nobody can reach the page any more" is
 *             wrong, and no look at the page tables can show it: the CPU does not
 *             look at them while it remembers what they said.
 * Idea        Do what must not be done, with pages that nobody else needs. First
 *             an entry that changes without a flush. Then a vfree whose flush is
 *             left out: its frames go to others, and the old addresses lead there.
 * Picture     address --- TLB says ----> frame 1234: another's by now
 *                    `-- the entry ----> nothing
 * Invariants  TL1 However it ends, everything is flushed and no flush is due to
 *                 be left out.
 * Failure     A line when there is no memory for it. A CPU may forget at any time,
 *             so what is stale is looked for among many pages.
 * Hazard      Between the read that makes the CPU remember and the one that shows
 *             it, nothing may be flushed: QEMU answers any invlpg of a kernel
 *             address that may lie in a 2 MiB page with a flush of everything. So
 *             there is no kunmap_local in between, and lines are printed behind.
 * Read first  change_entry, then free_area, use_after_free
 * See         mm/tlb.c, docs/book/tlb-lab.md, tests/modules/test_tlblab.c
 */
#include <kernel/monitor.h>

#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <mm/vmap.h>
#include <x86/cpu.h>
#include <x86/recovery.h>

#define NR_PAGES	40U	/* so many are not flushed page by page: mm/tlb.c */
#define TRIES		64U	/* frames that another takes, until it gets ours  */
#define WORD_SIZE	8U

#define SEEN_COLUMN	60
#define say		console_printf

/* What is done, and behind it what is seen. */
static void __printf(2, 3) tell(const char *seen, const char *fmt, ...)
{
	char text[SEEN_COLUMN + 1];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say("%-*s %s\n", SEEN_COLUMN, text, seen);
}

/* --- [1] an entry that changes --------------------------------------------- */

/* Page and byte are nobody's by the rules, so KASAN is not asked. */
static __noinline __no_sanitize_address char look(const char *p)
{
	return *(const volatile char *)p;
}

static void write_into(struct page *page, char c)
{
	char *p = kmap_local_page(page);

	p[0] = c;
	kunmap_local(p);
}

/* p shows frame a, which the CPU remembers; then b, which it is not told. */
static void change_entry(char *p, struct page *a, struct page *b)
{
	unsigned long addr = (unsigned long)p, flags;
	char first[2] = "", unflushed[2] = "", flushed[2] = "";

	write_into(a, 'A');
	write_into(b, 'B');
	flags = irq_local_save();
	first[0] = look(p);
	pte_replace(kernel_pte(addr), pte_make(page_to_phys(b), PAGE_KERNEL));
	unflushed[0] = look(p);
	irq_local_restore(flags);
	tlb_flush_kernel_range(addr, addr + PAGE_SIZE);
	flushed[0] = look(p);
	tell(first, "[1] %08lx is mapped to frame %06x; read there:", addr,
	     page_to_pfn(a));
	tell(unflushed, "    its entry is changed to frame %06x, no flush:",
	     page_to_pfn(b));
	tell(flushed, "    after the flush:");
}

static void show_entry(void)
{
	struct page *a = alloc_page(GFP_HIGHUSER);
	struct page *b = alloc_page(GFP_HIGHUSER);
	char *p = a && b ? vmap(&a, 1, VM_MAP, PAGE_KERNEL) : NULL;

	if (p)
		change_entry(p, a, b);
	else
		say("[1] no memory for it\n");
	vunmap(p);
	__free_page(b);
	__free_page(a);
}

/* --- [2] a vfree without its flush ----------------------------------------- */

struct freed {
	char		*p;			/* of an area that is no more */
	pfn_t		frame[NR_PAGES];	/* behind its pages           */
};

/* Does the access go through? */
static bool can_read(const char *p)
{
	struct recovery point;

	if (recovery_set(&point) != 0)
		return false;
	point.quiet = true;
	look(p);
	recovery_clear(&point);
	return true;
}

static unsigned int count_readable(const struct freed *f)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR_PAGES; i++)
		nr += can_read(f->p + i * PAGE_SIZE);
	return nr;
}

/*
 * All is as ever, but for the one flush. Lazy or not: now it is due. The pages are
 * written before: a CPU may look at the entry again when a page that it has only
 * read is written for the first time (Bochs and v86 do), and finds it cleared.
 */
static unsigned int free_area(struct freed *f)
{
	unsigned int i;

	vmap_purge();
	for (i = 0; i < NR_PAGES; i++) {
		f->frame[i] = (pfn_t)vmalloc_to_pfn(f->p + i * PAGE_SIZE);
		*(volatile char *)(f->p + i * PAGE_SIZE) = 'x';
	}
	tlb_drop_next = true;
	vfree(f->p);
	vmap_purge();
	return count_readable(f);
}

/* The page of the area that had this frame and still shows it, or NULL. */
static char *page_of(const struct freed *f, const struct page *page)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		if (f->frame[i] == page_to_pfn(page) &&
		    can_read(f->p + i * PAGE_SIZE))
			return f->p + i * PAGE_SIZE;
	return NULL;
}

/* To and from memory that is not ours any more; as above. */
static __noinline __no_sanitize_address void copy_word(char *to,
						       const char *from)
{
	unsigned int i;

	for (i = 0; i < WORD_SIZE; i++)
		((volatile char *)to)[i] = ((const volatile char *)from)[i];
}

/* Its new owner writes; we read that, and write too. Up to a fault. */
static void exchange_words(char *theirs, char *p, char *seen, char *kept)
{
	struct recovery point;

	if (recovery_set(&point) != 0)
		return;
	point.quiet = true;
	copy_word(theirs, "secret\0");
	copy_word(seen, p);
	copy_word(p, "broken\0");
	copy_word(kept, theirs);
	recovery_clear(&point);
}

static void use_after_free(char *p, struct page *page)
{
	char seen[WORD_SIZE] = "a fault", kept[WORD_SIZE] = "nothing";
	char *theirs = kmap_local_page(page);
	unsigned long addr = (unsigned long)p;

	exchange_words(theirs, p, seen, kept);
	kunmap_local(theirs);
	tell("secret", "    another gets frame %06x and writes into it:",
	     page_to_pfn(page));
	tell(seen, "    %08lx, freed, still leads there; read:", addr);
	tell(kept, "    'broken' is written to it; the other finds in its "
	     "frame:");
	tlb_flush_all();
	tell(can_read(p) ? "it can be read" : "it faults",
	     "    after the flush %08lx is read:", addr);
}

/* Somebody else takes frames, until one of them was the area's. */
static void give_to_another(const struct freed *f)
{
	struct page *pages[TRIES];
	unsigned int n = 0;
	char *p = NULL;

	while (n < TRIES && !p && (pages[n] = alloc_page(GFP_HIGHUSER)))
		p = page_of(f, pages[n++]);
	if (p)
		use_after_free(p, pages[n - 1]);
	else
		say("    none of its frames has another owner yet\n");
	while (n-- > 0)
		__free_page(pages[n]);
}

static void show_vfree(void)
{
	struct freed f = { .p = vmalloc(NR_PAGES * PAGE_SIZE) };
	char seen[16];

	if (!f.p) {
		say("[2] no memory for it\n");
		return;
	}
	snprintf(seen, sizeof(seen), "%u of %u", free_area(&f), NR_PAGES);
	tell(seen, "[2] vfree(%08lx), its flush left out; still readable:",
	     (unsigned long)f.p);
	give_to_another(&f);
}

/* A fault that nobody expected is reported; what was held then is lost. */
MONITOR_COMMAND(tlblab, NULL, "what a flush that is left out leads to",
		"tlblab")
{
	struct recovery point;

	if (recovery_set(&point) == 0) {
		show_entry();
		show_vfree();
		recovery_clear(&point);
	}
	tlb_drop_next = false;
	tlb_flush_all();
	say("So: unmap, flush, free, in this order. Read "
	    "docs/book/tlb-lab.md\n");
	return true;
}
