# SPDX-License-Identifier: MIT
TEST_OBJS += tests/boot/test_multiboot.o	# a loader's words, good and hostile
