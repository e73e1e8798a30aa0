# SPDX-License-Identifier: MIT
TEST_OBJS += tests/kernel/test_printk.o		# the log, its lines, its ring
TEST_OBJS += tests/kernel/test_panic.o		# backtraces
TEST_OBJS += tests/kernel/test_cmdline.o	# options, good and hostile
TEST_OBJS += tests/kernel/test_symbols.o	# addresses and names
