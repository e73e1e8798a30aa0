/* SPDX-License-Identifier: MIT */
/*
 * test_trap.c - every exception arrives as what it is, and nothing is lost
 *
 * Where a case needs the frame itself it takes the oops handler's place for
 * the one trap; whatever else goes wrong in between is still reported by the
 * handler that was there before.
 */
#include <x86/trap.h>

#include <lib/string.h>
#include <tests/ktest.h>
#include <tests/sealed.h>
#include <x86/cpu.h>
#include <x86/irq.h>

#define STRAY_VECTOR	200
#define TEST_IRQ	5
#define TEST_VECTOR	37		/* IRQ_VECTOR_BASE + TEST_IRQ */
#define EFLAGS_TF	(1UL << 8)
#define EFLAGS_DF	(1UL << 10)

/* The statement faults; eip is that of the asm label @name. */
#define EXPECT_TRAP(number, code, name)					\
	do {								\
		extern char name[];					\
									\
		EXPECT_EQ(ktest_last_fault()->vector, (number));	\
		EXPECT_EQ(ktest_last_fault()->error, (code));		\
		EXPECT_EQ(ktest_last_fault()->eip, (unsigned long)name); \
	} while (0)

KTEST(trap, divide_error_names_the_division)
{
	EXPECT_FAULT(__asm__ volatile(
		"xor %%edx, %%edx; xor %%ecx, %%ecx\n"
		"at_div: div %%ecx" : : : "eax", "ecx", "edx", "cc"));
	EXPECT_TRAP(0, 0, at_div);
}

/* The recovery point brings its own eflags: stepping ends with the trap. */
KTEST(trap, debug_exception_follows_a_single_step)
{
	EXPECT_FAULT(__asm__ volatile(
		"pushf; orl %0, (%%esp); popf\n"
		"nop\n"
		"after_step: nop" : : "i"(EFLAGS_TF) : "cc", "memory"));
	EXPECT_TRAP(1, 0, after_step);
	EXPECT(!(read_eflags() & EFLAGS_TF));
}

/* The code that it interrupts is not to blame and goes on. */
KTEST(trap, nmi_is_reported_as_such_and_returns)
{
	volatile bool went_on = false;

	EXPECT_NO_FAULT(EXPECT_REPORT("NMI at ktest_trap_nmi",
		__asm__ volatile("int $2" : : : "memory");
		went_on = true));
	EXPECT(went_on);
}

KTEST(trap, breakpoint_points_behind_itself)
{
	EXPECT_FAULT(__asm__ volatile("int3; after_int3:"));
	EXPECT_TRAP(3, 0, after_int3);
}

KTEST(trap, overflow_points_behind_itself)
{
	EXPECT_FAULT(__asm__ volatile(
		"mov $0x7FFFFFFF, %%eax; inc %%eax; into\n"
		"after_into:" : : : "eax", "cc"));
	EXPECT_TRAP(4, 0, after_into);
}

KTEST(trap, bound_range_exceeded_names_the_check)
{
	static const int32_t bounds[2] = { 10, 20 };

	EXPECT_FAULT(__asm__ volatile("at_bound: bound %0, %1"
				      : : "r"(21), "m"(bounds)));
	EXPECT_TRAP(5, 0, at_bound);
}

KTEST(trap, invalid_opcode_names_the_instruction)
{
	EXPECT_FAULT(__asm__ volatile("at_ud2: ud2"));
	EXPECT_TRAP(6, 0, at_ud2);
}

KTEST(trap, general_protection_brings_the_selector)
{
	EXPECT_FAULT(__asm__ volatile("at_gs: mov %0, %%gs" : : "r"(0x1F8)));
	EXPECT_TRAP(13, 0x1F8, at_gs);
}

KTEST(trap, read_of_page_0_is_a_page_fault_at_its_address)
{
	EXPECT_FAULT(__asm__ volatile("at_read: mov 0x123, %%al"
				      : : : "eax"));
	EXPECT_TRAP(TRAP_PAGE_FAULT, 0, at_read);
	EXPECT_EQ(ktest_last_fault()->addr, 0x123);
}

KTEST(trap, write_to_page_0_says_that_it_was_one)
{
	EXPECT_FAULT(__asm__ volatile("at_write: movb $1, 0xFFF"
				      : : : "memory"));
	EXPECT_TRAP(TRAP_PAGE_FAULT, PF_WRITE, at_write);
	EXPECT_EQ(ktest_last_fault()->addr, 0xFFF);
}

/* The instruction that cannot be fetched is the one at the address itself. */
KTEST(trap, jump_to_page_0_faults_there)
{
	EXPECT_FAULT(__asm__ volatile("call *%0" : : "r"(0x40) : "memory",
				      "eax", "ecx", "edx", "cc"));
	EXPECT_EQ(ktest_last_fault()->vector, TRAP_PAGE_FAULT);
	EXPECT_EQ(ktest_last_fault()->addr, 0x40);
	EXPECT_EQ(ktest_last_fault()->eip, 0x40);
	EXPECT_EQ(ktest_last_fault()->error, cpu_features.nx ? PF_FETCH : 0);
}

/* cr2 keeps the last page fault's address; only page faults may show it. */
KTEST(trap, fault_address_is_0_for_other_exceptions)
{
	EXPECT_FAULT(__asm__ volatile("mov 0x123, %%al" : : : "eax"));
	EXPECT_EQ(ktest_last_fault()->addr, 0x123);
	EXPECT_FAULT(__asm__ volatile("ud2"));
	EXPECT_EQ(ktest_last_fault()->addr, 0);
}

KTEST(trap, every_vector_that_nobody_uses_is_counted)
{
	unsigned long before = trap_nr_spurious();

	__asm__ volatile("number = 48\n"
			 ".rept 208\n"
			 "int $number\n"
			 "number = number + 1\n"
			 ".endr");
	EXPECT_EQ(trap_nr_spurious() - before, 208);
}

KTEST(trap, registers_survive)
{
	uint32_t in[6] = { 0xA1A1A1A1, 0xB2B2B2B2, 0xC3C3C3C3, 0xD4D4D4D4,
			   0xE5E5E5E5, 0xF6F6F6F6 };
	uint32_t out[6];

	__asm__ volatile(
		"push %%ebp\n\t"
		"push %[out]\n\t"
		"mov 0(%[in]), %%ebx\n\t"
		"mov 4(%[in]), %%ecx\n\t"
		"mov 8(%[in]), %%edx\n\t"
		"mov 12(%[in]), %%edi\n\t"
		"mov 16(%[in]), %%ebp\n\t"
		"mov 20(%[in]), %%eax\n\t"
		"int %[vector]\n\t"
		"xchg %%eax, (%%esp)\n\t"
		"mov %%ebx, 0(%%eax)\n\t"
		"mov %%ecx, 4(%%eax)\n\t"
		"mov %%edx, 8(%%eax)\n\t"
		"mov %%edi, 12(%%eax)\n\t"
		"mov %%ebp, 16(%%eax)\n\t"
		"pop 20(%%eax)\n\t"
		"pop %%ebp"
		: : [in] "S"(in), [out] "a"(out), [vector] "i"(STRAY_VECTOR)
		: "ebx", "ecx", "edx", "edi", "memory", "cc");
	EXPECT_EQ(memcmp(in, out, sizeof(in)), 0);
}

static uint32_t handler_flags, handler_ds, handler_es, handler_fs;

static void note_state(void *arg __unused)
{
	handler_flags = read_eflags();
	__asm__ volatile("mov %%ds, %0" : "=r"(handler_ds));
	__asm__ volatile("mov %%es, %0" : "=r"(handler_es));
	__asm__ volatile("mov %%fs, %0" : "=r"(handler_fs));
}

/* E1. C code counts upwards; a handler that counted down would destroy. */
KTEST(trap, handler_runs_with_direction_clear_and_gives_it_back)
{
	unsigned long after;

	REQUIRE(irq_register(TEST_IRQ, note_state, NULL) == 0);
	__asm__ volatile("std; int %1; pushf; pop %0; cld"
			 : "=r"(after) : "i"(TEST_VECTOR) : "memory", "cc");
	irq_unregister(TEST_IRQ);
	EXPECT(!(handler_flags & EFLAGS_DF));
	EXPECT(after & EFLAGS_DF);
}

/* E1. Interrupts off: others might read %fs while it is wrong. */
KTEST(trap, handler_runs_in_kernel_segments_and_gives_others_back)
{
	unsigned long flags;
	uint32_t es, fs;

	REQUIRE(irq_register(TEST_IRQ, note_state, NULL) == 0);
	flags = irq_local_save();
	__asm__ volatile("mov %3, %%es; mov %3, %%fs\n\t"
			 "int %2\n\t"
			 "mov %%es, %0; mov %%fs, %1\n\t"
			 "mov %4, %%es; mov %5, %%fs"
			 : "=&r"(es), "=&r"(fs)
			 : "i"(TEST_VECTOR), "r"(SEL_USER_DATA),
			   "r"(SEL_KERNEL_DATA), "r"(SEL_PERCPU) : "memory");
	irq_local_restore(flags);
	irq_unregister(TEST_IRQ);
	EXPECT_EQ(handler_ds & 0xFFFF, SEL_KERNEL_DATA);
	EXPECT_EQ(handler_es & 0xFFFF, SEL_KERNEL_DATA);
	EXPECT_EQ(handler_fs & 0xFFFF, SEL_PERCPU);
	EXPECT_EQ(es & 0xFFFF, SEL_USER_DATA);
	EXPECT_EQ(fs & 0xFFFF, SEL_USER_DATA);
}

static oops_fn *reporter;
static struct trap_frame seen;
static unsigned long seen_esp;

/* Notes the frame of an invalid opcode and goes on behind it, 2 bytes further. */
static void skip_ud2(struct trap_frame *frame, unsigned long fault_addr)
{
	if (frame->vector != 6) {
		reporter(frame, fault_addr);
		return;
	}
	seen = *frame;
	seen_esp = trap_frame_esp(frame);
	frame->eip += 2;
	frame->eax = 0x600D;
}

KTEST(trap, handler_may_change_the_frame_and_retry)
{
	uint32_t eax = 1, result;

	UNSEALED(reporter = trap_register_oops(skip_ud2));
	__asm__ volatile("ud2" : "=a"(result) : "a"(eax) : "memory");
	UNSEALED(trap_register_oops(reporter));
	EXPECT_EQ(seen.eax, 1);
	EXPECT_EQ(result, 0x600D);
}

KTEST(trap, frame_holds_the_registers_of_the_fault)
{
	uint32_t esp, ebp;
	extern char at_marked[];

	UNSEALED(reporter = trap_register_oops(skip_ud2));
	__asm__ volatile("mov %%esp, %0; mov %%ebp, %1\n"
			 "at_marked: ud2"
			 : "=&r"(esp), "=&r"(ebp)
			 : "a"(0x11111111), "c"(0x22222222), "d"(0x33333333)
			 : "memory");
	UNSEALED(trap_register_oops(reporter));
	EXPECT_EQ(seen.vector, 6);
	EXPECT_EQ(seen.eip, (uint32_t)at_marked);
	EXPECT_EQ(seen.cs, SEL_KERNEL_CODE);
	EXPECT_EQ(seen.eax, 0x11111111);
	EXPECT_EQ(seen.ecx, 0x22222222);
	EXPECT_EQ(seen.edx, 0x33333333);
	EXPECT_EQ(seen.ebp, ebp);
	EXPECT_EQ(seen_esp, esp);
	EXPECT(seen.eflags & EFLAGS_IF);
}

KTEST(trap, names_are_known_for_every_vector)
{
	unsigned int vector;

	EXPECT_STR(trap_name(0), "divide error");
	EXPECT_STR(trap_name(3), "breakpoint");
	EXPECT_STR(trap_name(6), "invalid opcode");
	EXPECT_STR(trap_name(TRAP_DOUBLE_FAULT), "double fault");
	EXPECT_STR(trap_name(13), "general protection fault");
	EXPECT_STR(trap_name(TRAP_PAGE_FAULT), "page fault");
	EXPECT_STR(trap_name(21), "control protection exception");
	EXPECT_STR(trap_name(31), "reserved exception");
	EXPECT_STR(trap_name(32), "interrupt");
	for (vector = 0; vector < 256; vector++)
		EXPECT(trap_name(vector) && trap_name(vector)[0]);
}

static unsigned long handler_eflags;

static void note_eflags(struct trap_frame *frame, unsigned long fault_addr)
{
	handler_eflags = read_eflags();
	skip_ud2(frame, fault_addr);
}

/* AC suspends SMAP, and user code may set it. Without SMAP it means nothing here. */
KTEST(trap, handlers_run_with_ac_clear_where_there_is_smap)	/* attacks E1 */
{
	UNSEALED(reporter = trap_register_oops(note_eflags));
	__asm__ volatile("pushf; orl %0, (%%esp); popf\n"
			 "ud2\n"
			 "pushf; andl %1, (%%esp); popf"
			 : : "i"(EFLAGS_AC), "i"(~EFLAGS_AC)
			 : "eax", "cc", "memory");
	UNSEALED(trap_register_oops(reporter));
	EXPECT(seen.eflags & EFLAGS_AC);
	if (cpu_features.smap)
		EXPECT(!(handler_eflags & EFLAGS_AC));
	EXPECT(!(read_eflags() & EFLAGS_AC));
}
