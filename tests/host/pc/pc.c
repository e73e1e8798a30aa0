/* SPDX-License-Identifier: MIT */
/*
 * pc.c - RAM, a CPU, a kernel image, and mm/ started on them
 *
 * Problem     Most of mm/ is about addresses: a direct map, page tables, frames
 *             that have no address. On the build machine there are no such.
 * Idea        A program of 32 bits can have 0xC0000000. RAM is a file in memory;
 *             what the kernel's page tables map, mmu.c maps of that file, at
 *             that very address. So all of mm/ runs as it is, mm_init first,
 *             and the sanitizers see each of its accesses.
 * Picture     the file      | frame 0 | frame 1 |  ...  | the last frame |
 *             0xC0000000    | frame 0 | frame 1 |  ...   as the tables say
 *             the window         | frame 9 | frame 4 |   as the tables say
 * Failure     A host that has no such addresses to give: it says so and ends.
 * See         tests/host/pc/walk.c, docs/testing.md
 */
#define _GNU_SOURCE

#include "pc.h"

#include <sys/mman.h>
#include <unistd.h>

#include <mm/init.h>
#include <mm/kspace.h>
#include <x86/kstack.h>
#include <x86/percpu.h>
#include <x86/trap.h>

struct pc_cpu pc_cpu = { .cr4 = CR4_PAE | CR4_PGE, .eflags = EFLAGS_IF };
struct cpu pc_percpu = { .self = &pc_percpu };
struct cpu_features cpu_features = { .nx = true, .pge = true, .phys_bits = 36 };

/* The image from 1 to 2 MiB is nothing but borders: pc.mk. */
struct kstack boot_stack, double_fault_stack;

void gdt_set_double_fault_cr3(uint32_t cr3 __unused)
{
}

static void __noreturn refuse(const char *what)
{
	printf("# pc: %s: %m\n", what);
	exit(EXIT_FAILURE);
}

void pc_power_on(phys_addr_t ram_end)
{
	int fd = memfd_create("RAM", 0);
	void *kernel = mmap((void *)PAGE_OFFSET, PC_KERNEL_END - PAGE_OFFSET,
			    PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
			    MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (fd < 0 || ftruncate(fd, (off_t)ram_end) != 0)
		refuse("no RAM");
	if (kernel != (void *)PAGE_OFFSET)
		refuse("0xC0000000 to 0xE0000000 are not to be had here");
	mmu_init(fd);
}

static void add_ram(struct bootinfo *bi, phys_addr_t start, phys_addr_t end)
{
	if (start < end)
		bi->ranges[bi->nr_ranges++] =
			(struct boot_range){ start, end, BOOT_RAM };
}

void pc_boot(phys_addr_t low_end, phys_addr_t high_start, phys_addr_t high_end)
{
	static struct bootinfo bi;
	const struct memory_limits limits = {
		MEMORY_UNLIMITED, MEMORY_UNLIMITED, MEMORY_UNLIMITED,
	};

	add_ram(&bi, 0, 0xA0000);
	add_ram(&bi, LEGACY_END, low_end);
	add_ram(&bi, high_start, high_end);
	pc_power_on(MAX(low_end, high_end));
	mm_init(&bi, &limits);
	kspace_seal();
	mm_release_boot();
}
