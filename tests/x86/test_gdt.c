/* SPDX-License-Identifier: MIT */
/* test_gdt.c - segments as the CPU has them loaded, descriptor by descriptor */
#include <x86/trap.h>

#include <tests/ktest.h>
#include <x86/percpu.h>

struct descriptor {
	uint16_t limit_low, base_low;
	uint8_t	 base_middle, access, limit_flags, base_high;
};
_Static_assert(sizeof(struct descriptor) == 8, "as in the GDT");

static struct table {
	uint16_t limit;
	struct descriptor *entries;
} __packed gdt_now(void)
{
	struct table gdtr;

	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	return gdtr;
}

static const struct descriptor *descriptor_of(unsigned int selector)
{
	return &gdt_now().entries[selector / 8];
}

static uint32_t base_of(const struct descriptor *d)
{
	return (uint32_t)d->base_high << 24 |
	       (uint32_t)d->base_middle << 16 | d->base_low;
}

static uint32_t limit_of(const struct descriptor *d)
{
	return (uint32_t)(d->limit_flags & 0x0F) << 16 | d->limit_low;
}

#define READ_SEGMENT(name) ({						\
	uint32_t v_;							\
	__asm__ volatile("mov %%" #name ", %0" : "=r"(v_));		\
	v_ & 0xFFFF; })

KTEST(gdt, kernel_runs_on_its_own_selectors)
{
	EXPECT_EQ(READ_SEGMENT(cs), SEL_KERNEL_CODE);
	EXPECT_EQ(READ_SEGMENT(ds), SEL_KERNEL_DATA);
	EXPECT_EQ(READ_SEGMENT(es), SEL_KERNEL_DATA);
	EXPECT_EQ(READ_SEGMENT(ss), SEL_KERNEL_DATA);
	EXPECT_EQ(READ_SEGMENT(fs), SEL_PERCPU);
}

/* G2. The CPU sets the accessed bit (1), and the busy bit (2) of a TSS. */
KTEST(gdt, each_descriptor_is_what_its_selector_says)
{
	static const struct {
		unsigned int selector, access, flags;
	} want[] = {
		{ SEL_KERNEL_CODE, 0x9A, 0xCF },
		{ SEL_KERNEL_DATA, 0x92, 0xCF },
		{ SEL_USER_CODE, 0xFA, 0xCF },
		{ SEL_USER_DATA, 0xF2, 0xCF },
		{ SEL_PERCPU, 0x92, 0x40 },
		{ SEL_TSS, 0x8A, 0x00 },
	};
	unsigned int i;

	EXPECT_EQ(gdt_now().limit, 8 * 8 - 1);
	EXPECT_EQ(descriptor_of(0)->access, 0);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		const struct descriptor *d = descriptor_of(want[i].selector);

		EXPECT_EQ(d->access & 0xFE, want[i].access);
		EXPECT_EQ(d->limit_flags, want[i].flags);
		if (want[i].flags == 0xCF)
			EXPECT_EQ(base_of(d), 0);
	}
}

/* Only the values: QEMU's TCG does not check limits. */
KTEST(gdt, per_cpu_segment_covers_struct_cpu_and_nothing_else)
{
	const struct descriptor *d = descriptor_of(SEL_PERCPU);

	EXPECT_EQ(base_of(d), (uint32_t)this_cpu->self);
	EXPECT_EQ(limit_of(d), sizeof(struct cpu) - 1);
}

KTEST(gdt, this_task_is_the_main_one_and_the_other_is_free)
{
	uint16_t task;

	__asm__("str %0" : "=r"(task));
	EXPECT_EQ(task, SEL_TSS);
	EXPECT_EQ(descriptor_of(SEL_TSS)->access, 0x8B);	/* busy */
	EXPECT_EQ(descriptor_of(SEL_TSS_DF)->access, 0x89);	/* free */
	EXPECT_EQ(limit_of(descriptor_of(SEL_TSS)), 103);
	EXPECT_EQ(limit_of(descriptor_of(SEL_TSS_DF)), 103);
}

KTEST(gdt, a_task_segment_cannot_be_loaded_as_data)
{
	EXPECT_FAULT(__asm__ volatile("mov %0, %%gs" : : "r"(SEL_TSS)));
	EXPECT_EQ(ktest_last_fault()->vector, 13);
	EXPECT_EQ(ktest_last_fault()->error, SEL_TSS);
}
