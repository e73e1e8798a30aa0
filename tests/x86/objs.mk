# SPDX-License-Identifier: MIT
TEST_OBJS += tests/x86/test_cpu.o	# features and control registers
TEST_OBJS += tests/x86/test_layout.o	# the bounds of every region
TEST_OBJS += tests/x86/test_gdt.o	# segments, descriptor by descriptor
TEST_OBJS += tests/x86/test_percpu.o	# %fs finds this CPU's own data
TEST_OBJS += tests/x86/test_trap.o	# every exception arrives as what it is
TEST_OBJS += tests/x86/test_double_fault.o	# a used-up stack is survived
TEST_OBJS += tests/x86/test_recovery.o	# faults return to their points
TEST_OBJS += tests/x86/test_backtrace.o	# callers in order; garbage ends it
TEST_OBJS += tests/x86/test_irq.o	# lines, handlers, both 8259s
TEST_OBJS += tests/x86/test_clock.o	# the tick and the TSC agree
TEST_OBJS += tests/x86/test_spinlock.o	# ranks and IF through any nesting
