/* SPDX-License-Identifier: MIT */
/*
 * fuzz_multiboot.c - from a loader's bytes to RAM, under libFuzzer
 *
 * Problem     Random numbers find the mistakes that somebody thought of. libFuzzer
 *             sees which branches an input takes, and changes the inputs that take
 *             new ones.
 * Idea        An input is a machine: a few bytes that choose the CPU, the protocol
 *             and where the information lies; the rest is its physical memory. It
 *             is read by the parser and by a plain reader, which must agree, and
 *             then by memblock, which must not hand out a frame that no entry
 *             gave.
 * Picture     input  | choices | info address | skipped | memory ... |
 *                        1            4          0 to 7    the rest
 * Hazard      libFuzzer's copy of the input ends where memory ends, so that the
 *             address sanitizer sees a read beyond it; the bytes skipped place
 *             the memory at every alignment.
 * Corpus      tests/host/corpus/multiboot: a name says what was written by hand to
 *             show it; found-* is what libFuzzer added. Together they reach every
 *             line of the parsers.
 * See         tests/host/fuzz (runs it), tests/host/judge.c (the verdict)
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/assert.h>
#include <mm/memblock.h>
#include <x86/cpu.h>
#include <x86/layout.h>

#include "../../boot/boot.h"
#include "plain.h"

#define HEAD_SIZE	5U
#define IMAGE_END	MIB(2)

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

struct cpu_features cpu_features;
struct layout layout;
unsigned char *host_memory, *kernel_end;

static struct bootinfo bi;
static struct plain found;
static jmp_buf panicked;

static void __noreturn wrong(const char *what)
{
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

/* --- what memblock wants of the kernel ------------------------------------ */

/* Too little RAM is no mistake of the kernel; no other panic is in its way. */
void panic(const char *fmt, ...)
{
	if (!strstr(fmt, "of usable RAM found"))
		wrong(fmt);
	longjmp(panicked, 1);
}

int printk(const char *fmt, ...)
{
	(void)fmt;
	return 0;
}

void assert_failed(const char *cond, const char *file, int line)
{
	fprintf(stderr, "%s:%d: ", file, line);
	wrong(cond);
}

void layout_init(uint64_t lowmem_end)
{
	layout.lowmem_end = lowmem_end;
}

static bool memblock_starts(void)
{
	static const struct memory_limits none = {
		MEMORY_UNLIMITED, MEMORY_UNLIMITED, MEMORY_UNLIMITED
	};

	if (setjmp(panicked))
		return false;
	memblock_init(&bi, &none);
	return true;
}

/* --- no frame that no entry gave ------------------------------------------ */

static bool overlap(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
	return a < b_end && b < a_end;
}

/* RAM is whole frames: where a hole begins or ends in one, it is not RAM. */
static void check_ram(uint64_t start, uint64_t end)
{
	unsigned int i;

	if (!plain_is_ram(&found, start, end))
		wrong("a frame that no entry gave");
	for (i = 0; i < found.nr_ranges; i++)
		if (found.ranges[i].kind == BOOT_UNUSABLE &&
		    overlap(start, end, found.ranges[i].start,
			    found.ranges[i].end))
			wrong("a frame that an entry calls unusable");
}

static void check_free(uint64_t start, uint64_t end)
{
	const struct memblock_range *ram = memblock_find(&memblock.ram, start);
	unsigned int i;

	if (!ram || end > ram->end)
		wrong("a free frame that is no RAM");
	if (start < IMAGE_END)
		wrong("a free frame in the kernel or below");
	for (i = 0; i < memblock.reserved.nr; i++)
		if (overlap(start, end, memblock.reserved.range[i].start,
			    memblock.reserved.range[i].end))
			wrong("a free frame that is reserved");
}

/* Their memory is all below 1 MiB here: who reserved it must be seen. */
static void check_records(void)
{
	const struct memblock_range *r;
	unsigned int i;

	for (i = 0; i < bi.nr_records; i++) {
		r = memblock_find(&memblock.reserved, bi.records[i].start);
		if (!r || r->owner == MEMBLOCK_LEGACY)
			wrong("a record that is not reserved");
	}
}

static void check_memblock(void)
{
	uint64_t from = 0, start, end;
	bool started = memblock_starts();
	unsigned int i;

	if (memblock_check() != 0)
		wrong("memblock_check");
	for (i = 0; i < memblock.ram.nr; i++)
		check_ram(memblock.ram.range[i].start,
			  memblock.ram.range[i].end);
	if (!started)
		return;
	check_records();
	while (memblock_next_free(from, memblock_end_of_ram(), &start, &end)) {
		check_free(start, end);
		from = end;
	}
}

/* --- one input ------------------------------------------------------------ */

static void check_parser(int protocol, const struct loader_memory *mem,
			 uint32_t info)
{
	const char *complaint;

	if (protocol == 1)
		multiboot1_parse(mem, info, &bi);
	else
		multiboot2_parse(mem, info, &bi);
	plain_read(protocol, mem->base, mem->size, info, &found);
	complaint = plain_judge(&bi, &found);
	if (complaint)
		wrong(complaint);
}

/* Choices: bit 0 protocol, bits 1 and 2 width of addresses, 3 to 5 skipped. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static unsigned char image[IMAGE_END];
	struct loader_memory mem;
	unsigned int skipped;
	uint32_t info;

	if (size < HEAD_SIZE)
		return 0;
	skipped = MIN(input[0] >> 3 & 7, (unsigned int)size - HEAD_SIZE);
	memcpy(&info, input + 1, sizeof(info));
	mem.base = input + HEAD_SIZE + skipped;
	mem.size = size - HEAD_SIZE - skipped;
	cpu_features.phys_bits = 32 + 4 * (input[0] >> 1 & 3);
	host_memory = image;
	kernel_end = image + IMAGE_END;
	check_parser(1 + (input[0] & 1), &mem, info);
	check_memblock();
	return 0;
}
