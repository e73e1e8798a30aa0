/* SPDX-License-Identifier: MIT */
/* compiler.h - what we ask of gcc and clang beyond C11, under one name each */
#ifndef LIB_COMPILER_H
#define LIB_COMPILER_H

#define __must_check	__attribute__((warn_unused_result))
#define __noreturn	__attribute__((noreturn))
#define __noinline	__attribute__((noinline))
#undef __always_inline			/* on the host: the C library's */
#define __always_inline	inline __attribute__((always_inline))
#define __packed	__attribute__((packed))
#define __aligned(n)	__attribute__((aligned(n)))
#define __section(s)	__attribute__((section(s)))
#define __used		__attribute__((used))
#define __unused	__attribute__((unused))
#define __printf(f, a)	__attribute__((format(printf, f, a)))

/* Written while booting only: a write after mm_init faults (mm/kspace.c). */
#define __ro_after_init	__section(".data..ro_after_init")

/* Runs while the canary is chosen (kernel/canary.c). */
#define __no_stack_protector	__attribute__((no_stack_protector))

/* Code that looks at memory which is nobody's at the moment. */
#define __no_sanitize_address	__attribute__((no_sanitize_address))

/*
 * What sparse checks and a compiler does not see: pointers and numbers that
 * must not be mixed up, and which locks a function takes, gives back, or has
 * its caller hold. sparse 0.6.4 counts locks, no matter which. A negative count
 * is asked of the caller only; the three of __must_hold together say: one held
 * at the call, none taken, one held within. They belong to the definition.
 */
#ifdef __CHECKER__
#define __bitwise	__attribute__((bitwise))
#define __force		__attribute__((force))
#define __user		__attribute__((noderef, address_space(1)))
#define __iomem		__attribute__((noderef, address_space(2)))
#define __acquires(x)	__attribute__((context(x, 0, 1)))
#define __releases(x)	__attribute__((context(x, 1, 0)))
#define __must_hold(x)	__attribute__((context(x, -1, 1), \
				       context(x, -1, -3), context(x, 3, 3)))
#define __acquire(x)	__context__(x, 1)
#define __release(x)	__context__(x, -1)
#else
#define __bitwise
#define __force
#define __user
#define __iomem
#define __acquires(x)
#define __releases(x)
#define __must_hold(x)
#define __acquire(x)	((void)0)
#define __release(x)	((void)0)
#endif

/*
 * What the function returns goes back through @f, as its argument number @n:
 * gcc -fanalyzer (make static) then finds leaks and uses after free.
 */
#ifdef STATIC_OWNERSHIP
#define __freed_by(f, n) __attribute__((malloc(f, n)))
#else
#define __freed_by(f, n)
#endif

/* @x, of which compiler and checkers are to know no more: for deliberate sins. */
#define HIDE(x)		({ __typeof__(x) x_ = (x); \
			   __asm__ volatile("" : "+r"(x_)); x_; })

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define barrier()	__asm__ volatile("" ::: "memory")
#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

/*
 * Before "for (i = 0; i < 4; i++)": four turns in a row and no loop. Where a turn
 * is a few instructions, counting turns would be a third of the work.
 */
#ifdef __clang__
#define UNROLL_4	_Pragma("clang loop unroll(full)")
#else
#define UNROLL_4	_Pragma("GCC unroll 4")
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

/* The address after the call that is now being served: who called us. */
#define CALLER		((unsigned long)__builtin_return_address(0))

#endif
