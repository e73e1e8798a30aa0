/* SPDX-License-Identifier: MIT */
/*
 * test_ioremap.c - registers answer, RAM is nobody's device
 *
 * The local APIC and the I/O APIC of every PC serve as devices; with QEMU's
 * -device edu a third one, which is found through PCI's ports. Other physical
 * addresses are mapped and never touched. The invariants are mm/ioremap.c's.
 */
#include <mm/ioremap.h>

#include <kernel/lockrank.h>
#include <kernel/printk.h>
#include <mm/kspace.h>
#include <mm/page_alloc.h>
#include <mm/vmap.h>
#include <mm/zone.h>
#include <tests/ktest.h>
#include <x86/cpu.h>
#include <x86/io.h>
#include <x86/spinlock.h>

#include "touch.h"

#define LOCAL_APIC	0xFEE00000ULL
#define APIC_VERSION	0x30
#define APIC_PRIORITY	0x80
#define IO_APIC		0xFEC00000ULL
#define TEXT_MEMORY	0xB8000ULL
#define NOBODYS		0xF0000000ULL		/* of no RAM: need_hole()   */

static __always_inline void __iomem *map(uint64_t phys, unsigned long size)
{
	return ioremap(phys_make(phys), size);
}

static const void *plain(void __iomem *p)
{
	return (__force const void *)p;
}

static pte_t entry_of(void __iomem *p)
{
	return *kernel_pte((unsigned long)plain(p));
}

static struct vm_struct *area_of(void __iomem *p)
{
	return find_vm_area((void *)ALIGN_DOWN((unsigned long)plain(p),
					       PAGE_SIZE));
}

static void need_local_apic(void)
{
	uint32_t a, b, c, d;

	cpuid(1, &a, &b, &c, &d);
	if (!(d & 1U << 9))
		ktest_skip("this CPU has no local APIC");
}

/* NOBODYS: a frame of no RAM, behind all RAM or in a hole of it. */
static void need_hole(void)
{
	pfn_t pfn = PFN_DOWN(NOBODYS), end = pfn + 1024;

	for (; pfn < MIN(end, mem_map_end); pfn++)
		if (pfn_to_page(pfn)->state != PAGE_ABSENT)
			ktest_skip("this machine has RAM at 3.75 GiB");
}

/* --- devices --------------------------------------------------------------- */

KTEST(ioremap, registers_of_the_local_apic_answer)
{
	void __iomem *apic;
	uint32_t priority;

	need_local_apic();
	apic = map(LOCAL_APIC, 4096);
	REQUIRE(apic);
	EXPECT((readl((char __iomem *)apic + APIC_VERSION) & 0xf0) == 0x10);
	priority = readl((char __iomem *)apic + APIC_PRIORITY);
	writel(0x20, (char __iomem *)apic + APIC_PRIORITY);
	EXPECT_EQ(readl((char __iomem *)apic + APIC_PRIORITY), 0x20);
	writel(priority, (char __iomem *)apic + APIC_PRIORITY);
	EXPECT_FAULT(touch_read((const char *)plain(apic) + 4096));
	iounmap(apic);
	vmap_purge();
	EXPECT_FAULT(touch_read(plain(apic)));
}

KTEST(ioremap, two_views_of_a_register_are_one)
{
	char __iomem *whole;
	void __iomem *one;

	need_local_apic();
	whole = map(LOCAL_APIC, 4096);
	one = map(LOCAL_APIC + APIC_PRIORITY, 4);
	REQUIRE(whole && one);
	EXPECT_EQ((unsigned long)plain(one) % PAGE_SIZE, APIC_PRIORITY);
	writel(0x30, one);
	EXPECT_EQ(readl(whole + APIC_PRIORITY), 0x30);
	writel(0, whole + APIC_PRIORITY);
	EXPECT_EQ(readl(one), 0);
	iounmap(one);
	iounmap(whole);
}

KTEST(ioremap, io_apic_has_an_index_and_a_window)
{
	char __iomem *io = map(IO_APIC, 0x20);
	uint32_t version;

	REQUIRE(io);
	writel(1, io);
	version = readl(io + 0x10) & 0xff;
	if (readl(io) != 1) {
		iounmap(io);
		ktest_skip("this machine has no I/O APIC");
	}
	EXPECT(version >= 0x10 && version < 0x30);
	writel(0, io);
	EXPECT_EQ(readl(io), 0);
	iounmap(io);
}

static uint32_t pci_read(unsigned int device, unsigned int reg)
{
	uint32_t value, address = 0x80000000U | device << 11 | reg;

	__asm__ volatile("outl %0, %w1" : : "a"(address), "Nd"(0xCF8));
	__asm__ volatile("inl %w1, %0" : "=a"(value) : "Nd"(0xCFC));
	return value;
}

/*
 * edu: an identification, and a register that returns what is written, inverted.
 * Few machines have one: tests/machine/test_devices.py names this case.
 */
KTEST_SLOW_CASE(ioremap, registers_of_a_pci_device_answer)
{
	unsigned int device = 0;
	char __iomem *edu;

	while (device < 32 && pci_read(device, 0) != 0x11e81234)
		device++;
	if (device == 32)
		ktest_skip("this machine has no edu; QEMU: -device edu");
	edu = map(pci_read(device, 0x10) & ~0xfU, 1 << 20);
	REQUIRE(edu);
	EXPECT_EQ(readl(edu) & 0xff, 0xed);
	writel(0x12345678, edu + 4);
	EXPECT_EQ(readl(edu + 4), ~0x12345678U);
	EXPECT_EQ((unsigned long)plain(edu) % (512 * 1024), 0);
	iounmap(edu);
}

KTEST(ioremap, video_memory_keeps_its_address_and_shows_what_is_written)
{
	void __iomem *maps[3] = {
		map(TEXT_MEMORY, 4000),
		ioremap_wc(phys_make(TEXT_MEMORY), 4000),
		ioremap_cache(phys_make(TEXT_MEMORY), 4000),
	};
	const uint16_t *seen = phys_to_virt(phys_make(TEXT_MEMORY));
	unsigned long areas = vmap_nr_areas();
	uint16_t saved;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		EXPECT(plain(maps[i]) == seen);		/* attacks I2 */
		saved = readw(maps[i]);
		writew((uint16_t)(0x0741 + i), maps[i]);
		if (readw(maps[i]) == 0x0741 + i)	/* an adapter */
			EXPECT_EQ(READ_ONCE(*seen), 0x0741 + i);
		writew(saved, maps[i]);
		iounmap(maps[i]);
	}
	EXPECT_EQ(vmap_nr_areas(), areas);
}

/* --- the area -------------------------------------------------------------- */

KTEST(ioremap, area_remembers_the_device_and_who_asked)		/* attacks I3 */
{
	const uint64_t phys = NOBODYS + 2 * PAGE_SIZE + 0x123;
	const struct page *page;
	struct vm_struct *vm;
	void __iomem *p;

	need_hole();
	p = map(phys, PAGE_SIZE);
	REQUIRE(p);
	vm = area_of(p);
	REQUIRE(vm);
	EXPECT_EQ((unsigned long)plain(p) - (unsigned long)vm->addr, 0x123);
	EXPECT(vm->flags & VM_IOREMAP);
	EXPECT_EQ(vm->phys_addr, phys_make(phys - 0x123));
	EXPECT_EQ(vm->size, 2 * PAGE_SIZE + VM_GUARD_SIZE);	/* crosses */
	EXPECT_EQ(vm->nr_pages, 0);
	EXPECT_EQ(pte_phys(entry_of(p)), vm->phys_addr);
	page = vmalloc_to_page(plain(p));
	EXPECT(!page || page->state == PAGE_ABSENT);
	EXPECT_EQ(kspace_check(), 0);
	iounmap(p);
}

KTEST(ioremap, each_kind_has_its_caching)
{
	const phys_addr_t phys = phys_make(NOBODYS);
	void __iomem *p[3];
	unsigned int i;

	need_hole();
	p[0] = ioremap_nocache(phys, 1);
	p[1] = ioremap_wc(phys_add(phys, PAGE_SIZE), 1);
	p[2] = ioremap_cache(phys_add(phys, 2 * PAGE_SIZE), 1);
	REQUIRE(p[0] && p[1] && p[2]);
	EXPECT_EQ(entry_of(p[0]).raw & (PTE_PCD | PTE_PWT), PTE_PCD | PTE_PWT);
	EXPECT_EQ(entry_of(p[1]).raw & (PTE_PCD | PTE_PWT),
		  cpu_features.pat ? PTE_PWT : PTE_PCD | PTE_PWT);
	EXPECT_EQ(entry_of(p[2]).raw & (PTE_PCD | PTE_PWT), 0);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(!(entry_of(p[i]).raw & PTE_NX), !cpu_features.nx);
		iounmap(p[i]);
	}
	if (cpu_features.pat)		/* byte 1: write combining */
		EXPECT_EQ(rdmsr(MSR_PAT) >> 8 & 0xff, 0x01);
}

KTEST(ioremap, areas_are_aligned_to_their_size_up_to_512_kib)
{
	static const struct { unsigned long size, align; } of[] = {
		{ 1, PAGE_SIZE }, { PAGE_SIZE, PAGE_SIZE },
		{ PAGE_SIZE + 1, 2 * PAGE_SIZE }, { 0x3000, 0x4000 },
		{ 0x40000, 0x40000 }, { 0x40001, 0x80000 },
		{ 0x80000, 0x80000 }, { 0x100000, 0x80000 },
		{ 0x280000, 0x80000 },
	};
	unsigned int i;

	need_hole();
	for (i = 0; i < ARRAY_SIZE(of); i++) {
		void *odd = vmalloc(PAGE_SIZE);
		void __iomem *p = map(NOBODYS, of[i].size);

		REQUIRE(p && odd);
		EXPECT_EQ((unsigned long)plain(p) % of[i].align, 0);
		iounmap(p);
		vfree(odd);
	}
}

/* --- what is refused ------------------------------------------------------- */

static __noinline void __iomem *wrong_map(uint64_t phys, unsigned long size)
{
	return map(phys, size);
}

static void expect_refused(uint64_t phys, unsigned long size, const char *why)
{
	unsigned long areas = vmap_nr_areas();
	void __iomem *p = NULL;

	EXPECT_REPORT(why, p = wrong_map(phys, size));
	EXPECT(!p);
	EXPECT(ktest_report_contains("ioremap: refused"));
	EXPECT(ktest_report_contains("wrong_map"));
	EXPECT_EQ(vmap_nr_areas(), areas);
}

KTEST(ioremap, ram_is_refused)					/* attacks I1 */
{
	struct page *low = alloc_page(GFP_KERNEL);
	struct page *high = alloc_page(GFP_HIGHUSER);

	REQUIRE(low && high);
	expect_refused(phys_raw(page_to_phys(low)), 1, "RAM in use");
	expect_refused(phys_raw(page_to_phys(high)), 4096, "RAM in use");
	__free_page(low);
	__free_page(high);
	expect_refused(0, 4096, "RAM in use");
	expect_refused(phys_raw(virt_to_phys(text_start)), 4, "RAM in use");
	expect_refused((uint64_t)(mem_map_end - 1) << PAGE_SHIFT, 4, "RAM");
}

KTEST(ioremap, what_lies_partly_in_ram_is_refused)		/* attacks I1 */
{
	uint64_t end = (uint64_t)mem_map_end << PAGE_SHIFT;

	expect_refused(end - 1, 2, "RAM in use");
	expect_refused(LEGACY_END - PAGE_SIZE, PAGE_SIZE + 1, "RAM in use");
	expect_refused(0x50000, 0x60000, "RAM in use");
	expect_refused(0, ~0UL, "RAM in use");
	if ((end >> cpu_features.phys_bits) == 0) {
		void __iomem *p = map(end, PAGE_SIZE);

		EXPECT(p);
		iounmap(p);
	}
}

/* A frame without RAM in the middle of low memory: made of one with. */
KTEST(ioremap, what_the_direct_map_shows_can_only_be_cached)	/* attacks I2 */
{
	struct page *page = alloc_page(GFP_KERNEL);
	uint64_t phys;
	void __iomem *p;

	REQUIRE(page);
	phys = phys_raw(page_to_phys(page));
	page->state = PAGE_ABSENT;
	expect_refused(phys, 4096, "in the direct map, and cached there");
	EXPECT_REPORT("in the direct map",
		      p = ioremap_wc(phys_make(phys), 4096));
	EXPECT(!p);
	p = ioremap_cache(phys_make(phys), 4096);
	REQUIRE(p);
	writel(0x600df00d, p);
	EXPECT_EQ(*(uint32_t *)page_address(page), 0x600df00d);
	iounmap(p);
	page->state = PAGE_USED;
	__free_page(page);
}

KTEST(ioremap, nothing_and_what_wraps_is_null_in_silence)
{
	uint64_t from = printk_position();

	EXPECT(!map(NOBODYS, 0));
	EXPECT(!map(0, 0));
	EXPECT(!map(~0ULL, 2));
	EXPECT(!map(0ULL - 4096, 4097));
	EXPECT(!map(0ULL - 0x1000000, ~0UL));
	EXPECT(printk_position() == from);
}

KTEST(ioremap, what_the_cpu_cannot_address_is_refused)
{
	const uint64_t end = 1ULL << cpu_features.phys_bits;
	void __iomem *p;

	expect_refused(end, 1, "beyond what this CPU can address");
	expect_refused(end - 1, 2, "beyond what this CPU can address");
	expect_refused(~0ULL - 4095, 4096, "beyond what this CPU can address");
	if (end <= (uint64_t)mem_map_end << PAGE_SHIFT)
		return;
	p = map(end - PAGE_SIZE, PAGE_SIZE);		/* the very last one */
	REQUIRE(p);
	EXPECT_EQ(pte_phys(entry_of(p)), phys_make(end - PAGE_SIZE));
	iounmap(p);
}

KTEST(ioremap, more_than_the_window_is_refused_with_a_line)
{
	const unsigned long sizes[] = {
		~0UL, 0UL - PAGE_SIZE, 0xC0000000UL,
		VMALLOC_END - VMALLOC_START,
	};
	unsigned long areas = vmap_nr_areas();
	uint64_t above = MAX((uint64_t)mem_map_end << PAGE_SHIFT, GIB(4));
	unsigned int i;

	if ((above + ~0UL) >> cpu_features.phys_bits)
		ktest_skip("this CPU has no room for 4 GiB above RAM");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t from = printk_position();

		EXPECT_REPORT("", EXPECT(!map(above + 1, sizes[i])));
		EXPECT(printk_position() != from);
		EXPECT_EQ(vmap_nr_areas(), areas);
	}
}

static __noinline void wrong_unmap(const void *addr)
{
	iounmap((volatile void __force __iomem *)(unsigned long)addr);
}

static void expect_bad_address(const void *addr)
{
	unsigned long areas = vmap_nr_areas();

	EXPECT_REPORT("iounmap: bad address", wrong_unmap(addr));
	EXPECT(ktest_report_contains("wrong_unmap"));
	EXPECT_EQ(vmap_nr_areas(), areas);
}

KTEST(ioremap, wrong_iounmap_is_reported_and_changes_nothing)
{
	struct vm_struct *without = alloc_vm_area(PAGE_SIZE);
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = vmalloc(PAGE_SIZE);
	const char *device;

	REQUIRE(p && page && without);
	need_hole();
	device = plain(map(NOBODYS + 5, 2 * PAGE_SIZE));
	REQUIRE(device);
	expect_bad_address(device + PAGE_SIZE);
	expect_bad_address(p);
	expect_bad_address(without->addr);
	expect_bad_address(page_address(page));
	expect_bad_address((void *)(VMALLOC_END - PAGE_SIZE));
	expect_bad_address((void *)PKMAP_BASE);
	expect_bad_address((void *)0x1000);
	wrong_unmap(NULL);				/* Linux is silent too */
	wrong_unmap(device + 100);			/* in the first page   */
	expect_bad_address(device);			/* twice               */
	vfree(p);
	free_vm_area(without);
	__free_page(page);
}

KTEST(ioremap, holder_of_a_spinlock_is_refused)
{
	static struct spinlock lock = SPINLOCK_INIT(RANK_IRQ);
	void __iomem *p, *q;

	need_hole();
	p = map(NOBODYS, 4);
	REQUIRE(p);
	spin_lock(&lock);
	EXPECT_REPORT("ioremap: refused: called", q = wrong_map(NOBODYS, 4));
	EXPECT_REPORT("iounmap: refused: called", wrong_unmap(plain(p)));
	spin_unlock(&lock);
	EXPECT(!q);
	EXPECT(area_of(p));
	iounmap(p);
}

/* --- against a model ------------------------------------------------------- */

#define MODEL_AREAS	24U

KTEST(ioremap, random_devices_are_where_they_were_asked_for)
{
	struct { uint64_t phys; unsigned long size; char *p; } m[MODEL_AREAS];
	struct random *random = ktest_random();
	unsigned int step, i;
	unsigned long at;

	need_hole();
	for (i = 0; i < MODEL_AREAS; i++)
		m[i].p = NULL;
	for (step = 0; step < 3000; step++) {
		i = random_below(random, MODEL_AREAS);
		if (m[i].p) {
			at = random_below(random, (uint32_t)m[i].size);
			EXPECT_EQ(phys_raw(pte_phys(*kernel_pte(
				  (unsigned long)m[i].p + at))),
				  ALIGN_DOWN(m[i].phys + at, PAGE_SIZE));
			wrong_unmap(m[i].p);
			m[i].p = NULL;
			continue;
		}
		m[i].phys = NOBODYS + random_below(random, 1U << 21);
		m[i].size = 1 + random_below(random, random_below(random, 8)
					     ? 20000 : 700000);
		m[i].p = (char *)(unsigned long)plain(map(m[i].phys, m[i].size));
		REQUIRE(m[i].p);
	}
	for (i = 0; i < MODEL_AREAS; i++)
		wrong_unmap(m[i].p);
}
