# SPDX-License-Identifier: MIT
# Everything about the CPU, in reading order.
OBJS += kernel/x86/cpu.o		# what this CPU can do
OBJS += kernel/x86/layout.o		# where the direct map ends
OBJS += kernel/x86/kstack.o		# the stacks that are part of the image
OBJS += kernel/x86/gdt.o		# segments, per-CPU data, tasks
OBJS += kernel/x86/idt.o		# 256 vectors lead to entry.S
OBJS += kernel/x86/entry.o		# from a trap to C and back
OBJS += kernel/x86/trap.o		# who deals with which trap
OBJS += kernel/x86/double_fault.o	# the task that runs without a stack
OBJS += kernel/x86/recovery.o		# points to which a fault returns
OBJS += kernel/x86/recovery_jump.o	# their registers
OBJS += kernel/x86/backtrace.o		# who called whom
OBJS += kernel/x86/pic.o		# the two 8259s
OBJS += kernel/x86/irq.o		# one handler per line
OBJS += kernel/x86/clock.o		# tick and TSC
OBJS += kernel/x86/spinlock.o		# what to say about a wrong order
OBJS += kernel/x86/power.o		# leaving the machine
