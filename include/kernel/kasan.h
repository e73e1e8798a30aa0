/* SPDX-License-Identifier: MIT */
/* kasan.h - KASAN=1: what is said of an access that the shadow forbids */
#ifndef KERNEL_KASAN_H
#define KERNEL_KASAN_H

#include <lib/compiler.h>
#include <lib/types.h>

struct trap_frame;

#ifdef KASAN

/*
 * kasan_skip_check - was it a check of an address below PAGE_OFFSET that faulted?
 *
 * Such an address has no shadow, and nothing need be where one would be. True:
 * @frame goes on as if the check had passed; the access itself faults then.
 */
bool kasan_skip_check(struct trap_frame *frame, unsigned long addr);

#else
static inline bool kasan_skip_check(struct trap_frame *frame __unused,
				    unsigned long addr __unused)
{
	return false;
}
#endif

/* Of whatever a poisoned byte lies in or beside. */
struct kasan_variable {
	char		name[32];
	unsigned long	start;
	size_t		size;
	const char	*file;			/* of a global, else NULL      */
	int		line;
	unsigned long	function;		/* of a local one              */
};

/* kasan_find_global - the watched global nearest to @addr; false: there is none */
bool kasan_find_global(unsigned long addr, struct kasan_variable *variable);

/* kasan_find_local - the variable of a frame on the stack nearest to @addr */
bool kasan_find_local(unsigned long addr, struct kasan_variable *variable);

/*
 * kasan_report - an access to @size bytes at @addr, of which @bad is the first
 * that must not be touched, by the caller of the function with frame @ebp
 */
void __noreturn kasan_report(unsigned long addr, size_t size, bool write,
			     unsigned long bad, unsigned long ebp);

#endif
