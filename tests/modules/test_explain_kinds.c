/* SPDX-License-Identifier: MIT */
/*
 * test_explain_kinds.c - one address of each kind, and what is said of it
 *
 * explain_kinds[] holds them while the one case runs: docs/explain.md is made of
 * what it prints when it is named exactly, and GDB, stopped where all of them are
 * alive, must say the same (tests/machine/test_explain.py).
 */
#include <kernel/explain.h>

#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/fixmap.h>
#include <mm/highmem.h>
#include <mm/ioremap.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vm_map_ram.h>
#include <tests/aids.h>
#include <tests/capture.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/kstack.h>

#define KINDS_MAX	48

static struct explain_kind { const char *name; unsigned long addr; }
explain_kinds[KINDS_MAX];
static unsigned int explain_nr_kinds;

/* From now on @addr is an example of its kind; @words must be said of it. */
static void show(const char *name, const volatile void *addr, const char *words)
{
	unsigned long number = (unsigned long)addr;

	capture_begin();
	explain_long(number, capture);
	if (!strstr(captured, words))
		ktest_fail(__FILE__, __LINE__, "%s: \"%s\" is not said of "
			   "%08lx:\n%s", name, words, number, captured);
	EXPECT(captured_length < sizeof(captured) - 1);
	REQUIRE(explain_nr_kinds < KINDS_MAX);
	explain_kinds[explain_nr_kinds++] =
		(struct explain_kind){ name, number };
}

static const void *at(unsigned long addr)
{
	return (const void *)addr;
}

/* To be given back. */
static struct {
	char		*object, *large, *area, *other, *huge, *ram, *mapped;
	struct kmem_cache *plain, *cache;
	char		*built;
	struct vm_struct *reserved;
	volatile void __iomem *device;
	struct page	*frame, *block, *pages[2];
	char		*slot, *local[2];
} held;

/* --- the kinds ------------------------------------------------------------- */

static void show_map(void)
{
	show("a NULL pointer", at(16), "member at offset 16 of a struct");
	show("user space", at(0x08048000), "user space, which is empty");
	show("the hole behind the direct map", at(layout.high_memory + 5),
	     "6 past its end");
	show("the last page", at(0xFFFFFFFF), "100000000)  4 KiB  hole");
	if (KASAN_ON)
		show("KASAN's shadow", at(KASAN_SHADOW_START + 1),
		     "of the 8 bytes from c0000008 on");
}

static void construct(void *object)
{
	memset(object, 0, 40);
}

static void show_image(void)
{
	static const char constant[] = "constant";
	show("code", (const char *)explain_long + 3, "symbol  explain_long+0x3");
	show("a constant", constant, "the kernel's constants (read only)");
	show("a variable", &explain_nr_kinds, "symbol  explain_nr_kinds+0x0");
	show("a variable that is sealed", &cpu_features,
	     "in cpu_features+0x0, read-only since boot");
	show("a stack", boot_stack.bytes + KSTACK_SIZE - 16,
	     "the boot stack: 16 bytes below its top");
	show("the guard below a stack", double_fault_stack.guard,
	     "the guard below the double-fault stack");
	show("a struct page", (char *)&mem_map[256] + 4,
	     "the struct page of frame 100: byte 4 of 16");
}

static void show_objects(void)
{
	char *freed, *free;

	held.plain = kmem_cache_create("plain", 100, 0, 0, NULL);
	held.cache = kmem_cache_create("constructed", 40, 0, 0, construct);
	held.large = kmalloc(3 * PAGE_SIZE, GFP_KERNEL);
	REQUIRE(held.plain && held.cache && held.large);
	freed = kmem_cache_alloc(held.plain, GFP_KERNEL);
	held.object = kmem_cache_alloc(held.plain, GFP_KERNEL);
	held.built = kmem_cache_alloc(held.cache, GFP_KERNEL);
	free = kmem_cache_alloc(held.cache, GFP_KERNEL);
	REQUIRE(freed && held.object && held.built && free);
	kmem_cache_free(held.plain, freed);
	kmem_cache_free(held.cache, free);
	show("an object in use", held.object + 5, "cache plain: in use");
	show("an object that was freed", freed + 5,
	     KASAN_ON ? ": freed, in quarantine" : ": free, in the magazine");
	show("a free object", free, KASAN_ON ? ": freed" : ": free");
	show("what keeps objects apart", held.built + 41,
	     "2 past the end of its 40 bytes");
	show("kmalloc of whole pages", held.large + PAGE_SIZE,
	     "of kmalloc, which takes whole pages");
}

static void show_areas(void)
{
	char *freed = vmalloc(5 * PAGE_SIZE);

	held.area = vmalloc(10000);
	held.huge = vmalloc_huge(LARGE_SIZE, GFP_KERNEL);
	held.reserved = get_vm_area(PAGE_SIZE, 0);
	held.device = ioremap(phys_make(0xFEE00000), PAGE_SIZE);
	REQUIRE(freed && held.area && held.reserved && held.device);
	show("a byte of vmalloc", held.area + 4660, "page    1 of 3, byte 564");
	show("slack", held.area + 10001, "slack   byte 1 of 2288");
	held.other = __vmalloc(PAGE_SIZE + 1, GFP_KERNEL, PAGE_KERNEL);
	REQUIRE(held.other);
	show("a frame of vmalloc, elsewhere",
	     page_address(vmalloc_to_page(held.other + PAGE_SIZE)),
	     "page 1 of vmalloc area ");
	show("a guard", held.area + 12288, "this is the guard page");
	show("a page table", kernel_pte((unsigned long)held.area),
	     "table   of the pages [");
	if (held.huge)
		show("vmalloc in large pages", held.huge + 5,
		     "kind    vmalloc");
	show("a reserved range", held.reserved->addr, "kind    reserved");
	show("a device", (const char __force *)held.device + 0x20,
	     "ioremap: a device's, from physical 0fee00000 on");
	show("a hole of the window", at(VMALLOC_END - 1), "that nobody has");
	vfree(freed);
	show("a freed area", freed + 5, vmap_lazy || area_stock_limit ?
	     "in the freed vmalloc area" : "hole ");
}

static void show_mappings(void)
{
	unsigned int got = alloc_pages_bulk_array(GFP_HIGHUSER, 2, held.pages);
	void *other;

	REQUIRE(got == 2);
	held.mapped = vmap(held.pages, 2, VM_MAP, PAGE_KERNEL_RO);
	held.ram = vm_map_ram(held.pages, 2, 0);
	other = vm_map_ram(held.pages, 1, 0);
	REQUIRE(held.mapped && held.ram && other);
	vm_unmap_ram(other, 1);
	show("vmap", held.mapped + PAGE_SIZE, "vmap: frames of somebody else");
	show("vm_map_ram", held.ram + PAGE_SIZE + 1, "of 2 from ");
	show("what vm_unmap_ram unmapped", other, "unmapped, and not flushed");
	show("the rest of its block", (char *)other + PAGE_SIZE, "not used yet");
	if (!page_is_highmem(held.pages[0]) || !page_is_highmem(held.pages[1]))
		return;			/* a machine without HIGHMEM */
	held.slot = kmap(held.pages[0]);
	kmap(held.pages[1]);
	kmap(held.pages[0]);
	other = kmap(held.pages[1]);
	kunmap(held.pages[1]);
	kunmap(held.pages[1]);
	held.local[0] = kmap_local_page(held.pages[1]);
	held.local[1] = kmap_local_page(held.pages[0]);
	show("a slot of kmap", held.slot + 9, ", for 2 users");
	show("a slot nobody uses", other, "which nobody uses any more");
	show("kmap_local", held.local[1] + 9, "place 2 of 16: in use");
}

static void show_slots(void)
{
	show("a free slot of kmap", at(PKMAP_END - 1), "512 of 512: free");
	show("a free slot of kmap_local", at(fixmap_address(FIX_KMAP_FIRST)),
	     "place 16 of 16: free");
	show("a named slot", at(fixmap_address(FIX_TEST)),
	     "for the self-tests");
	show("no slot", at(FIXADDR_START), "there is none of this number");
}

/* The last of all: a frame that was given back is soon another's. */
static void show_frames(void)
{
	struct page *stock = alloc_page(GFP_KERNEL), *free;

	held.block = alloc_pages(GFP_KERNEL, 2);
	held.frame = alloc_page(GFP_KERNEL);
	free = alloc_pages(GFP_KERNEL, MAX_ORDER);
	REQUIRE(stock && held.block && held.frame);
	get_page(held.frame);
	show("a block of frames", (char *)page_address(held.block) + 1,
	     "a block of order 2, references: 1");
	show("inside of a block", page_address(held.block + 3),
	     "number 3 in a used block of order 2");
	show("a frame with two users", page_address(held.frame),
	     "references: 2");
	__free_page(stock);
	if (!KASAN_ON)
		show("a frame in stock", page_address(stock),
		     "that this CPU has at hand");
	if (!free)
		return;			/* a small machine */
	__free_pages(free, MAX_ORDER);
	show("a free block", page_address(free), "a block of order 10");
}

/* --- all of them alive, and the end ---------------------------------------- */

/* GDB stops here. */
static __noinline void explain_kinds_are_alive(void)
{
	barrier();
}

static void print_all(void)
{
	unsigned int i;

	for (i = 0; i < explain_nr_kinds; i++) {
		console_printf("== %s\n", explain_kinds[i].name);
		explain_long(explain_kinds[i].addr, console_printf);
	}
}

static void give_back(void)
{
	if (held.slot) {
		kunmap_local(held.local[1]);
		kunmap_local(held.local[0]);
		kunmap(held.pages[0]);
		kunmap(held.pages[0]);
	}
	vm_unmap_ram(held.ram, 2);
	vunmap(held.mapped);
	release_pages(held.pages, 2);
	iounmap(held.device);
	free_vm_struct(remove_vm_area(held.reserved->addr));
	vfree(held.huge);
	vfree(held.other);
	vfree(held.area);
	__free_page(held.frame);
	__free_page(held.frame);
	__free_pages(held.block, 2);
	kmem_cache_free(held.cache, held.built);
	kmem_cache_destroy(held.cache);
	kfree(held.large);
	kmem_cache_free(held.plain, held.object);
	kmem_cache_destroy(held.plain);
}

KTEST(explain_kinds, each_kind_is_told)
{
	needs_page_starts();
	needs_short_ways();
	needs_gaps();
	explain_nr_kinds = 0;
	memset(&held, 0, sizeof(held));
	show_map();
	show_image();
	show_objects();
	show_areas();
	show_mappings();
	show_slots();
	show_frames();
	if (ktest_named_exactly())
		print_all();
	explain_kinds_are_alive();
	give_back();
}
