/* SPDX-License-Identifier: MIT */
/*
 * access.c - questions about accesses: what is reported, and what is mapped
 *
 * Idea        The access is made, in a recovery point, and its report is printed;
 *             which one it was is read from the log.
 * Read first  attempt
 * See         kernel/oops.c, mm/vmap.c (V3), mm/slack.c
 */
#include <mm/kspace.h>
#include <mm/vmalloc.h>
#include <x86/cpu.h>
#include <x86/recovery.h>

#include "internal.h"

#define OPCODE_RET	0xC3

enum deed { READ, WRITE, FETCH };

/* In assembly: no compiler drops or checks them, and each has its name in the
 * report. What is written to what exists is what is there. */
static __noinline uint8_t quiz_read(unsigned long addr)
{
	uint8_t value;

	__asm__ volatile("movb (%1), %0" : "=q"(value) : "r"(addr) : "memory");
	return value;
}

static __noinline void quiz_write(unsigned long addr, uint8_t value)
{
	__asm__ volatile("movb %0, (%1)" : : "q"(value), "r"(addr) : "memory");
}

static __noinline void quiz_call(unsigned long addr)
{
	__asm__ volatile("call *%0" : : "r"(addr)
			 : "eax", "ecx", "edx", "cc", "memory");
}

static void attempt(enum deed deed, unsigned long addr, uint8_t value)
{
	struct recovery point;

	if (recovery_set(&point) != 0)
		return;
	if (deed == READ)
		quiz_read(addr);
	else if (deed == WRITE)
		quiz_write(addr, value);
	else
		quiz_call(addr);
	recovery_clear(&point);
}

static void give_area(struct quiz_round *r)
{
	vfree(r->p);
}

/* --- beside and inside of an area ------------------------------------------ */

enum { INSIDE, IN_SLACK, IN_GUARD, BEFORE, NR_SPOTS };

static const char *const spot_why[NR_SPOTS] = {
	[INSIDE] = "Byte %ld of %lu is the area's own.",
	[IN_SLACK] = "Byte %ld, %lu asked for: slack, filled with a pattern.",
	[IN_GUARD] = "Byte %ld, %lu asked for: in the guard, never mapped.",
	[BEFORE] = "Byte %ld, %lu asked for: what lies before is never mapped.",
};

static const char *const spot_seen[] = {
	"nothing; vfree finds nothing either",
	"the CPU refuses: past the end of the area",
	"the CPU refuses: before the start of the area",
	"nothing at first; vfree says that it was written past its end",
};

/* By spot, the choice. */
static const unsigned char spot_answer[NR_SPOTS] = { 0, 3, 1, 2 };

static long draw_byte(struct quiz_round *r)
{
	unsigned long mapped = ALIGN_UP(r->size, PAGE_SIZE);

	switch (r->variant) {
	case INSIDE:
		return (long)(r->size - 1 - random_below(&r->random, 9));
	case IN_SLACK:
		return (long)(r->size + random_below(&r->random,
						(uint32_t)(mapped - r->size)));
	case IN_GUARD:
		return (long)(mapped + random_below(&r->random, 9));
	default:
		return -1L - (long)random_below(&r->random, 9);
	}
}

/* Never a whole number of pages: there is slack. */
static bool ask_beside(struct quiz_round *r)
{
	unsigned int i;
	long byte;

	r->size = PAGE_SIZE * (1 + random_below(&r->random, 4)) + 10 +
		  random_below(&r->random, 4000);
	r->variant = random_below(&r->random, NR_SPOTS);
	r->p = vmalloc(r->size);
	if (!r->p)
		return false;
	byte = draw_byte(r);
	r->addr = (unsigned long)r->p + (unsigned long)byte;
	say("char *p = vmalloc(%lu); p[%ld] = 'X'. What comes of it?\n", r->size,
	    byte);
	for (i = 0; i < QUIZ_CHOICES; i++)
		quiz_choose(r, "%s", spot_seen[i]);
	r->expects.answer = spot_answer[r->variant];
	quiz_why(r, spot_why[r->variant], byte, r->size);
	return true;
}

/* Whom the CPU did not stop, vfree may find. */
static void show_beside(struct quiz_round *r)
{
	uint64_t from = printk_position();

	attempt(WRITE, r->addr, 'X');
	if (printk_contains(from, "BAD WRITE CAUGHT")) {
		r->truth = printk_contains(from, "past the end of vmalloc")
			   ? 1 : 2;
	} else {
		vfree(r->p);
		r->p = NULL;
		r->truth = printk_contains(from, "was written past its end")
			   ? 3 : 0;
	}
	quiz_saw(r, "Seen: %s.", spot_seen[r->truth]);
}

const struct quiz_kind quiz_beside = {
	"beside", "docs/book/mm/vmap.md", ask_beside, show_beside, give_area
};

/* --- anywhere -------------------------------------------------------------- */

enum place { PAGE_0, TEXT, CONSTANTS, HOLE, USER, AREA, FREED };

static const struct {
	enum place	place;
	enum deed	deed;
	const char	*what, *why;
	bool		good;
} accesses[] = {
	{ PAGE_0, READ, "A byte of page 0 is read",
	  "Page 0 is never mapped, so that a NULL pointer is noticed.", false },
	{ TEXT, READ, "A byte of the kernel's code is read",
	  "Its pages permit to read and to execute.", true },
	{ TEXT, WRITE, "A byte of the kernel's code is written",
	  "No page is both writable and executable.", false },
	{ CONSTANTS, WRITE, "A byte of the kernel's constants is written",
	  "What is const is mapped read-only.", false },
	{ HOLE, READ, "A byte behind the direct map is read",
	  "A hole of at least 8 MiB separates it from the window.", false },
	{ USER, WRITE, "A byte of user space is written",
	  "No process runs, so nothing is mapped there.", false },
	{ AREA, READ, "A byte of memory from vmalloc is read",
	  "That is what it is for.", true },
	{ AREA, FETCH, "A RET instruction in vmalloc's memory is called",
	  "Data is not executable if the CPU has NX. Has this one?", false },
	{ FREED, READ, "A byte of memory from vmalloc is read, after vfree",
	  "Its entry is cleared and flushed before vfree returns.", false },
};

static const char *const answers[] = {
	"nothing: it goes through", "BAD READ CAUGHT", "BAD WRITE CAUGHT",
	"BAD FETCH CAUGHT",
};

static unsigned long draw_address(struct quiz_round *r, enum place place)
{
	unsigned long offset = random_below(&r->random, PAGE_SIZE);

	switch (place) {
	case PAGE_0:
		return offset;
	case TEXT:
		return (unsigned long)text_start + offset;
	case CONSTANTS:
		return (unsigned long)rodata_start + offset;
	case HOLE:
		return layout.high_memory + offset;
	case USER:
		return PAGE_OFFSET - PAGE_SIZE + offset;
	default:
		return (unsigned long)r->p + offset;
	}
}

static bool ask_access(struct quiz_round *r)
{
	unsigned int i = random_below(&r->random, ARRAY_SIZE(accesses));

	r->variant = i;
	r->p = vmalloc(PAGE_SIZE);
	if (!r->p)
		return false;
	r->addr = draw_address(r, accesses[i].place);
	say("%s, at %08lx. The report?\n", accesses[i].what, r->addr);
	r->expects.answer = accesses[i].good ||
			    (accesses[i].deed == FETCH && !cpu_features.nx) ?
			    0 : 1UL + accesses[i].deed;
	quiz_why(r, "%s", accesses[i].why);
	for (i = 0; i < QUIZ_CHOICES; i++)
		quiz_choose(r, "%s", answers[i]);
	return true;
}

static void show_access(struct quiz_round *r)
{
	const enum place place = accesses[r->variant].place;
	uint64_t from = printk_position();
	uint8_t value = 0;

	if (place == AREA)
		*(uint8_t *)r->addr = OPCODE_RET;
	if (place == TEXT || place == CONSTANTS)
		value = quiz_read(r->addr);
	if (place == FREED) {
		vfree(r->p);
		r->p = NULL;
	}
	attempt(accesses[r->variant].deed, r->addr, value);
	for (r->truth = QUIZ_CHOICES - 1; r->truth > 0; r->truth--)
		if (printk_contains(from, answers[r->truth]))
			break;
	quiz_saw(r, "Seen: %s.", answers[r->truth]);
}

const struct quiz_kind quiz_access = {
	"access", "docs/book/mm/kspace.md", ask_access, show_access, give_area
};

/* --- the indices of an address --------------------------------------------- */

static const struct {
	const char	*name;
	unsigned int	shift;
	unsigned long	mask;
} levels[] = {
	{ "PDPT", 30, 3 }, { "PMD", 21, 511 }, { "PTE", 12, 511 },
};

static bool ask_index(struct quiz_round *r)
{
	r->addr = random_next(&r->random);
	r->variant = random_below(&r->random, ARRAY_SIZE(levels));
	say("Address %08lx: which index does it have in its %s?\n", r->addr,
	    levels[r->variant].name);
	r->expects.answer = r->addr >> levels[r->variant].shift &
			    levels[r->variant].mask;
	quiz_why(r, "2 bits PDPT, 9 PMD, 9 PTE, 12 in the page: "
		 "%lx >> %u & %lx.", r->addr, levels[r->variant].shift,
		 levels[r->variant].mask);
	return true;
}

static void show_index(struct quiz_round *r)
{
	struct pgtable_walk w;

	pgtable_lookup(r->addr, &w);
	r->truth = r->variant == 0 ? w.pdpt_index :
		   r->variant == 1 ? w.pmd_index : w.pte_index;
	quiz_saw(r, "The walk goes by entries %u, %u, %u.",
		 w.pdpt_index, w.pmd_index, w.pte_index);
}

const struct quiz_kind quiz_index = {
	"index", "docs/book/mm/pgtable.md", ask_index, show_index, NULL
};
