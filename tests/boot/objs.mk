# SPDX-License-Identifier: MIT
# tests/boot/ - a loader's words, good and hostile
TEST_OBJS += tests/boot/test_loader.o	# checked reads; what is kept of them
TEST_OBJS += tests/boot/test_multiboot1.o # one structure, pointers that lead anywhere
TEST_OBJS += tests/boot/test_multiboot2.o # a list of tags
TEST_OBJS += tests/boot/test_multiboot2_lies.o # a list of tags with a wrong size
