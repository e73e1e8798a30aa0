/* SPDX-License-Identifier: MIT */
/*
 * kasan.c - what the compiler and the linker call (KASAN=1)
 *
 * Problem     An access is checked where it is compiled: the code looks at the
 *             shadow itself, and calls us only if that forbids it. What assembly
 *             does, memcpy and its like, nobody has looked at.
 * Idea        Here all such calls arrive and lead to one question, which byte is
 *             the first bad one, and one answer, kasan_report. The linker puts
 *             our memcpy before the real one (--wrap, tools/variants.mk).
 * Hazard      An address below PAGE_OFFSET has no shadow, but the compiler looks
 *             at it just the same: at D8000000 and up, where there may be memory
 *             of any kind, or none. What is read there means nothing, and when
 *             that faults the check is skipped: the access itself will fault.
 * Source      The calls and records are gcc's (libsanitizer/asan).
 * Read first  check
 * See         mm/kasan.c, kernel/kasan_variable.c, tests/mm/test_kasan.c
 */
#include <kernel/kasan.h>

#include <lib/assert.h>
#include <mm/kasan.h>
#include <x86/backtrace.h>
#include <x86/trap.h>

/* --- accesses -------------------------------------------------------------- */

/* Nobody but the compiler and the linker knows these names. */
#define EFLAGS_ARITHMETIC 0x8D5U	/* OF, SF, ZF, AF, PF, CF */

#define CALLED(type, name, ...)						\
	type name(__VA_ARGS__);						\
	type name(__VA_ARGS__)

static void check(unsigned long addr, size_t size, bool write,
		  unsigned long ebp)
{
	unsigned long bad = kasan_first_bad(addr, size);

	if (unlikely(bad))
		kasan_report(addr, size, write, bad, ebp);
}

#define REPORT(size)							\
CALLED(void, __asan_report_load##size##_noabort, unsigned long addr)	\
{									\
	check(addr, size, false, FRAME_POINTER());			\
}									\
CALLED(void, __asan_report_store##size##_noabort, unsigned long addr)	\
{									\
	check(addr, size, true, FRAME_POINTER());			\
}

REPORT(1)
REPORT(2)
REPORT(4)
REPORT(8)
REPORT(16)

CALLED(void, __asan_report_load_n_noabort, unsigned long addr, size_t size)
{
	check(addr, size, false, FRAME_POINTER());
}

CALLED(void, __asan_report_store_n_noabort, unsigned long addr, size_t size)
{
	check(addr, size, true, FRAME_POINTER());
}

/* --- memcpy and its like: the whole range, whatever they touch of it ------- */

#define WRAPPED(type, name, ...)					\
	type __real_##name(__VA_ARGS__);				\
	CALLED(type, __wrap_##name, __VA_ARGS__)

#define CHECK(p, size, write)						\
	check((unsigned long)(p), size, write, FRAME_POINTER())

WRAPPED(void *, memcpy, void *dst, const void *src, size_t n)
{
	CHECK(src, n, false);
	CHECK(dst, n, true);
	return __real_memcpy(dst, src, n);
}

WRAPPED(void *, memmove, void *dst, const void *src, size_t n)
{
	CHECK(src, n, false);
	CHECK(dst, n, true);
	return __real_memmove(dst, src, n);
}

WRAPPED(void *, memset, void *dst, int byte, size_t n)
{
	CHECK(dst, n, true);
	return __real_memset(dst, byte, n);
}

WRAPPED(int, memcmp, const void *a, const void *b, size_t n)
{
	CHECK(a, n, false);
	CHECK(b, n, false);
	return __real_memcmp(a, b, n);
}

WRAPPED(void *, memchr_inv, const void *p, int byte, size_t n)
{
	CHECK(p, n, false);
	return __real_memchr_inv(p, byte, n);
}

/* --- stacks: a function does most of it by itself -------------------------- */

/* A large variable appears, or its block ends. */
CALLED(void, __asan_unpoison_stack_memory, const void *start, size_t size)
{
	kasan_unpoison(start, size);
}

CALLED(void, __asan_poison_stack_memory, const void *start, size_t size)
{
	kasan_poison(start, size, KASAN_STACK_SCOPE);
}

/* An array of variable size lies between two redzones of 32 bytes. */
#define ALLOCA_REDZONE	32UL

CALLED(void, __asan_alloca_poison, unsigned long addr, size_t size)
{
	unsigned long end = ALIGN_UP(addr + size, ALLOCA_REDZONE);

	kasan_poison((void *)(addr - ALLOCA_REDZONE), ALLOCA_REDZONE,
		     KASAN_ALLOCA_LEFT);
	kasan_poison((void *)ALIGN_UP(addr + size, KASAN_GRANULE),
		     end + ALLOCA_REDZONE -
		     ALIGN_UP(addr + size, KASAN_GRANULE), KASAN_ALLOCA_RIGHT);
	kasan_unpoison((void *)addr, size);
}

CALLED(void, __asan_allocas_unpoison, unsigned long top, unsigned long bottom)
{
	if (top && top < bottom)
		kasan_unpoison((void *)top, ALIGN_UP(bottom - top,
						     KASAN_GRANULE));
}

/* Before a call that does not return; recovery knows better (caught.c). */
CALLED(void, __asan_handle_no_return, void)
{
}

/* --- addresses without a shadow -------------------------------------------- */

/* A register of the frame by its number in an instruction: eax is 0, edi 7. */
static uint32_t *reg_of(struct trap_frame *frame, unsigned int number)
{
	uint32_t *const regs[] = {
		&frame->eax, &frame->ecx, &frame->edx, &frame->ebx,
		&frame->esp_at_pusha, &frame->ebp, &frame->esi, &frame->edi,
	};

	return regs[number];
}

/* Of a comparison of @a with @b, as the CPU sets them. */
static uint32_t flags_of(uint8_t a, uint8_t b)
{
	unsigned long flags;

	__asm__("cmpb %2, %1\n\t"
		"pushf\n\t"
		"pop %0" : "=r"(flags) : "q"(a), "q"(b) : "cc");
	return (uint32_t)flags & EFLAGS_ARITHMETIC;
}

/* Is the operand behind @modrm a register plus an offset, or an address? */
static bool has_displacement(uint8_t modrm)
{
	return (modrm >> 6 == 2 && (modrm & 7) != 4) || (modrm & 0xC7) == 5;
}

/* mod r/m and displacement: 5 bytes. The low byte of eax, ecx, edx or ebx. */
static uint8_t byte_reg(struct trap_frame *frame, unsigned int number)
{
	return (uint8_t)(*reg_of(frame, number & 3) >> (number & 4 ? 8 : 0));
}

static void set_flags(struct trap_frame *frame, uint8_t b)
{
	frame->eflags = (frame->eflags & ~EFLAGS_ARITHMETIC) | flags_of(0, b);
}

/* Does what the instruction at eip would do if it read 0; false: no check. */
static bool read_zero(struct trap_frame *frame)
{
	const uint8_t *code = (const uint8_t *)(unsigned long)frame->eip;
	unsigned int reg;

	if (code[0] == 0x0F && code[1] == 0xB6 && has_displacement(code[2])) {
		*reg_of(frame, code[2] >> 3 & 7) = 0;	/* movzbl */
		frame->eip += 7;
	} else if (code[0] == 0x80 && has_displacement(code[1])) {
		set_flags(frame, code[6]);		/* cmpb constant */
		frame->eip += 7;
	} else if (code[0] == 0x66 && code[1] == 0x83 &&
		   has_displacement(code[2])) {
		set_flags(frame, code[7]);		/* cmpw constant */
		frame->eip += 8;
	} else if (code[0] == 0x38 && has_displacement(code[1])) {
		reg = code[1] >> 3 & 7;
		set_flags(frame, byte_reg(frame, reg));	/* cmpb register */
		frame->eip += 6;
	} else {
		return false;
	}
	return true;
}

bool kasan_skip_check(struct trap_frame *frame, unsigned long addr)
{
	return frame->vector == TRAP_PAGE_FAULT && frame->eip != addr &&
	       addr >= KASAN_SHADOW_OFFSET && addr < KASAN_SHADOW_START &&
	       read_zero(frame);
}
