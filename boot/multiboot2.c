/* SPDX-License-Identifier: MIT */
/*
 * multiboot2.c - what a Multiboot 2 loader says, checked and copied
 *
 * Problem     A list of tags, each of which says how long it is: one wrong size,
 *             and the list runs away through memory or never ends.
 * Idea        The list is a block of at most MAX_TOTAL bytes in which each tag
 *             must lie wholly; the first that does not ends it. All texts and
 *             the memory map lie inside their tags: no pointer is followed.
 * Picture     info: total size | 0 | tag | tag | tag | end tag
 *                                   |
 *                         type | size | what it says |  up to the next 8 bytes
 * Source      Multiboot2 Specification 2.0, section 3.6.
 * Read first  multiboot2_parse
 * See         boot/loader.c (P1 to P5), tests/boot/test_multiboot2.c
 */
#include "boot.h"

#include <lib/bits.h>
#include <lib/string.h>

#include "loader.h"
#include "multiboot.h"

enum tag_type {
	TAG_CMDLINE	= 1,
	TAG_LOADER	= 2,
	TAG_MODULE	= 3,
	TAG_SIZES	= 4,
	TAG_MMAP	= 6,
};

#define TAG_ALIGN	8U
#define MAX_TOTAL	0x100000U	/* real lists have a few KiB          */
#define MAX_TAGS	1024U
#define MMAP_ENTRY_SIZE	24U		/* without what later loaders add     */
#define MMAP_MAX_STEP	256U		/* larger entries are lies            */
#define MMAP_MAX_STEPS	4096U

/* What every tag begins with, and how far what it says may reach. */
struct tag {
	uint64_t	at, end;	/* [at, end): behind type and size    */
	uint32_t	type;
};

/* The tag at @at, if it lies wholly before @end. */
static bool read_tag(const struct loader_memory *mem, uint64_t at, uint64_t end,
		     struct tag *tag)
{
	struct { uint32_t type, size; } head;

	if (at + sizeof(head) > end ||
	    !loader_read(mem, at, &head, sizeof(head)))
		return false;
	tag->type = head.type;
	tag->at = at + sizeof(head);
	tag->end = at + head.size;
	return head.size >= sizeof(head) && tag->end <= end;
}

static bool read_from(const struct loader_memory *mem, const struct tag *tag,
		      uint64_t at, void *dst, size_t n)
{
	return at + n <= tag->end && loader_read(mem, at, dst, n);
}

static void parse_module(const struct loader_memory *mem, const struct tag *tag,
			 struct bootinfo *bi)
{
	struct { uint32_t start, end; } entry;
	struct boot_module *m;
	uint64_t text = tag->at + sizeof(entry);

	if (!read_from(mem, tag, tag->at, &entry, sizeof(entry))) {
		bi->nr_modules_dropped++;
		return;
	}
	m = bootinfo_add_module(bi, entry.start, entry.end);
	if (m)
		loader_read_text(mem, text, tag->end - text, m->string,
				 sizeof(m->string));
}

static void parse_sizes(const struct loader_memory *mem, const struct tag *tag,
			struct bootinfo *bi)
{
	struct { uint32_t lower_kib, upper_kib; } sizes;

	if (read_from(mem, tag, tag->at, &sizes, sizeof(sizes)))
		bootinfo_add_sizes(bi, sizes.lower_kib, sizes.upper_kib);
}

/* The tag says how large an entry is: the same for all of them. */
static void parse_mmap(const struct loader_memory *mem, const struct tag *tag,
		       struct bootinfo *bi)
{
	struct { uint32_t entry_size, version; } head;
	struct { uint64_t base, length; uint32_t type, zero; } e;
	uint64_t at = tag->at + sizeof(head);
	unsigned int steps = 0;

	_Static_assert(sizeof(e) == MMAP_ENTRY_SIZE, "as the loader lays it");
	if (!read_from(mem, tag, tag->at, &head, sizeof(head)) ||
	    head.entry_size < MMAP_ENTRY_SIZE ||
	    head.entry_size > MMAP_MAX_STEP)
		return;
	while (steps++ < MMAP_MAX_STEPS &&
	       read_from(mem, tag, at, &e, sizeof(e))) {
		bootinfo_add_range(bi, e.base, e.length, e.type);
		at += head.entry_size;
	}
}

static void parse_tag(const struct loader_memory *mem, const struct tag *tag,
		      struct bootinfo *bi)
{
	switch (tag->type) {
	case TAG_CMDLINE:
		loader_read_text(mem, tag->at, tag->end - tag->at, bi->cmdline,
				 sizeof(bi->cmdline));
		break;
	case TAG_LOADER:
		loader_read_text(mem, tag->at, tag->end - tag->at, bi->loader,
				 sizeof(bi->loader));
		break;
	case TAG_MODULE:
		parse_module(mem, tag, bi);
		break;
	case TAG_MMAP:
		parse_mmap(mem, tag, bi);
		break;
	default:
		break;			/* of no use here */
	}
}

/* The classic sizes only count where there is no map, wherever that stands. */
void multiboot2_parse(const struct loader_memory *mem, uint32_t info,
		      struct bootinfo *bi)
{
	struct { uint32_t total, zero; } head;
	struct tag tag, sizes = { .type = MULTIBOOT2_END };
	uint64_t at = (uint64_t)info + sizeof(head), end;
	unsigned int nr_tags = 0;

	memset(bi, 0, sizeof(*bi));
	bi->protocol = "Multiboot 2";
	if (!loader_read(mem, info, &head, sizeof(head)))
		return;
	end = (uint64_t)info + MIN(head.total, MAX_TOTAL);
	while (nr_tags++ < MAX_TAGS && read_tag(mem, at, end, &tag) &&
	       tag.type != MULTIBOOT2_END) {
		parse_tag(mem, &tag, bi);
		if (tag.type == TAG_SIZES)
			sizes = tag;
		at = ALIGN_UP(tag.end, (uint64_t)TAG_ALIGN);
	}
	if (bi->nr_ranges == 0 && sizes.type == TAG_SIZES)
		parse_sizes(mem, &sizes, bi);
	bootinfo_add_record(bi, info, MIN(at, end) - info);
}
