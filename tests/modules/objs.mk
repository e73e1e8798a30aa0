# SPDX-License-Identifier: MIT
TEST_OBJS += tests/modules/test_monitor.o	# each command, good and bad
TEST_OBJS += tests/modules/test_demo.o	# the demonstration gives all back
TEST_OBJS += tests/modules/test_explain_kinds.o	# one address of each kind
