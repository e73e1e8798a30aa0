/* SPDX-License-Identifier: MIT */
/*
 * test_memblock.c - memory maps that no machine should have
 *
 * memblock_init sets global state and panics, so the kernel can run it once;
 * here it runs on thousands of crafted maps. The physical memory is a piece of
 * ours, the image ends at 2 MiB, and a panic is a jump with its words.
 */
#include "host.h"

#include <setjmp.h>
#include <sys/mman.h>

#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/bits.h>
#include <lib/errno.h>
#include <mm/memblock.h>
#include <x86/cpu.h>
#include <x86/layout.h>

#define IMAGE_END	MIB(2)
#define HOST_MEMORY	MIB(896)

struct cpu_features cpu_features;
struct layout layout;
unsigned char *host_memory, *kernel_end;

static struct bootinfo bi;
static struct memory_limits limits;
static jmp_buf panicked;
static char said[2048];				/* since the last init() */

static void say(const char *fmt, va_list ap)
{
	size_t length = strlen(said);

	vsnprintf(said + length, sizeof(said) - length, fmt, ap);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	longjmp(panicked, 1);
}

int printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return 0;
}

void layout_init(uint64_t lowmem_end)
{
	layout.lowmem_end = lowmem_end;
}

/* Returns whether the kernel could start. */
static bool init(void)
{
	said[0] = '\0';
	layout.lowmem_end = 0;
	if (setjmp(panicked))
		return false;
	memblock_init(&bi, &limits);
	return true;
}

static void begin(void)
{
	memset(&bi, 0, sizeof(bi));
	limits = (struct memory_limits){ MEMORY_UNLIMITED, MEMORY_UNLIMITED,
					 MEMORY_UNLIMITED };
	cpu_features.phys_bits = 36;
}

static void add(uint64_t start, uint64_t end, enum boot_range_kind kind)
{
	bi.ranges[bi.nr_ranges++] = (struct boot_range){ start, end, kind };
}

/* A PC with that much RAM, and what else its map holds. */
static void add_pc(uint64_t ram)
{
	add(0, 0x9FC00, BOOT_RAM);
	add(0x9FC00, 0xA0000, BOOT_UNUSABLE);
	add(0xF0000, 0x100000, BOOT_UNUSABLE);
	add(0x100000, MIN(ram, GIB(3)), BOOT_RAM);
	add(0xFFFC0000, 0x100000000, BOOT_UNUSABLE);
	if (ram > GIB(3))
		add(GIB(4), GIB(1) + ram, BOOT_RAM);
}

static void add_module(uint64_t start, uint64_t end)
{
	bi.modules[bi.nr_modules++] = (struct boot_module){ start, end, "m" };
}

static void add_record(uint64_t start, uint64_t end)
{
	bi.records[bi.nr_records++] = (struct boot_record){ start, end };
}

static bool ram_is(unsigned int i, uint64_t start, uint64_t end)
{
	return i < memblock.ram.nr && memblock.ram.range[i].start == start &&
	       memblock.ram.range[i].end == end;
}

static bool reserved_by(uint64_t phys, const char *owner)
{
	const struct memblock_range *r =
		memblock_find(&memblock.reserved, phys);

	return r && strcmp(r->owner, owner) == 0;
}

/* --- maps worth a look ---------------------------------------------------- */

static void check_roms(void)
{
	begin();
	add(0, MIB(32), BOOT_RAM);
	CHECK(init());
	CHECK(memblock.ram.nr == 2);
	CHECK(ram_is(0, 0, 0xA0000) && ram_is(1, 0x100000, MIB(32)));
}

static void check_order(void)
{
	begin();
	add(GIB(4), GIB(5), BOOT_RAM);
	add(MIB(8), MIB(32), BOOT_RAM);
	add(0x100000, MIB(8), BOOT_RAM);	/* touches the one above */
	add(MIB(16), MIB(20), BOOT_RAM);	/* lies inside           */
	add(MIB(31), MIB(40), BOOT_RAM);	/* overlaps              */
	CHECK(init());
	CHECK(memblock.ram.nr == 2);
	CHECK(ram_is(0, 0x100000, MIB(40)) && ram_is(1, GIB(4), GIB(5)));
	CHECK(memblock_check() == 0);
}

static void check_rounding(void)
{
	begin();
	add(0x100001, MIB(20) - 1, BOOT_RAM);
	add(MIB(30), MIB(30) + 0xFFF, BOOT_RAM);	/* no whole page */
	add(MIB(40) + 1, MIB(40) + 0x1FFF, BOOT_RAM);	/* none either   */
	add(MIB(10) + 0xFFF, MIB(10) + 0x1001, BOOT_UNUSABLE);
	CHECK(init());
	CHECK(memblock.ram.nr == 2);
	CHECK(ram_is(0, 0x101000, MIB(10)));
	CHECK(ram_is(1, MIB(10) + 0x2000, MIB(20) - 0x1000));
}

/* Unusable wins, wherever in the map it stands. */
static void check_unusable(void)
{
	begin();
	add(MIB(8), MIB(9), BOOT_UNUSABLE);
	add(0x100000, MIB(64), BOOT_RAM);
	add(MIB(60), UINT64_MAX, BOOT_UNUSABLE);
	add(0, 0x1000, BOOT_UNUSABLE);
	CHECK(init());
	CHECK(memblock.ram.nr == 2);
	CHECK(ram_is(0, 0x100000, MIB(8)) && ram_is(1, MIB(9), MIB(60)));
}

static void check_width(void)
{
	unsigned int bits;

	for (bits = 32; bits <= 52; bits += 4) {
		begin();
		cpu_features.phys_bits = bits;
		add(0x100000, MIB(64), BOOT_RAM);
		add((1ULL << bits) - MIB(1), (1ULL << bits) + MIB(1), BOOT_RAM);
		add((1ULL << bits) + MIB(8), UINT64_MAX, BOOT_RAM);
		add(UINT64_MAX - 1, UINT64_MAX, BOOT_RAM);
		CHECK(init());
		CHECK(memblock.ram.nr == 2);
		CHECK(ram_is(1, (1ULL << bits) - MIB(1), 1ULL << bits));
		CHECK(memblock_check() == 0);
	}
}

static void check_too_little(void)
{
	begin();
	CHECK(!init());
	CHECK(strstr(said, "0 KiB of usable RAM found; Lacuna needs 6 MiB"));
	add(0, UINT64_MAX, BOOT_UNUSABLE);
	CHECK(!init());
	begin();
	add(0x100000, MIB(7) - 0x1000, BOOT_RAM);
	CHECK(!init());
	CHECK(strstr(said, "6140 KiB"));
	bi.ranges[0].end += 0x1000;
	CHECK(init());
	begin();				/* enough, but no image in it */
	add(0, IMAGE_END - 0x1000, BOOT_RAM);
	kernel_end = host_memory + MIB(20);
	bi.ranges[0].end = MIB(20) - 0x1000;
	CHECK(!init());
	kernel_end = host_memory + IMAGE_END;
	CHECK(init());
}

/* All 128 entries used, each RAM entry cut in two: the lists must hold it. */
static void check_many(void)
{
	unsigned int i;

	begin();
	for (i = 1; i <= 64; i++)
		add(MIB(i), MIB(i + 1) - 0x1000, BOOT_RAM);
	for (i = 1; i <= 64; i++)
		add(MIB(i) + 0x8000, MIB(i) + 0x9000, BOOT_UNUSABLE);
	bi.ranges[63].end = MIB(70);		/* room for the kernel */
	for (i = 0; i < BOOTINFO_MAX_MODULES; i++)
		add_module(MIB(20 + i), MIB(20 + i) + 100);
	for (i = 0; i < BOOTINFO_MAX_RECORDS; i++)
		add_record(MIB(40) + i * 0x3000, MIB(40) + i * 0x3000 + 5);
	CHECK(init());
	CHECK(memblock.ram.nr == 128);
	CHECK(memblock.reserved.nr == 1 + 1 + 16 + BOOTINFO_MAX_RECORDS);
	CHECK(memblock_check() == 0);
	bi.nr_ranges_dropped = 3;
	bi.nr_modules_dropped = 7;
	CHECK(init());
	CHECK(strstr(said, "3 ranges and 7 modules ignored"));
}

/* --- what is reserved ----------------------------------------------------- */

static void check_module(uint64_t start, uint64_t end, bool kept)
{
	begin();
	add_pc(MIB(64));
	add(MIB(32), MIB(33), BOOT_UNUSABLE);
	add_module(start, end);
	CHECK(init());
	CHECK(reserved_by(start, "module") == kept);
	CHECK(reserved_by(end - 1, "module") == kept);
	CHECK(!strstr(said, "module 'm' at") == kept);
	CHECK(reserved_by(MIB(1), "kernel image"));
	CHECK(reserved_by(IMAGE_END - 1, "kernel image"));
}

static void check_modules(void)
{
	check_module(MIB(4), MIB(5) + 1, true);
	check_module(IMAGE_END, IMAGE_END + 1, true);
	check_module(0x8000, 0x9000, true);		/* in the low 1 MiB   */
	check_module(MIB(64) - 1, MIB(64), true);
	check_module(MIB(64) - 1, MIB(64) + 1, false);	/* RAM ends before it */
	check_module(MIB(31), MIB(34), false);		/* over a hole        */
	check_module(MIB(32), MIB(33), false);		/* in the hole        */
	check_module(0xB8000, 0xB9000, false);		/* video memory       */
	check_module(GIB(3), GIB(3) + 1, false);
	check_module(0xFFFFFFFE, 0xFFFFFFFF, false);
	check_module(IMAGE_END - 1, IMAGE_END + 1, false);
	check_module(MIB(1), IMAGE_END, false);		/* the kernel itself  */
	check_module(MIB(1) + 5, MIB(1) + 6, false);
	check_module(0x9F000, MIB(4), false);		/* all around it      */
}

/* The kernel needs 3 MiB in one piece beside them. */
static void check_large_modules(void)
{
	begin();
	add_pc(MIB(16));
	add_module(IMAGE_END + MIB(2), MIB(13));
	CHECK(init());
	CHECK(reserved_by(MIB(12), "module") && said[0] == '\0');
	bi.modules[0].end++;
	CHECK(init());
	CHECK(!memblock_find(&memblock.reserved, MIB(12)));
	CHECK(strstr(said, "leaves too little low memory, ignored"));
	add_module(MIB(14), MIB(15));		/* a small one finds room */
	CHECK(init());
	CHECK(!memblock_find(&memblock.reserved, MIB(12)));
	CHECK(reserved_by(MIB(14), "module"));
}

static void check_records(void)
{
	begin();
	add_pc(MIB(64));
	add_record(0x9500, 0x9600);
	add_record(MIB(1) - 5, MIB(1) + 5);
	add_record(MIB(5), MIB(5) + 3);
	CHECK(init());
	CHECK(reserved_by(0, "low 1 MiB") && reserved_by(0x9600, "low 1 MiB"));
	CHECK(reserved_by(0x9500, "loader records"));
	CHECK(reserved_by(MIB(1) - 1, "loader records"));
	CHECK(reserved_by(MIB(1), "kernel image"));
	CHECK(reserved_by(MIB(5) + 2, "loader records"));
	CHECK(!memblock_find(&memblock.reserved, MIB(5) + 3));
	CHECK(!memblock_find(&memblock.reserved, IMAGE_END));
}

/* --- mem=, highmem=, vmalloc= --------------------------------------------- */

static uint64_t ram_from(uint64_t border)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < memblock.ram.nr; i++)
		if (memblock.ram.range[i].end > border)
			sum += memblock.ram.range[i].end -
			       MAX(border, memblock.ram.range[i].start);
	return sum;
}

static void check_mem(void)
{
	static const uint64_t at[] = { MIB(7), MIB(64), MIB(64) + 1, GIB(3),
				       GIB(4), GIB(5), GIB(6) + 4095, GIB(99) };
	unsigned int i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		begin();
		add_pc(GIB(5));				/* ends at 6 GiB */
		limits.mem = at[i];
		CHECK(init());
		CHECK(memblock_end_of_ram() <= at[i]);
		CHECK(memblock_end_of_ram() ==
		      (at[i] > GIB(3) && at[i] <= GIB(4) ? GIB(3) :
		       ALIGN_DOWN(MIN(at[i], GIB(6)), 4096)));
		CHECK(layout.lowmem_end ==
		      MIN(memblock_end_of_ram(), MIB(896)));
		CHECK(said[0] == '\0');
	}
	limits.mem = MIB(5);
	CHECK(init());
	CHECK(strstr(said, "mem=5242880 leaves too little, ignored"));
	CHECK(memblock_end_of_ram() == GIB(6));
}

static void check_vmalloc(void)
{
	static const struct {
		uint64_t window, lowmem_mib;
		bool ignored;
	} cases[] = {
		{ MEMORY_UNLIMITED, 896, false }, { MIB(128), 896, false },
		{ MIB(128) + 1, 894, false }, { MIB(256), 768, false },
		{ MIB(900), 124, false }, { MIB(960), 64, false },
		{ 0, 896, true }, { MIB(128) - 1, 896, true },
		{ MIB(960) + 1, 896, true }, { GIB(1), 896, true },
		{ GIB(50), 896, true }, { UINT64_MAX - 1, 896, true },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		add_pc(GIB(2));
		limits.vmalloc = cases[i].window;
		CHECK(init());
		CHECK(layout.lowmem_end == cases[i].lowmem_mib << 20);
		CHECK(!strstr(said, "MiB, ignored") == !cases[i].ignored);
		CHECK(memblock_ram_size() == GIB(2) - 0x61000);
	}
}

/* Exactly so much above the border; or all that lies above 16 MiB. */
static void check_highmem_is(uint64_t wanted, uint64_t before16, uint64_t all)
{
	uint64_t got = ram_from(layout.lowmem_end);

	wanted = ALIGN_DOWN(wanted, 4096);
	CHECK(got == MIN(wanted, before16));
	CHECK(layout.lowmem_end <= MIB(896));
	CHECK(layout.lowmem_end >= MIN(MIB(16), memblock_end_of_ram()));
	/* Nothing is thrown away that could have been low memory. */
	if (memblock_ram_size() < all)
		CHECK(layout.lowmem_end == MIB(896));
}

static void check_highmem(void)
{
	unsigned int round;

	for (round = 0; round < 3000; round++) {
		uint64_t ram = MIB(8) + host_random64() % GIB(6), before16, all;

		begin();
		add_pc(ALIGN_DOWN(ram, 4096));
		CHECK(init());
		before16 = ram_from(MIB(16));
		all = memblock_ram_size();
		limits.highmem = host_below(8) ? host_random64() % GIB(7) : 0;
		CHECK(init());
		check_highmem_is(limits.highmem, before16, all);
		CHECK(memblock_check() == 0);
	}
}

/* --- random maps against one flag for each page --------------------------- */

#define PAGES		8192U			/* 32 MiB */
static bool is_ram[PAGES];

static void mark(const struct boot_range *r)
{
	uint64_t page;

	for (page = 0; page < PAGES; page++) {
		uint64_t start = page * 4096, end = start + 4096;

		if (r->kind == BOOT_RAM && start >= r->start && end <= r->end)
			is_ram[page] = true;
	}
}

static void unmark(const struct boot_range *r)
{
	uint64_t page;

	for (page = 0; page < PAGES; page++)
		if (r->kind == BOOT_UNUSABLE && r->start < (page + 1) * 4096 &&
		    r->end > page * 4096)
			is_ram[page] = false;
}

static void random_map(void)
{
	unsigned int i, nr = host_below(24);

	begin();
	add(0x100000, MIB(8) + host_below(MIB(24)), BOOT_RAM);
	for (i = 0; i < nr; i++) {
		uint64_t start = host_below(PAGES * 4096);
		uint64_t end = start + 1 + host_random64() % MIB(4);

		end = MIN(end, PAGES * 4096ULL);
		if (start < end)
			add(start, end, host_below(3) ? BOOT_RAM
						      : BOOT_UNUSABLE);
	}
	memset(is_ram, 0, sizeof(is_ram));
	for (i = 0; i < bi.nr_ranges; i++)
		mark(&bi.ranges[i]);
	for (i = 0; i < bi.nr_ranges; i++)
		unmark(&bi.ranges[i]);
	unmark(&(struct boot_range){ 0xA0000, 0x100000, BOOT_UNUSABLE });
}

static void compare_ram(void)
{
	unsigned int page, i = 0;

	for (page = 0; page < PAGES; page++) {
		bool known;

		while (i < memblock.ram.nr &&
		       memblock.ram.range[i].end <= page * 4096ULL)
			i++;
		known = i < memblock.ram.nr &&
			memblock.ram.range[i].start <= page * 4096ULL;
		CHECK(known == is_ram[page]);
	}
}

static void check_random_maps(void)
{
	unsigned int round, page, nr_started = 0;

	for (round = 0; round < 3000; round++) {
		uint64_t ram = 0, end = 0;

		random_map();
		for (page = 0; page < PAGES; page++)
			if (is_ram[page]) {
				ram += 4096;
				end = (page + 1) * 4096ULL;
			}
		CHECK(init() == (ram >= MIB(6) && end >= IMAGE_END));
		compare_ram();
		CHECK(memblock_check() == 0);
		CHECK(memblock_ram_size() == ram);
		nr_started += layout.lowmem_end != 0;
	}
	CHECK(nr_started > 1000 && nr_started < 2999);
}

/* --- lists that are nearly full ------------------------------------------- */

#define UNITS		400U
static uint8_t unit_owner[UNITS];		/* 0: none */

static bool list_is(const struct memblock_list *list)
{
	unsigned int i = 0, unit = 0, start;

	while (unit < UNITS) {
		start = unit;
		while (++unit < UNITS && unit_owner[unit] == unit_owner[start])
			;
		if (unit_owner[start] == 0)
			continue;
		if (i == list->nr || list->range[i].start != start ||
		    list->range[i].end != unit ||
		    list->range[i].owner[0] != 'A' + unit_owner[start])
			return false;
		i++;
	}
	return i == list->nr;
}

static void check_full_lists(void)
{
	static const char *const owners[] = { NULL, "B", "C", "D" };
	static struct memblock_list list;
	unsigned int round, nr_refused = 0;

	memset(unit_owner, 0, sizeof(unit_owner));
	list.nr = 0;
	for (round = 0; round < 60000; round++) {
		unsigned int start = host_below(UNITS), owner = host_below(4);
		unsigned int length = 1 + host_below(round % 64 ? 2 : 60), end;
		int err;

		end = MIN(start + length, UNITS);
		err = owner ? memblock_add(&list, start, end, owners[owner])
			    : memblock_remove(&list, start, end);
		CHECK(err == 0 || err == -ENOSPC);
		CHECK(err == 0 || list.nr + 2 > MEMBLOCK_MAX);
		if (err == 0)
			memset(&unit_owner[start], (int)owner, end - start);
		nr_refused += err != 0;
		CHECK(list_is(&list));
	}
	CHECK(nr_refused > 500);
}

/* --- the first allocator -------------------------------------------------- */

static bool is_taken[PAGES];

/* The highest place that is free, aligned and large enough; 0: none. */
static uint64_t highest_place(size_t size, size_t align)
{
	unsigned int page = (unsigned int)(layout.lowmem_end / 4096), start;

	while (page > 0) {
		uint64_t at;

		if (!is_ram[page - 1] || is_taken[page - 1]) {
			page--;
			continue;
		}
		for (start = page; start > 0 && is_ram[start - 1] &&
				   !is_taken[start - 1]; start--)
			;
		at = page * 4096ULL - MIN(size, page * 4096ULL);
		at = ALIGN_DOWN(at, align);
		if (at >= start * 4096ULL && size <= (page - start) * 4096ULL)
			return at;
		page = start;
	}
	return 0;
}

/* NULL: it panicked. */
static unsigned char *try_alloc(size_t size, size_t align)
{
	if (setjmp(panicked))
		return NULL;
	return memblock_alloc(size, align, "tables");
}

static void alloc_until_panic(void)
{
	size_t size, align, i;
	uint64_t expected;
	unsigned char *p;

	do {
		size = 1 + (size_t)(host_random64() % MIB(2));
		align = 1UL << host_below(15);
		expected = highest_place(size, align);
		p = try_alloc(size, align);
		CHECK(p == (expected ? host_memory + expected : NULL));
		for (i = 0; p && i < size; i += 509)
			CHECK(p[i] == 0 && p[size - 1] == 0);
		for (i = 0; p && i < size; i += 4096)
			is_taken[(expected + i) / 4096] = true;
		is_taken[(expected + size - 1) / 4096] |= p != NULL;
	} while (p);
	CHECK(strstr(said, "of low memory for tables"));
}

static void check_alloc(void)
{
	unsigned int round, page;

	for (round = 0; round < 300; round++) {
		random_map();
		limits.highmem = host_below(MIB(16));	/* lowmem ends below */
		if (!init())
			continue;
		memset(is_taken, 0, sizeof(is_taken));
		for (page = 0; page < IMAGE_END / 4096; page++)
			is_taken[page] = true;
		memset(host_memory, 0xFF, PAGES * 4096UL);
		alloc_until_panic();
		CHECK(memblock_check() == 0);
	}
}

int main(void)
{
	host_memory = mmap(NULL, HOST_MEMORY, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(host_memory != MAP_FAILED);
	kernel_end = host_memory + IMAGE_END;

	check_order();
	host_case("memory maps may be unsorted and overlap");
	check_rounding();
	check_unusable();
	host_case("RAM is whole pages that no entry calls unusable");
	check_roms();
	host_case("video memory and ROMs are no RAM, whatever a map says");
	check_width();
	host_case("RAM ends where the CPU's physical addresses end");
	check_too_little();
	host_case("too little RAM is refused in words for the user");
	check_many();
	host_case("the largest map a loader can give finds room");
	check_modules();
	check_large_modules();
	check_records();
	host_case("modules and records are kept where they can be");
	check_mem();
	host_case("mem= is where RAM ends");
	check_vmalloc();
	host_case("vmalloc= moves the end of the direct map");
	check_highmem();
	host_case("highmem= is met to the page, or as far as there is RAM");
	check_random_maps();
	host_case("RAM agrees with a flag for each page on 3000 random maps");
	check_full_lists();
	host_case("lists agree with a map of units, full or not");
	check_alloc();
	host_case("memblock_alloc takes the highest place until there is none");
	return host_end();
}
