# SPDX-License-Identifier: MIT
TEST_OBJS += tests/modules/test_monitor.o	# each command, good and bad
TEST_OBJS += tests/modules/test_demo.o	# the demonstration gives all back
