/* SPDX-License-Identifier: MIT */
/*
 * hostile.c - physical memory that a hostile loader wrote, parsed and judged
 *
 * Hazard      The kernel's memcpy is assembly, into which no sanitizer sees: a
 *             read beyond memory would pass unnoticed. So the parsers are given
 *             the C library's here.
 */
#include "hostile.h"

#include <time.h>

#include "plain.h"

uint8_t *memory;
uint32_t size;
struct bootinfo bi;

void *k_memcpy(void *dst, const void *src, size_t n)
{
	return memcpy(dst, src, n);
}

void *k_memset(void *dst, int byte, size_t n)
{
	return memset(dst, byte, n);
}

void new_memory(uint32_t bytes)
{
	uint32_t i;

	free(memory);
	size = bytes;
	memory = malloc(size);
	for (i = 0; i < size; i++)
		memory[i] = (uint8_t)host_random();
}

void put32(uint32_t at, uint32_t value)
{
	if ((uint64_t)at + sizeof(value) <= size)
		memcpy(memory + at, &value, sizeof(value));
}

void put64(uint32_t at, uint64_t value)
{
	put32(at, (uint32_t)value);
	put32(at + 4, (uint32_t)(value >> 32));
}

uint32_t some_place(void)
{
	switch (host_below(6)) {
	case 0:
		return size - host_below(100);
	case 1:
		return 0xFFFFFFFF - host_below(100);
	case 2:
		return 0;
	default:
		return host_below(size);
	}
}

uint32_t some_count(void)
{
	switch (host_below(4)) {
	case 0:
		return 0xFFFFFFFF - host_below(100);
	case 1:
		return host_below(MAX_MEMORY);
	default:
		return host_below(40);
	}
}

void put_some_range(uint32_t at)
{
	static uint64_t start, length;

	start = host_below(3) ? host_below(1024) * 0x800ULL : start + length;
	length = host_below(6) * 0x800ULL;
	if (host_below(50) == 0)
		start = host_random64();
	if (host_below(50) == 0)
		length = UINT64_MAX - host_below(0x200000);
	put64(at, start);
	put64(at + 8, length);
}

static void parse_only(int protocol, uint32_t info)
{
	const struct loader_memory mem = { memory, size };

	memset(&bi, 0xA5, sizeof(bi));
	if (protocol == 1)
		multiboot1_parse(&mem, info, &bi);
	else
		multiboot2_parse(&mem, info, &bi);
}

void parse(int protocol, uint32_t info)
{
	static struct plain found;
	const char *wrong;

	parse_only(protocol, info);
	plain_read(protocol, memory, size, info, &found);
	wrong = plain_judge(&bi, &found);
	if (wrong)
		printf("# %s; %u bytes of memory, read at %u\n", wrong, size,
		       info);
	CHECK(!wrong);
	CHECK(bi.protocol[strlen(bi.protocol) - 1] == '0' + protocol);
}

double seconds_for(int protocol, uint32_t info)
{
	clock_t start = clock();

	parse_only(protocol, info);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

void check_garbage(int protocol, unsigned int rounds)
{
	unsigned int round;

	for (round = 0; round < rounds; round++) {
		if (round % 16 == 0)
			new_memory(host_below(4) ? host_below(MAX_MEMORY)
						 : host_below(200));
		parse(protocol, host_below(4) ? host_below(size + 1)
					      : host_random());
	}
}
