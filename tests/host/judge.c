/* SPDX-License-Identifier: MIT */
/*
 * judge.c - is a bootinfo what can be made of what a plain reader found?
 *
 * Idea        Ranges are compared as sets of bytes: how they were cut and joined
 *             is the parser's affair, which bytes are RAM is not. In both lists
 *             unusable wins over RAM.
 * Judged      P3  texts end, and are what lay in memory, made printable
 *             P4  start < end; and no count is beyond its array
 *             P5  no byte that an entry calls unusable is RAM
 *             and no byte is RAM that no entry calls so; while there is room
 *             nothing is lost; modules are the first that make sense.
 */
#include "plain.h"

#include <string.h>

#include <lib/bits.h>

/* The longest list of records: what a map of 4096 entries takes. */
#define RECORD_MOST	(4096U * 260)
#define ANY_KIND	(-1)

struct list {
	const struct boot_range *range;
	unsigned int nr;
};

/* Is every byte of [start, end) in a range of that kind? */
static bool covers(struct list list, int kind, uint64_t start, uint64_t end)
{
	uint64_t reached;
	unsigned int i;

	for (; start < end; start = reached) {
		reached = start;
		for (i = 0; i < list.nr && reached < end; i++) {
			const struct boot_range *r = &list.range[i];

			if ((kind == ANY_KIND || kind == (int)r->kind) &&
			    r->start <= reached && r->end > reached)
				reached = r->end;
		}
		if (reached == start)
			return false;
	}
	return true;
}

bool plain_is_ram(const struct plain *found, uint64_t start, uint64_t end)
{
	return covers((struct list){ found->ranges, found->nr_ranges },
		      BOOT_RAM, start, end);
}

/* Is every range of that kind in @part also in @whole, as @kind_there? */
static bool contains(struct list whole, int kind_there, struct list part,
		     enum boot_range_kind kind)
{
	unsigned int i;

	for (i = 0; i < part.nr; i++)
		if (part.range[i].kind == kind &&
		    !covers(whole, kind_there, part.range[i].start,
			    part.range[i].end))
			return false;
	return true;
}

/* P5: where RAM and an unusable entry meet, an unusable range is kept as well. */
static bool keeps_holes(struct list kept, struct list told)
{
	unsigned int i, j;

	for (i = 0; i < told.nr; i++) {
		const struct boot_range *hole = &told.range[i];

		for (j = 0; j < kept.nr && hole->kind == BOOT_UNUSABLE; j++) {
			const struct boot_range *r = &kept.range[j];
			uint64_t start = MAX(r->start, hole->start);
			uint64_t end = MIN(r->end, hole->end);

			if (r->kind == BOOT_RAM &&
			    !covers(kept, BOOT_UNUSABLE, start, end))
				return false;
		}
	}
	return true;
}

static const char *judge_ranges(const struct bootinfo *bi,
				const struct plain *found)
{
	struct list kept = { bi->ranges, bi->nr_ranges };
	struct list told = { found->ranges, found->nr_ranges };
	bool all = bi->nr_ranges_dropped == found->nr_ranges_senseless;
	unsigned int i;

	for (i = 0; i < kept.nr; i++)
		if (kept.range[i].start >= kept.range[i].end)
			return "P4: an empty range";
	if (!keeps_holes(kept, told))
		return "P5: an unusable range is called RAM";
	if (!contains(told, BOOT_RAM, kept, BOOT_RAM))
		return "RAM that no entry gave";
	if (!contains(told, ANY_KIND, kept, BOOT_UNUSABLE))
		return "an unusable range that no entry gave";
	if (!all && bi->nr_ranges < BOOTINFO_MAX_RANGES)
		return "ranges dropped though there is room";
	if (all && !(contains(kept, BOOT_RAM, told, BOOT_RAM) &&
		     contains(kept, BOOT_UNUSABLE, told, BOOT_UNUSABLE)))
		return "a range lost and not counted";
	return NULL;
}

static char printable(uint8_t c)
{
	if (c == '\t' || c == '\n' || c == '\r')
		return ' ';
	return c < 0x20 || c > 0x7E ? '?' : (char)c;
}

static bool is_text(const char *text, size_t room, struct plain_text told)
{
	size_t i, length = MIN(told.length, room - 1);

	for (i = 0; i < length; i++)
		if (text[i] != printable(told.bytes[i]))
			return false;
	return text[length] == '\0';
}

static const char *judge_modules(const struct bootinfo *bi,
				 const struct plain *found)
{
	const struct boot_module *m = bi->modules;
	const struct plain_module *told = found->modules;
	unsigned int kept = 0, i;

	for (i = 0; i < found->nr_modules && kept < BOOTINFO_MAX_MODULES; i++) {
		if (told[i].start >= told[i].end)
			continue;
		if (kept++ == bi->nr_modules)
			return "a module lost";
		if (m->start != told[i].start || m->end != told[i].end)
			return "P4: a module lies elsewhere";
		if (!is_text(m->string, sizeof(m->string), told[i].text))
			return "P3: a module's text";
		m++;
	}
	if (bi->nr_modules != kept)
		return "a module that no entry gave";
	if (bi->nr_modules_dropped != found->nr_modules_told - kept)
		return "modules dropped and not counted";
	return NULL;
}

static const char *judge_records(const struct bootinfo *bi)
{
	unsigned int i;

	for (i = 0; i < bi->nr_records; i++)
		if (bi->records[i].end <= bi->records[i].start ||
		    bi->records[i].end - bi->records[i].start > RECORD_MOST)
			return "a record that reserves nothing, or too much";
	return NULL;
}

const char *plain_judge(const struct bootinfo *bi, const struct plain *found)
{
	const char *wrong;

	if (bi->nr_ranges > BOOTINFO_MAX_RANGES ||
	    bi->nr_modules > BOOTINFO_MAX_MODULES ||
	    bi->nr_records > BOOTINFO_MAX_RECORDS)
		return "P4: a count beyond its array";
	if (!is_text(bi->loader, sizeof(bi->loader), found->loader))
		return "P3: the loader's name";
	if (!is_text(bi->cmdline, sizeof(bi->cmdline), found->cmdline))
		return "P3: the command line";
	wrong = judge_ranges(bi, found);
	if (!wrong)
		wrong = judge_modules(bi, found);
	return wrong ? wrong : judge_records(bi);
}
