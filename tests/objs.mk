# SPDX-License-Identifier: MIT
# tests/ - the self-tests' machinery; each folder below has one file per file tested
TEST_OBJS += tests/ktest.o	# runs the cases, reports KTAP
TEST_OBJS += tests/books.o	# what must balance after each case
TEST_OBJS += tests/testing.o	# test and bench at the monitor's prompt
TEST_OBJS += tests/planted.o	# cases that must fail, to test ktest itself
TEST_OBJS += tests/sin.o	# commits a sin, says who noticed
