# SPDX-License-Identifier: MIT
TEST_OBJS += tests/kernel/test_printk.o		# the log, its lines, its ring
TEST_OBJS += tests/kernel/test_panic.o		# backtraces
TEST_OBJS += tests/kernel/test_cmdline.o	# options, good and hostile
TEST_OBJS += tests/kernel/test_symbols.o	# addresses and names
TEST_OBJS += tests/kernel/test_explain.o	# what lies at an address, in words
TEST_OBJS += tests/kernel/test_explain_broken.o # ... in a kernel that is broken
TEST_OBJS += tests/kernel/test_oops.o		# the report of a bad access
TEST_OBJS += tests/kernel/test_canary.o	# overruns of local arrays
TEST_OBJS += $(if $(UBSAN),tests/kernel/test_ubsan.o) # each kind is caught
