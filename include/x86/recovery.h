/* SPDX-License-Identifier: MIT */
/*
 * recovery.h - points to which a bad access returns instead of panicking
 *
 *	struct recovery r;
 *
 *	if (recovery_set(&r) == 0) {
 *		*suspicious = 1;
 *		recovery_clear(&r);	// it went well
 *	} else {
 *		// it faulted; r.fault tells how, and the point is gone
 *	}
 *
 * Works like setjmp: locals changed in between must be volatile. Points nest
 * and belong to one CPU. The locks held when the point was set must be those
 * held at the fault, else the report ends in a panic.
 */
#ifndef X86_RECOVERY_H
#define X86_RECOVERY_H

#include <lib/compiler.h>
#include <lib/types.h>

#define CAUGHT_BY_CHECK	256	/* as vector: no CPU saw it, a sanitizer did */

struct recovery_fault {
	uint32_t	vector, error;
	unsigned long	addr;		/* cr2, for page and double faults */
	unsigned long	eip;		/* of the instruction that faulted */
};

struct recovery {
	uint32_t	ebx, esi, edi, ebp, esp, eip;	/* order: recovery_jump.S */
	uint32_t	eflags;
	unsigned int	lock_rank, irq_depth;
	unsigned long	kmap_next;
	bool		quiet;		/* set after recovery_set: no report printed */
	struct recovery	*outer;
	struct recovery_fault fault;
};

/* recovery_set - returns 0 when set, and 1 a second time after a fault */
int recovery_set(struct recovery *r) __attribute__((returns_twice));
void recovery_clear(struct recovery *r);

/* recovery_possible - would recovery_resume work from here? */
bool recovery_possible(void);

/*
 * recovery_resume - end the innermost point: its recovery_set returns 1
 *
 * Context  exception handler, also the double-fault task (which is left).
 */
void __noreturn recovery_resume(const struct recovery_fault *fault);

#endif
