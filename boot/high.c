/* SPDX-License-Identifier: MIT */
/*
 * high.c - the first C code above PAGE_OFFSET
 *
 * Problem     Exceptions must be explained at any moment, and the low view of
 *             memory, in which the early handlers live, has to go.
 * Idea        The kernel's own handlers first; then the loader's words are
 *             copied; then the low view is closed and kmain begins with an
 *             address space in which only addresses above PAGE_OFFSET exist.
 * Read first  boot_high
 */
#include <drivers/serial.h>
#include <drivers/vga.h>
#include <kernel/main.h>
#include <kernel/oops.h>
#include <kernel/symbols.h>
#include <mm/kasan.h>
#include <x86/cpu.h>
#include <x86/layout.h>
#include <x86/trap.h>

#include "boot.h"
#include "low.h"
#include "multiboot.h"

static struct bootinfo bootinfo __ro_after_init;

static void close_low_view(void)
{
	uint64_t *pdpt = phys_to_virt(phys_make((unsigned long)low_pdpt));

	pdpt[0] = 0;
	write_cr3(read_cr3());	/* the CPU reads the PDPT only when CR3 is written */
}

/* Its own frame has no shadow yet. */
void __no_sanitize_address boot_high(uint32_t info_phys, uint32_t magic)
{
	const struct loader_memory mem = { phys_to_virt(0), LOWMEM_MAX };

	kasan_early_init();	/* KASAN=1: bytes that may be touched        */
	gdt_init();		/* per-CPU data: spinlocks and printk work   */
	serial_init();		/* COM1: printk reaches somebody             */
	vga_init();		/* the screen, where there is one            */
	symbols_init();		/* addresses have names                      */
	oops_init();		/* exceptions are explained                  */
	idt_init();		/* ... by the kernel's own handlers          */
	if (magic == MULTIBOOT2_LOADER)
		multiboot2_parse(&mem, info_phys, &bootinfo);
	else
		multiboot1_parse(&mem, info_phys, &bootinfo);
	close_low_view();
	kmain(&bootinfo);
}
