# SPDX-License-Identifier: MIT
TEST_OBJS += tests/lib/test_string.o	# bytes and C strings
TEST_OBJS += tests/lib/test_format.o	# printf against a table of its texts
TEST_OBJS += tests/lib/test_parse.o	# numbers, sizes, words
TEST_OBJS += tests/lib/test_glob.o	# patterns and lists of them
TEST_OBJS += tests/lib/test_random.o	# repeats, spreads, never sticks
TEST_OBJS += tests/lib/test_div64.o	# division against long division
TEST_OBJS += tests/lib/test_list.o	# rings of links
TEST_OBJS += tests/lib/test_bits.o	# powers of two
