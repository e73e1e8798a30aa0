/* SPDX-License-Identifier: MIT */
/* test_vmallocinfo.c - the areas in a table, and summed by who asked for them */
#include <mm/vmalloc.h>

#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/vm_map_ram.h>
#include <mm/vmap.h>
#include <tests/capture.h>
#include <tests/aids.h>
#include <tests/ktest.h>

/* The line that has @text, or the case ends. */
static const char *line_with(const char *text)
{
	const char *at = strstr(captured, text);

	REQUIRE(at);
	while (at > captured && at[-1] != '\n')
		at--;
	return at;
}

static bool line_has(const char *line, const char *text)
{
	const char *end = strchr(line, '\n'), *found = strstr(line, text);

	return found && end && found < end;
}

static const char *line_of(const void *p)
{
	char start[16];

	snprintf(start, sizeof(start), "  %08lx  ",
		 ALIGN_DOWN((unsigned long)p, PAGE_SIZE));
	return line_with(start);
}

static __noinline void *ask_one_way(unsigned long size)
{
	return vmalloc(size);
}

static __noinline void *ask_another_way(unsigned long size)
{
	return vmalloc(size);
}

KTEST(vmallocinfo, device_area_shows_its_physical_address)
{
	struct vm_struct *vm = get_vm_area(PAGE_SIZE, VM_IOREMAP);
	char *p = ask_one_way(5000);

	REQUIRE(vm && p);
	vm->phys_addr = phys_make(0xF12345000ULL);
	capture_begin();
	vmalloc_report(capture);
	EXPECT(line_has(line_of(vm->addr), "ioremap"));
	EXPECT(line_has(line_of(vm->addr), "phys f12345000"));
	EXPECT(line_has(line_of(p), "ask_one_way+"));
	EXPECT(!line_has(line_of(p), "phys"));
	free_vm_struct(remove_vm_area(vm->addr));
	vfree(p);
}

KTEST(vmallocinfo, area_that_waits_is_shown_as_busy)
{
	char *p = ask_one_way(5000);

	REQUIRE(p);
	vfree_atomic(p);
	capture_begin();
	vmalloc_report(capture);
	EXPECT(line_has(line_of(p), "busy"));
	vfree_drain();
}

KTEST(vmallocinfo, block_of_vm_map_ram_is_shown_as_ram)
{
	needs_short_ways();
	struct page *page = alloc_page(GFP_KERNEL);
	char *p;

	REQUIRE(page);
	p = vm_map_ram(&page, 1, 0);
	REQUIRE(p);
	capture_begin();
	vmalloc_report(capture);
	EXPECT(line_has(line_of((char *)ALIGN_DOWN((unsigned long)p,
						   RAM_BLOCK_SIZE)), "ram"));
	vm_unmap_ram(p, 1);
	vm_unmap_aliases();
	__free_page(page);
}

KTEST(vmallocinfo, kept_area_is_shown_as_kept)
{
	char *p;

	if (area_stock_limit == 0 || vmap_lazy)
		ktest_skip("nothing is kept here");
	vmalloc_drain();
	p = ask_one_way(5000);
	vfree(p);
	capture_begin();
	vmalloc_report(capture);
	EXPECT(line_has(line_of(p), "kept"));
	capture_begin();
	vmalloc_report_callers(capture);		/* nobody has it */
	EXPECT(!strstr(captured, "ask_one_way+"));
}

KTEST(vmallocinfo, callers_are_summed)
{
	char *p[3] = { ask_one_way(5000), ask_another_way(100),
		       ask_one_way(20000) };
	unsigned int i;

	REQUIRE(p[0] && p[1] && p[2]);
	capture_begin();
	vmalloc_report_callers(capture);
	EXPECT(line_has(line_with("ask_one_way+"),
			"       2       25000       7  "));
	EXPECT(line_has(line_with("ask_another_way+"),
			"       1         100       1  "));
	for (i = 0; i < ARRAY_SIZE(p); i++)
		vfree(p[i]);
	vmap_purge();
	capture_begin();
	vmalloc_report_callers(capture);
	EXPECT(!strstr(captured, "ask_one_way+"));
}
