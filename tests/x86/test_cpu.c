/* SPDX-License-Identifier: MIT */
/* test_cpu.c - features as CPUID tells them, switches as cpu_init set them */
#include <x86/cpu.h>

#include <lib/string.h>
#include <tests/ktest.h>

static uint32_t cpuid_d(uint32_t leaf)
{
	uint32_t a, b, c, d;

	cpuid(leaf, &a, &b, &c, &d);
	return d;
}

KTEST(cpu, paging_is_on_and_the_kernel_obeys_write_protection)
{
	EXPECT(read_cr0() & CR0_PG);
	EXPECT(read_cr0() & CR0_WP);
	EXPECT(read_cr4() & CR4_PAE);
}

KTEST(cpu, global_pages_are_on_exactly_where_cpuid_has_them)
{
	EXPECT_EQ(cpu_features.pge, (cpuid_d(1) >> 13) & 1);
	EXPECT_EQ(cpu_features.pge, !!(read_cr4() & CR4_PGE));
}

KTEST(cpu, nx_is_on_where_cpuid_has_it)
{
	if (!cpu_features.nx)
		ktest_skip("this CPU has no NX");
	EXPECT_EQ((cpuid_d(0x80000001) >> 20) & 1, 1);
	EXPECT(rdmsr(MSR_EFER) & EFER_NXE);
}

static void expect_switch(bool there, uint32_t leaf_7, unsigned int bit,
			  unsigned long cr4)
{
	EXPECT_EQ(there, (leaf_7 >> bit) & 1);
	EXPECT_EQ(there, !!(read_cr4() & cr4));
}

KTEST(cpu, smep_smap_and_umip_are_on_exactly_where_cpuid_has_them)
{
	uint32_t max, a, b = 0, c = 0, d;

	cpuid(0, &max, &a, &a, &a);
	if (max >= 7)
		cpuid(7, &a, &b, &c, &d);
	expect_switch(cpu_features.smep, b, 7, CR4_SMEP);
	expect_switch(cpu_features.smap, b, 20, CR4_SMAP);
	expect_switch(cpu_features.umip, c, 2, CR4_UMIP);
}

KTEST(cpu, physical_width_is_one_that_pae_can_have)
{
	EXPECT(cpu_features.phys_bits >= 32);
	EXPECT(cpu_features.phys_bits <= 52);
}

KTEST(cpu, texts_are_printable_and_not_indented)
{
	const char *p;

	EXPECT_EQ(strlen(cpu_features.vendor), 12);
	EXPECT(cpu_features.model[0] != '\0');
	EXPECT(cpu_features.model[0] != ' ');
	for (p = cpu_features.vendor; *p; p++)
		EXPECT(*p >= ' ' && *p <= '~');
	for (p = cpu_features.model; *p; p++)
		EXPECT(*p >= ' ' && *p <= '~');
}

KTEST(cpu, description_names_what_is_there)
{
	char text[80], cut[4];
	int len = cpu_describe(text, sizeof(text));

	EXPECT_EQ(len, strlen(text));
	EXPECT_EQ(strncmp(text, "PAE", 3), 0);
	EXPECT_EQ(!!strstr(text, " NX"), cpu_features.nx);
	EXPECT_EQ(!!strstr(text, " PGE"), cpu_features.pge);
	EXPECT_EQ(!!strstr(text, " SMEP"), cpu_features.smep);
	EXPECT_EQ(!!strstr(text, " SMAP"), cpu_features.smap);
	EXPECT_EQ(!!strstr(text, " UMIP"), cpu_features.umip);
	EXPECT_EQ(cpu_describe(cut, sizeof(cut)), len);
	EXPECT_STR(cut, "PAE");
}

KTEST(cpu, interrupt_flag_comes_back_as_it_was)
{
	unsigned long outer, inner;

	REQUIRE(read_eflags() & EFLAGS_IF);
	outer = irq_local_save();
	EXPECT(!(read_eflags() & EFLAGS_IF));
	inner = irq_local_save();
	irq_local_restore(inner);
	EXPECT(!(read_eflags() & EFLAGS_IF));
	irq_local_restore(outer);
	EXPECT(read_eflags() & EFLAGS_IF);
}

KTEST(cpu, tsc_never_runs_backwards)
{
	uint64_t first = rdtsc(), last = first, now;
	unsigned int i, steps_back = 0;

	for (i = 0; i < 1000; i++, last = now) {
		now = rdtsc();
		if (now < last)
			steps_back++;
	}
	EXPECT_EQ(steps_back, 0);
	EXPECT(last > first);
}
