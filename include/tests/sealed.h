/* SPDX-License-Identifier: MIT */
/*
 * sealed.h - for cases that change what is read-only since boot
 *
 * UNSEALED(statement) opens all that is __ro_after_init (mm/kspace.c), lets the
 * statement write to it, and closes it again. Interrupts are off meanwhile: their
 * handlers may read there, and an entry that changes is not present for a moment.
 */
#ifndef TESTS_SEALED_H
#define TESTS_SEALED_H

#include <mm/kspace.h>
#include <x86/cpu.h>

static inline void sealed_open(void)
{
	protect_range((unsigned long)ro_after_init_start,
		      (unsigned long)ro_after_init_end, PAGE_KERNEL);
}

#define UNSEALED(statement)						\
	do {								\
		unsigned long flags_ = irq_local_save();		\
									\
		sealed_open();						\
		{ statement; }						\
		kspace_seal();						\
		irq_local_restore(flags_);				\
	} while (0)

#endif
