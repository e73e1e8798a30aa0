/* SPDX-License-Identifier: MIT */
/*
 * test_vmalloc_kinds.c - zones, zeroes, permissions and alignment of each kind
 */
#include <mm/vmalloc.h>

#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/percpu.h>

#include "touch.h"

#define NR		20U
#define SIZE		(NR * PAGE_SIZE - 100)	/* with slack, but for user code */

static const struct kind {
	const char	*name;
	void		*(*alloc)(unsigned long size);
	enum zone_id	highest;
	unsigned long	flags;
	bool		zeroed;
} kinds[] = {
	{ "vmalloc_32", vmalloc_32, ZONE_NORMAL, VM_ALLOC, false },
	{ "vmalloc_user", vmalloc_user, ZONE_HIGHMEM, VM_ALLOC | VM_USERMAP,
	  true },
	{ "vmalloc_32_user", vmalloc_32_user, ZONE_NORMAL,
	  VM_ALLOC | VM_USERMAP, true },
};

/* So that frames which nobody clears are full of something. */
static void soil_memory(void)
{
	char *high = vmalloc(NR * PAGE_SIZE), *low = vmalloc_32(NR * PAGE_SIZE);

	REQUIRE(high && low);
	memset(high, 0xFF, NR * PAGE_SIZE);
	memset(low, 0xFF, NR * PAGE_SIZE);
	vfree(low);
	vfree(high);
}

static void expect_kind(const struct kind *k)
{
	char *p = k->alloc(SIZE);
	unsigned int i;

	REQUIRE(p);
	EXPECT_EQ(find_vm_area(p)->flags, k->flags);
	EXPECT_EQ(find_vm_area(p)->nr_pages, NR);
	for (i = 0; i < NR; i++)
		EXPECT(vmalloc_to_page(p + i * PAGE_SIZE)->zone <= k->highest);
	if (k->zeroed)		/* to the end of the page: user code sees it */
		EXPECT(!memchr_inv(p, 0, NR * PAGE_SIZE));
	pattern_fill(p, SIZE, 1);
	EXPECT(pattern_holds(p, SIZE, 1));
	EXPECT_FAULT(touch_read(p + NR * PAGE_SIZE));
	EXPECT_EQ(vmalloc_check(), 0);
	vfree(p);
}

KTEST(vmalloc_kinds, each_has_its_zones_flags_and_bytes)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		soil_memory();
		expect_kind(&kinds[i]);
	}
}

/* User code may write there: nobody may take that for an overrun. */
KTEST(vmalloc_kinds, area_for_user_code_has_no_slack)
{
	char *p = vmalloc_user(1), *q = vmalloc_32_user(PAGE_SIZE + 1);

	REQUIRE(p && q);
	p[PAGE_SIZE - 1] = 'x';
	q[2 * PAGE_SIZE - 1] = 'x';
	vfree(q);
	vfree(p);
}

KTEST(vmalloc_kinds, executable_area_runs_what_its_frames_hold)
{
	char *p = vmalloc_exec(PAGE_SIZE), *code;

	if (!p && cpu_features.nx && !zones[ZONE_HIGHMEM].nr_present)
		ktest_skip("no HIGHMEM: every frame is writable elsewhere");
	REQUIRE(p);
	code = kmap_local_page(vmalloc_to_page(p));
	code[8] = (char)OPCODE_RET;
	kunmap_local(code);
	EXPECT_NO_FAULT(touch_fetch(p + 8));
	EXPECT_FAULT(touch_write(p));
	EXPECT_FAULT(touch_fetch(p + PAGE_SIZE));
	vfree(p);
}

KTEST(vmalloc_kinds, alignment_is_as_asked_for)
{
	static const unsigned long aligns[] = {
		0, 1, 2, PAGE_SIZE, 2 * PAGE_SIZE, 65536, MIB(2), MIB(4),
	};
	char *filler = vmalloc(2 * PAGE_SIZE), *p;
	unsigned int i;

	REQUIRE(filler);
	for (i = 0; i < ARRAY_SIZE(aligns); i++) {
		p = __vmalloc_node(PAGE_SIZE, aligns[i], GFP_KERNEL, -1,
				   (const void *)CALLER);
		REQUIRE(p);
		EXPECT(IS_ALIGNED((unsigned long)p,
				  MAX(aligns[i], PAGE_SIZE)));
		EXPECT_EQ(vmap_find((unsigned long)p)->caller, CALLER);
		vfree(p);
	}
	vfree(filler);
}

KTEST(vmalloc_kinds, alignment_that_is_no_power_of_two_is_reported)
{
	unsigned long areas = vmap_nr_areas();

	EXPECT_REPORT("12288 is no power of two",
		      EXPECT(!__vmalloc_node(PAGE_SIZE, 12288, GFP_KERNEL, 0,
					     text_start)));
	EXPECT_EQ(vmap_nr_areas(), areas);
}

KTEST(vmalloc_kinds, node_takes_highmem_unless_a_device_reads_it)	/* C9 */
{
	char *p = __vmalloc_node(PAGE_SIZE, 0, GFP_KERNEL, 0, text_start);
	char *dma = __vmalloc_node(PAGE_SIZE, 0, GFP_DMA, 0, text_start);

	REQUIRE(p && dma);
	if (zones[ZONE_HIGHMEM].buddy.nr_free > 64)
		EXPECT_EQ(vmalloc_to_page(p)->zone, ZONE_HIGHMEM);
	EXPECT_EQ(vmalloc_to_page(dma)->zone, ZONE_DMA);
	vfree(dma);
	vfree(p);
}

KTEST(vmalloc_kinds, size_0_is_null_without_a_word)
{
	uint64_t from = printk_position();
	const struct kind *k;

	for (k = kinds; k < kinds + ARRAY_SIZE(kinds); k++)
		EXPECT(!k->alloc(0));
	EXPECT(!vmalloc_exec(0));
	EXPECT(!vcalloc(0, 8) && !vcalloc(8, 0));
	EXPECT(!__vmalloc_node(0, 0, GFP_KERNEL, 0, text_start));
	EXPECT_EQ(printk_position(), from);
}

/* Rounded up these sizes wrap; the product of the last is 2^32 + 4. */
KTEST(vmalloc_kinds, sizes_that_wrap_are_refused_with_a_line)
{
	const struct kind *k;

	for (k = kinds; k < kinds + ARRAY_SIZE(kinds); k++) {
		EXPECT_REPORT("sizes_that_wrap_are_refused",
			      EXPECT(!k->alloc(~0UL)));
		EXPECT_REPORT("sizes_that_wrap_are_refused",
			      EXPECT(!k->alloc(0xFFFFF001)));
	}
	EXPECT_REPORT("sizes_that_wrap_are_refused",
		      EXPECT(!vcalloc(0x40000001, 4)));
	EXPECT_REPORT("sizes_that_wrap_are_refused",
		      EXPECT(!vcalloc(0x10000, 0x10000)));
}

KTEST(vmalloc_kinds, vcalloc_clears_each_element)
{
	char *p;

	soil_memory();
	p = vcalloc(1000, 12);
	REQUIRE(p);
	EXPECT_EQ(vmap_find((unsigned long)p)->requested, 12000);
	EXPECT(!memchr_inv(p, 0, 12000));
	vfree(p);
}

KTEST(vmalloc_kinds, interrupt_handler_is_refused)
{
	const struct kind *k;

	this_cpu->irq_depth++;
	for (k = kinds; k < kinds + ARRAY_SIZE(kinds); k++)
		EXPECT_REPORT("vmalloc: refused", EXPECT(!k->alloc(1)));
	EXPECT_REPORT("vmalloc: refused", EXPECT(!vmalloc_exec(1)));
	EXPECT_REPORT("vrealloc: refused",
		      EXPECT(!vrealloc(text_start, 1, GFP_KERNEL)));
	this_cpu->irq_depth--;
}

KTEST(vmalloc_kinds, addresses_of_the_window_are_known_as_such)
{
	char *p = vmalloc(PAGE_SIZE);

	REQUIRE(p);
	EXPECT(is_vmalloc_addr(p) && is_vmalloc_addr(p + PAGE_SIZE));
	EXPECT(is_vmalloc_addr((void *)VMALLOC_START));
	EXPECT(!is_vmalloc_addr((void *)(VMALLOC_START - 1)));
	EXPECT(is_vmalloc_addr((void *)(VMALLOC_END - 1)));
	EXPECT(!is_vmalloc_addr((void *)VMALLOC_END));
	EXPECT(!is_vmalloc_addr(text_start) && !is_vmalloc_addr(NULL));
	vfree(p);
}

/* Linux 2.6.24, include/linux/vmalloc.h */
KTEST(vmalloc_kinds, flags_have_linux_values)
{
	EXPECT_EQ(VM_IOREMAP, 0x1);
	EXPECT_EQ(VM_ALLOC, 0x2);
	EXPECT_EQ(VM_MAP, 0x4);
	EXPECT_EQ(VM_USERMAP, 0x8);
	EXPECT_EQ(VM_VPAGES, 0x10);
}
