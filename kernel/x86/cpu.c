/* SPDX-License-Identifier: MIT */
/*
 * cpu.c - what this CPU can do
 *
 * Problem     Paging depends on abilities that not every CPU has: NX, global
 *             pages, the number of physical address bits.
 * Idea        CPUID is asked once; from then on everybody reads cpu_features.
 * Failure     None. A CPU without PAE never came this far: boot/ refused it.
 *             QEMU executes PAE and NX even where CPUID denies them, so only
 *             these checks protect a real PC.
 * Read first  cpu_init.
 * See         tests/x86/test_cpu.c; Intel SDM vol. 2, CPUID
 */
#include <x86/cpu.h>

#include <lib/format.h>
#include <lib/string.h>

#define LEAF_EXTENDED	0x80000000U
#define LEAF_EXT_FLAGS	0x80000001U
#define LEAF_BRAND	0x80000002U	/* and the two after it */
#define LEAF_WIDTHS	0x80000008U

#define EDX1_TSC	(1U << 4)
#define EDX1_PGE	(1U << 13)
#define EDX1_PAT	(1U << 16)
#define EDX1_PSE36	(1U << 17)
#define ECX1_RDRAND	(1U << 30)
#define EBX7_SMEP	(1U << 7)
#define EBX7_SMAP	(1U << 20)
#define ECX7_UMIP	(1U << 2)
#define EXT_EDX_NX	(1U << 20)

/*
 * What PAT, PCD and PWT of an entry mean together, a byte for each: as after a
 * reset - write back, write through, uncached but for the MTRRs, uncached - but
 * that PWT alone is write combining (SDM vol. 3, table 11-12).
 */
#define PAT_ENTRIES	0x0007010600070106ULL

struct cpu_features cpu_features __ro_after_init;
_Static_assert(offsetof(struct cpu_features, smap) == 66, "entry.S knows it");

struct cpuid_regs {
	uint32_t a, b, c, d;
};

static struct cpuid_regs cpuid_get(uint32_t leaf)
{
	struct cpuid_regs r;

	cpuid(leaf, &r.a, &r.b, &r.c, &r.d);
	return r;
}

/* Family and model are cut in two (SDM vol. 2, CPUID, figure 3-6). */
static void describe_signature(char *buf, size_t size, uint32_t signature)
{
	unsigned int family = (signature >> 8) & 0xF;
	unsigned int model = (signature >> 4) & 0xF;

	if (family == 6 || family == 15)
		model += (signature >> 12) & 0xF0;
	if (family == 15)
		family += (signature >> 20) & 0xFF;
	snprintf(buf, size, "family %u model %u stepping %u", family, model,
		 signature & 0xF);
}

/* 48 characters in three leaves; some CPUs pad it with blanks on the left. */
static void read_brand(char *buf, size_t size)
{
	char text[49];
	const char *start = text;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct cpuid_regs r = cpuid_get(LEAF_BRAND + i);

		memcpy(text + i * sizeof(r), &r, sizeof(r));
	}
	text[48] = '\0';
	while (*start == ' ')
		start++;
	strscpy(buf, start, size);
}

static void find_basic(struct cpu_features *f)
{
	struct cpuid_regs r = cpuid_get(0);
	uint32_t max = r.a;

	memcpy(f->vendor, &r.b, 4);
	memcpy(f->vendor + 4, &r.d, 4);
	memcpy(f->vendor + 8, &r.c, 4);
	f->vendor[12] = '\0';

	r = cpuid_get(1);
	f->tsc = r.d & EDX1_TSC;
	f->pge = r.d & EDX1_PGE;
	f->pat = r.d & EDX1_PAT;
	f->rdrand = r.c & ECX1_RDRAND;
	f->phys_bits = (r.d & EDX1_PSE36) ? 36 : 32;
	describe_signature(f->model, sizeof(f->model), r.a);

	if (max >= 7) {
		r = cpuid_get(7);
		f->smep = r.b & EBX7_SMEP;
		f->smap = r.b & EBX7_SMAP;
		f->umip = r.c & ECX7_UMIP;
	}
}

static void find_extended(struct cpu_features *f)
{
	uint32_t max = cpuid_get(LEAF_EXTENDED).a;

	if (max >= LEAF_EXT_FLAGS)
		f->nx = cpuid_get(LEAF_EXT_FLAGS).d & EXT_EDX_NX;
	if (max >= LEAF_BRAND + 2)
		read_brand(f->model, sizeof(f->model));
	if (max >= LEAF_WIDTHS)
		f->phys_bits = cpuid_get(LEAF_WIDTHS).a & 0xFF;
}

int cpu_describe(char *buf, size_t size)
{
	const struct cpu_features *f = &cpu_features;

	return snprintf(buf, size, "PAE%s%s%s%s%s, %u address bits",
			f->nx ? " NX" : "", f->pge ? " PGE" : "",
			f->smep ? " SMEP" : "", f->smap ? " SMAP" : "",
			f->umip ? " UMIP" : "", f->phys_bits);
}

static unsigned long cr4_wanted(const struct cpu_features *f)
{
	return (f->pge ? CR4_PGE : 0) | (f->smep ? CR4_SMEP : 0) |
	       (f->smap ? CR4_SMAP : 0) | (f->umip ? CR4_UMIP : 0);
}

void cpu_init(void)
{
	find_basic(&cpu_features);
	find_extended(&cpu_features);

	/* Without WP the kernel could write its own read-only pages. */
	write_cr0(read_cr0() | CR0_WP);
	write_cr4(read_cr4() | cr4_wanted(&cpu_features));
	if (cpu_features.nx)
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	if (cpu_features.pat)
		wrmsr(MSR_PAT, PAT_ENTRIES);	/* nothing uses PWT alone yet */
}
