/* SPDX-License-Identifier: MIT */
/* test_cmdline.c - options, good, misspelt and hostile */
#include <kernel/cmdline.h>

#include <lib/bits.h>
#include <lib/glob.h>
#include <lib/string.h>
#include <tests/ktest.h>
#include <tests/sealed.h>
#include <x86/bootinfo.h>

static struct options opt;

/* Parses a copy: the parser cuts its text up. */
static void parse(const char *line)
{
	static char text[BOOTINFO_CMDLINE_SIZE];

	REQUIRE(strscpy(text, line, sizeof(text)) >= 0);
	memset(&opt, 0x55, sizeof(opt));
	cmdline_parse(text, &opt);
}

static void expect_defaults(void)
{
	EXPECT_STR(opt.test, "");
	EXPECT_STR(opt.bench, "");
	EXPECT_STR(opt.insmod, "");
	EXPECT(!opt.exit && !opt.slow && !opt.demo && !opt.monitor);
	EXPECT_EQ(opt.limits.mem, MEMORY_UNLIMITED);
	EXPECT_EQ(opt.limits.highmem, MEMORY_UNLIMITED);
	EXPECT_EQ(opt.limits.vmalloc, MEMORY_UNLIMITED);
	EXPECT_EQ(opt.seed, 1);
	EXPECT_EQ(opt.loglevel, PRINTK_DEFAULT_LOGLEVEL);
	EXPECT_STR(opt.vmap, "vmem");
	EXPECT_STR(opt.aids.guard, "after");
	EXPECT_EQ(opt.aids.quarantine, 0);
	EXPECT(!opt.aids.page_poison && !opt.aids.page_owner);
}

KTEST(cmdline, an_empty_line_gives_the_defaults)
{
	parse("");
	expect_defaults();
	parse("  \t ");
	expect_defaults();
}

KTEST(cmdline, texts_and_flags_are_taken)
{
	uint64_t from = printk_position();

	parse("test=vmap.*,buddy.* exit bench=a slow demo insmod=m(a=1;b=2)"
	      " monitor vmap=list");
	EXPECT_STR(opt.test, "vmap.*,buddy.*");
	EXPECT_STR(opt.bench, "a");
	EXPECT_STR(opt.insmod, "m(a=1;b=2)");
	EXPECT(opt.exit && opt.slow && opt.demo && opt.monitor);
	EXPECT_STR(opt.vmap, "list");
	EXPECT_EQ(printk_position() - from, 0);
}

KTEST(cmdline, guard_menu_is_taken)
{
	uint64_t from = printk_position();

	parse("guard=right quarantine=256 page_poison page_owner");
	EXPECT_STR(opt.aids.guard, "right");
	EXPECT_EQ(opt.aids.quarantine, 256);
	EXPECT(opt.aids.page_poison && opt.aids.page_owner);
	parse("guard=both quarantine=1048576");
	EXPECT_STR(opt.aids.guard, "both");
	EXPECT_EQ(opt.aids.quarantine, 1048576);
	EXPECT_EQ(printk_position() - from, 0);
}

KTEST(cmdline, sizes_and_numbers_are_taken)
{
	uint64_t from = printk_position();

	parse("mem=64M highmem=0 vmalloc=0x1000K seed=4294967295 loglevel=8");
	EXPECT_EQ(opt.limits.mem, MIB(64));
	EXPECT_EQ(opt.limits.highmem, 0);
	EXPECT_EQ(opt.limits.vmalloc, MIB(4));
	EXPECT_EQ(opt.seed, UINT32_MAX);
	EXPECT_EQ(opt.loglevel, 8);
	parse("mem=16G");
	EXPECT_EQ(opt.limits.mem, GIB(16));
	EXPECT_EQ(printk_position() - from, 0);
}

KTEST(cmdline, an_unknown_option_is_reported_and_the_rest_taken)
{
	EXPECT_REPORT("cmdline: unknown option 'xyz', ignored\n",
		      parse("exit xyz seed=2"));
	EXPECT(opt.exit);
	EXPECT_EQ(opt.seed, 2);
	EXPECT_REPORT("unknown option 'tests=a', ignored", parse("tests=a"));
	EXPECT_REPORT("unknown option 'tes=a', ignored", parse("tes=a"));
	EXPECT_REPORT("unknown option '=a', ignored", parse("=a"));
	expect_defaults();
}

KTEST(cmdline, a_bad_value_is_reported_and_changes_nothing)
{
	static const char *const bad[] = {
		"mem=12q", "mem=", "mem", "mem=-1", "highmem=17179869184G",
		"seed=4294967296", "seed=1K", "loglevel=9", "loglevel=",
		"vmap=tree", "vmap=", "vmap=list,list", "vmap", "test",
		"exit=1", "exit=", "slow=yes", "guard=left", "guard",
		"quarantine=1048577", "quarantine=4K", "page_poison=1",
		"page_owner=on", "trace=", "trace", "insmod=",
	};
	char want[80];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(want, sizeof(want),
			 "cmdline: bad value in '%s', ignored\n", bad[i]);
		EXPECT_REPORT(want, parse(bad[i]));
		expect_defaults();
	}
}

KTEST(cmdline, a_value_too_long_is_refused_whole)
{
	char line[300] = "insmod=";

	memset(line + 7, 'a', sizeof(opt.insmod));
	EXPECT_REPORT("bad value in 'insmod=aaaa", parse(line));
	EXPECT_STR(opt.insmod, "");
	line[7 + sizeof(opt.insmod) - 1] = '\0';
	parse(line);
	EXPECT_EQ(strlen(opt.insmod), sizeof(opt.insmod) - 1);
}

KTEST(cmdline, tests_asked_for_in_vain_are_still_asked_for)
{
	parse("exit");
	EXPECT(!opt.run_tests && !opt.run_benches);
	parse("test=");
	EXPECT(opt.run_tests && !opt.run_benches);
	EXPECT_REPORT("bad value in 'bench'", parse("bench"));
	EXPECT(opt.run_benches && !opt.run_tests);
}

KTEST(cmdline, of_an_option_given_twice_the_last_counts)
{
	parse("seed=5 test=a seed=6 test=b");
	EXPECT_EQ(opt.seed, 6);
	EXPECT_STR(opt.test, "b");
	EXPECT_REPORT("bad value in 'seed=x'", parse("seed=7 seed=x"));
	EXPECT_EQ(opt.seed, 7);
}

KTEST(cmdline, quotes_keep_a_value_with_blanks_together)
{
	parse("insmod=\"m(name=a b)\" exit");
	EXPECT_STR(opt.insmod, "\"m(name=a b)\"");
	EXPECT(opt.exit);
}

KTEST(cmdline, bytes_that_steer_a_terminal_are_not_printed)
{
	uint64_t from = printk_position();

	EXPECT_REPORT("unknown option 'a?[31m?b?', ignored",
		      parse("a\033[31m\x9B" "b\x7F"));
	EXPECT(!printk_contains(from, "\033"));
}

/* Nor kept, for whoever has to say what is wrong with the value. */
KTEST(cmdline, bytes_that_steer_a_terminal_are_not_kept_in_a_text)
{
	parse("trace=\033[2J,flush insmod=a\x9B" "b\x7F test=\001.*");
	EXPECT_STR(opt.trace, "?[2J,flush");
	EXPECT_STR(opt.insmod, "a?b?");
	EXPECT_STR(opt.test, "?.*");
}

/* "qemu" puts the kernel's path first; other loaders do not. */
KTEST(cmdline, the_path_that_qemu_puts_first_is_dropped)
{
	static struct bootinfo bi;
	static struct options saved;

	saved = options;
	strscpy(bi.cmdline, "build/lacuna.elf seed=77", sizeof(bi.cmdline));
	strscpy(bi.loader, "qemu", sizeof(bi.loader));
	UNSEALED(cmdline_init(&bi));
	EXPECT_EQ(options.seed, 77);

	strscpy(bi.cmdline, "seed=78", sizeof(bi.cmdline));
	UNSEALED(cmdline_init(&bi));
	EXPECT_EQ(options.seed, 1);

	strscpy(bi.loader, "GRUB 2.06", sizeof(bi.loader));
	UNSEALED(cmdline_init(&bi));
	EXPECT_EQ(options.seed, 78);
	UNSEALED(options = saved);
	printk_set_loglevel(options.loglevel);
}

/* Options, values and noise, thrown together. */
static void random_line(struct random *r, char *line, size_t size)
{
	static const char *const parts[] = {
		"test=", "mem=", "seed", "vmap=", "rbtree", " ", " ", "=", "\"",
		"4G", "*", ",", "exit", "loglevel=",
	};
	size_t len = 0;

	while (len + 12 < size && random_below(r, 40)) {
		if (random_below(r, 3))
			len += (size_t)snprintf(line + len, size - len, "%s",
				parts[random_below(r, ARRAY_SIZE(parts))]);
		else
			line[len++] = (char)(1 + random_below(r, 255));
	}
	line[len] = '\0';
}

KTEST(cmdline, no_line_however_wild_leaves_the_options_unusable)
{
	struct random *r = ktest_random();
	char line[256];
	unsigned int i;

	printk_set_loglevel(0);
	for (i = 0; i < 500; i++) {
		random_line(r, line, sizeof(line));
		parse(line);
		EXPECT(strnlen(opt.test, sizeof(opt.test)) < sizeof(opt.test));
		EXPECT(glob_list_names("list,rbtree,vmem", opt.vmap));
		EXPECT(opt.loglevel <= 8);
		EXPECT(*(unsigned char *)&opt.exit <= 1);
	}
	printk_set_loglevel(options.loglevel);
}
