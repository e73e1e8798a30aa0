/* SPDX-License-Identifier: MIT */
/*
 * cmdline.c - the options typed after the kernel's name
 *
 * Problem     A kernel that ignores a misspelt option leaves its user to guess;
 *             one that stops for it cannot be booted.
 * Idea        One table names every option, says what its value looks like and
 *             where it goes. Whatever the table does not accept is reported
 *             with its text and skipped, so a default remains.
 * Failure     None: the worst line gives the defaults and a page of warnings.
 * Read first  The table, then take_word.
 * See         tests/kernel/test_cmdline.c
 */
#include <kernel/cmdline.h>

#include <kernel/printk.h>
#include <kernel/trace.h>
#include <lib/compiler.h>
#include <lib/glob.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <x86/bootinfo.h>

enum kind {
	FLAG,			/* bool: no value, it is there or not      */
	TEXT,			/* char[limit]                             */
	CHOICE,			/* char[limit]: one of the listed words    */
	SIZE,			/* uint64_t: bytes, with K, M or G         */
	NUMBER,			/* uint32_t: at most limit                 */
};

struct option {
	const char	*name;
	enum kind	kind;
	size_t		offset;		/* of its field in struct options  */
	uint32_t	limit;
	const char	*choices;	/* comma separated                 */
	size_t		given;		/* bool to set however it is given, or 0 */
};
_Static_assert(offsetof(struct options, run_tests) != 0, "0 stands for none");

#define AT(field)	offsetof(struct options, field)
#define TEXT_AT(field)	AT(field), sizeof(((struct options *)0)->field)

static const struct option option_table[] = {
	{ "test",     TEXT,   TEXT_AT(test), NULL, AT(run_tests) },
	{ "bench",    TEXT,   TEXT_AT(bench), NULL, AT(run_benches) },
	{ "insmod",   TEXT,   TEXT_AT(insmod), NULL, 0 },
	{ "exit",     FLAG,   AT(exit), 0, NULL, 0 },
	{ "slow",     FLAG,   AT(slow), 0, NULL, 0 },
	{ "demo",     FLAG,   AT(demo), 0, NULL, 0 },
	{ "monitor",  FLAG,   AT(monitor), 0, NULL, 0 },
	{ "mem",      SIZE,   AT(limits.mem), 0, NULL, 0 },
	{ "highmem",  SIZE,   AT(limits.highmem), 0, NULL, 0 },
	{ "vmalloc",  SIZE,   AT(limits.vmalloc), 0, NULL, 0 },
	{ "seed",     NUMBER, AT(seed), UINT32_MAX, NULL, 0 },
	{ "loglevel", NUMBER, AT(loglevel), 8, NULL, 0 },
	{ "vmap",     CHOICE, TEXT_AT(vmap), "list,rbtree,vmem", 0 },
	{ "trace",    TEXT,   TEXT_AT(trace), NULL, 0 },
	{ "vmap_purge", CHOICE, TEXT_AT(vmap_purge), "eager,lazy", 0 },
	{ "guard",    CHOICE, TEXT_AT(aids.guard), "after,both,right", 0 },
	{ "quarantine", NUMBER, AT(aids.quarantine), 1U << 20, NULL, 0 },
	{ "page_poison", FLAG, AT(aids.page_poison), 0, NULL, 0 },
	{ "page_owner", FLAG, AT(aids.page_owner), 0, NULL, 0 },
};

#define DEFAULT_OPTIONS {						\
	.limits.mem = MEMORY_UNLIMITED,					\
	.limits.highmem = MEMORY_UNLIMITED,				\
	.limits.vmalloc = MEMORY_UNLIMITED,				\
	.seed = 1,							\
	.loglevel = PRINTK_DEFAULT_LOGLEVEL,				\
	.vmap = "vmem",							\
	.vmap_purge = "eager",						\
	.aids.guard = "after",						\
}

static const struct options defaults = DEFAULT_OPTIONS;
struct options options __ro_after_init = DEFAULT_OPTIONS;

static const struct option *find_option(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(option_table); i++)
		if (strlen(option_table[i].name) == len &&
		    memcmp(option_table[i].name, name, len) == 0)
			return &option_table[i];
	return NULL;
}

/* Bytes that would steer a terminal must not reach it. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static bool set_text(char *field, const char *value, size_t size)
{
	if (strlen(value) >= size)
		return false;
	strscpy(field, value, size);
	make_printable(field);		/* reports will name it */
	return true;
}

static bool set_number(uint32_t *field, const char *value, uint32_t limit)
{
	uint64_t number;

	if (parse_u64(value, &number) || number > limit)
		return false;
	*field = (uint32_t)number;
	return true;
}

/* @value is NULL when there is no '='. Returns false when it is refused. */
static bool set_option(const struct option *option, const char *value,
		       struct options *opt)
{
	void *field = (char *)opt + option->offset;

	if ((option->kind == FLAG) != !value)
		return false;
	switch (option->kind) {
	case FLAG:
		*(bool *)field = true;
		return true;
	case CHOICE:
		return glob_list_names(option->choices, value) &&
		       set_text(field, value, option->limit);
	case SIZE:
		return parse_size(value, field) == 0;
	case NUMBER:
		return set_number(field, value, option->limit);
	default:			/* none at all: who runs them says so */
		return (*value || option->given) &&
		       set_text(field, value, option->limit);
	}
}

static void take_word(char *word, struct options *opt)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct option *option = find_option(word, len);

	/* A run whose tests were asked for in vain must not look like a pass. */
	if (option && option->given)
		*(bool *)((char *)opt + option->given) = true;
	if (option && set_option(option, equals ? equals + 1 : NULL, opt))
		return;
	make_printable(word);
	printk(KERN_WARNING "cmdline: %s '%s', ignored\n",
	       option ? "bad value in" : "unknown option", word);
}

void cmdline_parse(char *text, struct options *opt)
{
	char *word;

	*opt = defaults;
	while ((word = parse_word(&text)))
		take_word(word, opt);
}

/* A line that fills its field may have been cut, and its last word as well. */
static void drop_cut_word(char *text)
{
	size_t len = strlen(text);

	if (len < BOOTINFO_CMDLINE_SIZE - 1)
		return;
	while (len > 0 && text[len - 1] != ' ')
		len--;
	printk(KERN_WARNING "cmdline: longer than %u bytes: ignored from '%s' "
	       "on\n", BOOTINFO_CMDLINE_SIZE - 2, text + len);
	text[len] = '\0';
}

void cmdline_init(const struct bootinfo *bi)
{
	static char copy[BOOTINFO_CMDLINE_SIZE];
	char *text = copy;

	strscpy(copy, bi->cmdline, sizeof(copy));
	drop_cut_word(copy);
	if (strcmp(bi->loader, "qemu") == 0)
		parse_word(&text);
	cmdline_parse(text, &options);
	printk_set_loglevel(options.loglevel);
	if (options.trace[0])
		trace_select(options.trace);
}
